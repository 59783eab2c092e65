"""An emotion as the pipeline tells it, for tests that need no song to be heard."""

from __future__ import annotations

from motion.intensity import emotion_of_curves

CURVE = (0.2, 0.4, 0.9, 0.6, 0.1)
SECTIONS = ((0.0, 1.0, "neutral"), (1.0, 2.0, "happy"))
#: As it is kept: JSON values.
EMOTION = {
    "style": "auto",
    "sections": [{"start_s": start_s, "stop_s": stop_s, "style": style} for start_s, stop_s, style in SECTIONS],
    "step_s": 0.5,
    "intensity": list(CURVE),
    "automatic": list(CURVE),
    "points": [],
    "automatic_points": [[0.0, 0.2], [0.5, 0.4], [1.0, 0.9], [1.5, 0.6], [2.0, 0.1]],
    "learned": [],
    "learned_points": [],
}


def told() -> object:
    """The same by the pipeline's own hand."""
    return emotion_of_curves("auto", SECTIONS, CURVE, CURVE, 2.0, 2.0, ())
