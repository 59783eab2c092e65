"""The kinds of work: a new one is its file in `pipeline/works/`, one line here, and its page."""

from __future__ import annotations

from core.work import WorkKind
from pipeline.works.caption_film import CAPTION_FILM
from pipeline.works.compare_films import COMPARE_FILMS
from pipeline.works.dub import DUB
from pipeline.works.fill_film import FILL_FILM
from pipeline.works.film_faces import FILM_FACES
from pipeline.works.film_looks import FILM_LOOKS
from pipeline.works.film_loop import FILM_LOOP
from pipeline.works.film_motion import FILM_MOTION
from pipeline.works.film_preview import FILM_PREVIEW
from pipeline.works.film_shape import FILM_SHAPE
from pipeline.works.film_stems import FILM_STEMS
from pipeline.works.film_to_head import FILM_TO_HEAD
from pipeline.works.film_to_script import FILM_TO_SCRIPT
from pipeline.works.film_words import FILM_WORDS
from pipeline.works.look_film import LOOK_FILM
from pipeline.works.picture_greeting import PICTURE_GREETING
from pipeline.works.quality_report import QUALITY_REPORT
from pipeline.works.song_to_emotion import SONG_TO_EMOTION
from pipeline.works.song_to_film import SONG_TO_FILM
from pipeline.works.song_to_lyrics import SONG_TO_LYRICS
from pipeline.works.song_to_phrases import SONG_TO_PHRASES
from pipeline.works.sync_film import SYNC_FILM
from pipeline.works.text_to_film import TEXT_TO_FILM
from pipeline.works.transfer import TRANSFER
from pipeline.works.translate_film import TRANSLATE_FILM
from pipeline.works.verify_film import VERIFY_FILM

KINDS: list[WorkKind] = [
    SONG_TO_FILM,
    TEXT_TO_FILM,
    DUB,
    TRANSFER,
    FILM_TO_SCRIPT,
    TRANSLATE_FILM,
    SONG_TO_LYRICS,
    SYNC_FILM,
    VERIFY_FILM,
    FILL_FILM,
    COMPARE_FILMS,
    LOOK_FILM,
    CAPTION_FILM,
    SONG_TO_EMOTION,
    SONG_TO_PHRASES,
    FILM_FACES,
    FILM_PREVIEW,
    FILM_TO_HEAD,
    FILM_SHAPE,
    FILM_LOOP,
    FILM_MOTION,
    FILM_STEMS,
    FILM_LOOKS,
    FILM_WORDS,
    PICTURE_GREETING,
    QUALITY_REPORT,
]


def kind_named(name: str) -> WorkKind | None:
    """The kind of that name; None where this program knows none, as in a row of a newer one."""
    return next((kind for kind in KINDS if kind.name == name), None)


def kinds_of_films() -> frozenset[str]:
    """The names of those that people order and that make a film, whatever they find."""
    return frozenset(kind.name for kind in KINDS if kind.turn == "fair" and "film" in {*kind.outputs} - {*kind.as_needed})
