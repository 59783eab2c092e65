"""Names of a film's metadata by which the program knows its own films again."""

from __future__ import annotations

#: Holds what is said in the film of a text, or as much of it as metadata take; films of songs have none.
SPOKEN_TEXT = "spoken_text"
#: Holds the names of the engines that drew the film, the one of other lips last.
ENGINES = "belcanto_engines"
