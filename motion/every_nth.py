"""A motion of fewer frames, for films whose other frames are found in between."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.contracts import Motion


def every_nth(motion: Motion, step: int) -> Motion:
    """The frames 0, step, 2 step, ... of a motion up to the first one at or after its last frame.

    A frame after the last one goes on as the last two went, so that every frame of the film lies between two that are drawn.
    """
    if step == 1:
        return motion
    drawn = -(-(len(motion) - 1) // step) + 1
    places = np.arange(drawn) * step
    inside = np.minimum(places, len(motion) - 1)
    beyond = (places - inside).astype(np.float32)[:, None]

    def pick(values: np.ndarray, limits: tuple[float, float] = (-np.inf, np.inf)) -> np.ndarray:
        table = values.reshape(len(values), -1)
        change = table[-1] - table[max(len(table) - 2, 0)]
        picked = np.clip(table[inside] + beyond * change, *limits)
        return picked.reshape(drawn, *values.shape[1:]).astype(np.float32)

    return replace(
        motion,
        fps=motion.fps / step,
        blendshapes=pick(motion.blendshapes, (0.0, 1.0)),
        rotation_deg=pick(motion.rotation_deg),
        translation=pick(motion.translation),
        gaze_deg=pick(motion.gaze_deg),
        intensity=pick(motion.intensity, (0.0, 1.0)),
    )
