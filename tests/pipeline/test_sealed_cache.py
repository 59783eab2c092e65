"""The stage cache of an owner: sealed, found by that key alone, noticed where it was changed, forgotten with its sources."""

from __future__ import annotations

import json
import shutil

import pytest

from core.entry_seal import EntrySeal, seal_in_use, sealed_by
from core.sealed_files import DamagedFile, new_data_key
from core.workspace import Workspace
from pipeline.cache import CacheSettings, StageCache, file_digest
from pipeline.cache_entries import MANIFEST, SEALED

WORDS = "the voice of a person " * 50


@pytest.fixture
def cache_of(tmp_path):
    """Gives an owner's cache, in a folder that all owners share."""
    workspace = Workspace(tmp_path / "working")
    return lambda: StageCache(CacheSettings(tmp_path / "cache", 10_000_000, EntrySeal(new_data_key(), workspace)))


def never_wait():
    raise AssertionError("nobody else holds this entry")


def writing(text, calls):
    def make(folder):
        calls.append(text)
        (folder / "deep").mkdir()
        (folder / "deep" / "stem.wav").write_text(text)

    return make


def read(cache, key, text, calls, inputs=()):
    with cache.entry("separate", key, writing(text, calls), never_wait, inputs) as entry:
        return (entry.folder / "deep" / "stem.wav").read_text(), entry.cached


def entries(tmp_path):
    return sorted((tmp_path / "cache" / "separate").iterdir())


def test_an_entry_is_made_once_lies_sealed_and_is_open_in_its_block_alone(cache_of, tmp_path):
    cache, calls = cache_of(), []
    assert read(cache, "k1", WORDS, calls) == (WORDS, False)
    assert read(cache, "k1", "another", calls) == (WORDS, True)
    assert calls == [WORDS] and list((tmp_path / "working").glob("*")) == []
    (folder,) = entries(tmp_path)
    assert folder.name != "k1" and {path.name for path in folder.iterdir()} == {SEALED, MANIFEST, "contents.json"}
    assert not any(b"voice" in path.read_bytes() or b"stem" in path.read_bytes() for path in folder.iterdir())


def test_two_owners_of_the_same_share_nothing(cache_of, tmp_path):
    calls = []
    read(cache_of(), "k1", "one", calls)
    assert read(cache_of(), "k1", "two", calls) == ("two", False)
    assert len(entries(tmp_path)) == 2


def test_an_entry_in_the_place_of_another_is_made_again_though_its_manifest_fits(cache_of, tmp_path):
    cache, calls = cache_of(), []
    read(cache, "k1", "one", calls)
    (first,) = entries(tmp_path)
    read(cache, "k2", "two", calls)
    second = next(folder for folder in entries(tmp_path) if folder != first)
    shutil.rmtree(first)
    shutil.copytree(second, first)
    assert read(cache, "k1", "one again", calls) == ("one again", False)


@pytest.mark.parametrize("place", [0, 70, -1])
def test_an_entry_that_was_changed_with_its_manifest_is_made_again(cache_of, tmp_path, place):
    cache, calls = cache_of(), []
    read(cache, "k1", "one", calls)
    (folder,) = entries(tmp_path)
    changed = bytearray((folder / SEALED).read_bytes())
    changed[place] ^= 1
    (folder / SEALED).write_bytes(changed)
    told = json.loads((folder / MANIFEST).read_text())
    told["files"][SEALED][1] = file_digest(folder / SEALED)
    (folder / MANIFEST).write_text(json.dumps(told))
    assert read(cache, "k1", "again", calls) == ("again", False)


def test_what_was_made_of_a_file_is_forgotten_with_what_was_made_of_that_and_others_stay(cache_of, tmp_path):
    cache, other, calls = cache_of(), cache_of(), []
    read(cache, "k1", "stems", calls, ["song"])
    digest = file_digest_of("stems", tmp_path)
    read(cache, "k2", "motion", calls, [digest])
    read(cache, "k3", "picture", calls, ["picture"])
    read(other, "k1", "stems", calls, ["song"])
    everybody = StageCache(CacheSettings(tmp_path / "cache"))
    assert everybody.forget(["song"]) and len(entries(tmp_path)) == 4, "nothing of it lies open"
    assert everybody.forget([], [cache.settings.seal], ["song"])
    assert len(entries(tmp_path)) == 2
    assert read(cache, "k3", "", calls) == ("picture", True) and read(other, "k1", "", calls) == ("stems", True)


def file_digest_of(text, tmp_path):
    (tmp_path / "text").write_text(text)
    return file_digest(tmp_path / "text")


def test_caches_seal_inside_the_block_that_says_so(cache_of):
    seal = cache_of().settings.seal
    with sealed_by(seal):
        assert CacheSettings.from_environment().seal == seal
    assert CacheSettings.from_environment().seal is None and seal_in_use() is None


def test_a_seal_goes_to_another_process_and_is_not_shown(cache_of, tmp_path):
    seal = cache_of().settings.seal
    assert EntrySeal.from_json(json.loads(json.dumps(seal.as_json()))) == seal
    assert seal.key.secret.hex() not in repr(seal) and repr(seal.key.secret) not in repr(seal)


def test_only_who_has_the_key_opens_a_file_by_a_seal(cache_of, tmp_path):
    cache, calls = cache_of(), []
    read(cache, "k1", "one", calls)
    sealed = entries(tmp_path)[0] / SEALED
    with cache.settings.seal.opened(sealed) as path:
        assert path.is_file()
    with pytest.raises(DamagedFile), cache_of().settings.seal.opened(sealed):
        pass
