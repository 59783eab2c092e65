"""Prepared films are listed and deleted."""

from __future__ import annotations

import json
import os
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace

import pytest

from core.errors import InputError
from pipeline.__main__ import main
from pipeline.avatars import LIPS, AvatarFacts, avatars, delete_avatars
from pipeline.cache import MANIFEST, CacheSettings, StageCache
from pipeline.dub_frames import keep_of_person
from pipeline.run import Run

FACTS = AvatarFacts("talk.mp4", 2, "musetalk", 4.5)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("BELCANTO_CACHE_DIR", str(tmp_path / "cache"))
    return StageCache(CacheSettings.from_environment())


def prepare(cache, key, facts=FACTS, used_s=1_700_000_000):
    def make(folder):
        (folder / "latents.npy").write_bytes(bytes(1000))
        if facts:
            facts.write(folder)

    with cache.entry(LIPS, key, make, lambda: None) as entry:
        pass
    os.utime(entry.folder / MANIFEST, (used_s, used_s))
    return entry.folder


def test_what_is_kept_is_listed(cache):
    prepare(cache, "aa1")
    prepare(cache, "ab2", None, 1_800_000_000)
    newer, older = avatars(cache)
    assert (newer.id, newer.facts) == ("ab2", None)
    assert older.facts == FACTS and 1000 < older.size_bytes < 3000
    assert older.as_json() == {
        **{"id": "aa1", "film": "talk.mp4", "person": 2, "engine": "musetalk", "duration_s": 4.5},
        **{"size_bytes": older.size_bytes, "used": "2023-11-14T22:13:20+00:00"},
    }
    assert newer.as_json()["film"] is None


def test_one_is_deleted_by_the_beginning_of_its_name(cache):
    folders = [prepare(cache, key) for key in ("aa1", "ab2", "c3")]
    for wrong, code in (("a", "avatars_named_alike"), ("x", "no_such_avatar"), ("", "no_such_avatar")):
        with pytest.raises(InputError) as refused:
            delete_avatars(cache, wrong)
        assert refused.value.message.code == f"pipeline.{code}"
    assert delete_avatars(cache, "ab").deleted == ["ab2"]
    assert [folder.exists() for folder in folders] == [True, False, True]
    assert delete_avatars(cache, "all").deleted == ["aa1", "c3"] and not avatars(cache)
    assert delete_avatars(cache, "all").deleted == []


def test_one_in_use_stays(cache):
    prepare(cache, "aa1")
    with cache.entry(LIPS, "aa1", lambda _: None, lambda: None):
        assert delete_avatars(cache, "all").in_use == ["aa1"]
    assert [avatar.id for avatar in avatars(cache)] == ["aa1"]


def test_other_stages_are_left_alone(cache):
    with cache.entry("faces", "aa1", lambda folder: (folder / "a").touch(), lambda: None):
        pass
    assert not avatars(cache)
    delete_avatars(cache, "all")
    assert (cache.settings.folder / "faces" / "aa1").is_dir()


def test_what_an_engine_prepares_says_whose_it_is(cache):
    shown = SimpleNamespace(digest="abc 0.000000 50", source=SimpleNamespace(path=Path("films/talk.mp4")), frames=50, fps=20.0)
    dubbing = SimpleNamespace(shown=shown, key="faces-key", engine=SimpleNamespace(name="musetalk", package="lipsync.musetalk"))
    stages = SimpleNamespace(version=lambda package: "1")
    with ExitStack() as release:
        keep = keep_of_person(Run(cache, lambda *_: None, release), dubbing, 2, stages)
        folder = keep({"rule": 1}, lambda into: (into / "latents.npy").touch())
        assert keep({"rule": 1}, None) == folder and (folder / "latents.npy").is_file(), "kept, not made again"
    [avatar] = avatars(cache)
    assert avatar.facts == AvatarFacts("talk.mp4", 2, "musetalk", 2.5)


def test_the_command(cache, capsys):
    assert main(["avatars"]) == 0 and capsys.readouterr().out == ""
    prepare(cache, "aa1")
    assert main(["avatars"]) == 0
    assert capsys.readouterr().out.startswith("aa1  talk.mp4, face 2, 4.5 s, by musetalk, 0.0 MB, last used 2023-11-14 22:13 UTC")
    assert main(["avatars", "--json"]) == 0
    assert [each["id"] for each in json.loads(capsys.readouterr().out)["avatars"]] == ["aa1"]
    assert main(["avatars", "--delete", "b", "--json"]) == 2
    assert "b" in json.loads(capsys.readouterr().out)["error"]
    assert main(["avatars", "--delete", "aa", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"deleted": ["aa1"], "in_use": []}


def test_who_deletes_a_film_deletes_what_was_made_of_its_parts(cache):
    """A part is named by the film's digest and where it lies."""
    with ExitStack() as release:
        run = Run(cache, lambda *_: None, release)
        folder, _ = run.cached(LIPS, "1", {"film": "abc 0.000000 50", "faces": "f"}, {}, FACTS.write)
        assert avatars(cache)[0].facts == FACTS
    assert cache.forget({"other"}) and folder.exists()
    assert cache.forget({"abc"}) and not folder.exists()
