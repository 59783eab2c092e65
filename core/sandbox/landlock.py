"""Landlock: the files that a process and its children may open, and no TCP, for good (Linux 5.13 and later; nobody needs rights).

The system calls and numbers are those of the kernel's documentation, Documentation/userspace-api/landlock.rst.
"""

from __future__ import annotations

import ctypes
import os
import stat
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.sandbox.box import Box

#: The numbers of the system calls are the same on all processors.
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
VERSION, PATH_BENEATH = 1, 1
NO_NEW_PRIVILEGES = 38
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1, 2, 4, 8
#: Moving between folders, cutting files off, and devices' own commands came with these versions.
REFER, TRUNCATE, IOCTL_DEVICE = 1 << 13, 1 << 14, 1 << 15
#: Removing, making folders, files, sockets, pipes, devices and links.
MAKE_AND_REMOVE = 0b1_1111_1111_0000
#: Rights that a file has; the others are a folder's alone.
OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEVICE
TCP = 0b11
#: Sockets without a name in the file system, and signals, stay inside the box.
SCOPES = 0b11


class Ruleset(ctypes.Structure):
    """struct landlock_ruleset_attr."""

    _fields_ = (("files", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scopes", ctypes.c_uint64))


class PathBeneath(ctypes.Structure):
    """struct landlock_path_beneath_attr, which is packed."""

    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def version() -> int:
    """The version of Landlock that this kernel speaks; 0: none, or it is turned off."""
    if sys.platform != "linux":
        return 0
    return max(0, int(system().syscall(CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(VERSION))))


def system() -> ctypes.CDLL:
    """The C library."""
    library = ctypes.CDLL(None, use_errno=True)
    library.syscall.restype = ctypes.c_long
    return library


def handled(landlock: int) -> int:
    """All rights to files that this version knows."""
    files = EXECUTE | WRITE_FILE | READ_FILE | READ_DIR | MAKE_AND_REMOVE
    for since, right in ((2, REFER), (3, TRUNCATE), (5, IOCTL_DEVICE)):
        files |= right if landlock >= since else 0
    return files


def restrict(box: Box) -> bool:
    """Hold this process's calling thread, and all that it starts, to the box's files and to no TCP.

    False where the kernel can't. Raises OSError where it should have been able to.
    """
    landlock = version()
    if landlock == 0:
        return False
    library, files = system(), handled(landlock)
    wanted = Ruleset(files, TCP if landlock >= 4 else 0, SCOPES if landlock >= 6 else 0)
    size = 24 if landlock >= 6 else 16 if landlock >= 4 else 8
    ruleset = int(library.syscall(CREATE_RULESET, ctypes.byref(wanted), ctypes.c_size_t(size), ctypes.c_uint32(0)))
    if ruleset < 0:
        raise failure("landlock_create_ruleset")
    try:
        allow(library, ruleset, box.reads, READ_FILE | READ_DIR)
        allow(library, ruleset, box.runs, READ_FILE | EXECUTE)
        allow(library, ruleset, box.writes, files & ~EXECUTE)
        if library.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0) != 0:
            raise failure("prctl")
        if library.syscall(RESTRICT_SELF, ctypes.c_int(ruleset), ctypes.c_uint32(0)) != 0:
            raise failure("landlock_restrict_self")
    finally:
        os.close(ruleset)
    return True


def allow(library: ctypes.CDLL, ruleset: int, paths: Iterable[str], rights: int) -> None:
    """Add these rights for each path, as far as it has them; one that is not there needs none."""
    for path in paths:
        try:
            handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except (FileNotFoundError, NotADirectoryError, PermissionError):
            continue
        try:
            has = rights if stat.S_ISDIR(os.fstat(handle).st_mode) else rights & OF_FILES
            rule = PathBeneath(has, handle)
            kind = ctypes.c_int(PATH_BENEATH)
            if library.syscall(ADD_RULE, ctypes.c_int(ruleset), kind, ctypes.byref(rule), ctypes.c_uint32(0)) != 0:
                raise failure(f"landlock_add_rule for {path}")
        finally:
            os.close(handle)


def failure(what: str) -> OSError:
    """What the C library says went wrong."""
    code = ctypes.get_errno()
    return OSError(code, f"{what}: {os.strerror(code)}")
