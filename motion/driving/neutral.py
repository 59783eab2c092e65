"""Finds the driver's own neutral face in a film: calm, shut-mouthed, open-eyed, turned as the head mostly is.

Never simply the first frame, and no blink: the calmest frames of the whole film are put together by their median.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.blendshapes import BLENDSHAPE_INDEX
from core.contracts import FloatArray
from faces.fitting.placing import placing
from faces.tracking.tracks import FaceState, FaceTrack
from motion.driving.eyes import read_gaze_deg

#: Of the frames that are seen, the part that counts as the calmest, and least and most of them.
CALM_PART, LEAST_CALM, MOST_CALM = 0.04, 3, 60
#: The neutral face is put together from those of the calmest, so many times as many, that are most alike.
ALIKE_OF = 3
#: Most frames that are judged: every so many-th of a longer film.
MOST_JUDGED = 20000
#: What counts as much as a shape that is wholly there: an opening of the lips in eye spans, degrees away from the usual pose and
#: from looking straight, a movement of the lips in eye spans a frame.
OPENING, AWAY_DEG, TURNED_DEG, SPEED = 0.04, 25.0, 60.0, 0.04
#: Degrees as well by which the gaze lies beside its usual way and beside straight ahead, together.
LOOKING_DEG = 25.0
#: Shapes by which calm is judged; of the eyes' only what shuts or widens them, as the gaze goes about in the calmest face.
JUDGED = [
    *(index for name, index in BLENDSHAPE_INDEX.items() if name.startswith(("mouth", "brow", "cheek"))),
    *(BLENDSHAPE_INDEX[name] for name in ("eyeWideLeft", "eyeWideRight", "eyeSquintLeft", "eyeSquintRight")),
]
BLINKS = [BLENDSHAPE_INDEX["eyeBlinkLeft"], BLENDSHAPE_INDEX["eyeBlinkRight"]]
#: How much more a blink counts than another shape.
BLINK_WEIGHT = 4.0
UPPER_LIP, LOWER_LIP, EYE_CORNERS = 13, 14, (33, 263)

Rows = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Neutral:
    """frame: the number of the frame that shows it best. landmarks: (478, 3) float32, the median of the calm frames as that frame
    has them. blendshapes: (52,) as the network reads them. rotation_deg: (3,) yaw, pitch, roll in the picture."""

    frame: int
    landmarks: FloatArray
    blendshapes: FloatArray
    rotation_deg: FloatArray


def neutral_of(track: FaceTrack) -> Neutral:
    """The neutral face of a track. Raises ValueError where the face is seen in no frame."""
    state = np.asarray(track.state)
    seen = np.flatnonzero(state != FaceState.ABSENT)
    if not len(seen):
        raise ValueError("The face is seen in no frame.")
    clear = np.flatnonzero(state == FaceState.CLEAR)
    frames = clear if len(clear) >= LEAST_CALM else seen
    frames = frames[:: -(-len(frames) // MOST_JUDGED)]
    order = frames[np.argsort(unrest(track, frames), kind="stable")]
    count, best = int(np.clip(round(CALM_PART * len(frames)), LEAST_CALM, MOST_CALM)), int(order[0])
    calm = alike(track, order[: ALIKE_OF * count])[:count]
    known = np.asarray(track.landmarks[best], np.float32)
    faces = [np.asarray(track.landmarks[frame], np.float32) for frame in calm]
    landmarks = np.median([placing(known, points).at_rest(points) for points in faces], axis=0).astype(np.float32)
    shapes = np.median(np.asarray(track.blendshapes[np.sort(calm)], np.float32), axis=0)
    rotation = np.median(np.asarray(track.rotation_deg[np.sort(calm)], np.float32), axis=0)
    return Neutral(best, landmarks, shapes.astype(np.float32), rotation.astype(np.float32))


def alike(track: FaceTrack, frames: Rows) -> Rows:
    """The same frames by how much their faces are like the first one's: of several calm looks one is the neutral one."""
    shapes = np.asarray(track.blendshapes[frames], np.float32)[:, JUDGED]
    opening, middle = lips_of(track, frames)
    apart = np.abs(shapes - shapes[0]).sum(axis=1) + np.abs(opening - opening[0]) / OPENING
    return frames[np.argsort(apart + np.linalg.norm(middle - middle[0], axis=1) / SPEED, kind="stable")]


def unrest(track: FaceTrack, frames: Rows) -> FloatArray:
    """(n,) how far from calm the face is in some frames, rising; 1 is about one shape that is wholly there."""
    shapes = np.asarray(track.blendshapes[frames], np.float32)
    # What is there all the time belongs to the face, or to how the network reads it: a face that smiles lightly is not calm once
    # its smile goes, nor is one whose lips mostly stand open because it speaks.
    beyond = np.maximum(shapes - np.percentile(shapes, 10, axis=0), 0.0)
    unusual = (beyond + np.abs(shapes - np.median(shapes, axis=0))) / 2
    opening, middle = lips_of(track, frames)
    following = np.minimum(frames + 1, len(track) - 1)
    speed = np.linalg.norm(np.nan_to_num(lips_of(track, following)[1] - middle, nan=1.0), axis=1)
    turn = np.asarray(track.rotation_deg[frames], np.float32)
    away = np.abs(turn - np.median(turn, axis=0)).sum(axis=1) / AWAY_DEG + np.abs(turn[:, :2]).sum(axis=1) / TURNED_DEG
    gaze = read_gaze_deg(shapes)
    aside = np.linalg.norm(gaze - np.median(gaze, axis=0), axis=1) + np.linalg.norm(gaze, axis=1)
    calm = unusual[:, JUDGED].sum(axis=1) + BLINK_WEIGHT * beyond[:, BLINKS].mean(axis=1)
    return np.asarray(calm + (opening - opening.min()) / OPENING + away + aside / LOOKING_DEG + speed / SPEED, np.float32)


def lips_of(track: FaceTrack, frames: Rows) -> tuple[FloatArray, FloatArray]:
    """How far the lips are apart (n,), and their middle beside that of the eyes (n, 2), in eye spans of the picture."""
    ids = [UPPER_LIP, LOWER_LIP, *EYE_CORNERS]
    points = np.asarray(track.landmarks[frames][:, ids, :2], np.float32)
    span = np.maximum(np.linalg.norm(points[:, 2] - points[:, 3], axis=1), 1e-3)
    apart = np.linalg.norm(points[:, 0] - points[:, 1], axis=1) / span
    middle = (points[:, :2].mean(axis=1) - points[:, 2:].mean(axis=1)) / span[:, None]
    return apart, middle
