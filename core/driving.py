"""What an engine gets that follows a driving film itself, its pictures and the face in them, not the motion read there alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from core.contracts import ByteArray, Face, FloatArray

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class FaceFilm:
    """A film with the face of one person, as an engine looks at it.

    fps: frames a second. count: of all frames. width, height: of a frame in pixels. frames: opens them anew: `count` of them,
    (height, width, 3) uint8 RGB each; whoever takes them closes them. face: the face in a frame by its number, from 0; None
    where it is not there or can't be read.
    """

    fps: float
    count: int
    width: int
    height: int
    frames: Callable[[], Iterator[ByteArray]]
    face: Callable[[int], Face | None]


@dataclass(frozen=True)
class Strength:
    """How much of what the driver does the portrait does, 0 (nothing) to 2 (twice as much), 1 each by default."""

    head: float = 1.0
    eyes: float = 1.0
    brows: float = 1.0
    lips: float = 1.0


@dataclass(frozen=True)
class Driving:
    """A driving film, and how it is followed.

    film: one frame of it for every frame that is drawn, at the same rate. neutral: the number of the frame in which the driver's
    face is calmest and turned least: what others are compared with. seen: (T,) where the face can be followed; elsewhere an
    engine bridges what it read (`bridged`). cuts: first frames of the shots but the first. relative: whether the portrait keeps
    its own look and the driver's changes against `neutral` are added to it; else it takes the driver's own expression and pose.
    strength: of each part. sounding_lips: whether a sound moves the lips, by the motion's shapes; the driver moves the rest.
    """

    film: FaceFilm
    neutral: int
    seen: BoolArray
    cuts: tuple[int, ...] = ()
    relative: bool = True
    strength: Strength = field(default_factory=Strength)
    sounding_lips: bool = False


def bridged(values: FloatArray, seen: BoolArray) -> npt.NDArray[Any]:
    """Values (T, ...) with those rows that were not seen straight between their neighbours that were; ends stay as the nearest.

    seen: (T,). Raises ValueError where nothing was seen.
    """
    rows = np.flatnonzero(seen)
    if not len(rows):
        raise ValueError("Nothing was seen that could be bridged from.")
    flat = np.asarray(values).reshape(len(values), -1)
    filled = [np.interp(np.arange(len(flat)), rows, column[rows]) for column in flat.T]
    return np.stack(filled, axis=1).reshape(np.shape(values)).astype(np.asarray(values).dtype)
