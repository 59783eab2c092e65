from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from core.errors import Cancelled, InputError
from core.file_lock import EntryLock
from pipeline.cache import LOCKS, MANIFEST, CacheSettings, StageCache, file_digest, source_version, stage_key


def never_wait():
    raise AssertionError("nobody else holds this entry")


def writing(text, calls=None):
    def make(folder: Path) -> None:
        if calls is not None:
            calls.append(text)
        (folder / "deep").mkdir()
        (folder / "deep" / "result.txt").write_text(text)

    return make


def read(cache, key, make, stage="separate"):
    with cache.entry(stage, key, make, never_wait) as entry:
        return (entry.folder / "deep" / "result.txt").read_text(), entry.cached


@pytest.fixture
def cache(tmp_path):
    return StageCache(CacheSettings(tmp_path / "cache", 10_000))


def test_a_result_is_made_once(cache):
    calls = []
    assert read(cache, "k1", writing("one", calls)) == ("one", False)
    assert read(cache, "k1", writing("two", calls)) == ("one", True)
    assert read(cache, "k2", writing("two", calls)) == ("two", False)
    assert calls == ["one", "two"]


@pytest.mark.parametrize("harm", ["cut", "changed", "gone", "manifest gone", "manifest broken", "manifest foreign"])
def test_a_harmed_entry_is_made_again(cache, harm):
    read(cache, "k1", writing("one"))
    folder = cache.settings.folder / "separate" / "k1"
    file, manifest = folder / "deep" / "result.txt", folder / MANIFEST
    {
        "cut": lambda: file.write_text("o"),
        "changed": lambda: file.write_text("onE"),
        "gone": file.unlink,
        "manifest gone": manifest.unlink,
        "manifest broken": lambda: manifest.write_text("{"),
        "manifest foreign": lambda: manifest.write_text(json.dumps({"files": ["deep"]})),
    }[harm]()
    assert read(cache, "k1", writing("again")) == ("again", False)


@pytest.mark.parametrize("error", [Cancelled("stop"), KeyboardInterrupt(), ValueError("broken")])
def test_a_failed_stage_leaves_nothing(cache, error):
    def fail(folder):
        (folder / "half").write_text("half")
        raise error

    with pytest.raises(type(error)):
        read(cache, "k1", fail)
    assert list(cache.settings.folder.glob("separate/*")) == []
    assert read(cache, "k1", writing("one")) == ("one", False)


def test_the_longest_unused_goes_first(tmp_path):
    cache = StageCache(CacheSettings(tmp_path, 3_000))
    for number, key in enumerate(("a", "b", "c")):
        read(cache, key, writing("x" * 800))
        os.utime(tmp_path / "separate" / key / MANIFEST, (1000 + number, 1000 + number))
    assert read(cache, "a", writing("-"))[1], "its use makes it the youngest"
    read(cache, "d", writing("x" * 1_500))
    left = sorted(path.name for path in (tmp_path / "separate").iterdir())
    assert left == ["a", "d"]


def test_an_entry_in_use_is_not_removed(tmp_path):
    cache = StageCache(CacheSettings(tmp_path, 1))
    with cache.entry("separate", "a", writing("x" * 100), never_wait) as used:
        read(cache, "b", writing("y" * 100), stage="motion")
        assert (used.folder / "deep" / "result.txt").read_text() == "x" * 100
    read(cache, "c", writing("z"))
    assert not used.folder.exists()


def test_a_second_maker_waits_and_takes_the_first_ones_result(cache):
    started, go_on = threading.Event(), threading.Event()

    def slow(folder):
        started.set()
        assert go_on.wait(10)
        writing("first")(folder)

    results = []
    first = threading.Thread(target=lambda: results.append(read(cache, "k", slow)))
    first.start()
    assert started.wait(10)
    waited = []

    def waiting():
        waited.append(1)
        go_on.set()

    with cache.entry("separate", "k", writing("second"), waiting) as entry:
        assert entry.cached and (entry.folder / "deep" / "result.txt").read_text() == "first"
    first.join(10)
    assert waited and results == [("first", False)]


def test_waiting_can_be_cancelled(cache):
    def stop():
        raise Cancelled("stop")

    def make(folder):
        with pytest.raises(Cancelled), cache.entry("separate", "k", writing("x"), stop):
            pass
        writing("y")(folder)

    assert read(cache, "k", make) == ("y", False)


MAKER = """
import sys, time
from pathlib import Path
from pipeline.cache import CacheSettings, StageCache
def make(folder):
    (folder / "half").write_text("half")
    print("making", flush=True)
    time.sleep(60)
with StageCache(CacheSettings(Path(sys.argv[1]))).entry("separate", "k", make, lambda: None):
    pass
"""


def test_a_killed_process_frees_its_entry_and_its_leftovers_go(cache, root_dir):
    process = subprocess.Popen(
        [sys.executable, "-c", MAKER, str(cache.settings.folder)], stdout=subprocess.PIPE, text=True, cwd=root_dir
    )
    assert process.stdout.readline() == "making\n"
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    process.stdout.close()
    assert [path.name for path in cache.settings.folder.glob("separate/*")] == ["k.part"]
    read(cache, "other", writing("one"))  # its trimming sees that nobody holds the leftover
    assert [path.name for path in cache.settings.folder.glob("separate/*")] == ["other"]
    begin = time.monotonic()
    assert read(cache, "k", writing("one")) == ("one", False)
    assert time.monotonic() - begin < 2


