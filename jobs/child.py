"""What runs in the process that makes one film: `python -m jobs.child PARENT NICENESS`, used by `job_process.py` alone.

The order comes as one line of JSON on stdin, and `cancel` may follow; progress and the outcome go as lines of JSON to stdout.
The film has a process of its own so that its compiled loops hold up no page, and a crash in a native library ends the film alone.
"""

from __future__ import annotations

import _thread
import json
import os
import sys
import threading
import time
from typing import Any

from core.errors import BelcantoError, Cancelled, InputError, MissingError
from core.messages import message
from jobs.contracts import JobOrder
from jobs.orphan_guard import PARENT_DIED, be_nice, die_with_parent, watch_pipe

CANCEL = b"cancel\n"
#: Progress is told at most this often, a new stage always.
TELL_INTERVAL_S = 0.2
#: A stage that tells no progress for this long after the wish to cancel is interrupted where it is.
PATIENCE_S = 1.0

NO_MEMORY = message("core.too_little_memory")


class Voice:
    """Lines of JSON to the parent, and the wish to cancel that is looked at with every progress."""

    def __init__(self, descriptor: int) -> None:
        self._pipe = os.fdopen(descriptor, "w", encoding="utf-8")
        self._stage, self._told_s = "", 0.0
        self._unwanted = threading.Event()

    def tell(self, **values: Any) -> None:
        """One line."""
        self._pipe.write(json.dumps(values) + "\n")
        self._pipe.flush()

    def progress(self, stage: str, done: int, total: int) -> None:
        """The pipeline's progress callback. Raises `Cancelled` where the film is no longer wanted."""
        if self._unwanted.is_set():
            raise Cancelled("core.cancelled")
        now_s = time.monotonic()
        if stage != self._stage or now_s - self._told_s >= TELL_INTERVAL_S:
            self._stage, self._told_s = stage, now_s
            self.tell(progress=[stage, done, total])

    def hear(self, line: bytes) -> None:
        """A line of the parent."""
        if line == CANCEL and not self._unwanted.is_set():
            self._unwanted.set()
            interrupt = threading.Timer(PATIENCE_S, _thread.interrupt_main)
            interrupt.daemon = True
            interrupt.start()


def make(order: JobOrder, voice: Voice) -> int:
    """Make the film and tell the outcome; returns the exit code. An error that is not for persons goes to stderr as it is."""
    from pipeline.song_to_video import song_to_video

    try:
        report = song_to_video(order.portrait, order.song, order.video, order.settings, voice.progress)
    except (Cancelled, KeyboardInterrupt):
        voice.tell(failed="cancelled")
        return Cancelled.exit_code
    except BelcantoError as error:
        kind = "input" if isinstance(error, InputError) else "missing" if isinstance(error, MissingError) else "unexpected"
        voice.tell(failed=kind, message=error.message.as_json())
        return error.exit_code
    except MemoryError:
        voice.tell(failed="input", message=NO_MEMORY.as_json())
        return InputError.exit_code
    voice.tell(finished={**report.as_json(), "notes": [note.as_json() for note in report.notes]})
    return 0


def main(arguments: list[str]) -> int:
    """Read the order, make the film; returns the exit code."""
    die_with_parent(int(arguments[0]))
    be_nice(int(arguments[1]))
    voice = Voice(os.dup(1))
    os.dup2(2, 1)  # native libraries that print must not print amid the lines
    order = JobOrder.from_json(json.loads(sys.stdin.buffer.readline()))
    watch_pipe(sys.stdin.buffer, voice.hear, lambda: os._exit(PARENT_DIED))
    return make(order, voice)


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stderr.flush()
    os._exit(code)  # all is closed and told; taking the libraries down in good order would cost a second or two of waiting
