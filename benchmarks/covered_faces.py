"""Films of faces with half of the face covered, so that people judge the other half alone.

The line runs through the nose's base, square to the line from chin to forehead, and goes with the head. Everything on the covered
side of it is grey, to the frame's border: hair and cheeks tell of a feeling too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

import numpy as np

from core.contracts import ByteArray, Face
from core.errors import InputError
from core.messages import as_written
from faces.faces import FaceFinder

#: What stays to be seen: `lips` covers all above the nose's base, `feeling` all below it.
SeenHalf = Literal["lips", "feeling"]
#: Points of the Face Landmarker: the nose's base (subnasale), the top of the forehead, the chin.
NOSE_BASE, FOREHEAD, CHIN = 2, 10, 152
GREY = 128


def covered(frames: Iterable[ByteArray], fps: float, seen: SeenHalf) -> Iterator[ByteArray]:
    """Frames (H, W, 3) uint8 RGB with the other half covered; where the face is lost the line stays where it was.

    Raises InputError where the first frame shows no face: nobody may see what was to be covered.
    """
    line: tuple[np.ndarray, np.ndarray] | None = None
    with FaceFinder(video=True) as finder:
        for number, frame in enumerate(frames):
            face = finder.track(frame, number / fps)
            line = line_of(face) if face is not None else line
            if line is None:
                raise InputError(as_written("The film's first frame shows no face, so that nothing can be covered."))
            below = side_of(frame.shape[:2], *line) > 0
            yield np.where((below == (seen == "feeling"))[..., None], np.uint8(GREY), frame)


def line_of(face: Face) -> tuple[np.ndarray, np.ndarray]:
    """A point of the line (x, y) and the direction (x, y) of length 1 that points down the face."""
    points = face.landmarks[:, :2]
    down = points[CHIN] - points[FOREHEAD]
    return points[NOSE_BASE], down / max(float(np.linalg.norm(down)), 1e-6)


def side_of(size: tuple[int, int], point: np.ndarray, down: np.ndarray) -> np.ndarray:
    """(H, W) how far each pixel lies below the line, in pixels; above it less than 0."""
    rows, columns = np.arange(size[0], dtype=np.float32), np.arange(size[1], dtype=np.float32)
    return (rows[:, None] - point[1]) * down[1] + (columns[None, :] - point[0]) * down[0]