def locks_in(cache):
    return sorted(path.name for path in (cache.settings.folder / LOCKS).iterdir())


def test_the_lock_of_an_entry_goes_with_it(tmp_path):
    cache = StageCache(CacheSettings(tmp_path, 1))
    for key in "abcdef":
        read(cache, key, writing("x" * 100))
    assert locks_in(cache) == ["separate-f"]


def test_the_lock_of_an_entry_that_could_not_be_made_goes_later(cache):
    def fail(folder):
        raise ValueError

    with pytest.raises(ValueError):
        read(cache, "a", fail)
    read(cache, "b", writing("x"))
    assert locks_in(cache) == ["separate-b"]


def test_two_never_hold_two_locks_of_one_name(tmp_path):
    """One has opened the file, another removes it: the first must not take the lock of a file that nobody else can find."""
    path = tmp_path / "lock"
    with EntryLock(path) as late:
        with EntryLock(path) as holder:
            assert holder.try_own()
            holder.remove()
        with EntryLock(path) as third:
            assert third.try_own()
            assert not late.try_own(), "the third has the name's lock"
        assert late.try_own() and path.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="flock is not what Windows has")
@pytest.mark.parametrize("number", [errno.EACCES, errno.EAGAIN])
def test_a_lock_that_is_held_is_told_in_several_ways(tmp_path, monkeypatch, number):
    """Network file systems answer with the errors of the older kind of lock."""

    def refuse(*given):
        raise OSError(number, os.strerror(number))

    with EntryLock(tmp_path / "lock") as lock:
        monkeypatch.setattr("fcntl.flock", refuse)
        assert not lock.try_own()


@pytest.mark.skipif(sys.platform == "win32", reason="flock is not what Windows has")
@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS])
def test_a_disk_without_locks_is_one_sentence(cache, monkeypatch, number):
    def refuse(*given):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("fcntl.flock", refuse)
    with pytest.raises(InputError, match=r"can't hold locks \(.+\).* choose a folder on a disk of this machine\.") as told:
        read(cache, "a", writing("x"))
    assert str(cache.settings.folder) in str(told.value)


def made_from(cache, stage, key, *inputs):
    with cache.entry(stage, key, writing(key), never_wait, inputs) as entry:
        return entry.folder


def test_what_was_made_from_a_file_is_forgotten_with_all_that_was_made_of_that(cache):
    part, stems = made_from(cache, "decode", "part", "song"), made_from(cache, "separate", "stems", "part")
    motion = made_from(cache, "motion", "motion", "part", "version")
    other, portrait = made_from(cache, "separate", "other", "version"), made_from(cache, "portrait", "face", "picture")
    assert cache.forget({"song"})
    assert [folder.exists() for folder in (part, stems, motion, other, portrait)] == [False, False, False, True, True]
    assert cache.forget({"picture"}) and not portrait.exists() and other.exists()


def test_what_is_in_use_is_not_forgotten_and_said(cache):
    stems = made_from(cache, "separate", "stems", "song")
    with cache.entry("separate", "stems", writing("x"), never_wait):
        assert not cache.forget({"song"}) and stems.exists()
    assert cache.forget({"song"}) and not stems.exists()


def test_an_entry_that_does_not_tell_its_sources_is_forgotten_too(cache):
    old, new = made_from(cache, "separate", "old", "song"), made_from(cache, "separate", "new", "another")
    manifest = json.loads((old / MANIFEST).read_text())
    del manifest["inputs"]
    (old / MANIFEST).write_text(json.dumps(manifest))
    assert read(cache, "old", writing("x")) == ("old", True), "it still serves until then"
    assert cache.forget({"song"}) and not old.exists() and new.exists()


def test_keys_change_with_everything_that_matters():
    keys = {
        stage_key("1", {"mix": "a"}, {"fps": 25}),
        stage_key("2", {"mix": "a"}, {"fps": 25}),
        stage_key("1", {"mix": "b"}, {"fps": 25}),
        stage_key("1", {"voice": "a"}, {"fps": 25}),
        stage_key("1", {"mix": "a"}, {"fps": 30}),
        stage_key("1", {"mix": "a"}, {"fps": "25"}),
    }
    assert len(keys) == 6
    assert stage_key("1", {"a": "x", "b": "y"}, {}) == stage_key("1", {"b": "y", "a": "x"}, {})


def test_digest_is_sha256(tmp_path):
    (tmp_path / "f").write_bytes(b"abc")
    assert file_digest(tmp_path / "f") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_source_version_follows_the_sources(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.py").write_text("x = 1")
    first = source_version(tmp_path)
    (tmp_path / "notes.txt").write_text("no program")
    assert source_version(tmp_path) == first
    (tmp_path / "sub" / "a.py").write_text("x = 2")
    assert source_version(tmp_path) != first


def test_settings_come_from_the_environment(tmp_path):
    assert CacheSettings.from_environment({}) == CacheSettings()
    settings = CacheSettings.from_environment({"BELCANTO_CACHE_DIR": "/somewhere", "BELCANTO_CACHE_GB": "0.5"})
    assert settings == CacheSettings(Path("/somewhere"), 500_000_000)
    for text in ("much", "-1", "0", "nan", "inf"):
        with pytest.raises(InputError, match="BELCANTO_CACHE_GB"):
            CacheSettings.from_environment({"BELCANTO_CACHE_GB": text})
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="BELCANTO_CACHE_DIR"):
        StageCache(CacheSettings(tmp_path / "file" / "cache"))
