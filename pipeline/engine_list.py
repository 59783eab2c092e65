"""The list of engines: one line each. What an engine is and can, its card says."""

from __future__ import annotations

from animators.adasr.engine import ADASR
from animators.anime.engine import ANIME
from animators.liveportrait.engine import LIVEPORTRAIT
from animators.mesh.engine import MESH
from core.engine_card import EngineCard
from core.errors import InputError
from sadtalker_runner.engine import SADTALKER

#: In the order in which they are offered. The first that takes photos is the one that a photo gets where the choice is left open,
#: and the first that moves drawn faces gets the drawings.
ENGINES: list[EngineCard] = [
    MESH,
    ANIME,
    SADTALKER,
    LIVEPORTRAIT,
    ADASR,
]
#: Leaves the choice to the picture.
AUTO = "auto"


def engine_names() -> tuple[str, ...]:
    """What the option `engine` takes."""
    return (AUTO, *(engine.name for engine in ENGINES))


def engine_named(name: str) -> EngineCard:
    """The engine of that name. Raises `InputError` for a name that is not there."""
    for engine in ENGINES:
        if engine.name == name:
            return engine
    raise InputError("pipeline.no_such_engine", name=name, list=list(engine_names()))


def for_photos() -> EngineCard:
    """The engine of photos and paintings where the choice is left open."""
    return next(engine for engine in ENGINES if not engine.drawn)


def for_drawings() -> EngineCard:
    """The engine of drawn characters where the choice is left open."""
    return next(engine for engine in ENGINES if engine.drawn)
