"""Which engine a picture gets, and what it lacks here. The list is `pipeline/engine_list.py`; the rest, their cards say."""

from __future__ import annotations

from dataclasses import replace

from core.engine_card import EngineCard, Note, Sound
from core.errors import InputError, MissingError
from core.messages import Message, message
from media.pictures import Picture
from pipeline.engine_list import AUTO, ENGINES, engine_named, for_drawings, for_photos
from pipeline.film_settings import SongToVideoSettings
from pipeline.stages import opened

__all__ = ["ENGINES", "EngineCard", "Note", "Sound", "engine_named"]


def lacking(engine: EngineCard, settings: SongToVideoSettings) -> Message | None:
    """What this machine lacks for the engine; None: nothing."""
    with opened(engine.install):
        return engine.missing(settings)


def check_engine(settings: SongToVideoSettings) -> None:
    """Raises `MissingError` at once where the engine that the settings name lacks something here."""
    if settings.engine != AUTO and (lack := lacking(engine_named(settings.engine), settings)) is not None:
        raise MissingError(lack)


def check_sings(settings: SongToVideoSettings) -> None:
    """Whether songs move the engine that the settings name.

    Raises `InputError` where it follows driving films alone, `MissingError` where it lacks something for songs.
    """
    engine = None if settings.engine == AUTO else engine_named(settings.engine)
    if engine is None:
        return
    if not engine.sings:
        raise InputError("pipeline.engine_follows_films_alone", engine=engine.name)
    with opened(engine.install):
        if (lack := engine.lacks_to_sing(settings)) is not None:
            raise MissingError(lack)


def engine_for(picture: Picture, settings: SongToVideoSettings) -> tuple[EngineCard, Message | None]:
    """The engine of this film, and why, where the settings leave it open (about a second then)."""
    if settings.engine != AUTO:
        return engine_named(settings.engine), None
    painter, drawer = for_photos(), for_drawings()
    framed = settings.face_frame is not None
    if not (framed or is_drawing(picture)):
        return painter, message("pipeline.picture_for_engine", engine=painter.name)
    lack = lacking(drawer, settings)
    if lack is not None and not framed:
        return painter, message("pipeline.drawing_without_its_engine", engine=painter.name, reason=lack)
    if lack is not None:
        raise MissingError(lack)
    return drawer, message("pipeline.drawing_for_engine", engine=drawer.name, other=painter.name)


def without_border(picture: Picture) -> Picture:
    """The picture without its transparency where that is no figure's outline but a frame: a disc, rounded corners, a vignette."""
    if picture.alpha is None:
        return picture
    with opened():
        from faces.outline import follows_figure

        return picture if follows_figure(picture.image, picture.alpha) else replace(picture, alpha=None)


def is_drawing(picture: Picture) -> bool:
    """Whether the picture shows a drawn character, flat colours between hard lines; of `without_border`."""
    with opened():
        from faces import picture_style

        return picture_style.is_drawing(picture.image, picture.alpha)
