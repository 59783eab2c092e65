"""Which engines can make films on this machine. The answer is kept for a while: it takes a second or two to ask."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from app.watching.living import somebody_has
from core.errors import InputError, MissingError
from core.messages import Message
from pipeline.engine_list import ENGINES, for_photos
from pipeline.film_settings import SongToVideoSettings
from pipeline.inspecting.engines import engines_lacking
from pipeline.performance_settings import performer_lacking
from pipeline.works.song_to_film import expected_engine

#: Options of engines that decide which weights are needed.
Key = tuple[tuple[str, Any], ...]
logger = logging.getLogger(__name__)

#: After so long somebody may have installed what lacked.
FRESH_S = 60.0


@dataclass(frozen=True)
class EngineState:
    """lacking: what the engine lacks here; None where it can run."""

    name: str
    lacking: Message | None

    @property
    def available(self) -> bool:
        """Whether it can run here."""
        return self.lacking is None


@dataclass
class EngineLooks:
    """What was found, by what was asked, with the time.

    One thread asks at a time; the others wait, or get the stale answer while a new one is on its way.
    """

    found: dict[Key, tuple[float, dict[str, Message | None]]] = field(default_factory=dict)
    asking: threading.Lock = field(default_factory=threading.Lock)
    #: what the log was told last.
    told: dict[str, Message | None] = field(default_factory=dict)

    def lacking(self, options: SongToVideoSettings) -> dict[str, Message | None]:
        """What each engine lacks for these options."""
        key = tuple(item for engine in ENGINES for item in engine.needs(options).items())  # what decides which weights are needed
        known = self.found.get(key)
        if known is None:
            with self.asking:
                if key not in self.found:
                    self.look(key)
                return self.found[key][1]
        if time.monotonic() - known[0] > FRESH_S and self.asking.acquire(blocking=False):
            threading.Thread(target=self.look_again, args=(key,), daemon=True).start()
        return known[1]

    def look_again(self, key: Key) -> None:
        """The look of a thread of its own, which was given the lock."""
        try:
            self.look(key)
        finally:
            self.asking.release()

    def look(self, key: Key) -> None:
        """Ask, and keep the answer; where there is none, that is said of every engine but the one that needs nothing."""
        try:
            lacking = engines_lacking(dict(key))
        except MissingError as error:
            logger.exception("the engines could not be looked at")
            lacking = {engine.name: None if engine is for_photos() else error.message for engine in ENGINES}
        if lacking != self.told:  # for the operator: visitors are not told which command helps
            self.told = lacking
            for name, lack in lacking.items():
                if lack is not None:
                    logger.warning("the engine %s can't be chosen: %s", name, str(lack))
        self.found[key] = (time.monotonic(), lacking)


_looks = EngineLooks()


def engine_states(options: SongToVideoSettings | None = None) -> list[EngineState]:
    """The engines with what they lack for the options, the usual ones where none are given; without `auto`, which always goes."""
    return [EngineState(name, lacking) for name, lacking in _looks.lacking(options or SongToVideoSettings()).items()]


def check_engine(session: Session, options: SongToVideoSettings) -> None:
    """Raises InputError with the engine's own words where it lacks something here and with every worker, or who performs does."""
    if (lack := performer_lacking({"performance": options.performance})) is not None:
        raise InputError(lack)
    wanted = expected_engine(options, drawing=False)
    if wanted == for_photos().name:  # the latter needs nothing but the program, so that nobody has to be asked
        return
    for state in engine_states(options):
        if state.name == wanted and state.lacking is not None and not somebody_has(session, wanted):
            raise InputError(state.lacking)
