"""Decodes a given picture in a process of its own, in a box: what a decoder can be brought to do ends there.

The box reads that one file and Python's own, writes nothing, starts nothing and reaches no network (`core/sandbox`).
"""

from __future__ import annotations

import json
import logging
import subprocess
import tempfile
import threading
from pathlib import Path
from typing import IO, Any

import numpy as np

from core.contracts import ByteArray
from core.errors import InputError, KindError
from core.messages import message_from_json
from core.sandbox.box import Box
from core.sandbox.sandbox import bare_environment, boxed_module, has_boxes
from media.film_source import read_whole
from media.pictures import KEPT_PIXELS, MAX_PIXELS, Picture, check_picture_file, load_picture

log = logging.getLogger(__name__)

#: How long a picture may take, in seconds; the largest takes a few.
TIME_S = 60
#: Memory of the decoder, in bytes: a picture of `MAX_PIXELS` is held several times while its colours are changed.
MEMORY_BYTES = 2_500_000_000
LOG_TAIL_BYTES = 4000


def load_given_picture(path: Path, max_pixels: int = MAX_PIXELS, kept_pixels: int = KEPT_PIXELS) -> Picture:
    """As `media.pictures.load_picture` says; a decoder that breaks down is the file's fault too.

    Where there are no boxes, on Windows or by setting, it is decoded in this process.
    """
    if not has_boxes():
        return load_picture(path, max_pixels, kept_pixels)
    check_picture_file(path)
    whole = path.absolute()
    box = Box(reads=(str(whole),), memory_bytes=MEMORY_BYTES, processor_s=2 * TIME_S)
    command = boxed_module("media.picture_child", [str(whole), str(max_pixels), str(kept_pixels)], box)
    with (
        tempfile.TemporaryFile() as printed,
        subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=printed, env=bare_environment()
        ) as child,
    ):
        timer = threading.Timer(TIME_S, child.kill)
        timer.start()
        try:
            assert child.stdout is not None
            picture = picture_from(child.stdout)
        finally:
            timer.cancel()
            child.kill()
        if picture is None:
            child.wait()
            log.warning("A picture's decoder ended with code %d: %s", child.returncode, tail_of(printed))
            raise InputError("media.picture_breaks_decoders", name=path.name)
    return picture


def picture_from(stream: IO[bytes]) -> Picture | None:
    """What the child wrote; None where it broke down. Raises InputError, KindError and MemoryError as it did."""
    try:
        head: dict[str, Any] = json.loads(stream.readline())
    except ValueError:
        return None
    if "no_memory" in head:
        raise MemoryError("A picture's decoder had too little memory.")
    if "error" in head:
        raise (KindError if head["kind"] else InputError)(message_from_json(head["error"]))
    height, width, _ = head["shape"]
    image: ByteArray = np.empty((height, width, 3), np.uint8)
    alpha: ByteArray | None = np.empty((height, width), np.uint8) if head["alpha"] else None
    if not all(read_whole(stream, part) for part in (image, alpha) if part is not None):
        return None
    return Picture(image, alpha, tuple(message_from_json(note) for note in head["notes"]))


def tail_of(printed: IO[bytes]) -> str:
    """The end of what the child printed."""
    size = printed.seek(0, 2)
    printed.seek(max(0, size - LOG_TAIL_BYTES))
    return printed.read().decode("utf-8", "replace").strip()
