"""Who the avatar is: name, character, voice and language. Six are ours (`personas.toml`); a person may write others."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from core.errors import InputError
from speech.emotion.feeling import EKMAN

#: The longest that a person may write.
MOST_NAME_CHARACTERS, MOST_CHARACTER_CHARACTERS = 60, 2000
LANGUAGE_NAMES = {"en": "English", "de": "German"}
#: What every model is told, whoever it plays: it is heard, not read, and its face shows what it feels.
MANNER = (
    "You are {name}, a talking portrait in the program Belcanto. {character}\n"
    "You are heard, not read: answer in {language}, in one to three short spoken sentences, without lists, headings, links, code "
    "or emoji. Before every sentence put the feeling with which it is said between asterisks, one of: {feelings}. For example: "
    "*joy* How good to see you! *neutral* What shall we talk about?\n"
    "You are an AI and say so when asked. You don't know what you were not told; then you say so, and ask back."
)


@dataclass(frozen=True)
class Persona:
    """name: how it calls itself. character: in a few sentences to it ("You are ..."). voice: a name of `speech`'s voices.
    language: `en`, `de` ...; greeting: its first sentence, with a tag. about: what a person reads of it, in its language."""

    name: str
    character: str
    voice: str
    language: str
    greeting: str = ""
    about: str = ""

    def __post_init__(self) -> None:
        """Raises InputError for a persona that can't be played."""
        if not self.name.strip() or len(self.name) > MOST_NAME_CHARACTERS:
            raise InputError("live.persona_name", most=MOST_NAME_CHARACTERS)
        if len(self.character) > MOST_CHARACTER_CHARACTERS:
            raise InputError("live.persona_character", count=len(self.character), most=MOST_CHARACTER_CHARACTERS)

    def instructions(self) -> str:
        """What a model is told before the conversation."""
        language = LANGUAGE_NAMES.get(self.language, f"the language with the code {self.language}")
        return MANNER.format(name=self.name, character=self.character, language=language, feelings=", ".join(EKMAN))


@cache
def personas() -> Mapping[str, Persona]:
    """Our own, by a short name."""
    tables = tomllib.loads((Path(__file__).parent / "personas.toml").read_text(encoding="utf-8"))
    return {name: Persona(**table) for name, table in tables.items()}


def persona_named(name: str) -> Persona:
    """One of ours. Raises InputError for a name that is none."""
    if name not in personas():
        raise InputError("live.no_such_persona", name=name, list=sorted(personas()))
    return personas()[name]
