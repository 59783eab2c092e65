"""Requests whose files lie on the disk so that nobody can read them there."""

from __future__ import annotations

import io
from typing import IO

from flask import Request

from core.hidden_file import hidden_file

#: A file of a form that is announced as larger, or as nothing, does not stay in memory.
MEMORY_BYTES = 500_000


class HidingRequest(Request):
    """A request of this application."""

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        """See Werkzeug's: where a file of a form is put until it is taken in."""
        if total_content_length is not None and total_content_length <= MEMORY_BYTES:
            return io.BytesIO()
        return hidden_file()
