"""Portraits and songs that come with the program, so that a first film needs no file of one's own: a list, and taking one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from flask_babel import LazyString, lazy_gettext
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.models import Picture, Song
from app.services.consent import EXAMPLE, state_consent
from app.services.people import ensure_person
from app.services.pictures import add_picture_stream
from app.services.songs import add_song_stream
from app.settings import AppSettings
from core.places import ROOT

FOLDER = ROOT / "demo"


@dataclass(frozen=True)
class Example:
    """One of them. path: below `demo/`. title: in the visitor's language. credit: who made it, and its licence."""

    name: str
    path: str
    title: LazyString
    credit: LazyString | str

    @property
    def file(self) -> Path:
        """Where it is."""
        return FOLDER / self.path

    @property
    def small(self) -> Path:
        """Of a portrait, the small JPEG that the page shows."""
        return FOLDER / "examples" / "small" / f"{self.name}.jpg"


PAINTED = lazy_gettext("public domain")
NOBODY = lazy_gettext("a person who does not exist, drawn by MobileStyleGAN; not for commercial use")
SUNG_BY_US = lazy_gettext("sung by the voice Kokoro, for this program; CC0")
DRAWN = lazy_gettext("drawn by this program; CC0")
SUNG_14 = "vocadito 14 (CC BY 4.0)"
SUNG_10 = "vocadito 10 (CC BY 4.0)"
MUSIC = "Kevin MacLeod: Vibe Ace (CC BY 3.0)"

PORTRAITS: tuple[Example, ...] = (
    Example("nobody", "portrait.jpg", lazy_gettext("A young woman who does not exist"), NOBODY),
    Example("mona_lisa", "examples/mona_lisa.jpg", lazy_gettext("Mona Lisa, by Leonardo da Vinci"), PAINTED),
    Example("pearl_earring", "examples/pearl_earring.jpg", lazy_gettext("Girl with a Pearl Earring, by Vermeer"), PAINTED),
    Example("lesson", "examples/lesson.jpg", lazy_gettext("The Difficult Lesson, by Bouguereau"), PAINTED),
    Example("woman", "examples/woman.jpg", lazy_gettext("A woman who does not exist"), NOBODY),
    Example("man", "examples/man.jpg", lazy_gettext("A man who does not exist"), NOBODY),
    Example("drawn_blue", "examples/drawn_blue.jpg", lazy_gettext("Drawn, with blue hair"), DRAWN),
    Example("drawn_red", "examples/drawn_red.jpg", lazy_gettext("Drawn, with red hair"), DRAWN),
)
SONGS: tuple[Example, ...] = (
    Example("first", "song.mp3", lazy_gettext("A singer with a jazz band"), f"{SUNG_14}; {MUSIC}"),
    Example("twinkle", "examples/song_twinkle.mp3", lazy_gettext("Twinkle, Twinkle, Little Star"), SUNG_BY_US),
    Example("second", "examples/song_second.mp3", lazy_gettext("Another singer with a jazz band"), f"{SUNG_10}; {MUSIC}"),
    Example("alone", "examples/song_alone.mp3", lazy_gettext("One voice alone"), SUNG_14),
    Example("alone_second", "examples/song_alone_second.mp3", lazy_gettext("Another voice alone"), SUNG_10),
)
Group = Literal["portraits", "songs"]
GROUPS: dict[Group, tuple[Example, ...]] = {"portraits": PORTRAITS, "songs": SONGS}


def example_named(group: Group, name: str) -> Example:
    """The example. Raises NotFound."""
    found = next((each for each in GROUPS[group] if each.name == name), None)
    if found is None:
        raise NotFound("app.no_such_example")
    return found


def take_portrait(session: Session, settings: AppSettings, person_id: str, name: str) -> Picture:
    """Put the portrait into the person's library; one that is there is that. Raises NotFound, and what a picture given may."""
    example = example_named("portraits", name)
    ensure_person(session, person_id)
    with example.file.open("rb") as file:
        picture = add_picture_stream(session, settings, person_id, file, f"{example.title}.jpg")
    state_consent(session, person_id, [picture.id], EXAMPLE)
    return picture


def take_song(session: Session, settings: AppSettings, person_id: str, name: str) -> Song:
    """Put the song into the person's library; one that is there is that. Raises NotFound, and what a song given may."""
    example = example_named("songs", name)
    ensure_person(session, person_id)
    with example.file.open("rb") as file:
        return add_song_stream(session, settings, person_id, file, f"{example.title}.mp3")
