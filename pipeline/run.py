"""The bookkeeping of one run: progress, times, notes, and the cache entries that it holds on to."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from core.contracts import Progress
from core.messages import Message
from pipeline.cache import StageCache, stage_key


def unheard(note: Message) -> None:
    """Where nobody listens to notes."""


@dataclass
class Run:
    """What the steps of one film share. Cache entries stay held until `release` is closed."""

    cache: StageCache
    listener: Progress
    release: ExitStack
    seconds: dict[str, float] = field(default_factory=dict)
    cached_stages: list[str] = field(default_factory=list)
    notes: list[Message] = field(default_factory=list)
    begin_s: float = field(default_factory=time.perf_counter)
    #: hears every note at once, before the work that it may speak of.
    tell: Callable[[Message], None] = unheard
    #: where stills of the film in the making are written; None where nobody watches.
    still: Path | None = None

    @contextmanager
    def stage(self, name: str) -> Iterator[Progress]:
        """Time a stage; gives its progress callback, which tells the listener this stage's name whatever a room calls it."""
        begin_s = time.perf_counter()
        self.listener(name, 0, 0)
        yield lambda _, done, total: self.listener(name, done, total)
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - begin_s

    def cached(
        self,
        stage: str,
        version: str,
        inputs: Mapping[str, str],
        settings: Mapping[str, object],
        make: Callable[[Path], None],
    ) -> tuple[Path, str]:
        """Folder and key of a stage's result, made by `make` where the cache lacks it.

        inputs: digests by name, of which one of a part of a file begins with the file's: by that the result is forgotten.
        """
        key = stage_key(version, inputs, settings)

        def waiting() -> None:
            self.listener(stage, 0, 0)

        sources = {digest.partition(" ")[0] for digest in inputs.values()}
        entry = self.release.enter_context(self.cache.entry(stage, key, make, waiting, sources))
        if entry.cached and stage not in self.cached_stages:
            self.cached_stages.append(stage)
        return entry.folder, key

    def note(self, *notes: Message) -> None:
        """Keep what the user is to be told, each once, and tell it at once."""
        for note in notes:
            if note not in self.notes:
                self.notes.append(note)
                self.tell(note)

    def timings(self) -> dict[str, float]:
        """Seconds in total and of each stage, to the millisecond."""
        total = time.perf_counter() - self.begin_s
        return {"total": round(total, 3)} | {name: round(value, 3) for name, value in self.seconds.items()}


def peak_rss_mb() -> float:
    """The most memory that this process has held so far, in 10^6 bytes; its children are not counted.

    Linux tells it for this program alone in `/proc`; the figure of `getrusage` would still hold what the parent had before it
    started this program.
    """
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return round(int(line.split()[1]) * 1024 / 1e6, 1)
    import resource  # only systems without /proc get here

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak * (1 if sys.platform == "darwin" else 1024) / 1e6, 1)
