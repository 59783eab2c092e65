"""One face's motion with the lips of another: a film moves the head, a song the mouth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.blendshapes import BLENDSHAPE_NAMES
from core.contracts import Motion

#: The first letters of the shapes that a mouth speaks and sings with.
OF_LIPS = ("jaw", "mouth", "tongue")
LIPS = np.array([name.startswith(OF_LIPS) for name in BLENDSHAPE_NAMES])


def with_lips_of(face: Motion, speaking: Motion) -> Motion:
    """The motion of `face` with jaw, mouth and tongue of `speaking`, and its intensity where that is higher.

    Raises ValueError where the two are not of one length and rate.
    """
    if len(face) != len(speaking) or face.fps != speaking.fps:
        told = f"{len(face)} frames at {face.fps:g} and {len(speaking)} at {speaking.fps:g}"
        raise ValueError(f"Lips can only be lent by a motion of the same length and rate, not {told} a second.")
    shapes = np.where(LIPS, speaking.blendshapes, face.blendshapes).astype(np.float32)
    return replace(face, blendshapes=shapes, intensity=np.maximum(face.intensity, speaking.intensity))
