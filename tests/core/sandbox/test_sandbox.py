"""Harm is tried from inside the box, where it fails, and outside, where it does not: so the tests can fail."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from core.errors import InputError, MissingError
from core.sandbox import landlock, sandbox, syscalls
from core.sandbox.box import Box, read_box
from core.sandbox.launch import NO_BOX
from core.sandbox.sandbox import boxed, boxed_module, fences, python_reads, python_runs

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="boxes are Linux's")
FILES = pytest.mark.skipif(not landlock.version(), reason="this kernel has no Landlock")
CALLS = pytest.mark.skipif(not syscalls.can_filter(), reason="this kernel has no seccomp filters")
DONE = "done"


def python(code: str) -> list[str]:
    return [sys.executable, "-I", "-S", "-c", f"{code}\nprint('{DONE}')"]


def result(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL, check=False)


def worked(run: subprocess.CompletedProcess[str]) -> bool:
    return run.returncode == 0 and run.stdout.endswith(f"{DONE}\n")


def in_box(code: str, **allowed) -> subprocess.CompletedProcess[str]:
    box = Box(**allowed).with_more(python_reads(), runs=python_runs())
    return result(boxed(python(code), box))


def assert_held(code: str, words: str = "Error", **allowed) -> None:
    """The code does its harm outside, and in the box fails over it, while a box that does nothing wrong works."""
    free = result(python(code))
    assert worked(free), f"outside, it should do its harm: {free.stderr}"
    held = in_box(code, **allowed)
    assert not worked(held)
    assert words in held.stderr, held.stderr


@pytest.fixture
def canary(tmp_path):
    path = tmp_path / "outside" / "canary"
    path.parent.mkdir()
    path.write_text("do not read")
    return path


def test_what_does_no_harm_works():
    run = in_box("import threading; thread = threading.Thread(target=print); thread.start(); thread.join(); import json")
    assert worked(run), run.stderr


@FILES
def test_files_outside_can_not_be_read(canary):
    assert_held(f"open({str(canary)!r}).read()", "PermissionError")
    assert_held("open('/etc/passwd').read()", "PermissionError")
    assert worked(in_box(f"open({str(canary)!r}).read()", reads=(str(canary),)))


@FILES
def test_folders_outside_can_not_be_listed(canary):
    assert_held(f"import os; os.listdir({str(canary.parent)!r})", "PermissionError")


@FILES
@pytest.mark.parametrize(
    "harm",
    [
        "open({0!r}, 'w').write('x')",
        "open({0!r} + '.new', 'w').write('x')",
        "import os; os.mkdir({0!r} + '.folder')",
        "import os; os.symlink('/etc', {0!r} + '.link')",
        "import os; os.truncate({0!r}, 1)",
        "import os; os.rename({0!r}, {0!r} + '.moved')",
        "import os; os.unlink({0!r})",
    ],
)
def test_nothing_outside_can_be_written_or_removed(canary, harm):
    held = in_box(harm.format(str(canary)), reads=(str(canary.parent),))
    assert not worked(held) and "PermissionError" in held.stderr
    assert canary.read_text() == "do not read" and [path.name for path in canary.parent.iterdir()] == ["canary"]
    assert worked(result(python(harm.format(str(canary)))))


@FILES
def test_its_own_folder_can_be_written(tmp_path):
    own = tmp_path / "own"
    own.mkdir()
    assert worked(in_box(f"open({str(own / 'file')!r}, 'w').write('x')", writes=(str(own),)))
    assert (own / "file").read_text() == "x"


@FILES
def test_no_other_program_starts():
    start = "import os; os.execv('/bin/cat', ['/bin/cat', '/dev/null'])"
    assert result(python(start)).returncode == 0
    held = in_box(start, processes=True)
    assert held.returncode != 0 and "PermissionError" in held.stderr


def listening() -> tuple[socket.socket, int, list[bool]]:
    """A server of the loopback that notes who comes."""
    server, came = socket.create_server(("127.0.0.1", 0)), []

    def serve() -> None:
        while True:
            try:
                server.accept()[0].close()
            except OSError:
                return
            came.append(True)

    threading.Thread(target=serve, daemon=True).start()
    return server, server.getsockname()[1], came


@CALLS
def test_no_server_is_reached():
    server, port, came = listening()
    with server:
        code = f"import socket; socket.create_connection(('127.0.0.1', {port}), 5).close()"
        assert not worked(in_box(code))
        assert not came
        assert worked(result(python(code)))


@CALLS
@pytest.mark.parametrize("family", ["AF_INET, socket.SOCK_DGRAM", "AF_INET6, socket.SOCK_STREAM", "AF_UNIX, socket.SOCK_STREAM"])
def test_there_are_no_sockets_of_any_kind(family):
    held = in_box(f"import socket; socket.socket(socket.{family})")
    assert not worked(held) and "PermissionError" in held.stderr
    assert worked(in_box("import socket"))


@CALLS
def test_a_box_without_processes_starts_none():
    fork = "import os\nif os.fork() == 0: os._exit(0)\nos.wait()"
    assert_held(fork, "PermissionError")
    assert worked(in_box(fork, processes=True))


@CALLS
def test_a_fork_bomb_multiplies_nothing():
    """Each that could be started would start two more, thirteen deep; the count is written by all to one pipe."""
    bomb = """
