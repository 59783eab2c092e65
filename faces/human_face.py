"""Tells human faces, photographed or painted, from drawn ones and from those of animals, by how well the networks read them.

The landmark network was made for people: of them it reads the same whichever way the face lies in the picture, and its 478
points have the proportions of people. Drawn characters and animals are read too, but the readings wander, and the proportions
that come out are odd: a short chin, a narrow mouth, a flat nose. Neither a coarse JPEG nor few colours nor noise changes that.

The weights are those of two logistic regressions, fitted to the tuning half of docs/RESULTS.md's pictures: to 36 photos and eight
paintings in eight states each against 24 drawings in the same states and 53 animals, and to those drawings against those animals.
"""

from __future__ import annotations

import numpy as np

from core.contracts import FloatArray
from faces.face_reading import Evidence

#: People measured -2.2 and less, drawn faces 3.3 and more, animals 0.2 and more.
HUMAN_BELOW = -0.8
#: Landmarks: outer and inner corner of the eye at the picture's left, of the other eye; sides and tip of the nose, corners of
#: the mouth, upper and lower edge of the lips, chin.
_EYE_LEFT, _EYE_RIGHT, _NOSE_SIDES, _NOSE_TIP = (33, 133), (263, 362), (98, 327), 1
_MOUTH_CORNERS, _LIP_EDGES, _CHIN = (61, 291), (0, 17), 152


def doubt(landmarks: FloatArray, evidence: Evidence) -> float:
    """How much speaks against a photographed or painted human face: below `HUMAN_BELOW` it is one. landmarks: (478, 3)."""
    told = (
        -18.232 * evidence.score
        + 0.683 * np.log(min(evidence.disagreement, 2.0) + 0.01)
        + 1.785 * np.log(evidence.spread + 0.002)
        - 4.072 * _distance(landmarks, *_MOUTH_CORNERS)
        - 6.682 * _chin_drop(landmarks)
        + 9.954 * _nose_depth(landmarks)
    )
    return float(told + 39.171)


def is_human(landmarks: FloatArray, evidence: Evidence) -> bool:
    """Whether the face is that of a person in a photo or painting."""
    return doubt(landmarks, evidence) < HUMAN_BELOW


def is_drawn_rather_than_animal(landmarks: FloatArray) -> bool:
    """Of a face that is not human: whether it has a drawn character's proportions, a narrow nose and thin lips."""
    nose, lips = _distance(landmarks, *_NOSE_SIDES), _distance(landmarks, *_LIP_EDGES)
    return 33.6 * nose + 14.391 * lips + 1.504 * _chin_drop(landmarks) < 16.036


def _eyes(landmarks: FloatArray) -> tuple[FloatArray, FloatArray, float]:
    """Middle between the eyes (2,), direction along them (2,), and the distance of their outer corners."""
    flat = landmarks[:, :2]
    across = flat[_EYE_RIGHT[0]] - flat[_EYE_LEFT[0]]
    distance = max(float(np.linalg.norm(across)), 1e-6)
    middle = (flat[list(_EYE_LEFT)].mean(axis=0) + flat[list(_EYE_RIGHT)].mean(axis=0)) / 2
    return middle, across / distance, distance


def _distance(landmarks: FloatArray, first: int, second: int) -> float:
    """Between two landmarks, in eye distances."""
    return float(np.linalg.norm(landmarks[first, :2] - landmarks[second, :2])) / _eyes(landmarks)[2]


def _chin_drop(landmarks: FloatArray) -> float:
    """How far the chin lies below the eyes, in eye distances."""
    middle, across, distance = _eyes(landmarks)
    return float((landmarks[_CHIN, :2] - middle) @ np.array([-across[1], across[0]])) / distance


def _nose_depth(landmarks: FloatArray) -> float:
    """How far the tip of the nose lies behind the outer corners of the eyes, in eye distances: negative, it stands out."""
    corners = landmarks[[_EYE_LEFT[0], _EYE_RIGHT[0]], 2].mean()
    return float(landmarks[_NOSE_TIP, 2] - corners) / _eyes(landmarks)[2]
