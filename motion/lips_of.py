"""One face's motion with the lips of another: a film moves the head, a song the mouth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.ndimage import gaussian_filter1d

from core.blendshapes import BLENDSHAPE_NAMES
from core.contracts import FloatArray, Motion

#: The first letters of the shapes that a mouth speaks and sings with.
OF_LIPS = ("jaw", "mouth", "tongue")
LIPS = np.array([name.startswith(OF_LIPS) for name in BLENDSHAPE_NAMES])
#: The shapes by which a mouth shows a feeling while it speaks: how much of them stays, of what lasts longer than a word's sounds.
FEELING = np.array([name.startswith(("mouthSmile", "mouthFrown")) for name in BLENDSHAPE_NAMES])
FELT_SHARE, FELT_S = 0.7, 0.25


def with_lips_of(face: Motion, speaking: Motion) -> Motion:
    """The motion of `face` with jaw, mouth and tongue of `speaking`, and its intensity where that is higher.

    A smile or a frown of `face` stays on the speaking mouth, but for what comes and goes as quickly as sounds do: that is the
    speech of another. Raises ValueError where the two are not of one length and rate.
    """
    if len(face) != len(speaking) or face.fps != speaking.fps:
        told = f"{len(face)} frames at {face.fps:g} and {len(speaking)} at {speaking.fps:g}"
        raise ValueError(f"Lips can only be lent by a motion of the same length and rate, not {told} a second.")
    shapes = np.where(LIPS, speaking.blendshapes, face.blendshapes).astype(np.float32)
    shapes[:, FEELING] = np.maximum(shapes[:, FEELING], lasting(face.blendshapes[:, FEELING], face.fps))
    return replace(face, blendshapes=shapes, intensity=np.maximum(face.intensity, speaking.intensity))


def lasting(shapes: FloatArray, fps: float) -> FloatArray:
    """What of shapes (T, N) lasts, as far as it stays on a mouth that says something else."""
    if not len(shapes):
        return shapes
    return np.asarray(FELT_SHARE * gaussian_filter1d(shapes, FELT_S * fps, axis=0, mode="nearest"), np.float32)
