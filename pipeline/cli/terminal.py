"""What a person sees on the terminal: stage, bar and time left on stderr; and Ctrl-C and SIGTERM that end the work cleanly."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TaskProgressColumn, TextColumn, TimeRemainingColumn

#: A signal this soon after one that was heard is the same wish (a terminal tells the whole process group; people press twice).
SAME_WISH_S = 2.0
#: So long after a stop was lost it is raised again.
REMINDER_S = 0.05
#: In a log, a stage that takes long says how far it is at most this often.
LOG_INTERVAL_S = 5.0


class StageBars:
    """A progress callback that shows one line for each stage: its name, a bar, how far it is and the time left.

    Where stderr is no terminal but a log, a stage is a line when it is through, and one every few seconds until then.
    """

    def __init__(self, console: Console) -> None:
        self.console = console
        self._task: TaskID | None = None
        self._stage = ""
        self._begin_s = self._said_s = time.monotonic()
        #: time and units done when the stage first told that something is done: what came before was preparation.
        self._first: tuple[float, int] | None = None
        self._bars = Progress(
            SpinnerColumn(finished_text="✓"),
            TextColumn("{task.description:<10}"),
            BarColumn(),
            TaskProgressColumn(),
            TimeRemainingColumn(elapsed_when_finished=True),
            console=console,
        )

    @property
    def lively(self) -> bool:
        """Whether bars can be drawn."""
        return self.console.is_terminal

    def __enter__(self) -> StageBars:
        if self.lively:
            self._bars.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if kind is None:
            self._finish()
        if self.lively:
            self._bars.stop()

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Progress of a stage; a total of 0 means that nobody knows how much there is to do."""
        if stage != self._stage:
            self._finish()
            self._stage, self._begin_s = stage, time.monotonic()
            self._said_s, self._first = self._begin_s, None
            self._task = self._bars.add_task(stage, total=None)
        if self.lively and self._task is not None:
            self._bars.update(self._task, completed=done, total=total or None)
        elif 0 < done < total:
            self._tell(stage, done, total)

    def _tell(self, stage: str, done: int, total: int) -> None:
        """A line for the log, unless there was one a moment ago or nothing is known yet about the pace."""
        now_s = time.monotonic()
        first_s, first_done = self._first = self._first or (now_s, done)
        if now_s - self._said_s >= LOG_INTERVAL_S and done > first_done:
            self._said_s = now_s
            left_s = (now_s - first_s) * (total - done) / (done - first_done)
            self._log(f"{stage}: {100 * done // total}%, about {left_s:.0f} s left")

    def _finish(self) -> None:
        """The stage that was shown last is through, also when it never said how much there was to do."""
        if self._task is None:
            return
        if self.lively:
            total = self._bars.tasks[-1].total or 1
            self._bars.update(self._task, completed=total, total=total)
        else:
            self._log(f"{self._stage}: done in {time.monotonic() - self._begin_s:.1f} s")
        self._task = None

    def _log(self, line: str) -> None:
        self.console.print(line, markup=False, highlight=False, soft_wrap=True)


class StopSignals:
    """Whether the user asked to stop; the first SIGINT or SIGTERM raises KeyboardInterrupt where the program is.

    KeyboardInterrupt is no `Exception`, so no library's handler swallows it; every stage cleans up on its way.
    """

    def __init__(self) -> None:
        self.heard_s: float | None = None
        self.usual_hook = sys.unraisablehook

    @property
    def heard(self) -> bool:
        """Whether a signal came."""
        return self.heard_s is not None

    def hear(self, number: int, frame: FrameType | None) -> None:
        """The signal handler."""
        now_s = time.monotonic()
        if self.heard_s is not None and now_s - self.heard_s < SAME_WISH_S:
            return  # let the cleaning-up finish
        self.heard_s = now_s
        raise KeyboardInterrupt

    def hear_again(self, number: int, frame: FrameType | None) -> None:
        """The handler of the reminder, see `lost`."""
        raise KeyboardInterrupt

    def lost(self, unraisable: sys.UnraisableHookArgs) -> None:
        """In place of `sys.unraisablehook`: Python drops what is raised where it runs some callbacks, amid imports for example.

        Were it the stop, nobody would hear of it; so it is raised again a moment later.
        """
        if unraisable.exc_type is KeyboardInterrupt:
            signal.setitimer(signal.ITIMER_REAL, REMINDER_S)
        else:
            self.usual_hook(unraisable)


@contextmanager
def stop_signals() -> Iterator[StopSignals]:
    """Listen to SIGINT and SIGTERM while the block runs; only for the main thread."""
    stop = StopSignals()
    handlers = {signal.SIGINT: stop.hear, signal.SIGTERM: stop.hear, signal.SIGALRM: stop.hear_again}
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    sys.unraisablehook = stop.lost
    try:
        yield stop
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        sys.unraisablehook = stop.usual_hook
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def clean_stderr() -> Iterator[Console]:
    """A console on stderr that nothing else writes to while the block runs.

    Native libraries (MediaPipe, ONNX Runtime) print their start-up logs straight to file descriptor 2, amid the bars and beside
    the one sentence that an error is. Descriptor 2 leads nowhere meanwhile; Python's own `sys.stderr` goes where it always went.
    """
    sys.stderr.flush()
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    before = sys.stderr
    try:
        with os.fdopen(kept, "w", buffering=1, encoding="utf-8", errors="replace", closefd=False) as stream:
            os.dup2(nowhere, 2)
            sys.stderr = stream
            try:
                yield Console(stderr=True)
            finally:
                sys.stderr = before
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
