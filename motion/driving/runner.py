"""Reads a driver's motion out of a film whose faces were followed, and makes of it what a portrait is to do.

driver = read_driver(faces, number)
motion = driven_motion(driver, portrait.face, DrivingSettings(strength=Strength(head=0.5)))
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter1d

from core.blendshapes import PARTS, columns_of
from core.contracts import Face, FloatArray, Motion, Progress, silent
from core.driving import Strength
from core.errors import InputError
from core.messages import Message
from faces.tracking.tracks import FaceState, FilmFaces
from motion.driving.eyes import FURTHEST_DEG, LOOKS, looking_shapes, read_gaze_deg
from motion.driving.gaps import gap_notes, shots_of
from motion.driving.head_turn import turned_from
from motion.driving.neutral import neutral_of
from motion.driving.reading import bridged, read_changes

#: The mouth of faces in these states is not read: something is before it, or it lies beyond the frame.
MOUTH_HIDDEN = (FaceState.COVERED, FaceState.CUT)
#: Shapes that are wholly there, in sum, of the strongest feeling; and the time over which a feeling changes, in seconds.
STRONGEST, FEELING_S = 5.0, 0.6
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class DrivingSettings:
    """How a portrait follows a driver.

    relative: whether it keeps its own look and the driver's changes against the own neutral face are added; else it takes the
    driver's own expression, pose and gaze. strength: of each part.
    """

    relative: bool = True
    strength: Strength = field(default_factory=Strength)


@dataclass(frozen=True)
class Rest:
    """The driver's neutral face. blendshapes: (52,); rotation_deg: (3,), in the picture; gaze_deg: (2,), in the head."""

    blendshapes: FloatArray
    rotation_deg: FloatArray
    gaze_deg: FloatArray


@dataclass(frozen=True)
class ReadDriver:
    """What a driver does in a film.

    motion: (T) at the film's rate, absolute: blendshapes and gaze with those of the own neutral face, the head's pose as a `Face`
    tells it; the translation is against the head's usual place in each shot. neutral: the number of the frame that shows the
    neutral face best, and rest: that face. seen: (T,) where the face is followed; elsewhere it was bridged. cuts: first frames of
    the shots but the first. notes: what people are told.
    """

    motion: Motion
    neutral: int
    rest: Rest
    seen: BoolArray
    cuts: tuple[int, ...] = ()
    notes: tuple[Message, ...] = ()


def read_driver(faces: FilmFaces, number: int, progress: Progress = silent, start_s: float = 0.0) -> ReadDriver:
    """The motion of the face of that number in every frame of the film.

    progress: ("motion", frames done, frames in all). start_s: time of the first frame in the film that people know, for notes.
    Raises InputError where the face is never seen, and what `progress` raises.
    """
    track = faces.tracks[number - 1]
    state = np.asarray(track.state)
    seen, hidden = state != FaceState.ABSENT, np.isin(state, MOUTH_HIDDEN)
    if not seen.any():
        raise InputError("motion.driver_never_seen", number=number)
    neutral, cuts = neutral_of(track), tuple(int(cut) for cut in faces.cuts)
    changes = read_changes(track, neutral, seen, progress)
    changes = bridged(changes, neutral, seen, seen & ~hidden, cuts, faces.fps)
    rest = Rest(neutral.blendshapes, neutral.rotation_deg, read_gaze_deg(neutral.blendshapes[None])[0].astype(np.float32))
    gaze = np.clip(changes.gaze_deg + rest.gaze_deg, -FURTHEST_DEG, FURTHEST_DEG).astype(np.float32)
    shapes = np.clip(rest.blendshapes + changes.amounts, 0, 1).astype(np.float32)
    shapes[:, LOOKS] = looking_shapes(gaze)
    felt = intensity_of(changes.amounts, cuts, faces.fps)
    notes = (
        *gap_notes("motion.driver_unseen_at", ~seen, faces.fps, start_s),
        *gap_notes("motion.driver_mouth_hidden_at", hidden, faces.fps, start_s),
    )
    motion = Motion(faces.fps, shapes, changes.rotation_deg, changes.places, gaze, felt)
    return ReadDriver(motion, neutral.frame, rest, seen, cuts, notes)


def intensity_of(amounts: FloatArray, cuts: Sequence[int], fps: float) -> FloatArray:
    """(T,) how strongly a face feels whose shapes differ from rest by amounts (T, 52), in [0, 1]; it changes slowly."""
    told = [*columns_of("brows"), *columns_of("lips")]
    felt = np.clip(amounts[:, told].sum(axis=1) / STRONGEST, 0, 1)
    for shot in shots_of(len(felt), cuts):
        felt[shot] = gaussian_filter1d(felt[shot], FEELING_S * fps / 2, mode="nearest")
    return np.asarray(felt, np.float32)


def driven_motion(driver: ReadDriver, portrait_face: Face | None, settings: DrivingSettings) -> Motion:
    """What a portrait does that follows the driver, for every frame of the film, at its rate.

    portrait_face: where it is told what the portrait shows already: its pose and gaze, against which an absolute motion is told;
    None: it looks straight ahead.
    """
    strength, motion = settings.strength, driver.motion
    shapes = motion.blendshapes - (driver.rest.blendshapes if settings.relative else 0.0)
    for part in PARTS:
        shapes[:, columns_of(part)] *= getattr(strength, part)
    gaze, pose = driver.rest.gaze_deg, driver.rest.rotation_deg
    if not settings.relative:
        shown = None if portrait_face is None else portrait_face.blendshapes[None]
        gaze = np.zeros(2, np.float32) if shown is None else read_gaze_deg(shown)[0]
        pose = np.zeros(3, np.float32) if portrait_face is None else np.asarray(portrait_face.rotation_deg, np.float32)
    looks = np.clip(strength.eyes * (motion.gaze_deg - gaze), -FURTHEST_DEG, FURTHEST_DEG).astype(np.float32)
    shapes[:, LOOKS] = looking_shapes(looks)
    return Motion(
        motion.fps,
        np.clip(shapes, 0, 1).astype(np.float32),
        strength.head * turned_from(motion.rotation_deg, pose),
        strength.head * motion.translation,
        looks,
        np.clip(motion.intensity, 0, 1),
    )
