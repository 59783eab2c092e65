"""The pages' own files: sent compressed, and known by one digest for what keeps them in a browser.

Pages themselves are not compressed: beside a form's secret mark they repeat what an address says, and the length of a compressed
answer would tell of the mark (the BREACH attack).
"""

from __future__ import annotations

import gzip
import hashlib
import re
from functools import lru_cache
from pathlib import Path

from flask import Flask, Response, current_app, request, url_for
from markupsafe import Markup
from werkzeug.security import safe_join

#: Media types that become much smaller.
COMPRESSIBLE = ("text/css", "text/javascript", "application/javascript", "image/svg+xml", "text/plain", "text/markdown")
#: Endpoints of files, and those of blueprints among them.
ENDPOINTS = ("static", "bootstrap.static")
#: A smaller file gains nothing.
LEAST_BYTES = 500
#: The name in a script's import of another one beside it.
IMPORTED = re.compile(r'^import [^"]*"\./([\w.]+)";', re.MULTILINE)


@lru_cache(maxsize=256)
def gzipped(path: Path, modified_ns: int) -> bytes:
    """The file as gzip holds it (RFC 1952), made once for each state of the file."""
    return gzip.compress(path.read_bytes(), 9, mtime=0)


def path_of_answer() -> Path | None:
    """The file that the request asks for; None where it asks for none of ours."""
    if request.endpoint not in ENDPOINTS or request.view_args is None:
        return None
    blueprint, _, _ = request.endpoint.rpartition(".")
    folder = (current_app.blueprints[blueprint] if blueprint else current_app).static_folder
    name = safe_join(folder, request.view_args["filename"]) if folder else None
    return Path(name) if name else None


def compress(answer: Response) -> Response:
    """Send the file compressed where the browser takes that and asks for the whole."""
    path = path_of_answer()
    if path is None or answer.mimetype not in COMPRESSIBLE or answer.status_code != 200:
        return answer
    answer.vary.add("Accept-Encoding")
    if not request.accept_encodings["gzip"] or "Range" in request.headers or path.stat().st_size < LEAST_BYTES:
        return answer
    known, _ = answer.get_etag()
    answer.close()  # the file itself is not sent
    answer.direct_passthrough = False
    answer.set_data(gzipped(path, path.stat().st_mtime_ns))
    answer.headers["Content-Encoding"] = "gzip"
    answer.headers.pop("Accept-Ranges", None)
    answer.set_etag(f"{known}-gzip")
    answer.make_conditional(request)
    return answer


@lru_cache(maxsize=64)
def imports_of(folder: Path, name: str) -> tuple[str, ...]:
    """The names of all scripts in the folder that the script imports, also by way of others, in the order met."""
    found: list[str] = []
    waiting = [name]
    while waiting:
        for each in IMPORTED.findall((folder / waiting.pop(0)).read_text(encoding="utf-8")):
            if each not in found:
                found.append(each)
                waiting.append(each)
    return tuple(found)


def preload_imports(*names: str) -> Markup:
    """Links that let a browser fetch what these scripts import together with them, not one after the other when they are read."""
    folder = Path(current_app.static_folder or "") / "js"
    imported = dict.fromkeys(each for name in names for each in imports_of(folder, name))
    link = Markup('<link rel="modulepreload" href="{}">')
    # common.js is a script of every page
    links = (link.format(url_for("static", filename=f"js/{each}")) for each in imported if each != "common.js")
    return Markup("").join(links)


@lru_cache(maxsize=1)
def static_version(folder: Path) -> str:
    """A digest of all files of the folder: it changes with any of them. Read once for each process."""
    digest = hashlib.sha256()
    for path in sorted(each for each in folder.rglob("*") if each.is_file()):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def register_static_files(app: Flask) -> None:
    """For every file of the application's pages."""
    app.after_request(compress)
    app.jinja_env.globals["preload_imports"] = preload_imports
