"""Which engine a picture gets, and what it lacks here. The list is `pipeline/engine_list.py`; the rest, their cards say."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from core.engine_card import EngineCard, Note, Sound
from core.errors import MissingError
from media.pictures import Picture
from pipeline.engine_list import AUTO, ENGINES, engine_named, for_drawings, for_photos
from pipeline.film_settings import SongToVideoSettings
from pipeline.stages import missing_package

__all__ = ["ENGINES", "EngineCard", "Note", "Sound", "engine_named"]


@contextmanager
def opened(engine: EngineCard) -> Iterator[EngineCard]:
    """Around every use of an engine's functions: a package that can't be loaded becomes a `MissingError` with the command."""
    try:
        yield engine
    except ImportError as error:
        raise missing_package(error, engine.install) from error


def lacking(engine: EngineCard, settings: SongToVideoSettings) -> str | None:
    """One sentence about what this machine lacks for the engine; None: nothing."""
    with opened(engine):
        return engine.missing(settings)


def check_engine(settings: SongToVideoSettings) -> None:
    """Raises `MissingError` at once where the engine that the settings name lacks something here."""
    if settings.engine != AUTO and (sentence := lacking(engine_named(settings.engine), settings)) is not None:
        raise MissingError(sentence)


def engine_for(picture: Picture, settings: SongToVideoSettings) -> tuple[EngineCard, str | None]:
    """The engine of this film, and the sentence that says why where the settings leave it open (about a second then)."""
    if settings.engine != AUTO:
        return engine_named(settings.engine), None
    painter, drawer = for_photos(), for_drawings()
    framed = settings.face_frame is not None
    if not (framed or is_drawing(picture)):
        return painter, f"The engine is {painter.name}, which is made for photos and paintings; --engine names another."
    sentence = lacking(drawer, settings)
    if sentence is not None and not framed:
        why = f"This is a drawing, but the engine made for drawings can't run, so the engine is {painter.name}."
        return painter, f"{why} {sentence}"
    if sentence is not None:
        raise MissingError(sentence)
    return drawer, f"The picture is a drawing, so the engine is {drawer.name}; --engine {painter.name} treats it like a painting."


def without_frame(picture: Picture) -> Picture:
    """The picture without its transparency where that is no figure's outline but a frame: a disc, rounded corners, a vignette."""
    if picture.alpha is None:
        return picture
    with opened(for_drawings()) as drawer:
        assert drawer.drawings is not None
        return picture if drawer.drawings.follows_figure(picture.image, picture.alpha) else replace(picture, alpha=None)


def is_drawing(picture: Picture) -> bool:
    """Whether the picture shows a drawn character, flat colours between hard lines; of `without_frame`."""
    with opened(for_drawings()) as drawer:
        assert drawer.drawings is not None
        return drawer.drawings.is_drawing(picture.image, picture.alpha)
