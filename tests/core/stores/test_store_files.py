"""Files in a store: whole behind their names, read by ranges, copied when a path is needed, sealed before they leave."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from core.errors import InputError
from core.sealed_files import key_id_of
from core.stores import failures
from core.stores.copies import LocalCopies
from core.stores.failures import StoreFailed
from core.stores.files import LocalFiles
from core.stores.remote_store import RemoteStore
from core.stores.settings import StorageSettings
from core.stores.store_files import StoreFiles
from core.user_files import UserFiles
from core.vault import Vault, length_of
from core.workspace import Workspace
from tests.core.keys import OneKey

CONTENT = os.urandom(1000) * 3000


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch):
    monkeypatch.setattr(failures, "FIRST_PAUSE_S", 0.01)


@pytest.fixture
def machine(bucket, tmp_path):
    """Makes machines that share the store, each with a disk of its own."""

    def make(name, sealing=False, copies_bytes=10**9, keys=OneKey()):  # noqa: B008 (one for all machines)
        root = tmp_path / name
        (root / "uploads").mkdir(parents=True, exist_ok=True)
        store = RemoteStore(bucket.url, bucket.options)
        files = StoreFiles(root, (root / "uploads",), store, LocalCopies(root / "copies", copies_bytes))
        return UserFiles(root / "uploads", Vault(Workspace(root / "working"), keys, sealing, files))

    return make


def given(tmp_path, content=CONTENT, name="given.part"):
    path = tmp_path / name
    path.write_bytes(content)
    return path


def test_what_one_machine_keeps_another_reads_and_a_range_brings_that_range_alone(machine, bucket, tmp_path, monkeypatch):
    here, there = machine("here"), machine("there")
    part = given(tmp_path)
    here.keep(part, "song-1.wav")
    assert not part.exists() and bucket.names() == ["prefix/uploads/song-1.wav"]
    assert there.has("song-1.wav") and not there.has("song-2.wav") and there.size_bytes("song-1.wav") == len(CONTENT)
    asked = []
    read = RemoteStore.read

    def told(self, key, begin, end):
        asked.append(end - begin)
        return read(self, key, begin, end)

    monkeypatch.setattr(RemoteStore, "read", told)
    with there.vault.open(there.path("song-1.wav")) as file:
        assert length_of(file) == len(CONTENT)
        file.seek(1_500_000)
        assert file.read(1000) == CONTENT[1_500_000:1_501_000]
    assert sum(asked) < 400_000
    with there.vault.open(there.path("song-1.wav")) as file:
        assert file.read() == CONTENT
    assert not list(tmp_path.glob("there/copies/**/song-1.wav"))


def test_a_path_is_a_local_copy_which_is_found_again_and_made_anew_where_the_content_is_another(machine, tmp_path, monkeypatch):
    here, there = machine("here"), machine("there")
    here.keep(given(tmp_path), "song-1.wav")
    with there.vault.plain(there.path("song-1.wav")) as path:
        assert path.read_bytes() == CONTENT and path.name == "song-1.wav"
    fetched = []
    fetch = RemoteStore.fetch
    monkeypatch.setattr(RemoteStore, "fetch", lambda self, known, target: (fetched.append(known.key), fetch(self, known, target)))
    with there.vault.plain(there.path("song-1.wav")) as again:
        assert again == path and not fetched
    here.keep(given(tmp_path, b"another"), "song-1.wav")
    with there.vault.plain(there.path("song-1.wav")) as path:
        assert path.read_bytes() == b"another" and fetched == ["uploads/song-1.wav"]
    path.write_bytes(b"cut")  # a copy of another size is none
    with there.vault.plain(there.path("song-1.wav")) as path:
        assert path.read_bytes() == b"another"


def test_copies_fit_their_limit_and_those_used_a_short_while_ago_stay(machine, tmp_path):
    here, there = machine("here"), machine("there", copies_bytes=2 * len(CONTENT))
    for number in range(4):
        here.keep(given(tmp_path), f"song-{number}.wav")
    copies = tmp_path / "there" / "copies"
    for number in range(4):
        with there.vault.plain(there.path(f"song-{number}.wav")) as path:
            old_s = time.time() - 10_000 + number
            os.utime(path, (old_s, old_s))
    assert sorted(each.name for each in copies.glob("*/*/*")) == ["song-2.wav", "song-3.wav"]
    with there.vault.plain(there.path("song-2.wav")), there.vault.plain(there.path("song-0.wav")):
        assert sorted(each.name for each in copies.glob("*/*/*")) == ["song-0.wav", "song-2.wav"]
    here.remove("song-2.wav")
    assert there.vault.files.sweep() == 1
    assert sorted(each.name for each in copies.glob("*/*/*")) == ["song-0.wav"]


def test_what_is_sealed_is_sealed_before_it_leaves_and_opens_elsewhere(machine, bucket, tmp_path):
    here, there = machine("here", sealing=True), machine("there", sealing=True)
    made = given(tmp_path, b"a face" * 50_000)
    here.vault.keep(made, here.path("film-1.mp4"), "somebody")
    assert not made.exists()
    assert b"a face" not in bucket.content("prefix/uploads/film-1.mp4")
    assert all(key_id_of(path) is not None for path in tmp_path.glob("here/copies/*/*/*"))
    assert there.size_bytes("film-1.mp4") == 300_000 and there.vault.key_id(there.path("film-1.mp4")) is not None
    with there.vault.open(there.path("film-1.mp4")) as file:
        file.seek(6 * 30_000)
        assert file.read(6) == b"a face"
    with there.vault.plain(there.path("film-1.mp4")) as path:
        assert path.read_bytes() == b"a face" * 50_000
    assert not path.exists()


def test_what_did_not_go_well_is_taken_back_and_the_sweep_removes_what_nothing_names(machine, bucket, tmp_path):
    here = machine("here")
    part = given(tmp_path)
    here.keep(part, "song-1.wav")
    here.take_back("song-1.wav", part)
    assert part.read_bytes() == CONTENT and bucket.names() == []
    for name in ("song-1.wav", "song-2.wav", "other"):
        here.keep(given(tmp_path, b"x"), name)
    assert here.remove_unnamed({"song-1.wav"}, "song-*", age_s=3600.0) == 0
    assert here.remove_unnamed({"song-1.wav"}, "song-*", age_s=-5.0) == 1
    assert bucket.names() == ["prefix/uploads/other", "prefix/uploads/song-1.wav"]


def test_a_large_file_travels_in_pieces_and_comes_whole(machine, bucket, tmp_path):
    content = os.urandom(1 << 20) * 20
    machine("here").keep(given(tmp_path, content), "film-1.mp4")
    there = machine("there")
    with there.vault.plain(there.path("film-1.mp4")) as path:
        assert path.read_bytes() == content
    assert bucket.fs.info(f"{bucket.name}/prefix/uploads/film-1.mp4")["ETag"].endswith('-3"')


@pytest.mark.parametrize("failure", [ConnectionError("cut"), TimeoutError("slow")])
def test_a_store_that_fails_once_is_asked_again_and_one_that_goes_on_failing_is_told(machine, tmp_path, monkeypatch, failure):
    here = machine("here")
    here.keep(given(tmp_path), "song-1.wav")
    fs, calls = here.vault.files.store._opened[0], []

    def broken(times):
        def info(*arguments, **named):
            calls.append(1)
            if len(calls) <= times:
                raise failure
            return type(fs).info(fs, *arguments, **named)

        return info

    monkeypatch.setattr(fs, "info", broken(2))
    assert here.has("song-1.wav") and len(calls) == 3
    calls.clear()
    monkeypatch.setattr(fs, "info", broken(99))
    with pytest.raises(StoreFailed, match="can't be had"):
        here.has("song-1.wav")
    assert len(calls) == failures.MOST_TRIES


def test_where_the_store_is_gone_nothing_is_offered_and_what_was_to_be_kept_is_still_there(bucket, tmp_path):
    options = {**bucket.options, "endpoint_url": "http://127.0.0.1:9", "config_kwargs": {"retries": {"max_attempts": 0}}}
    files = StoreFiles(tmp_path, (tmp_path / "uploads",), RemoteStore(bucket.url, options), LocalCopies(tmp_path / "copies", 1))
    users = UserFiles(tmp_path / "uploads", Vault(Workspace(tmp_path / "working"), OneKey(), False, files))
    part = given(tmp_path)
    with pytest.raises(StoreFailed):
        users.keep(part, "song-1.wav")
    assert part.read_bytes() == CONTENT
    with pytest.raises(StoreFailed):
        users.has("song-1.wav")


def test_a_store_that_refuses_is_not_asked_again(machine, tmp_path, monkeypatch):
    here = machine("here")
    fs, calls = here.vault.files.store._opened[0], []

    def refused(*_, **__):
        calls.append(1)
        raise PermissionError("Access Denied")

    monkeypatch.setattr(fs, "put_file", refused)
    with pytest.raises(StoreFailed, match="Access Denied"):
        here.keep(given(tmp_path), "song-1.wav")
    assert len(calls) == 1


def test_any_store_that_fsspec_knows_does_and_half_a_file_has_no_name(tmp_path, monkeypatch):
    store = RemoteStore(f"file://{tmp_path}/shared")
    store.put(given(tmp_path), "uploads/song-1.wav")
    fs = store._opened[0]
    put = type(fs).put_file

    def cut(source, target, **named):
        put(fs, source, target, **named)
        with Path(target).open("r+b") as file:
            file.truncate(10)
        raise ConnectionError("cut")

    monkeypatch.setattr(fs, "put_file", cut)
    with pytest.raises(StoreFailed):
        store.put(given(tmp_path, b"other" * 100), "uploads/song-1.wav")
    assert [each.key for each in store.found("uploads")] == ["uploads/song-1.wav"]
    assert store.read("uploads/song-1.wav", 0, len(CONTENT)) == CONTENT
    assert store.sweep("uploads", age_s=3600.0) == 0
    assert store.sweep("uploads", age_s=-5.0) == failures.MOST_TRIES
    assert [path.name for path in (tmp_path / "shared" / "uploads").iterdir()] == ["song-1.wav"]


def test_settings_are_read_and_a_bad_value_is_told(tmp_path):
    assert isinstance(StorageSettings.from_environment({}).files(tmp_path, ()), LocalFiles)
    environment = {"BELCANTO_STORAGE_URL": "s3://a/b", "BELCANTO_STORAGE_OPTIONS": '{"secret": "hidden"}'}
    settings = StorageSettings.from_environment({**environment, "BELCANTO_STORAGE_COPIES_GB": "2.5"})
    assert (settings.url, settings.options["secret"], settings.copies_bytes) == ("s3://a/b", "hidden", 2_500_000_000)
    assert "hidden" not in repr(settings) and "hidden" not in repr(settings.files(tmp_path, ()))
    for name, text in (("OPTIONS", "[1]"), ("OPTIONS", "{"), ("COPIES_GB", "many"), ("COPIES_GB", "-1")):
        with pytest.raises(InputError, match=f"BELCANTO_STORAGE_{name}"):
            StorageSettings.from_environment({f"BELCANTO_STORAGE_{name}": text})
    with pytest.raises(InputError, match="can't be opened"):
        RemoteStore("nosuch://a/b").check()
