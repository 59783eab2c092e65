"""Reads a driver's face frame by frame against its own neutral face, and fills in what is not seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.blendshapes import BLENDSHAPE_INDEX, BLENDSHAPE_NAMES, columns_of
from core.contracts import FloatArray, Progress
from core.easing import smooth_step
from core.film_stages import MOTION
from faces.tracking.tracks import FaceTrack
from motion.driving.driver_face import driver_face
from motion.driving.eyes import gaze_of, in_sight, lids_freed, shut_wholly
from motion.driving.gaps import bridged_within_shots
from motion.driving.head_turn import matrices_of, poses_of
from motion.driving.neutral import Neutral
from motion.driving.shape_fit import fitted
from motion.driving.standing import laid_still, shifts_of

#: Frames that are read at a time.
PIECE = 500
SHAPES = len(BLENDSHAPE_NAMES)
JAW, SMILES = BLENDSHAPE_INDEX["jawOpen"], [BLENDSHAPE_INDEX["mouthSmileLeft"], BLENDSHAPE_INDEX["mouthSmileRight"]]
#: From which smile on, and for which wholly, the jaw is open by no more than the network reads less what it takes a smile for.
BROAD_SMILE, SMILES_JAW = (0.2, 0.6), 0.12
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Changes:
    """What a face does against its neutral one, frame by frame.

    amounts: (T, 52) of the shapes. gaze_deg: (T, 2). rotation_deg: (T, 3), but this in the picture, as a `Face`'s. places:
    (T, 3), of the head, see `laid_still`, while it is read, and then the translation in face widths. All float32.
    """

    amounts: FloatArray
    gaze_deg: FloatArray
    rotation_deg: FloatArray
    places: FloatArray


def read_changes(track: FaceTrack, neutral: Neutral, seen: BoolArray, progress: Progress) -> Changes:
    """The changes of those frames that are seen (T,); of others zeros."""
    count = len(track)
    face = driver_face(neutral.landmarks)
    amounts, gaze = np.zeros((count, SHAPES), np.float32), np.zeros((count, 2), np.float32)
    places, rotation = np.ones((count, 3), np.float32), np.zeros((count, 3), np.float32)
    at_rest = matrices_of(neutral.rotation_deg[None])[0]
    low = np.zeros(SHAPES, np.float32)
    progress(MOTION, 0, count)
    for first in range(0, count, PIECE):
        frames = np.flatnonzero(seen[first : first + PIECE]) + first
        if len(frames):
            shapes = np.asarray(track.blendshapes[frames], np.float32)
            landmarks = np.asarray(track.landmarks[frames], np.float32)
            still, turns, places[frames] = laid_still(face.rest, face.coordinates, landmarks)
            gaze[frames] = gaze_of(face, still, shapes, neutral.blendshapes)
            moved = lids_freed(face, face.moved(still[:, :468]), gaze[frames])
            prior = np.clip(shapes - neutral.blendshapes, 0, 1)
            amounts[frames] = shut_wholly(fitted(face, moved, prior, low, widest(prior)))
            rotation[frames] = poses_of(turns @ at_rest)
        progress(MOTION, min(first + PIECE, count), count)
    return Changes(amounts, gaze, rotation, places)


def widest(read: FloatArray) -> FloatArray:
    """(T, 52) the most of each shape, for what the network reads of them (T, 52).

    A broad smile bares the teeth over a jaw that is nearly shut, and draws the chin down as an open jaw does. There the network,
    which sees the teeth, knows better than the landmarks how far the jaw is open, though it, too, sees a part of the smile in it.
    """
    most = np.ones_like(read)
    smile = smooth_step(read[:, SMILES].mean(axis=1), *BROAD_SMILE)
    most[:, JAW] = 1 - smile * (1 - np.maximum(read[:, JAW] - SMILES_JAW, 0))
    return most


def bridged(
    changes: Changes, neutral: Neutral, seen: BoolArray, mouth_seen: BoolArray, cuts: Sequence[int], fps: float
) -> Changes:
    """The same with all that is not seen (T,) filled in within its shot: lips where the mouth is not (T,), too, and the gaze
    behind shut lids."""
    nowhere = np.zeros(SHAPES, np.float32)
    amounts = bridged_within_shots(changes.amounts, seen, nowhere, cuts, fps)
    lips = columns_of("lips")
    amounts[:, lips] = bridged_within_shots(changes.amounts[:, lips], mouth_seen, nowhere[lips], cuts, fps)
    looking = seen & in_sight(changes.amounts)
    return Changes(
        amounts,
        bridged_within_shots(changes.gaze_deg, looking, nowhere[:2], cuts, fps),
        bridged_within_shots(changes.rotation_deg, seen, neutral.rotation_deg, cuts, fps),
        bridged_within_shots(shifts_of(changes.places, seen, cuts), seen, nowhere[:3], cuts, fps),
    )
