"""Gives out media files: by ranges (RFC 9110, 14), with their type, never as a page of ours."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from flask import Response, request, send_file

from app.api.problem import ApiError
from app.context import app_settings
from app.services.bundles import Bundled, bundle, bundle_bytes
from core.vault import length_of

#: What an uploaded file may do if somebody opens it as a page: nothing.
FILE_POLICY = "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; sandbox"
#: A report brings its looks and pictures along, and needs nothing else.
REPORT_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; sandbox"


def media_file(
    path: Path, mime: str, title: str, policy: str = FILE_POLICY, said: Callable[[bytes], tuple[bytes, str]] | None = None
) -> Response:
    """The file as an answer, whole or the range that is asked for; `?download=1` has the browser save it under its title.

    The file's name is its tag, since a file never changes under its name. said: makes of a small file's content what this visitor
    gets, and a word that tells it from what others get. Raises ApiError 404 where it is gone.
    """
    vault = app_settings().vault
    try:
        if said is None:
            source = vault.open(path)
            return sent(source, length_of(source), mime, file_title(title, path), path.stem, policy)
        content, variant = said(vault.read_bytes(path))
    except FileNotFoundError as error:
        raise ApiError(404, "The file is no longer there.") from error
    tag = f"{path.stem}-{variant}" if variant else path.stem
    return sent(io.BytesIO(content), len(content), mime, file_title(title, path), tag, policy)


def small_picture(content: bytes, title: str, tag: str) -> Response:
    """A JPEG that lies in no file of its own as an answer; `tag`: what tells it from all others."""
    return sent(io.BytesIO(content), len(content), "image/jpeg", file_title(title, Path("picture.jpg")), tag, FILE_POLICY)


def sent(source: BinaryIO, size_bytes: int, mime: str, name: str, tag: str, policy: str) -> Response:
    """The content as an answer that can do nothing but be seen or heard; what is not asked for is not read."""
    save = request.args.get("download") == "1"
    answer = send_file(source, mimetype=mime, as_attachment=True, download_name=name, etag=tag)
    answer.content_length = size_bytes
    answer.make_conditional(request.environ, accept_ranges=True, complete_length=size_bytes)
    if not save:  # the name is given all the same: it is what the browser offers when the person saves the file
        answer.headers["Content-Disposition"] = answer.headers["Content-Disposition"].replace("attachment", "inline", 1)
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.headers["Content-Security-Policy"] = policy
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Accept-Ranges"] = "bytes"
    return answer


def zip_answer(files: Sequence[Bundled], name: str) -> Response:
    """The files as one zip of that name, which is read from them while it is sent."""
    pieces: Iterator[bytes] = bundle(files)
    answer = Response(pieces, mimetype="application/zip", direct_passthrough=True)
    if (size_bytes := bundle_bytes(files)) is not None:
        answer.content_length = size_bytes
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def file_title(title: str, path: Path) -> str:
    """The name under which the file is saved: its title with the ending of its kind, without what file systems do not take."""
    return "".join("_" if sign in '<>:"/\\|?*' else sign for sign in title).strip(". ")[:120] + path.suffix
