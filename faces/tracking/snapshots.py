"""Small pictures of the people in a film, each where it is seen best, so that people can say who is meant."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import closing

import numpy as np
from PIL import Image

from core.contracts import ByteArray, Face
from faces.tracking.tracks import FilmFaces
from media.film_source import FilmSource

#: Width and height of a picture in pixels, and its quality as a JPEG.
SIDE_PX, QUALITY = 160, 85
#: Height of what is seen around a face, as parts of the face's own, and by how much of that the middle lies below the face's.
AROUND, BELOW = 2.2, 0.06


def snapshots(source: FilmSource, faces: FilmFaces) -> Iterator[tuple[int, bytes]]:
    """The number of each person with a JPEG of its head and shoulders, `SIDE_PX` wide and high, from its best frame.

    source: the part of the film in which the faces were followed. Only these frames are read where the film allows to seek.
    """
    for track in faces.tracks:
        face = track.face(track.best_frame)
        if face is None:
            raise ValueError(f"Face {track.number} is not in its best frame, {track.best_frame}.")
        with closing(source.frames(track.best_frame, 1)) as frames:
            yield track.number, jpeg_of(head_of(next(frames), face))


def head_of(frame: ByteArray, face: Face) -> ByteArray:
    """A square around the face, (S, S, 3) uint8, moved into the frame where it would reach beyond, and no larger than that."""
    left, top, right, bottom = face.box
    height, width = frame.shape[:2]
    side = max(1, min(round(AROUND * max(bottom - top, right - left)), width, height))
    middle_x, middle_y = (left + right) / 2, (top + bottom) / 2 + BELOW * side
    x = int(np.clip(round(middle_x - side / 2), 0, width - side))
    y = int(np.clip(round(middle_y - side / 2), 0, height - side))
    return frame[y : y + side, x : x + side]


def jpeg_of(picture: ByteArray) -> bytes:
    """The picture as a small JPEG."""
    kept = io.BytesIO()
    Image.fromarray(picture).resize((SIDE_PX, SIDE_PX), Image.Resampling.LANCZOS).save(kept, "JPEG", quality=QUALITY)
    return kept.getvalue()
