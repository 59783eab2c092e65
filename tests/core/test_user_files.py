"""The door to the files that people keep: whole or not at all, under names without folders; and that nobody goes around it."""

from __future__ import annotations

import os
import re

import pytest

from core.user_files import UserFiles
from core.vault import Vault
from core.workspace import Workspace
from tests.core.keys import OneKey


@pytest.fixture
def files(tmp_path):
    (tmp_path / "kept").mkdir()
    return UserFiles(tmp_path / "kept", Vault(Workspace(tmp_path / "working"), OneKey(), False))


def test_a_file_is_kept_under_its_name_and_can_be_taken_back(files, tmp_path):
    given = tmp_path / "given"
    given.write_bytes(b"song")
    files.keep(given, "song-1.mp3")
    assert files.has("song-1.mp3") and not given.exists() and files.size_bytes("song-1.mp3") == 4
    files.take_back("song-1.mp3", given)
    assert given.read_bytes() == b"song" and not files.has("song-1.mp3")
    files.take_back("song-1.mp3", given)  # there is nothing to take back
    assert given.exists()


def test_what_is_removed_is_gone_and_what_is_not_there_is_no_error(files):
    files.path("a").write_bytes(b"x")
    files.remove("a")
    files.remove("a")
    assert not files.has("a") and not files.has(None) and not files.has("")
    with pytest.raises(FileNotFoundError):
        files.size_bytes("a")


@pytest.mark.parametrize("name", ["", ".", "..", "../song", "/etc/passwd", "folder/song", "folder/"])
def test_a_name_with_a_folder_is_none(files, name):
    with pytest.raises(ValueError, match="no name of a user's file"):
        files.path(name)


def test_only_what_nobody_names_and_nobody_writes_goes(files):
    for name in ("song-1", "song-2", "song-3", "queue"):
        files.path(name).write_bytes(b"x")
    (files.folder / "song-folder").mkdir()
    for name in ("song-1", "song-2", "queue", "song-folder"):
        os.utime(files.path(name), (0, 0))
    assert files.remove_unnamed({"song-1"}, "song-*", 3600.0) == 1
    assert sorted(path.name for path in files.folder.iterdir()) == ["queue", "song-1", "song-3", "song-folder"]


def test_nobody_goes_around_it(root_dir):
    """Where files are stored otherwise, or encrypted, no other module may build the path of one from a row's name."""
    around = re.compile(r"(uploads_dir|results_dir) / (?!f?['\"]|[A-Z])")
    found = [path.name for path in (root_dir / "app").rglob("*.py") if around.search(path.read_text(encoding="utf-8"))]
    assert found == []
    assert around.search("settings.uploads_dir / song.file_name") and not around.search('results_dir / "swept"')
