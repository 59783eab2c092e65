"""The worker's side of a film's or a report's own process: starts it, listens to it, ends it in time, and says how it went."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import shutil
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

from core.errors import InputError, MissingError
from core.messages import NOTHING, Message, message, message_from_json
from core.output_files import left_parts
from jobs.child import CANCEL, NO_MEMORY
from jobs.contracts import EmotionOrder, JobOrder, JobProgress, ReportOrder
from jobs.orphan_guard import watch_pipe
from jobs.stage_times import StageTimes
from jobs.time_left import TimeLeft, Told, foreseen_costs, stage_times
from media.film_writer import remove_left_parts

ROOT = Path(__file__).resolve().parent.parent
#: How often the one who waits is asked whether to go on.
TICK_S = 0.25
#: Where a film says nothing for so long, the time left is told all the same: it goes on.
SILENT_S = 1.0
#: How long a process may take to clean up after it was told to end; then it is killed.
GRACE_S = 4.0
#: Exit code of a process that was ended by force.
KILLED = -9
#: How much of what the process printed is kept for the log.
LOG_TAIL_BYTES = 16_000

#: What persons are told of an error that is none of theirs; the log has the rest.
FILM_BROKE = message("jobs.film_broke")
REPORT_BROKE = message("jobs.report_broke")
EMOTION_BROKE = message("jobs.emotion_broke")

#: What the one who waits wants: `cancel`: the person does not want it; `stop`: the worker ends; `late`: it takes too long.
Wish = Literal["go on", "cancel", "stop", "late"]
Tick = Callable[[JobProgress | None], Wish]


@dataclass(frozen=True)
class Outcome:
    """How a process ended.

    kind: `finished`, with the report in `values`; `refused`, where trying again can't help, and `broken`, where it may, with a
    message; or the wish that ended it. log: the end of what it printed, for a `broken` one.
    """

    kind: Literal["finished", "refused", "broken", "cancel", "stop", "late"]
    values: Mapping[str, Any] = field(default_factory=dict)
    message: Message = NOTHING
    log: str = ""


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


class FilmProgress:
    """A film's progress as it is told: with the time left, which is told anew in each `SILENT_S` though the film says nothing."""

    def __init__(self, order: JobOrder, times: StageTimes | None) -> None:
        """times: where it is kept what the stages of films take on this machine; None: nothing is known and nothing learned."""
        self._order, self._times = order, times
        card = shutil.which("nvidia-smi") is not None
        costs = foreseen_costs(order.engine_hint, order.settings, card, times)
        self._time_left = TimeLeft(order.film_s, order.film_pixels, costs)
        self._at: tuple[str, int, int] | None = None
        self._newest: JobProgress | None = None
        self._told_s = 0.0

    def hear(self, stage: str, done: int, total: int) -> None:
        """What the film's process says."""
        self._at = (stage, done, total)
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

    def learn(self, report: Mapping[str, Any]) -> None:
        """Keep what the stages took of a film that is done, where its length and size were known."""
        if self._times is None or not (self._order.film_s and self._order.film_pixels):
            return
        spent = self._time_left.spent(report.get("cached_stages", ()))
        size = (self._order.film_s, self._order.film_pixels)
        self._times.add(stage_times(spent, str(report["engine"]), self._order.settings, *size))


