"""How far the mouth is open: the gap between the inner lips, from the landmarks found in a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.contracts import FloatArray
from metrics.mouth_change import LIP_APERTURE
from metrics.registry import Metric

if TYPE_CHECKING:
    from metrics.report import Evidence

#: Face Landmarker points facing each other on the inner lips: upper, lower; the middle pair (13, 14) and its neighbours.
INNER_LIP_PAIRS = ((13, 14), (82, 87), (312, 317))
#: Outer corners of the eyes, and inner corners of the mouth.
OUTER_EYES = (33, 263)
MOUTH_CORNERS = (78, 308)


def eye_span(landmarks: FloatArray) -> float:
    """Distance in pixels of the outer eye corners, in three dimensions, so that a turned head does not shorten it.

    landmarks: (478, 3) in pixels.
    """
    return float(np.linalg.norm(landmarks[OUTER_EYES[0]] - landmarks[OUTER_EYES[1]]))


def aperture(landmarks: FloatArray) -> float:
    """Opening of the mouth in eye spans: 0 shut, about 0.15 wide open in speech, 0.5 and more in a shout.

    The mean gap of three pairs of inner-lip points, which halves the landmarks' noise, over the span of the outer eye corners.
    The span is bone: the mouth's own width shrinks when lips are rounded, the face's height grows with the jaw.

    landmarks: (478, 3) in pixels.
    """
    gaps = [np.linalg.norm(landmarks[upper, :2] - landmarks[lower, :2]) for upper, lower in INNER_LIP_PAIRS]
    return float(np.mean(gaps)) / eye_span(landmarks)


def mouth_widths(landmarks: FloatArray) -> float:
    """The gap of points 13 and 14 in widths of the inner mouth: the simpler measure in common use, for comparison."""
    gap = np.linalg.norm(landmarks[13, :2] - landmarks[14, :2])
    return float(gap / np.linalg.norm(landmarks[MOUTH_CORNERS[0], :2] - landmarks[MOUTH_CORNERS[1], :2]))


def source_aperture(evidence: Evidence) -> float | None:
    """Opening of the mouth in the source picture, in eye spans; None where the landmarks don't follow this mouth."""
    return aperture(evidence.source.face.landmarks) if evidence.measure.name == LIP_APERTURE else None


SOURCE_APERTURE = Metric[float | None]("source_aperture", None, 20, figures=lambda _, evidence: source_aperture(evidence))
