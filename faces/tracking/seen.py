"""How well a face is seen, frame by frame: turned, small, covered, cut off or clear, without flicker."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from core.contracts import ByteArray, FloatArray
from faces.tracking.appearance import MOUTH_PLACES, SKIN_PLACES
from faces.tracking.settings import TrackingSettings
from faces.tracking.tracks import FaceState

#: Landmarks of the mouth's outline and corners.
_OUTLINE = (61, 40, 37, 0, 267, 270, 291, 321, 314, 17, 84, 91)
_CORNERS = (61, 291)
#: Light changes by turning and shadows more than colour does: it counts for less.
_LIGHT_WEIGHT = 0.45
#: How far a place may stray from its usual colour, in its own usual strayings.
_TIMES_STRAYING = 5.0
#: How much redder lips must be than the skin around them, in Lab, to be missed once they are not; how much of it may go, and how
#: many of its usual strayings.
_RED_LIPS, _RED_LOST, _TIMES_RED_STRAYING = 5.0, 0.7, 3.0
#: Places under the lower lip, and the part of them that says that something is before the chin, which new lips move too.
_CHIN = [SKIN_PLACES.index(place) for place in (18, 83, 313, 200, 199)]
_CHIN_PART = 0.8
#: How far the mouth may lie beyond the border, in its own widths.
_BEYOND_BORDER = 0.03

Bools = npt.NDArray[np.bool_]


def mouth_width_px(landmarks: FloatArray) -> FloatArray:
    """Distance of the corners of the mouth (T,) in all three dimensions, which a turned head keeps."""
    left, right = (landmarks[:, index] for index in _CORNERS)
    return np.asarray(np.linalg.norm(left - right, axis=1), np.float32)


def with_slack(values: FloatArray, enter: float, leave: float) -> Bools:
    """Where values (T,) are beyond `enter`, and from there on until they fall under `leave`; NaN keeps what was."""
    out, inside = np.zeros(len(values), bool), False
    for index, value in enumerate(values):
        inside = bool(value > (leave if inside else enter)) if np.isfinite(value) else inside
        out[index] = inside
    return out


def is_cut(landmarks: FloatArray, size: tuple[int, int]) -> Bools:
    """Where the mouth lies beyond the frame's border (T,); size: (width, height) of the frame in pixels."""
    mouth = landmarks[:, list(_OUTLINE), :2]
    slack = _BEYOND_BORDER * mouth_width_px(landmarks)
    low, high = mouth.min(axis=1), mouth.max(axis=1)
    return np.asarray((low < -slack[:, None]).any(axis=1) | (high > np.array(size) - 1 + slack[:, None]).any(axis=1))


def strangeness(places: FloatArray, trusted: Bools, settings: TrackingSettings) -> FloatArray:
    """Part of the places around the mouth (T,) that do not look as they usually do.

    places: (T, len(MOUTH_PLACES), 3) Lab of one shot, NaN where nothing was read. trusted: frames of which the usual is taken.
    """
    if trusted.sum() < 3:
        return np.zeros(len(places), np.float32)
    usual = np.median(places[trusted], axis=0)
    weights = np.array([_LIGHT_WEIGHT, 1.0, 1.0])
    far = np.sqrt((((places - usual) * weights) ** 2).sum(axis=2))
    straying = 1.48 * np.median(far[trusted], axis=0)
    limit = np.maximum(settings.usual_difference, _TIMES_STRAYING * straying)
    strange = np.asarray((far > limit).mean(axis=1), np.float32)
    chin_is_gone = (far > limit)[:, _CHIN].mean(axis=1) >= _CHIN_PART
    return np.where(lips_are_gone(places, trusted) | chin_is_gone, np.float32(1), strange)


def lips_are_gone(places: FloatArray, trusted: Bools) -> Bools:
    """Where lips (T,) that are usually redder than the skin around them are not: skin, as a hand's, is before them."""
    redness = places[:, len(SKIN_PLACES) :, 1].mean(axis=1) - places[:, : len(SKIN_PLACES), 1].mean(axis=1)
    usual = float(np.median(redness[trusted]))
    straying = 1.48 * float(np.median(np.abs(redness[trusted] - usual)))
    if usual < _RED_LIPS:
        return np.zeros(len(places), bool)
    return np.asarray(usual - redness > max(_RED_LOST * usual, _TIMES_RED_STRAYING * straying))


def states_of(
    landmarks: FloatArray,
    rotation_deg: FloatArray,
    places: FloatArray,
    read: Bools,
    size: tuple[int, int],
    fps: float,
    settings: TrackingSettings,
) -> ByteArray:
    """`FaceState` of each frame (T,) uint8 of a stretch of one shot in which the face is there.

    read: where it was read; between, it was lost for moments. places: see `strangeness`.
    """
    slack = settings.angle_slack_deg
    yaw, pitch = np.abs(rotation_deg[:, 0]), np.abs(rotation_deg[:, 1])
    turned = with_slack(yaw, settings.max_yaw_deg, settings.max_yaw_deg - slack)
    turned |= with_slack(pitch, settings.max_pitch_deg, settings.max_pitch_deg - slack)
    width = mouth_width_px(landmarks)
    small = with_slack(-width, -settings.min_mouth_px, -settings.min_mouth_px * (1 + settings.size_slack))
    cut = is_cut(landmarks, size)
    strange = strangeness(places.reshape(len(places), len(MOUTH_PLACES), 3), read & ~turned & ~cut, settings)
    covered = with_slack(strange, settings.covered_part, settings.covered_part / 2)
    lost_turned = yaw > 0.75 * settings.max_yaw_deg
    state = np.full(len(read), FaceState.CLEAR, np.uint8)
    for where, name in (
        (covered | (~read & ~lost_turned), FaceState.COVERED),
        (turned | (~read & lost_turned), FaceState.TURNED),
        (cut, FaceState.CUT),
        (small, FaceState.SMALL),
    ):
        state[where] = name
    return without_flicker(state, max(1, round(settings.least_state_s * fps)))


def without_flicker(state: ByteArray, least: int) -> ByteArray:
    """The states (T,) with each one that lasts for fewer than `least` frames given to the longer of its neighbours."""
    state = state.copy()
    while True:
        edges = np.flatnonzero(np.diff(state)) + 1
        bounds = np.concatenate([[0], edges, [len(state)]])
        lengths = np.diff(bounds)
        if len(lengths) < 2 or lengths.min() >= least:
            return state
        shortest = int(lengths.argmin())
        before = lengths[shortest - 1] if shortest > 0 else -1
        after = lengths[shortest + 1] if shortest + 1 < len(lengths) else -1
        neighbour = bounds[shortest] - 1 if before >= after else bounds[shortest + 1]
        state[bounds[shortest] : bounds[shortest + 1]] = state[neighbour]