def run_film(
    order: JobOrder, tick: Tick, niceness: int, environment: Mapping[str, str], times: StageTimes | None = None
) -> Outcome:
    """Make a film in a process of its own.

    times: what the stages of films took here, from which the time left is told, and to which those of this film are added.
    tick: called with the newest progress, or None where there is none, at most about four times a second; what it returns other
    than "go on" ends the process: by itself within a second or two, by force after `GRACE_S`. Then nothing of the film is left.
    """
    arguments = ["-m", "jobs.child", str(os.getpid()), str(niceness)]
    progress = FilmProgress(order, times)
    outcome: Outcome | None = None

    def read(line: bytes) -> None:
        nonlocal outcome
        values = json.loads(line)
        if "progress" in values:
            progress.hear(*values["progress"])
        elif "finished" in values:
            progress.learn(values["finished"])
            outcome = Outcome("finished", values["finished"])
        elif values["failed"] in ("input", "missing"):
            outcome = Outcome("refused", message=message_from_json(values["message"]))

    try:
        with Child(arguments, environment) as child:
            child.say(json.dumps(order.as_json()).encode() + b"\n")
            wish = follow(child, read, lambda: tick(progress.take()), lambda: child.say(CANCEL))
            log, exit_code = child.log(), child.process.returncode
    except OSError as error:
        return Outcome("broken", message=FILM_BROKE, log=f"Its process could not be started or heard: {error}")
    finally:
        remove_left_parts(order.video)  # of one that was ended by force
    if outcome is not None:
        return outcome
    if wish != "go on":
        return Outcome(wish)
    if exit_code == KILLED:  # not by us: the system does this where the memory runs out
        return Outcome("broken", message=NO_MEMORY, log=log)
    return Outcome("broken", message=FILM_BROKE, log=log)


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


def run_report(order: ReportOrder, tick: Tick, niceness: int, environment: Mapping[str, str]) -> Outcome:
    """Make a film's quality report in a process of its own, by the command that anybody may use.

    Its figures are in `values`. `tick` as in `run_film`; a report that is ended leaves nothing behind.
    """
    command = [sys.executable, "-m", "metrics", "report", str(order.video), "--song", str(order.song)]
    command += ["--portrait", str(order.portrait), "--start", str(order.start_s), "--html", str(order.page), "--json"]
    command += [] if order.face is None else ["--face", str(order.face)]
    command += [] if order.duration_s is None else ["--duration", str(order.duration_s)]
    titles = {"title": order.film_title, "song-title": order.song_title, "portrait-title": order.portrait_title}
    command += [f"--{name}={title}" for name, title in titles.items() if title]  # "=": a title may begin with a dash
    outcome = run_command(command, tick, niceness, environment, REPORT_BROKE)
    if outcome.kind in ("cancel", "stop", "late"):
        for part in left_parts(order.page):
            part.unlink(missing_ok=True)
    return outcome


def run_emotion(order: EmotionOrder, tick: Tick, niceness: int, environment: Mapping[str, str]) -> Outcome:
    """Find a song's emotion in a process of its own, by the command that anybody may use; its report is in `values`.

    `tick` as in `run_film`. What was separated and heard stays in the stages' cache, where a film of the same part finds it.
    """
    command = [sys.executable, "-m", "pipeline", "emotion", "--song", str(order.song), "--start", str(order.start_s), "--json"]
    command += [] if order.duration_s is None else ["--duration", str(order.duration_s)]
    return run_command(command, tick, niceness, environment, EMOTION_BROKE)


def run_command(command: list[str], tick: Tick, niceness: int, environment: Mapping[str, str], broke: Message) -> Outcome:
    """Run a command that ends with one JSON object on stdout, its errors too, in a process that does not outlive this one.

    broke: what is said of one that ends in a way that no person should see.
    """
    lines: list[bytes] = []
    try:
        with Child(["-m", "jobs.orphan_guard", str(os.getpid()), str(niceness), *command], environment) as child:
            wish = follow(child, lines.append, lambda: tick(None), child.kill)
            log, exit_code = child.log(), child.process.returncode
    except OSError as error:
        return Outcome("broken", message=broke, log=f"Its process could not be started or heard: {error}")
    if wish != "go on":
        return Outcome(wish)
    if exit_code == 0 and lines:
        return Outcome("finished", json.loads(lines[-1]))
    if exit_code in (InputError.exit_code, MissingError.exit_code) and lines:
        return Outcome("refused", message=message_from_json(json.loads(lines[-1])))
    return Outcome("broken", message=broke, log=log)
