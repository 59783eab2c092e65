"""Goes into a box and becomes the command there, `BOX... -- COMMAND...`, or runs a module of ours there.

The launcher is a process of its own, because a box can't be left again, and because a process with threads can't safely change
itself between fork and exec. It imports next to nothing: it starts for each run of a decoder.
"""

from __future__ import annotations

import os
import sys

from core.sandbox import landlock, syscalls
from core.sandbox.box import Box, read_box

#: Exit code where the box can't be had, and the system's own for a command that can't be started.
NO_BOX, NO_COMMAND = 125, 126
#: Of POSIX; Python's own module takes longer to load than all of this.
SIGPIPE = 13


def limit(box: Box) -> None:
    """Amounts: memory, size of written files, processor time; no core is dumped, whose content would be somebody's file."""
    import resource

    wanted = {
        resource.RLIMIT_DATA: box.memory_bytes,
        resource.RLIMIT_FSIZE: box.output_bytes,
        resource.RLIMIT_CPU: box.processor_s,
        resource.RLIMIT_CORE: 0,
    }
    for what, most in wanted.items():
        _, hard = resource.getrlimit(what)
        allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (allowed, allowed))


def enter(box: Box) -> list[str]:
    """Put this process, which must have one thread, into the box for good. Returns the fences that this system lacks.

    Raises OSError where the system has one and it does not hold.
    """
    if sys.platform == "win32":
        return ["limits", "files", "system calls"]
    limit(box)
    lacking = []
    if not landlock.restrict(box):
        lacking.append("files")
    if not syscalls.restrict(box.processes):
        lacking.append("system calls")
    return lacking


def entered(box: Box) -> bool:
    """Enter; False, and a line on stderr, where that fails or something lacks that is required."""
    try:
        lacking = enter(box)
    except OSError as error:
        print(f"The sandbox can't be entered: {error}", file=sys.stderr)
        return False
    if lacking and box.required:
        print(f"The sandbox lacks what this system can't hold: {', '.join(lacking)}.", file=sys.stderr)
        return False
    return True


def run_module(arguments: list[str]) -> int:
    """Enter and call `main` of the module that is named after the box, with the words behind it.

    The module's room must be imported already: inside, the folder of all rooms can't be listed, since people's files lie there.
    """
    box, (module, *rest) = read_box(arguments)
    if not entered(box):
        return NO_BOX
    from importlib import import_module

    return int(import_module(module).main(rest))


def main(arguments: list[str]) -> int:
    """Enter and become the command; returns only where that fails."""
    box, command = read_box(arguments)
    if not entered(box):
        return NO_BOX
    # Python ignores both; the command must end where nobody reads on. A file that gets too large stays an error, not an end.
    landlock.system().signal(SIGPIPE, None)
    try:
        os.execv(command[0], command)  # the decoder itself, in its box  # nosec B606
    except OSError as error:
        print(f"{command[0]} can't be started: {error}", file=sys.stderr)
    return NO_COMMAND
