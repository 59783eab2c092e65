"""The worker's side of the process that does a piece of work: starts it, listens to it, ends it in time, and says how it went."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Literal

from core.film_stages import FRAMES
from core.messages import NOTHING, Message, message_from_json
from core.work import WorkOrder, WorkPlan
from jobs.child import CANCEL, NO_MEMORY
from jobs.contracts import JobProgress
from jobs.orphan_guard import watch_pipe
from jobs.stage_times import StageTimes
from jobs.time_left import TimeLeft, Told, as_learned, stage_times
from media.film_writer import remove_left_parts

ROOT = Path(__file__).resolve().parent.parent
#: How often the one who waits is asked whether to go on.
TICK_S = 0.25
#: Where the work says nothing for so long, the time left is told all the same: it goes on.
SILENT_S = 1.0
#: How long a process may take to clean up after it was told to end; then it is killed.
GRACE_S = 4.0
#: Exit code of a process that was ended by force.
KILLED = -9
#: How much of what the process printed is kept for the log.
LOG_TAIL_BYTES = 16_000

#: What the one who waits wants: `cancel`: the person does not want it; `stop`: the worker ends; `late`: it takes too long.
Wish = Literal["go on", "cancel", "stop", "late"]
Tick = Callable[[JobProgress | None], Wish]


@dataclass(frozen=True)
class Outcome:
    """How a process ended.

    kind: `finished`, with the work's figures in `values`; `refused`, where trying again can't help, and `broken`, where it may,
    with a message; or the wish that ended it. log: the end of what it printed, for a `broken` one. spent_s: what the stages of
    finished work took that did some work, in seconds; frames: how many were drawn.
    """

    kind: Literal["finished", "refused", "broken", "cancel", "stop", "late"]
    values: Mapping[str, Any] = field(default_factory=dict)
    message: Message = NOTHING
    log: str = ""
    spent_s: Mapping[str, float] = field(default_factory=dict)
    frames: int = 0


class Child:
    """A Python module in a process of its own, used in a `with` block; leaving the block kills it and what it started.

    `next` gives its lines on stdout one by one.
    """

    def __init__(self, arguments: list[str], environment: Mapping[str, str]) -> None:
        """arguments: of the Python interpreter. environment: added to this process's own.

        Raises OSError where the system can't start a process, for want of memory or of processes.
        """
        self._lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 (closed on leaving)
        try:
            self.process = subprocess.Popen(
                [sys.executable, *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._log,
                cwd=ROOT,
                env={**os.environ, **environment},
                start_new_session=True,  # Ctrl+C is for the server, which then ends its films
            )
        except BaseException:
            self._log.close()
            raise
        watch_pipe(self._pipe(self.process.stdout), self._lines.put, lambda: self._lines.put(None))

    def __enter__(self) -> Child:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.kill()
        self.process.wait()
        with contextlib.suppress(OSError):  # what it was told and never read can't be written out any more
            self._pipe(self.process.stdin).close()
        self._log.close()

    def kill(self) -> None:
        """End it by force, and with it the programs of its session, such as ffmpeg, which otherwise notices only later."""
        if hasattr(os, "killpg"):
            with contextlib.suppress(ProcessLookupError, PermissionError):  # PermissionError: macOS, of a group of the dead
                os.killpg(self.process.pid, signal.SIGKILL)
        else:
            self.process.kill()

    @staticmethod
    def _pipe(pipe: IO[bytes] | None) -> Any:
        assert pipe is not None
        return pipe

    def say(self, line: bytes) -> None:
        """A line to its stdin; one that has ended hears nothing."""
        try:
            self._pipe(self.process.stdin).write(line)
            self._pipe(self.process.stdin).flush()
        except OSError:  # a broken pipe, which Windows calls otherwise
            return

    def next(self) -> bytes | None:
        """The next line, or None at its end. Raises `queue.Empty` where none came for a tick."""
        return self._lines.get(timeout=TICK_S)

    def log(self) -> str:
        """The end of what it printed to stderr."""
        size = self._log.seek(0, os.SEEK_END)
        self._log.seek(max(0, size - LOG_TAIL_BYTES))
        return self._log.read().decode("utf-8", "replace")


class WorkProgress:
    """Work's progress as it is told: with the time left, which is told anew in each `SILENT_S` though the work says nothing."""

    def __init__(self, times: StageTimes | None) -> None:
        """times: where it is kept what the stages of work take on this machine; None: nothing is known and nothing learned."""
        self._times = times
        self._time_left = TimeLeft(WorkPlan())
        self._at: tuple[str, int, int] | None = None
        self._newest: JobProgress | None = None
        self._told_s = 0.0
        #: how many frames the work said that it draws.
        self.frames = 0

    def foresee(self, plan: WorkPlan) -> None:
        """The stages that will come."""
        self._time_left = TimeLeft(as_learned(plan, self._times))

    def hear(self, stage: str, done: int, total: int) -> None:
        """What the work's process says."""
        self._at = (stage, done, total)
        self.frames = max(self.frames, total) if stage == FRAMES else self.frames
        self._newest = self._progress(self._time_left(stage, done, total))

    def take(self) -> JobProgress | None:
        """What there is to tell, each once."""
        told, self._newest = self._newest, None
        now_s = time.monotonic()
        if told is None and self._at is not None and now_s - self._told_s >= SILENT_S:
            told = self._progress(self._time_left.look())
        if told is not None:
            self._told_s = now_s
        return told

    def _progress(self, told: Told | None) -> JobProgress:
        assert self._at is not None
        return JobProgress(*self._at, None) if told is None else JobProgress(*self._at, told.left_s, told.share, told.overdue)

    def spent_s(self, figures: Mapping[str, Any]) -> dict[str, float]:
        """What the stages of work that is done took, in seconds, without those found in the cache."""
        return self._time_left.spent(figures.get("cached_stages", ()))

    def learn(self, plan: WorkPlan, figures: Mapping[str, Any]) -> None:
        """Keep what the stages took of work that is done, where its length and size were known."""
        if self._times is not None and plan.length_s and plan.pixels:
            spent = self._time_left.spent(figures.get("cached_stages", ()))
            self._times.add(stage_times(spent, plan))


