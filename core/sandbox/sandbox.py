"""Whether and how decoders are boxed on this machine: `BELCANTO_SANDBOX`, what the system can hold, and the boxed command.

Three fences, each where the system has it: Landlock for files and TCP, seccomp for system calls (the network among them), and
limits of memory, written bytes and processor time. Where Landlock is missing and bubblewrap may make name spaces, that holds the
files in its place.
"""

from __future__ import annotations

import functools
import logging
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from core.errors import InputError, MissingError
from core.sandbox import landlock, syscalls
from core.sandbox.box import Box

log = logging.getLogger(__name__)

VARIABLE = "BELCANTO_SANDBOX"
Wish = Literal["on", "off", "require"]
WISHES: tuple[Wish, ...] = ("on", "off", "require")
ROOT = Path(__file__).resolve().parents[2]
#: What a program needs of the system: its libraries, time zones, chance, and what its own threads should count.
SYSTEM_READS = (
    *("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/nix/store", "/etc/ld.so.cache"),
    *("/etc/localtime", "/usr/share/zoneinfo", "/dev/zero", "/dev/random", "/dev/urandom"),
    *("/proc/cpuinfo", "/proc/meminfo", "/sys/devices/system/cpu"),
)
#: Written into, harmlessly.
SYSTEM_WRITES = ("/dev/null",)
#: The loaders that start a program with shared libraries.
LOADERS = (
    *("/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1"),
    *("/lib/ld-musl-x86_64.so.1", "/lib/ld-musl-aarch64.so.1"),
)
#: Variables that a decoder may know; keys and passwords are among the others.
KNOWN_VARIABLES = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "HOME", "LD_LIBRARY_PATH", "SYSTEMROOT", "TEMP", "TMP")
#: How long bubblewrap may take to say whether it can, in seconds.
PATIENCE_S = 10.0


@dataclass(frozen=True)
class Fences:
    """What holds decoders here. files: "landlock", "bubblewrap" or "" where nothing does; calls: "seccomp" or ""; limits: whether
    memory, written bytes and processor time are held. wish: what was asked for."""

    wish: Wish
    files: str
    calls: str
    limits: bool

    @property
    def whole(self) -> bool:
        """Whether nothing lacks."""
        return bool(self.files and self.calls and self.limits)

    def sentence(self) -> str:
        """For the log, in one line."""
        if self.wish == "off":
            return f"Decoders of given files run without a sandbox ({VARIABLE}=off)."
        held = [
            f"files and TCP by {self.files}" if self.files else "",
            f"network and system calls by {self.calls}" if self.calls else "",
            "memory, written bytes and processor time by limits" if self.limits else "",
        ]
        kept = "; ".join(part for part in held if part) or "nothing"
        return f"Decoders of given files are held by this system: {kept}." + ("" if self.whole else " The rest it can't hold.")


def wish(environment: Mapping[str, str] | None = None) -> Wish:
    """What `BELCANTO_SANDBOX` asks for. Raises InputError for any other word."""
    word = (os.environ if environment is None else environment).get(VARIABLE, "") or "on"
    for each in WISHES:
        if word == each:
            return each
    raise InputError("core.sandbox_unknown", name=VARIABLE, value=word)


@functools.cache
def found() -> tuple[str, str, bool]:
    """What this system has: for files, for system calls, and limits. Looked up once."""
    files = "landlock" if landlock.version() else "bubblewrap" if bubblewrap() else ""
    return files, "seccomp" if syscalls.can_filter() else "", sys.platform != "win32"


def fences() -> Fences:
    """What holds decoders in this process. Raises InputError for an unknown wish."""
    wanted = wish()
    return Fences(wanted, "", "", False) if wanted == "off" else Fences(wanted, *found())


def check() -> Fences:
    """For who starts a server: tell the log, and raise MissingError where everything is required and something lacks."""
    there = fences()
    if there.wish == "require" and not there.whole:
        raise MissingError("core.sandbox_not_here", name=VARIABLE)
    (log.info if there.whole else log.warning)(there.sentence())
    return there


