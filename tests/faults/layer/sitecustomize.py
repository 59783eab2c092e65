"""Runs at the start of each Python of a site under test: carries out the faults that `TEST_FAULTS` names, and logs writes.

`TEST_FAULTS` is a folder. `plan.json` in it says what is to go wrong from now on and is looked at before each step that could:
`read` and `write`: a part of a path and how many openings from now on fail, with EIO and ENOSPC; `clock_s`: how far the clock is
off. `steps.log` gets a line of JSON for each renaming, making, removal and fsync below `TEST_FAULTS_DATA`; what a renaming or a
removal takes away stays in `stash/`, so that a disk that had not got to it can be put together afterwards.
"""

from __future__ import annotations

import contextlib
import errno
import importlib.abc
import importlib.machinery
import json
import os
import stat
import sys
import threading
import time
from datetime import timedelta

FOLDER, DATA = os.environ.get("TEST_FAULTS", ""), os.environ.get("TEST_FAULTS_DATA", "")
PLAN, LOG, STASH = (os.path.join(FOLDER, name) for name in ("plan.json", "steps.log", "stash"))
#: of this thread, whether it is the layer itself that opens files.
own = threading.local()
plan, plan_ns = {}, 0
seen = {"read": 0, "write": 0}
real_time, real_fsync = time.time, os.fsync


def planned():
    """What is to go wrong now."""
    global plan, plan_ns
    try:
        changed_ns = os.stat(PLAN).st_mtime_ns
        if changed_ns != plan_ns:
            with open(PLAN, encoding="utf-8") as file:
                plan, plan_ns = json.load(file), changed_ns
            seen.update(read=0, write=0)
    except (OSError, ValueError):
        return {}
    return plan


def note(**step):
    """A line of the log, written at once, so that lines of several processes do not mix."""
    descriptor = os.open(LOG, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    os.write(descriptor, (json.dumps(step) + "\n").encode())
    os.close(descriptor)


def full_path(path, folder=-1):
    """The path as a whole; relative to an open folder where one is given."""
    path = os.fsdecode(path)
    if isinstance(folder, int) and folder >= 0:
        path = os.path.join(os.readlink(f"/proc/self/fd/{folder}"), path)
    return os.path.abspath(path)


def stashed(path):
    """A name in the stash under which the file stays, though its own name goes; None where there is no such file."""
    name = f"{os.getpid()}-{time.monotonic_ns()}"
    try:
        if not stat.S_ISREG(os.lstat(path).st_mode):
            return None
        os.link(path, os.path.join(STASH, name))
    except OSError:
        return None
    return name


def fail_where_planned(path, writes):
    """Raise what the plan says for this opening."""
    kind = "write" if writes else "read"
    wish = planned().get(kind)
    if wish and wish["part"] in path:
        seen[kind] += 1
        if wish["after"] < seen[kind] <= wish["after"] + wish["times"]:
            number = errno.ENOSPC if writes else errno.EIO
            raise OSError(number, os.strerror(number), path)


def on_open(path, mode, flags):
    """An opening fails, or is a name that was made."""
    if not isinstance(path, str | bytes | os.PathLike):
        return
    path = full_path(path)
    if not path.startswith(DATA):
        return
    flags = flags if isinstance(flags, int) else 0
    writes = bool(flags & (os.O_WRONLY | os.O_RDWR))
    fail_where_planned(path, writes)
    if flags & os.O_CREAT and not os.path.lexists(path):
        note(step="made", path=path)


def on_rename(source, target, source_folder, target_folder):
    """What had the name stays in the stash."""
    source, target = full_path(source, source_folder), full_path(target, target_folder)
    if target.startswith(DATA):
        note(step="renamed", path=source, target=target, before=stashed(target))


def on_remove(path, folder):
    """What had the name stays in the stash."""
    path = full_path(path, folder)
    if path.startswith(DATA):
        note(step="removed", path=path, before=stashed(path))


HOOKS = {"open": on_open, "os.rename": on_rename, "os.remove": on_remove}


def hook(event, arguments):
    """The audit hook of PEP 578."""
    act = HOOKS.get(event)
    if act is None or getattr(own, "busy", False):
        return
    own.busy = True
    try:
        act(*arguments)
    finally:
        own.busy = False


def fsync(descriptor):
    """Sync, and note what is safe now: a file as it stands, or the names in a folder."""
    number = descriptor if isinstance(descriptor, int) else descriptor.fileno()
    found = os.fstat(number)
    real_fsync(descriptor)
    with contextlib.suppress(OSError):
        path = os.readlink(f"/proc/self/fd/{number}")
        if path.startswith(DATA):
            own.busy = True
            note(step="synced", path=path, inode=found.st_ino, size=found.st_size, changed_ns=found.st_mtime_ns)
            own.busy = False


class ShiftedClock(importlib.abc.MetaPathFinder):
    """Gives `app.model_base` the time of this layer when it is loaded."""

    def find_spec(self, name, path, target=None):
        if name != "app.model_base":
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        load = spec.loader.exec_module

        def load_and_shift(module):
            load(module)
            real = module.now
            module.now = lambda: real() + timedelta(seconds=planned().get("clock_s", 0))

        spec.loader.exec_module = load_and_shift
        return spec


if FOLDER:
    os.makedirs(STASH, exist_ok=True)
    sys.addaudithook(hook)
    os.fsync = fsync
    time.time = lambda: real_time() + planned().get("clock_s", 0)
    sys.meta_path.insert(0, ShiftedClock())
