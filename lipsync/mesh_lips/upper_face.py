"""Brows, lids and gaze of a film that go a little with the new sound: bent out of the frame's own pixels as the lips are.

The film's own expression stays under it: only what the new motion does beside its own slow course is added, and less of it. The
film's own blinks stay; one of the new motion is added only where the eyes are open, seen from the front, and no own one is near.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from core.blendshapes import BLENDSHAPE_INDEX, BLENDSHAPE_NAMES
from core.contracts import ByteArray, FloatArray, Motion
from core.runs import runs
from faces.fitting import landmarks as lm
from faces.fitting.handles import BoolArray
from faces.fitting.head_mesh import LID_SAMPLES
from faces.fitting.rig import uncross
from faces.tracking.tracks import FaceTrack
from lipsync.mesh_lips.film_mouth import FilmMouth, steadied
from lipsync.mesh_lips.person import Person, spline_rows
from lipsync.mesh_lips.warping import box_of, fill_map, polygon, sampled

BROWS = tuple(k for k, name in enumerate(BLENDSHAPE_NAMES) if name.startswith(("brow", "eyeWide", "eyeSquint")))
BLINKS = BLENDSHAPE_INDEX["eyeBlinkLeft"], BLENDSHAPE_INDEX["eyeBlinkRight"]
#: How much of the new motion's brows and gaze is taken, the time in seconds over which its own course is told, and the most.
BROW_SHARE, GAZE_SHARE, COURSE_S, MOST_BROW, MOST_GAZE_DEG = 0.6, 0.5, 2.0, 0.35, 4.0
#: Lids that are shut further than the first begin a blink, and one that is worth it reaches the second.
BLINK_BEGINS, BLINK_SHUTS = 0.25, 0.6
#: No new blink within so many seconds of an own one; nor on a head that is turned further than this.
BLINK_APART_S, BLINK_TURN_DEG = 1.0, 20.0
#: How far lids come together: a little further than where they are seen, so that no white is left between them.
SHUT_LIDS = 1.08
#: Radius of an eyeball and of an iris, in eye spans (12 and 6 mm of 90), and how far around the iris its surroundings give way.
EYEBALL, IRIS, GIVES_WAY = 0.133, 0.066, 2.2

SIDES = (
    ("right", lm.RIGHT_EYE_UPPER, lm.RIGHT_EYE_LOWER, lm.RIGHT_IRIS[0]),
    ("left", lm.LEFT_EYE_UPPER, lm.LEFT_EYE_LOWER, lm.LEFT_IRIS[0]),
)


@dataclass(frozen=True)
class UpperFace:
    """What is added: brows (T, 52) and blinks (T,) of the shapes, gaze_deg (T, 2) to the right and up."""

    brows: FloatArray
    blinks: FloatArray
    gaze_deg: FloatArray


def upper_face(motion: Motion, film: FilmMouth, track: FaceTrack, cuts: tuple[int, ...]) -> UpperFace:
    """What the new motion adds to the film's own expression, frame by frame."""
    brows = np.zeros_like(motion.blendshapes, np.float32)
    brows[:, BROWS] = np.clip(
        BROW_SHARE * beside_its_course(motion.blendshapes[:, BROWS], motion.fps, cuts), -MOST_BROW, MOST_BROW
    )
    gaze = np.clip(GAZE_SHARE * beside_its_course(motion.gaze_deg, motion.fps, cuts), -MOST_GAZE_DEG, MOST_GAZE_DEG)
    own = np.nan_to_num(np.asarray(track.blendshapes[:, BLINKS], np.float32)).mean(axis=1)
    asked = motion.blendshapes[:, BLINKS].mean(axis=1)
    allowed = film.seen & (np.abs(film.turn_deg).max(axis=1) < BLINK_TURN_DEG) & (own < BLINK_BEGINS)
    return UpperFace(brows, new_blinks(asked, own, allowed, motion.fps, cuts), np.asarray(gaze, np.float32))


def beside_its_course(values: FloatArray, fps: float, cuts: Iterable[int]) -> FloatArray:
    """(T, C) what changes fast in values (T, C)."""
    known = np.ones(len(values), bool)
    return np.asarray(values - steadied(values, known, COURSE_S * fps, cuts), np.float32)


