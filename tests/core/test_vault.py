"""The vault, its working copies and the master key: what is kept is sealed, and lies open only while somebody works on it."""

from __future__ import annotations

import base64
import subprocess
import sys
from pathlib import Path

import pytest

from core.errors import InputError
from core.master_key import MasterKey, MasterKeySource, WrongMasterKey, new_master_key
from core.sealed_files import DamagedFile, key_id_of, new_data_key
from core.vault import Vault
from core.workspace import LOCK_SUFFIX, Workspace, has_room
from tests.core.keys import OneKey

CANARY = b"\xff\xd8\xff\xe0 the face of a person"


@pytest.fixture
def memory(tmp_path):
    (tmp_path / "memory").mkdir()
    return tmp_path / "memory"


@pytest.fixture
def workspace(tmp_path, memory):
    return Workspace(tmp_path / "data" / "working", (memory,))


@pytest.fixture
def vault(workspace):
    return Vault(workspace, OneKey(), True)


def test_what_is_kept_is_sealed_and_comes_back(vault, tmp_path):
    made, kept = tmp_path / "made.jpg", tmp_path / "kept.jpg"
    made.write_bytes(CANARY * 9000)
    vault.keep(made, kept, "somebody")
    assert not made.exists() and CANARY not in kept.read_bytes()
    assert vault.size_bytes(kept) == len(CANARY) * 9000
    with vault.open(kept) as file:
        file.seek(len(CANARY) * 5000)
        assert file.read(len(CANARY)) == CANARY


def test_where_nothing_is_sealed_files_lie_as_they_are_and_sealed_ones_are_still_read(vault, workspace, tmp_path):
    plainly = Vault(workspace, vault.keys, False)
    sealed, kept = tmp_path / "sealed.jpg", tmp_path / "kept.jpg"
    vault.write_bytes(sealed, "somebody", CANARY)
    plainly.write_bytes(kept, "somebody", CANARY)
    assert kept.read_bytes() == CANARY and plainly.read_bytes(sealed) == CANARY
    with plainly.plain(kept) as path:
        assert path == kept
    assert vault.read_bytes(kept) == CANARY


def test_a_working_copy_bears_the_files_name_and_is_gone_afterwards_whatever_happens(vault, workspace, tmp_path):
    kept = tmp_path / "kept.jpg"
    vault.write_bytes(kept, "somebody", CANARY)
    with pytest.raises(KeyError), vault.plain(kept) as path:
        assert (path.name, path.read_bytes(), path.parent.stat().st_mode & 0o077) == ("kept.jpg", CANARY, 0)
        assert workspace.held() == 1
        raise KeyError
    assert not path.parent.exists() and workspace.held() == 0
    assert [*(base for base in workspace.bases() if any(base.iterdir()))] == []


def test_working_copies_lie_in_memory_where_there_is_room_and_else_with_the_data(vault, workspace, memory, monkeypatch):
    monkeypatch.setattr("core.workspace.free_memory", lambda: 1 << 40)
    with workspace.folder(1000) as folder:
        assert memory in folder.parents
    monkeypatch.setattr("core.workspace.free_memory", lambda: 1 << 29)
    with workspace.folder(1 << 28) as folder:
        assert workspace.own in folder.parents and workspace.own.stat().st_mode & 0o077 == 0
    assert not has_room(memory, 1 << 50)


def test_a_folder_of_somebody_else_is_not_used(workspace, memory, monkeypatch, tmp_path):
    monkeypatch.setattr("core.workspace.free_memory", lambda: 1 << 40)
    (tmp_path / "theirs").mkdir()
    (memory / workspace.name).symlink_to(tmp_path / "theirs")
    with workspace.folder() as folder:
        assert workspace.own in folder.parents
    assert not any((tmp_path / "theirs").iterdir())


LEAVES_A_COPY = """
import os, sys
from pathlib import Path
from core.workspace import Workspace
with Workspace(Path(sys.argv[1]), (Path(sys.argv[2]),)).folder() as folder:
    (folder / "left.jpg").write_bytes(b"left")
    print(folder, flush=True)
    os.kill(os.getpid(), 9)
"""


def test_a_sweep_removes_what_a_killed_process_has_left_and_nothing_that_is_used(workspace, memory):
    command = [sys.executable, "-c", LEAVES_A_COPY, str(workspace.own), str(memory)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    left = done.stdout.strip()
    assert left and Path(left).exists()
    with workspace.folder() as used:
        (used / "song.wav").write_bytes(b"used")
        assert workspace.sweep() == 1
        assert not Path(left).exists() and not Path(left + LOCK_SUFFIX).exists()
        assert (used / "song.wav").exists()


def test_a_writing_that_fails_leaves_nothing(vault, tmp_path):
    with pytest.raises(OSError), vault.writer(tmp_path / "kept.jpg", "somebody") as file:
        file.write(CANARY)
        raise OSError
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == []


def test_a_file_that_was_changed_is_told_of(vault, tmp_path):
    kept = tmp_path / "kept.jpg"
    vault.write_bytes(kept, "somebody", CANARY)
    changed = bytearray(kept.read_bytes())
    changed[-1] ^= 1
    kept.write_bytes(changed)
    with pytest.raises(DamagedFile, match="changed or cut"):
        vault.read_bytes(kept)
    assert key_id_of(kept) == vault.keys.key.id


def test_a_wrapped_key_opens_under_its_master_key_and_its_id_alone():
    master, key, other = new_master_key(), new_data_key(), new_data_key()
    wrapped = master.wrap(key)
    assert master.unwrap(wrapped, key.id) == key
    for opener, key_id in ((new_master_key(), key.id), (master, other.id)):
        with pytest.raises(WrongMasterKey, match="Nothing was changed"):
            opener.unwrap(wrapped, key_id)
    with pytest.raises(WrongMasterKey):
        master.unwrap("no base64", key.id)


def test_master_keys_are_read_from_the_variable_or_the_file_the_newest_first(tmp_path):
    first, second = new_master_key(), new_master_key()
    texts = [base64.b64encode(key.secret).decode() for key in (first, second)]
    source = MasterKeySource(tmp_path / "keys" / "master.key")
    assert source.read() == []
    source.write([first, second])
    assert source.read() == [first, second]
    assert source.file.stat().st_mode & 0o077 == 0
    assert MasterKeySource(source.file, ", ".join(reversed(texts))).read() == [second, first]


@pytest.mark.parametrize("text", ["short", base64.b64encode(bytes(31)).decode(), "ä" * 44])
def test_what_is_no_master_key_is_told_without_being_repeated(tmp_path, text):
    with pytest.raises(InputError, match="32 bytes in base64") as raised:
        MasterKeySource(tmp_path / "none", text).read()
    assert text not in str(raised.value)
    (tmp_path / "file").write_text("# nothing\n")
    with pytest.raises(InputError):
        MasterKeySource(tmp_path / "file").read()


def test_a_master_key_is_never_shown():
    key = MasterKey(bytes(range(32)))
    text = base64.b64encode(key.secret).decode()
    assert all(text not in shown and key.secret.hex() not in shown for shown in (repr(key), repr(MasterKeySource("x", text))))
