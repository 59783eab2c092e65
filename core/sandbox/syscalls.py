"""seccomp: the system calls that a boxed process is refused, by a filter in BPF made here (Linux on x86-64 and ARM64).

Refused are the network, looking into other processes, mounting, name spaces, loading code into the kernel, keys, clocks, and the
ways around a filter (io_uring, the 32-bit numbers). Where the box may start no processes, those too: then nothing multiplies.
Numbers of the calls: arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h of the kernel.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
import sys

from core.sandbox.landlock import NO_NEW_PRIVILEGES, failure, system

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

SET_SECCOMP, MODE_FILTER = 22, 2
#: Instructions: load a word, compare, return; and where the filter's data hold what.
LOAD, EQUAL, AT_LEAST, HAS_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
NUMBER_AT, PROCESSOR_AT, FIRST_ARGUMENT_AT = 0, 4, 16
ALLOW, REFUSE = 0x7FFF0000, 0x00050000
X32_NUMBERS = 0x40000000
THREAD_FLAG = 0x00010000
#: New name spaces of every kind: time, mounts, groups, names of hosts, IPC, users, processes, network.
NAME_SPACE_FLAGS = 0x7E020080

#: By machine: the number by which seccomp knows the processor, and the calls' numbers.
PROCESSORS = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
#: name: (on x86-64, on ARM64); None where there is none.
CALLS: dict[str, tuple[int | None, int | None]] = {
    "socket": (41, 198),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "kcmp": (312, 272),
    "pidfd_open": (434, 434),
    "pidfd_getfd": (438, 438),
    "process_madvise": (440, 440),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "unshare": (272, 97),
    "setns": (308, 268),
    "open_by_handle_at": (304, 265),
    "name_to_handle_at": (303, 264),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "reboot": (169, 142),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "syslog": (103, 116),
    "acct": (163, 89),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "clock_adjtime": (305, 266),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "quotactl": (179, 60),
    "personality": (135, 92),
    "iopl": (172, None),
    "ioperm": (173, None),
    "modify_ldt": (154, None),
    "execveat": (322, 281),
}
#: Of a box without processes. Signals to others are among them: nobody there has a child to end.
OF_PROCESSES: dict[str, tuple[int | None, int | None]] = {
    "fork": (57, None),
    "vfork": (58, None),
    "kill": (62, 129),
    "tkill": (200, 130),
    "rt_sigqueueinfo": (129, 138),
    "pidfd_send_signal": (424, 424),
}
CLONE, CLONE3 = (56, 220), (435, 435)


class Program(ctypes.Structure):
    """struct sock_fprog."""

    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def instruction(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    """struct sock_filter: jumps count the instructions that are passed over."""
    return struct.pack("=HBBI", code, if_true, if_false, value)


def refuse(code: int) -> bytes:
    """The call fails with this errno."""
    return instruction(RETURN, REFUSE | code)


def numbers(calls: Iterable[tuple[int | None, int | None]], machine: str) -> list[int]:
    """The calls' numbers on that machine."""
    column = list(PROCESSORS).index(machine)
    return [pair[column] for pair in calls if pair[column] is not None]  # type: ignore[misc]


def filter_for(machine: str, processes: bool) -> bytes:
    """The filter for that machine ("x86_64" or "aarch64"), as struct sock_filter after struct sock_filter.

    Of `clone` the flags are looked at; `clone3` keeps them in memory, where a filter can't look, and is said not to exist, upon
    which C libraries take `clone`. A call with another processor's numbers is refused.
    """
    refused = numbers([*CALLS.values(), *([] if processes else OF_PROCESSES.values())], machine)
    (clone,), (clone3,) = numbers([CLONE], machine), numbers([CLONE3], machine)
    code = [instruction(LOAD, PROCESSOR_AT), instruction(EQUAL, PROCESSORS[machine], 1, 0), refuse(errno.EPERM)]
    code += [instruction(LOAD, NUMBER_AT), instruction(AT_LEAST, X32_NUMBERS, 0, 1), refuse(errno.EPERM)]
    for number in refused:
        code += [instruction(EQUAL, number, 0, 1), refuse(errno.EPERM)]
    code += [instruction(EQUAL, clone3, 0, 1), refuse(errno.ENOSYS)]
    code += [instruction(EQUAL, clone, 1, 0), instruction(RETURN, ALLOW), instruction(LOAD, FIRST_ARGUMENT_AT)]
    code += [instruction(HAS_BIT, NAME_SPACE_FLAGS, 0, 1), refuse(errno.EPERM)]
    if not processes:
        code += [instruction(HAS_BIT, THREAD_FLAG, 1, 0), refuse(errno.EPERM)]
    code += [instruction(RETURN, ALLOW)]
    return b"".join(code)


def can_filter() -> bool:
    """Whether there is a filter for this machine, and the kernel takes one."""
    if sys.platform != "linux" or os.uname().machine not in PROCESSORS or sys.maxsize < 2**32:
        return False
    return bool(system().prctl(21, 0, 0, 0, 0) >= 0)  # PR_GET_SECCOMP fails where the kernel was built without


def restrict(processes: bool) -> bool:
    """Refuse the calling thread, and all that it starts, those calls.

    False where the system can't. Raises OSError where it should have been able to.
    """
    if not can_filter():
        return False
    program = filter_for(os.uname().machine, processes)
    library = system()
    if library.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0) != 0:
        raise failure("prctl")
    if library.prctl(SET_SECCOMP, MODE_FILTER, ctypes.byref(Program(len(program) // 8, program)), 0, 0) != 0:
        raise failure("seccomp")
    return True