import os
def more(depth):
    for _ in range(2 if depth else 0):
        try:
            child = os.fork()
        except OSError:
            continue
        os.write(1, b'x')
        if child == 0:
            more(depth - 1)
            os._exit(0)
        os.wait()
more({depth})
"""
    assert in_box(bomb.format(depth=13)).stdout == f"{DONE}\n"
    assert result(python(bomb.format(depth=2))).stdout.count("x") > 4


@CALLS
@pytest.mark.parametrize("call", ["unshare", "mount", "ptrace", "bpf", "userfaultfd", "io_uring_setup", "keyctl", "pidfd_getfd"])
def test_system_calls_are_refused(call):
    """ENOSYS, EFAULT or EINVAL would tell that the kernel looked at what they were given."""
    column = list(syscalls.PROCESSORS).index(os.uname().machine)
    number = syscalls.CALLS[call][column]
    code = f"import ctypes; c = ctypes.CDLL(None, use_errno=True); c.syscall({number}, -1, 0, 0, 0, 0); print(ctypes.get_errno())"
    assert in_box(code).stdout.splitlines()[0] == "1"  # EPERM
    filtered = "import ctypes; print(ctypes.CDLL(None).prctl(21, 0, 0, 0, 0), ctypes.CDLL(None).prctl(39, 0, 0, 0, 0))"
    assert in_box(filtered).stdout.splitlines()[0] == "2 1"  # filtered, no new privileges
    assert result(python(filtered)).stdout.splitlines()[0] != "2 1"


@pytest.mark.parametrize("processes", [False, True])
@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_every_jump_of_the_filter_lands_on_an_instruction(machine, processes):
    program = syscalls.filter_for(machine, processes)
    rows = [program[at : at + 8] for at in range(0, len(program), 8)]
    assert len(program) % 8 == 0 and len(rows) < 4096  # BPF_MAXINSNS
    for at, row in enumerate(rows):
        assert at + 1 + max(row[2], row[3]) < len(rows) or row[0] == syscalls.RETURN
    assert rows[-1] == syscalls.instruction(syscalls.RETURN, syscalls.ALLOW)


def test_memory_is_limited():
    take = "taken = bytearray(600_000_000)"
    assert_held(take, "MemoryError", memory_bytes=200_000_000)


def test_what_is_written_is_limited(tmp_path):
    path = tmp_path / "file"
    write = f"open({str(path)!r}, 'wb').write(bytes(3_000_000))"
    assert_held(write, "File too large", writes=(str(tmp_path),), output_bytes=1_000_000)
    assert path.stat().st_size == 1_000_000


def test_processor_time_is_limited():
    held = in_box("while True: pass", processor_s=1)
    assert held.returncode in (-24, -9)  # SIGXCPU, or SIGKILL where that is late


def test_descriptors_of_ours_are_not_handed_on():
    look = "import os\nfor each in range(3, 200):\n    try: os.fstat(each); print('open', each)\n    except OSError: pass"
    with socket.socket() as ours:
        os.set_inheritable(ours.fileno(), True)
        held = in_box(look)
        free = subprocess.run(python(look), capture_output=True, text=True, close_fds=False, timeout=60, check=False)
    assert "open" not in held.stdout and "open" in free.stdout


def test_a_module_of_ours_runs_in_the_box(tmp_path):
    run = result(boxed_module("media.picture_child", [str(tmp_path / "none.png"), "1", "1"], Box()))
    assert run.returncode == 0 and "media.picture_not_there" in run.stdout


def test_no_folder_of_peoples_files_is_among_what_python_reads():
    reads = [Path(path) for path in python_reads()]
    assert sandbox.ROOT not in reads
    for folder in ("uploads", "results", ".git"):
        assert not any((sandbox.ROOT / folder).is_relative_to(path) for path in reads)


def test_a_box_goes_through_its_words_unchanged():
    box = Box(("/a b", "/ü"), ("/w",), ("/x",), True, 1, 2, 3, True)
    again, command = read_box([*box.as_arguments(), "program", "--", "r/etc"])
    assert [getattr(again, name) for name in Box.__slots__] == [getattr(box, name) for name in Box.__slots__]
    assert command == ["program", "--", "r/etc"]
    with pytest.raises(ValueError, match="no part"):
        read_box(["zzz"])


def test_the_setting(monkeypatch):
    monkeypatch.setenv("BELCANTO_SANDBOX", "off")
    assert boxed(["/bin/true"], Box()) == ["/bin/true"]
    assert not fences().whole and "without a sandbox" in fences().sentence()
    monkeypatch.setenv("BELCANTO_SANDBOX", "perhaps")
    with pytest.raises(InputError, match="on, off or require"):
        boxed(["/bin/true"], Box())


def test_where_something_lacks_it_is_said_and_may_be_required(monkeypatch, caplog):
    monkeypatch.setattr(sandbox, "found", lambda: ("", "seccomp", True))
    monkeypatch.setenv("BELCANTO_SANDBOX", "on")
    assert boxed(["/bin/true"], Box())[0] == sys.executable
    assert not sandbox.check().whole and "can't hold" in caplog.text
    monkeypatch.setenv("BELCANTO_SANDBOX", "require")
    for ask in (sandbox.check, lambda: boxed(["/bin/true"], Box())):
        with pytest.raises(MissingError, match="require"):
            ask()


def test_a_required_box_that_can_not_be_had_runs_nothing(monkeypatch):
    """The kernel's answer is turned into none, in the launcher's own process."""
    monkeypatch.setenv("BELCANTO_SANDBOX", "require")
    monkeypatch.setattr(sandbox, "found", lambda: ("landlock", "seccomp", True))
    command = boxed(python(""), Box())
    at = command.index("-c") + 1
    command[at] = command[at].replace("sys.exit(", "import core.sandbox.landlock as l;l.version=lambda:0;sys.exit(")
    run = result(command)
    assert run.returncode == NO_BOX and DONE not in run.stdout


@pytest.mark.skipif(not sandbox.bubblewrap(), reason="bubblewrap may make no name spaces here")
def test_bubblewrap_holds_the_files_where_landlock_lacks(monkeypatch, canary):
    monkeypatch.setattr(sandbox, "found", lambda: ("bubblewrap", "seccomp", True))
    code = f"open({str(canary)!r}).read()"
    command = boxed(python(code), Box().with_more(python_reads(), runs=python_runs()))
    assert command[0] == sandbox.bubblewrap()
    held = result(command)
    assert "FileNotFoundError" in held.stderr, held.stderr  # it is not there at all
    allowed = Box(reads=(str(canary),)).with_more(python_reads(), runs=python_runs())
    assert worked(result(boxed(python(code), allowed)))
