"""Reads what c2pa tells of one film: in a box, for `provenance.reading`, or in its own process where there are no boxes."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from provenance.signing import context_of


def report_of(film: Path, media_type: str, roots: str) -> dict[str, Any]:
    """c2pa's report under `report`; `none` where the film has no manifest, `damaged` and its words where that can't be read.

    roots: the certificates (PEM) that are trusted. Raises OSError where the file can't be read.
    """
    from c2pa import C2paError, Reader

    try:
        with film.open("rb") as file, Reader(media_type, file, context=context_of(roots)) as reader:
            return {"report": json.loads(reader.json())}
    except C2paError as error:
        nothing = isinstance(error, C2paError.ManifestNotFound) or "ManifestNotFound" in str(error)
        return {"none": True} if nothing else {"damaged": str(error)[:200]}


def main(arguments: list[str]) -> int:
    """Called with the film's path and its media type; the roots come on stdin, the report goes to stdout as JSON."""
    sys.stdout.write(json.dumps(report_of(Path(arguments[0]), arguments[1], sys.stdin.read())))
    sys.stdout.flush()
    return 0