def new_blinks(asked: FloatArray, own: FloatArray, allowed: BoolArray, fps: float, cuts: Iterable[int]) -> FloatArray:
    """(T,) blinks of the new motion, `asked` (T,), that can be shown: whole ones, apart from the film's `own` and from cuts."""
    apart = round(BLINK_APART_S * fps)
    taken = np.flatnonzero(own > BLINK_BEGINS)
    shown = np.zeros(len(asked), np.float32)
    for first, end in runs(asked > BLINK_BEGINS):
        if asked[first:end].max() < BLINK_SHUTS or not allowed[first:end].all() or end - first > fps:
            continue
        near = ((taken > first - apart) & (taken < end + apart)).any()
        if near or any(first - 2 <= cut <= end + 2 for cut in cuts):
            continue
        rest = asked[max(first - 1, 0) : end + 1]
        shown[first:end] = np.clip((asked[first:end] - rest.min()) / max(float(np.ptp(rest)), 1e-3), 0.0, 1.0) * SHUT_LIDS
    return shown


class UpperDrawer:
    """Bends brows, lids and eyes of one person's frames."""

    def __init__(self, person: Person) -> None:
        self._person = person
        basis = person.rig.basis
        self._brows = np.ascontiguousarray(basis[list(BROWS)])
        self._blink = basis[list(BLINKS)].sum(axis=0)
        reach = np.abs(self._brows).sum(axis=0).max(axis=1) + np.abs(self._blink).max(axis=1)
        moving = reach > 0.002 * person.eye_span
        triangles = person.mesh.triangles
        self._triangles = np.ascontiguousarray(triangles[moving[triangles].any(axis=1)])
        self._moving = np.unique(self._triangles)
        groups = person.mesh.groups
        self._lids = [
            (
                groups[f"lid_upper_{side}"],
                np.concatenate([groups[f"lid_upper_{side}"][:1], groups[f"lid_lower_{side}"], groups[f"lid_upper_{side}"][-1:]]),
                spline_rows(person.rest, upper, LID_SAMPLES),
                spline_rows(person.rest, lower, LID_SAMPLES),
                iris,
            )
            for side, upper, lower, iris in SIDES
        ]

    def draw(self, frame: ByteArray, landmarks: FloatArray, added: UpperFace, number: int, shown: float) -> ByteArray:
        """The frame (H, W, 3) uint8, new, with what is added in frame `number`; landmarks: (478, 3) of its face."""
        person = self._person
        stands = person.placing(landmarks)
        before = person.vertices(stands.placed(person.rig.rest), person.handles_in(landmarks)[:, :2])
        for upper, lower, upper_rows, lower_rows, _ in self._lids:
            before[lower] = (lower_rows @ landmarks)[:, :2]
            before[upper] = (upper_rows @ landmarks)[:, :2]
        moved = np.tensordot(added.brows[number, BROWS], self._brows, 1) + added.blinks[number] * self._blink
        axes = stands.size * stands.rotation
        after = np.asarray(before + shown * (moved @ axes.T)[:, :2], np.float32)
        down = (stands.rotation @ person.coordinates.axes[:, 1])[:2]
        for upper, lower, *_ in self._lids:
            uncross(after, upper, lower, down)
        gaze = np.sin(np.radians(added.gaze_deg[number])) * (1, -1) * EYEBALL * person.eye_span * shown
        look = (gaze[0] * axes @ person.coordinates.axes[:, 0] + gaze[1] * axes @ person.coordinates.axes[:, 1])[:2]
        box = box_of(after[self._moving], before[self._moving], frame.shape)
        if box is None:
            return frame
        left, top, right, bottom = box
        places = np.empty((bottom - top, right - left, 2), np.float32)
        places[..., 0] = np.arange(left, right, dtype=np.float32)
        places[..., 1] = np.arange(top, bottom, dtype=np.float32)[:, None]
        fill_map(after, before, self._triangles, np.float32(left), np.float32(top), places)
        for upper, lower, *_, iris in self._lids:
            opening = np.concatenate([before[upper], before[lower][::-1]])
            self._turn_eye(places, opening, landmarks[iris, :2], look, stands.size * person.eye_span, (left, top))
        result = frame.copy()
        result[top:bottom, left:right] = np.rint(np.clip(sampled(frame, places), 0, 255)).astype(np.uint8)
        return result

    def _turn_eye(
        self, places: FloatArray, opening: FloatArray, iris: FloatArray, look: FloatArray, span: float, corner: tuple[int, int]
    ) -> None:
        """Shift the iris at (2,) by `look` (2,) pixels within the eye's `opening` (N, 2): it moves whole, the white gives way."""
        eye = polygon(opening, *corner, (places.shape[0], places.shape[1]))
        apart = np.linalg.norm(places - (iris + look), axis=2) / (IRIS * span)
        follows = np.clip((GIVES_WAY - apart) / (GIVES_WAY - 1.0), 0.0, 1.0) * eye
        places -= follows[..., None] * look.astype(np.float32)