@dataclass(frozen=True)
class ProcessSettings:
    """How work's process is started. module: the program, as `python -m` takes it, which calls `jobs.child.main`. niceness: how
    much it lets others go first, 0 to 19. environment: added to this process's own."""

    module: str
    niceness: int = 0
    environment: Mapping[str, str] = field(default_factory=dict)


def child_arguments(settings: ProcessSettings) -> list[str]:
    """What the interpreter is told for a process that does work."""
    return ["-m", settings.module, str(os.getpid()), str(settings.niceness)]


def run_work(
    order: WorkOrder,
    tick: Tick,
    settings: ProcessSettings,
    broke: Message,
    times: StageTimes | None = None,
    ready: Child | None = None,
) -> Outcome:
    """Do a piece of work in a process of its own.

    tick: called with the newest progress, or None where there is none, at most about four times a second; what it returns other
    than "go on" ends the process: by itself within a second or two, by force after `GRACE_S`. Then nothing is left of what it
    wrote. broke: what is said where it ends in a way that no person should see. times: what the stages of work took here, from
    which the time left is told, and to which those of this work are added. ready: a process that stands ready (`jobs/spare.py`),
    in place of a new one.
    """
    progress = WorkProgress(times)
    outcome: Outcome | None = None

    def read(line: bytes) -> None:
        nonlocal outcome
        values = json.loads(line)
        if "progress" in values:
            progress.hear(*values["progress"])
        elif "finished" in values:
            progress.learn(WorkPlan.from_json(values["plan"]), values["finished"])
            made = values["finished"]
            outcome = Outcome("finished", made, spent_s=progress.spent_s(made), frames=progress.frames)
        elif "plan" in values:
            progress.foresee(WorkPlan.from_json(values["plan"]))
        elif values["failed"] in ("input", "missing"):
            outcome = Outcome("refused", message=message_from_json(values["message"]))

    try:
        with ready or Child(child_arguments(settings), settings.environment) as child:
            child.say(json.dumps(order.as_json()).encode() + b"\n")
            wish = follow(child, read, lambda: tick(progress.take()), lambda: child.say(CANCEL))
            log, exit_code = child.log(), child.process.returncode
    except OSError as error:
        return Outcome("broken", message=broke, log=f"Its process could not be started or heard: {error}")
    finally:
        for output in order.outputs.values():
            remove_left_parts(output)  # of one that was ended by force
    if outcome is not None:
        return outcome
    if wish != "go on":
        return Outcome(wish)
    # by the system, not by us, where it was killed: it does this where the memory runs out
    return Outcome("broken", message=NO_MEMORY if exit_code == KILLED else broke, log=log)


def follow(child: Child, read: Callable[[bytes], None], look: Callable[[], Wish], end: Callable[[], None]) -> Wish:
    """Read the child's lines until its end and look up every tick; once `look` wishes it, `end` is called, later force is used.

    Returns the wish that ended it, or "go on" where it came to its own end.
    """
    wish: Wish = "go on"
    looked_s = ended_s = -TICK_S
    while True:
        try:
            line = child.next()
            if line is None:
                child.process.wait()
                return wish
            read(line)
        except queue.Empty:
            pass
        now_s = time.monotonic()
        if wish == "go on" and now_s - looked_s >= TICK_S:
            looked_s = now_s
            wish = look()
            if wish != "go on":
                ended_s = now_s
                end()
        elif wish != "go on" and now_s - ended_s > GRACE_S:
            child.kill()
