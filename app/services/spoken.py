"""What is said or sung in a work, as far as its options and figures tell, so that it can be searched for."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from app.services.titles import fold

#: Options that hold what is said: a text, the table of a film in another language, the words of a song.
TEXT, TABLE, LYRICS = "text", "table", "lyrics"
#: Columns of the table that hold it.
COLUMNS = ("original", "text")
#: The figure that holds the words that were heard.
HEARD = "words"
#: So much of it is searched, in characters.
MOST_CHARACTERS = 20_000


def folded_words(options: Mapping[str, Any], figures: Mapping[str, Any] | None) -> str:
    """All that is known, as searches compare it; empty where nothing is."""
    said = " ".join((*words_of_options(options), *words_of_lyrics((figures or {}).get(HEARD))))
    return fold(" ".join(said.split())[:MOST_CHARACTERS])


def words_of_options(options: Mapping[str, Any]) -> Iterator[str]:
    """What the person gave to be said, sung or shown."""
    yield text_of(options, TEXT)
    with suppress(csv.Error):  # a table that no work was made of
        for row in csv.DictReader(io.StringIO(text_of(options, TABLE), newline="")):
            yield from (row[name] for name in COLUMNS if isinstance(row.get(name), str))
    lyrics = text_of(options, LYRICS)
    try:
        yield from words_of_lyrics(json.loads(lyrics) if lyrics.startswith("{") else None)
    except (ValueError, RecursionError):  # words that were given as they are
        yield lyrics


def text_of(options: Mapping[str, Any], name: str) -> str:
    """The option where it is a text; else an empty one."""
    value = options.get(name)
    return value if isinstance(value, str) else ""


def words_of_lyrics(lyrics: object) -> Iterator[str]:
    """The words of lyrics as JSON has them, `{lines: [[[word, start_s, end_s], ...], ...]}`; of other values none."""
    lines = lyrics.get("lines") if isinstance(lyrics, Mapping) else None
    for line in (line for line in (lines if isinstance(lines, list) else ()) if isinstance(line, list)):
        yield from (str(word[0]) for word in line if isinstance(word, list) and word)