@functools.cache
def bubblewrap() -> str:
    """The program, where it may make name spaces here; else nothing. Containers often forbid that, so it is tried."""
    program = shutil.which("bwrap") if sys.platform == "linux" else None
    if program is None:
        return ""
    trial = [program, "--unshare-all", "--ro-bind", "/", "/", "--", sys.executable, "-I", "-S", "-c", ""]
    try:
        done = subprocess.run(trial, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return program if done.returncode == 0 else ""


def python_reads() -> tuple[str, ...]:
    """What Python itself and the rooms are made of; not the checkout as a whole, which holds people's files too."""
    paths = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    paths |= {str(Path(sys.prefix, "pyvenv.cfg")), *(part for part in sys.path if part.endswith(("-packages", ".zip")))}
    if sys.base_prefix not in ("/usr", "/usr/local", "/"):
        paths.add(str(Path(sys.base_prefix, "lib")))
    rooms = (str(path.parent) for path in ROOT.glob("*/__init__.py"))
    return (*sorted(path for path in paths if path), *sorted(rooms))


def python_runs() -> tuple[str, ...]:
    """What must be started for a further boxed process."""
    return (sys.executable, os.path.realpath(sys.executable), *LOADERS)


def with_system(box: Box) -> Box:
    """The box with what every program needs of the system."""
    return box.with_more(SYSTEM_READS, SYSTEM_WRITES, LOADERS)


def boxed(command: list[str], box: Box) -> list[str]:
    """The command that runs `command` (whose program is a whole path) in the box; itself where there are no boxes.

    Raises MissingError where the box is required and this system lacks a fence.
    """
    if not has_boxes():
        return command
    # The room is named by its own folder: that of all rooms can't be listed where a boxed process starts another one.
    start = f"import sys;room=type(sys)('core');room.__path__=[{str(ROOT / 'core')!r}];sys.modules['core']=room;"
    start += "from core.sandbox.launch import main;sys.exit(main(sys.argv[1:]))"
    return launched(["-I", "-S", "-c", start], box.with_more(runs=[command[0]]), command)


def boxed_module(module: str, arguments: list[str], box: Box) -> list[str]:
    """The command that calls `main` of one of our modules in the box. Only where `has_boxes`; raises as `boxed`."""
    start = f"import sys;sys.path.insert(0,{str(ROOT)!r});import {module.partition('.')[0]};"
    start += "from core.sandbox.launch import run_module;sys.exit(run_module(sys.argv[1:]))"
    return launched(["-I", "-c", start], box.with_more(python_reads()), [module, *arguments])


def has_boxes() -> bool:
    """Whether there are boxes here: they are wanted, and the system knows limits at least."""
    return wish() != "off" and sys.platform != "win32"


def launched(launcher: list[str], box: Box, command: list[str]) -> list[str]:
    """Python with the launcher, the box and what is to run in it. Raises MissingError where a required fence lacks here."""
    there = fences()
    required = there.wish == "require"
    if required and not there.whole:
        raise MissingError("core.sandbox_not_here", name=VARIABLE)
    # With bubblewrap the launcher finds no Landlock: what is required has been checked here.
    whole = with_system(box).with_more(required=required and there.files == "landlock")
    started = [sys.executable, *launcher, *whole.as_arguments(), *command]
    return [*wrapped(whole), *started] if there.files == "bubblewrap" else started


def wrapped(box: Box) -> list[str]:
    """bubblewrap's own arguments for the box's files: nothing else of the disk is there, and no network."""
    parts = [bubblewrap(), "--unshare-all", "--die-with-parent", "--dev", "/dev", "--proc", "/proc"]
    reads = (*box.reads, *box.runs, *python_reads(), *python_runs())
    bound: list[str] = ["/dev", "/proc"]
    for option, paths in (("--ro-bind-try", sorted(set(reads))), ("--bind-try", box.writes)):
        for path in paths:
            if option == "--bind-try" or not any(Path(path).is_relative_to(each) for each in bound):
                parts += [] if path.startswith("/dev/") else [option, path, path]
                bound.append(path)
    return [*parts, "--"]


def bare_environment(environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """What a decoder may know of the environment: no keys, no addresses."""
    given = os.environ if environment is None else environment
    return {name: given[name] for name in KNOWN_VARIABLES if name in given}
