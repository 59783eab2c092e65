"""Processes that must not outlive the one that started them, however that one ends.

Two means, because each has a gap: Linux kills a process whose parent has died (prctl), at once and even amid compiled code; and
everywhere the parent holds the only end of a pipe, so that its death is the pipe's end.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
from collections.abc import Callable
from typing import BinaryIO

PR_SET_PDEATHSIG = 1
#: Exit code of a process that ended because its parent did.
PARENT_DIED = 4


def die_with_parent(parent: int) -> None:
    """Ask Linux to kill this process when its parent, whose process id is `parent`, has died; elsewhere nothing is done."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before we could ask
        os._exit(PARENT_DIED)


def be_nice(niceness: int) -> None:
    """Let others go first: pages must stay quick while a film is made."""
    if hasattr(os, "nice"):
        os.nice(niceness)


def watch_pipe(pipe: BinaryIO, line: Callable[[bytes], None], end: Callable[[], None]) -> None:
    """Call `line` for every line of the pipe and `end` after it, from a thread that does not hold up the process's end."""

    def watch() -> None:
        for each in pipe:
            line(each)
        end()

    threading.Thread(target=watch, daemon=True, name="watch-pipe").start()
