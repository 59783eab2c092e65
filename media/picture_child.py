"""Decodes one picture in a box, for `media.boxed_pictures`: the head in JSON on a line of stdout, then the pixels as they are.

Called by `core.sandbox.launch` with the file's path, the most pixels that are decoded, and that are kept.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from core.errors import InputError, KindError
from media.pictures import load_picture


def main(arguments: list[str]) -> int:
    """Decode and write; returns the exit code, 0 also where the picture can't be used, which the head says."""
    path, max_pixels, kept_pixels = Path(arguments[0]), int(arguments[1]), int(arguments[2])
    try:
        picture = load_picture(path, max_pixels, kept_pixels)
    except MemoryError:
        return told({"no_memory": True})
    except InputError as error:
        return told({"error": error.message.as_json(), "kind": isinstance(error, KindError)})
    notes = [note.as_json() for note in picture.notes]
    told({"shape": picture.image.shape, "alpha": picture.alpha is not None, "notes": notes})
    sys.stdout.buffer.write(picture.image.data)
    if picture.alpha is not None:
        sys.stdout.buffer.write(picture.alpha.data)
    sys.stdout.buffer.flush()
    return 0


def told(head: dict[str, object]) -> int:
    """Write the head; the exit code."""
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n")
    sys.stdout.buffer.flush()
    return 0
