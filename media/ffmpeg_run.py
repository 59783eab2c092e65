"""Runs ffmpeg: the only place that starts it, in a box of its own (`core/sandbox`).

Its exit code is always looked at, its log kept for the sentence to the user.
"""

from __future__ import annotations

import logging
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import imageio_ffmpeg

from core.errors import MissingError
from core.sandbox.sandbox import bare_environment, boxed
from media.ffmpeg_box import box_for
from media.ffmpeg_lists import guarded

log = logging.getLogger(__name__)

#: How much of ffmpeg's log is kept, from its end: a broken song can fill many megabytes.
LOG_TAIL_BYTES = 64 * 1024
#: How long ffmpeg may take to end after it was told to.
PATIENCE_S = 10.0


class FfmpegError(Exception):
    """ffmpeg ended with an error. `log` is the end of what it wrote; `no_space` whether a full disk was the cause."""

    def __init__(self, exit_code: int, log: str) -> None:
        super().__init__(f"ffmpeg ended with code {exit_code}: {last_line(log)}")
        self.exit_code = exit_code
        self.log = log

    @property
    def no_space(self) -> bool:
        return "No space left on device" in self.log


def ffmpeg_path() -> str:
    """The program that comes with imageio-ffmpeg. Raises MissingError where there is none for this machine."""
    try:
        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError as error:
        raise MissingError("media.no_ffmpeg") from error


class Ffmpeg:
    """One run of ffmpeg, used in a `with` block.

    Leaving the block by an exception, or before ffmpeg has ended, ends it. The log goes to an unnamed file: a second pipe that
    nobody reads would fill up and stop ffmpeg for ever.
    """

    def __init__(self, arguments: list[str], feeds: bool = False) -> None:
        """arguments: the whole command. feeds: bytes are written to `stdin`; otherwise they are read from `stdout`."""
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 (closed by `kill`)
        self._begun: list[Path] = []
        try:
            box, self._begun = box_for(arguments)
            self._process = subprocess.Popen(
                boxed(guarded(arguments), box),
                stdin=subprocess.PIPE if feeds else subprocess.DEVNULL,
                stdout=subprocess.DEVNULL if feeds else subprocess.PIPE,
                stderr=self._log,
                bufsize=0 if feeds else -1,
                env=bare_environment(),
                start_new_session=not leads_session(),  # Ctrl+C is for us: we then end ffmpeg and clean up
            )
        except BaseException:
            self._log.close()
            self._remove_empty()
            raise

    def __enter__(self) -> Ffmpeg:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self.kill()

    @property
    def stdin(self) -> IO[bytes]:
        assert self._process.stdin is not None
        return self._process.stdin

    @property
    def stdout(self) -> IO[bytes]:
        assert self._process.stdout is not None
        return self._process.stdout

    def wait(self) -> None:
        """Wait for the end. Raises FfmpegError where ffmpeg failed."""
        if self._process.wait() != 0:
            raise FfmpegError(self._process.returncode, self.log())

    @property
    def log_bytes(self) -> int:
        """How much ffmpeg has written to stderr so far."""
        return os.fstat(self._log.fileno()).st_size

    def log(self) -> str:
        """The end of what ffmpeg has written to stderr so far; nothing where another thread has killed it and released that."""
        try:
            size = self.log_bytes
            begin = max(0, size - LOG_TAIL_BYTES)
            if hasattr(os, "pread"):  # ffmpeg may still write, at the place in the file that it shares with us
                return os.pread(self._log.fileno(), size - begin, begin).decode("utf-8", "replace")
            self._log.seek(begin)
            return self._log.read().decode("utf-8", "replace")
        except ValueError:
            if self._log.closed:
                return ""
            raise

    def kill(self) -> None:
        """End ffmpeg if it still runs, and release what belongs to it. May be called twice.

        One that does not end in time hangs in the system itself, on a disk that does not answer: it is left to that, and the log
        says so; whoever called goes on and cleans up.
        """
        if self._process.poll() is None:
            self._process.kill()
        try:
            self._process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            log.warning("ffmpeg (process %d) does not end though it was killed; a disk may not answer.", self._process.pid)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        if not self._log.closed:
            self._log.close()
        self._remove_empty()

    def _remove_empty(self) -> None:
        """A file that was begun for ffmpeg, and that it wrote nothing into, is none."""
        for path in self._begun:
            with suppress(OSError):  # it is gone already, or somebody else's to tidy
                if path.stat().st_size == 0:
                    path.unlink()
        self._begun = []


def leads_session() -> bool:
    """Whether this process leads a session without a terminal, as the process of a job does.

    No Ctrl+C reaches that, and ffmpeg stays in its group: whoever ends the job by force ends both, and no ffmpeg goes on to write
    a film that nobody waits for.
    """
    if not hasattr(os, "getsid") or os.getsid(0) != os.getpid():
        return False
    try:
        os.close(os.open(os.ctermid(), os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return True
    return False


def last_line(log: str) -> str:
    """The last line that says something."""
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    return lines[-1] if lines else "it gave no reason"


@contextmanager
def read_from(arguments: list[str]) -> Iterator[Ffmpeg]:
    """Run ffmpeg to read from its `stdout`. When the block ends well, so must ffmpeg: otherwise FfmpegError is raised."""
    with Ffmpeg(arguments) as run:
        yield run
        run.wait()
