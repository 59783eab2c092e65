"""Which engines can make films on this machine. The answer is kept for a while: it takes a second or two to ask."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass, field
from typing import get_args

from app.services.options import FilmOptions
from core.errors import InputError, MissingError
from pipeline.engine_options import SadTalkerOptions
from pipeline.film_settings import EngineChoice
from pipeline.inspecting.engines import engines_lacking

logger = logging.getLogger(__name__)

#: After so long somebody may have installed what lacked.
FRESH_S = 60.0
#: The engine that needs nothing but the program, so that nobody has to be asked.
ALWAYS = "mesh"


@dataclass(frozen=True)
class EngineState:
    """lacking: the sentence that says what the engine lacks here; None where it can run."""

    name: str
    lacking: str | None

    @property
    def available(self) -> bool:
        """Whether it can run here."""
        return self.lacking is None


@dataclass
class EngineLooks:
    """What was found, by what was asked, with the time.

    One thread asks at a time; the others wait, or get the stale answer while a new one is on its way.
    """

    found: dict[tuple[object, ...], tuple[float, dict[str, str | None]]] = field(default_factory=dict)
    asking: threading.Lock = field(default_factory=threading.Lock)
    #: what the log was told last.
    told: dict[str, str | None] = field(default_factory=dict)

    def lacking(self, options: SadTalkerOptions) -> dict[str, str | None]:
        """What each engine lacks for these options."""
        key = (options.size, options.preprocess, options.pose)  # what decides which weights are needed
        known = self.found.get(key)
        if known is None:
            with self.asking:
                if key not in self.found:
                    self.look(key)
                return self.found[key][1]
        if time.monotonic() - known[0] > FRESH_S and self.asking.acquire(blocking=False):
            threading.Thread(target=self.look_again, args=(key,), daemon=True).start()
        return known[1]

    def look_again(self, key: tuple[object, ...]) -> None:
        """The look of a thread of its own, which was given the lock."""
        try:
            self.look(key)
        finally:
            self.asking.release()

    def look(self, key: tuple[object, ...]) -> None:
        """Ask, and keep the answer; where there is none, its sentence stands at every engine but the one that needs nothing."""
        size, preprocess, pose = key
        try:
            lacking = engines_lacking({"size": size, "preprocess": preprocess, "pose": pose})
        except MissingError as error:
            logger.exception("the engines could not be looked at")
            names = [name for name in get_args(EngineChoice) if name != "auto"]
            lacking = {name: None if name == ALWAYS else str(error) for name in names}
        if lacking != self.told:  # for the operator: visitors are not told which command helps
            self.told = lacking
            for name, sentence in lacking.items():
                if sentence is not None:
                    logger.warning("the engine %s can't be chosen: %s", name, sentence)
        self.found[key] = (time.monotonic(), lacking)


_looks = EngineLooks()


def engine_states(options: FilmOptions | None = None) -> list[EngineState]:
    """The engines with what they lack for the options, the usual ones where none are given; without `auto`, which always goes."""
    return [EngineState(name, lacking) for name, lacking in _looks.lacking((options or FilmOptions()).sadtalker()).items()]


def check_engine(options: FilmOptions) -> None:
    """Raises InputError with the engine's own sentence where it lacks something here."""
    wanted = "anime" if options.engine == "auto" and options.frame is not None else options.engine
    if wanted in ("auto", ALWAYS):
        return
    for state in engine_states(options):
        if state.name == wanted and state.lacking is not None:
            raise InputError(state.lacking)
