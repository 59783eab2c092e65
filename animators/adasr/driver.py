"""The driver's head, frame by frame: its angles, its shift and the expression that moves the key points, as AdaSR reads them.

As the authors have it, the film is looked at through a square that stands still. Here it stands still in each shot: as large as
the head is there, and larger where the head wanders; shifts are counted in heads, so that a larger square makes none small.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
import numpy.typing as npt
import torch

from animators.adasr.networks.head_estimator import KEYPOINTS, HeadEstimator
from core.contracts import ByteArray, FloatArray
from core.driving import Driving, FaceFilm, bridged
from core.errors import InputError
from core.frame_stream import closing_frames
from faces.head_crop import Crop, head_crop
from faces.tracking.steadying import Groups, steadied_in_shots
from neural.one_shot.geometry import bins_to_degrees

SIDE_PX = 512
#: How far a head may leave the middle of its square, in sides of it, before the square grows.
FREE_SHARE = 0.15
#: Columns of a reading that move together: angles, shift, and the place of each key point.
COLUMNS = 6 + 3 * KEYPOINTS
GROUPS: Groups = (
    *((0, 1, 2), (3, 4, 5)),
    *(tuple(range(6 + 3 * point, 9 + 3 * point)) for point in range(KEYPOINTS)),
)


@dataclass(frozen=True)
class HeadReading:
    """What the driver's head does in T frames.

    angles_deg: (T, 3) yaw, pitch, roll. shift: (T, 3) x, y, z in half squares of the head. expression: (T, 15, 3), how far each
    key point leaves its own place. All float32.
    """

    angles_deg: FloatArray
    shift: FloatArray
    expression: FloatArray

    def __len__(self) -> int:
        return len(self.angles_deg)

    def rows(self, numbers: npt.ArrayLike) -> HeadReading:
        """Those frames alone."""
        chosen = np.asarray(numbers, int)
        return HeadReading(self.angles_deg[chosen], self.shift[chosen], self.expression[chosen])

    @classmethod
    def of(cls, values: FloatArray) -> HeadReading:
        """From values (T, 51) in one row a frame."""
        return cls(values[:, :3], values[:, 3:6], values[:, 6:].reshape(len(values), -1, 3))


def read_head(
    estimator: HeadEstimator,
    driving: Driving,
    numbers: Sequence[int],
    batch_frames: int,
    tick: Callable[[], None],
    side_px: int = SIDE_PX,
) -> HeadReading:
    """The head in the film's frames of these numbers, which rise; where it is not seen, straight between the neighbours.

    Angles, shifts and expressions are steadied within each shot, without lag. tick: called once a batch; what it raises ends the
    work. side_px: of the pictures that the network sees, a multiple of 128. Memory: 204 bytes a frame.
    Raises InputError where the head is seen in none of them.
    """
    faces = ((number, driving.film.face(number)) for number in numbers if driving.seen[number])
    crops = {number: head_crop(face) for number, face in faces if face is not None}
    if not crops:
        raise InputError("animators.adasr.no_face_in_film")
    shots = np.searchsorted(np.asarray(driving.cuts, int), numbers, side="right")
    members: dict[int, list[Crop]] = {}
    for number, shot in zip(numbers, shots, strict=True):
        if number in crops:
            members.setdefault(int(shot), []).append(crops[number])
    squares = {shot: standing_square(its) for shot, its in members.items()}
    seen = np.array([number in crops for number in numbers])
    wanted = {number: squares[int(shot)] for number, shot in zip(numbers, shots, strict=True) if number in crops}
    values = np.zeros((len(numbers), COLUMNS), np.float32)
    values[seen] = _estimated(estimator, _pictures(driving.film, wanted, side_px), batch_frames, tick)
    values[seen, 3:6] *= np.array([[square.heads] for square in wanted.values()], np.float32)
    return HeadReading.of(steadied_in_shots(bridged(values, seen), GROUPS, seen, shots, driving.film.fps))


def read_picture(estimator: HeadEstimator, square: ByteArray) -> HeadReading:
    """The same of one picture (H, W, 3) of a head, sides multiples of 128."""
    return HeadReading.of(_estimated(estimator, iter([square]), 1, lambda: None))


@dataclass(frozen=True)
class Square:
    """crop: what the network sees. heads: its side in squares of the usual head there, 1 or more."""

    crop: Crop
    heads: float


def standing_square(crops: Sequence[Crop]) -> Square:
    """The square of a shot in which the head's own squares are `crops`, one or more."""
    side = float(np.median([crop.width for crop in crops]))
    places = np.array([(crop.left + crop.width / 2, crop.top + crop.height / 2) for crop in crops])
    low, high = places.min(axis=0), places.max(axis=0)
    middle, farthest = (low + high) / 2, float((high - low).max()) / 2
    whole = side + 2 * max(0.0, farthest - FREE_SHARE * side)
    return Square(Crop(float(middle[0]) - whole / 2, float(middle[1]) - whole / 2, whole, whole), whole / side)


def _pictures(film: FaceFilm, squares: Mapping[int, Square], side_px: int) -> Iterator[ByteArray]:
    """What the network sees (S, S, 3) of the frames of these numbers, which rise; the film is read once, up to the last."""
    numbers = iter(squares)
    wanted = next(numbers, None)
    frames = film.frames()
    with closing_frames(frames):
        for number, frame in enumerate(frames):
            if wanted is None:
                return
            if number == wanted:
                yield squares[number].crop.cut(frame, side_px)
                wanted = next(numbers, None)


def _estimated(
    estimator: HeadEstimator, pictures: Iterator[ByteArray], batch_frames: int, tick: Callable[[], None]
) -> FloatArray:
    """Values (N, 51) of the pictures."""
    device = estimator.conv1.weight.device
    rows: list[FloatArray] = []
    with closing_frames(pictures):
        while batch := list(islice(pictures, batch_frames)):
            tick()
            with torch.inference_mode():
                seen = torch.from_numpy(np.stack(batch)).to(device).permute(0, 3, 1, 2).float() / 255
                motion = estimator(seen)
                angles = [bins_to_degrees(angle)[:, None] for angle in (motion.yaw, motion.pitch, motion.roll)]
                rows.append(torch.cat([*angles, motion.translation, motion.expression], dim=1).cpu().numpy())
    return np.concatenate(rows)
