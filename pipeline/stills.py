"""Stills of a film in the making: about every second the newest frame, small, beside the film, for those who watch it come."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from core.contracts import ByteArray
from core.output_files import whole_file

#: Seconds between two, and their height in pixels at most.
EVERY_S, HEIGHT = 1.0, 360
QUALITY = 80


def still_beside(film: Path) -> Path:
    """Where the still of the film in the making lies: of `film-ID.mp4` it is `still-ID.jpg`."""
    return film.with_name(f"still-{film.stem.partition('-')[2]}.jpg")


def with_stills(frames: Iterator[ByteArray], still: Path | None) -> Iterator[ByteArray]:
    """The same frames (H, W, 3) uint8 RGB; the newest is written to `still` now and then, which is gone at any end.

    still: None where nobody watches. Raises `InputError` where it can't be written.
    """
    if still is None:
        yield from frames
        return
    next_s = time.monotonic()
    try:
        for frame in frames:
            if time.monotonic() >= next_s:
                write_still(frame, still)
                next_s = time.monotonic() + EVERY_S
            yield frame
    finally:
        still.unlink(missing_ok=True)


def write_still(frame: ByteArray, still: Path) -> None:
    """The frame as a JPEG of at most `HEIGHT` px, which takes the place of the last one at once."""
    import cv2  # not for those who only ask where a still lies

    height, width = frame.shape[:2]
    if height > HEIGHT:
        size = (max(1, round(width * HEIGHT / height)), HEIGHT)
        frame = cv2.resize(frame, size, interpolation=cv2.INTER_AREA)
    _, encoded = cv2.imencode(".jpg", cv2.cvtColor(frame, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    with whole_file(still, "The still") as file:
        file.write(encoded.tobytes())
