"""Stages' results in a store: made once, found by every machine, whole or not at all, limited and forgotten over all."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tarfile
import time
from dataclasses import replace

import pytest

from core.entry_seal import EntrySeal
from core.errors import InputError
from core.locks.locks import LockSettings
from core.sealed_files import new_data_key
from core.stores import failures
from core.workspace import Workspace
from pipeline.cache import CacheSettings, StageCache
from pipeline.shared_cache import MARK, PARCELS, SharedSettings
from tests.app.conftest import redis_url  # noqa: F401 (a fixture)
from tests.core.stores.conftest import bucket, s3_server  # noqa: F401 (fixtures)

MAKER = """
import sys, time
from pathlib import Path
from pipeline.cache import CacheSettings, StageCache

def make(folder):
    print("makes", flush=True)
    time.sleep(1.0)
    (folder / "result").write_text("made by " + sys.argv[1])

with StageCache(CacheSettings.from_environment()).entry("stage", "key", make, lambda: None) as entry:
    print(entry.cached, (entry.folder / "result").read_text(), flush=True)
"""


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch):
    monkeypatch.setattr(failures, "FIRST_PAUSE_S", 0.01)


@pytest.fixture
def machine(bucket, tmp_path):  # noqa: F811
    def make(name, limit_bytes=10**9, seal=None):
        shared = SharedSettings(bucket.url, bucket.options, limit_bytes)
        return StageCache(CacheSettings(tmp_path / name, seal=seal, shared=shared))

    return make


def use(cache, key="key", text="text", inputs=(), made=None):
    """The entry's text and whether it was there; made: gets the key where it had to be made."""

    def make(folder):
        if made is not None:
            made.append(key)
        (folder / "deep").mkdir()
        (folder / "deep" / "result").write_text(text)

    with cache.entry("stage", key, make, lambda: None, inputs) as entry:
        return (entry.folder / "deep" / "result").read_text(), entry.cached


def test_what_one_machine_made_another_finds_and_keeps_in_its_own_folder(machine, bucket):  # noqa: F811
    assert use(machine("here"), text="first") == ("first", False)
    there = machine("there")
    assert use(there, text="second") == ("first", True)
    bucket.fs.rm(f"{bucket.name}/prefix/stage/key.tar")
    assert use(there, text="third") == ("first", True)
    assert use(machine("elsewhere"), text="fourth") == ("fourth", False)


def test_an_entry_that_does_not_fit_its_manifest_is_made_again(machine, bucket):  # noqa: F811
    use(machine("here"), text="first")
    place = f"{bucket.name}/prefix/stage/key.tar"
    whole = bucket.content("prefix/stage/key.tar")
    for number, broken in enumerate((whole[:700], whole.replace(b"first", b"wrong"), b"no archive")):
        bucket.fs.pipe_file(place, broken)
        assert use(machine(f"there-{number}"), text="anew") == ("anew", False)
        assert use(machine(f"other-{number}")) == ("anew", True)


def test_an_archive_that_reaches_outside_its_folder_brings_nothing(machine, bucket, tmp_path):  # noqa: F811
    use(machine("here"))
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("../../../outside"))
    bucket.fs.pipe_file(f"{bucket.name}/prefix/stage/key.tar", made.getvalue())
    assert use(machine("there"), text="anew") == ("anew", False)
    assert not list(tmp_path.rglob("outside"))


def test_all_entries_fit_a_limit_and_the_oldest_go_first(machine, bucket, tmp_path):  # noqa: F811
    here = machine("here", limit_bytes=25_000)
    for key in "abc":
        use(here, key)
        (tmp_path / "here" / PARCELS / MARK).unlink()
        time.sleep(1.0 if key == "a" else 0.0)  # a store tells times in seconds
    use(here, "d")
    kept = [name for name in bucket.names() if name.endswith(".tar")]
    assert len(kept) == 2 and "prefix/stage/a.tar" not in kept
    assert len(bucket.names()) == 4


def test_what_was_made_from_a_file_is_forgotten_in_the_store_too(machine, bucket):  # noqa: F811
    here, there = machine("here"), machine("there")
    use(here, "of-song", inputs=["song"])
    use(here, "of-that", inputs=["of-song"])
    use(here, "other", inputs=["another"])
    assert there.forget(["song"])
    assert [name for name in bucket.names() if "of-" in name] == []
    assert use(there, "other") == ("text", True)
    assert here.remove("stage", "other") and bucket.names() == []


def test_sealed_entries_are_sealed_in_the_store_and_open_elsewhere(machine, bucket, tmp_path):  # noqa: F811
    seal = EntrySeal(new_data_key(), Workspace(tmp_path / "working"))
    use(machine("here", seal=seal), text="the face of a person")
    assert not any(b"the face" in bucket.content(key) for key in bucket.names())
    assert use(machine("there", seal=seal)) == ("the face of a person", True)
    other = EntrySeal(new_data_key(), Workspace(tmp_path / "working"))
    assert use(machine("there", seal=other), text="anew") == ("anew", False)


def test_a_store_that_is_gone_costs_time_alone_and_what_is_to_be_forgotten_is_asked_for_again(machine):
    here = machine("here")
    use(here, inputs=["song"])
    gone = {
        **here.settings.shared.options,
        "endpoint_url": "http://127.0.0.1:9",
        "config_kwargs": {"retries": {"max_attempts": 0}},
    }
    away = StageCache(replace(here.settings, shared=replace(here.settings.shared, options=gone)))
    assert use(away) == ("text", True)
    assert use(away, "new") == ("text", False)
    assert not away.forget(["song"])


def test_two_machines_that_want_the_same_entry_at_once_make_it_once(bucket, redis_url, tmp_path):  # noqa: F811
    environment = {**os.environ, **bucket.environment(), "BELCANTO_CACHE_URL": bucket.url}
    environment |= {"BELCANTO_LOCKS": "redis", "BELCANTO_REDIS_URL": redis_url}
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", MAKER, name],
            env={**environment, "BELCANTO_CACHE_DIR": str(tmp_path / name)},
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in ("one", "two")
    ]
    told = [process.communicate(timeout=60)[0].splitlines() for process in processes]
    assert sorted(map(len, told)) == [1, 2]
    assert len({line.partition(" ")[2] for lines in told for line in lines[-1:]}) == 1


def test_settings(tmp_path):
    assert SharedSettings.from_environment({}) is None and CacheSettings.from_environment({}).shared is None
    environment = {
        "BELCANTO_CACHE_URL": "s3://a",
        "BELCANTO_CACHE_STORE_GB": "2",
        "BELCANTO_STORAGE_OPTIONS": '{"key": "hidden"}',
    }
    told = CacheSettings.from_environment({**environment, "BELCANTO_LOCKS": "redis"}).shared
    assert (told.url, told.limit_bytes, told.locks) == ("s3://a", 2_000_000_000, LockSettings("redis"))
    assert "hidden" not in repr(told)
    with pytest.raises(InputError, match="BELCANTO_CACHE_STORE_GB is '0'"):
        SharedSettings.from_environment({"BELCANTO_CACHE_STORE_GB": "0"})
