"""What a trained network tells of a face, laid over the performance that the song's plan gives: one face that is alive.

The network gives lips, brows, cheeks, nose and how wide the eyes are. Blinks, gaze, lids and breath it does not know, nor, in a
rig without the head or where no head moved in what it learned from, the head's movement: these stay the plan's.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.ndimage import gaussian_filter1d, maximum_filter1d

from core.blendshapes import BLENDSHAPE_INDEX, BLENDSHAPE_NAMES
from core.contracts import FloatArray, Motion
from core.rigs.rig_list import HEAD_SIGNS
from motion.singing.performance.emotions_performance import eased_shapes
from motion.singing.performance.eyes import REFLEX, with_lids
from motion.singing.performance.mouth_shapes import EXPRESSIVE_OPENING

#: What stays the plan's: blinks, and the lids that go with the gaze.
PLANNED = ("eyeBlink", "eyeLook")
#: The shapes that speak; the rest of the mouth, its corners, feels.
SPEAKING = ("jaw", "mouthClose", "mouthFunnel", "mouthPucker", "mouthRoll", "mouthUpperUp", "mouthLowerDown", "mouthPress")
SPEAKING_TOO = ("mouthShrug", "mouthLeft", "mouthRight", "tongueOut", "cheekPuff")
#: A mouth gives its lips back to the plan, which knows how it rests and breathes, this long after the voice ends; and how softly.
HELD_S, SOFT_S = 0.12, 0.06

_IS_PLANNED = np.array([name.startswith(PLANNED) for name in BLENDSHAPE_NAMES])
_SPEAKS = np.array([name.startswith((*SPEAKING, *SPEAKING_TOO)) for name in BLENDSHAPE_NAMES])
_MOUTH = np.array([name.startswith(("jaw", "mouth", "tongue", "cheekPuff")) for name in BLENDSHAPE_NAMES])


def laid_over(planned: Motion, told: FloatArray, sung: FloatArray, expressiveness: float, own_lips: bool) -> Motion:
    """The planned motion with the shapes that the network tells.

    told: (T, 52) at the motion's frames, in ARKit's order. sung: (T,) how much of each frame is sung. expressiveness: 0 to 2,
    strength of what feels; speaking lips open a little wider with it. own_lips: whether the network's lips speak; else the
    plan's do, and its whole mouth.
    """
    felt = eased_shapes(expressiveness * np.maximum(told, 0.0))
    wider = np.clip(told * max(0.0, 1.0 + EXPRESSIVE_OPENING * (expressiveness - 1.0)), 0.0, 1.0)
    share = voiced(sung, planned.fps)[:, np.newaxis]
    speaking = share * wider + (1.0 - share) * planned.blendshapes
    shapes = np.where(_SPEAKS, speaking, felt)
    kept = _IS_PLANNED if own_lips else _IS_PLANNED | _MOUTH
    shapes = np.where(kept, planned.blendshapes, shapes).astype(np.float32)
    jaw, close = BLENDSHAPE_INDEX["jawOpen"], BLENDSHAPE_INDEX["mouthClose"]
    shapes[:, close] = np.minimum(shapes[:, close], shapes[:, jaw])
    return replace(planned, blendshapes=_lidded(shapes))


def voiced(sung: FloatArray, fps: float) -> FloatArray:
    """(T,) in [0, 1]: whether the mouth is the voice's, a little before it is heard and after, without jumps."""
    if not len(sung):
        return np.zeros(0, np.float32)
    held = maximum_filter1d((sung > 0.5).astype(np.float32), 2 * round(HELD_S * fps) + 1, mode="nearest")
    return np.asarray(np.clip(gaussian_filter1d(held, SOFT_S * fps, mode="nearest"), 0.0, 1.0), np.float32)


def with_head(motion: Motion, head: FloatArray, strength: float) -> Motion:
    """The motion with the head that the network tells; the eyes stay with the camera as they did.

    head: (T, 3) radians, yaw, pitch and roll with the signs of Live Link Face. strength: 0 to 2.
    """
    rotation_deg = (strength * np.degrees(head) * HEAD_SIGNS).astype(np.float32)
    turned = rotation_deg[:, :2] - motion.rotation_deg[:, :2]
    gaze_deg = (motion.gaze_deg - REFLEX * turned).astype(np.float32)
    return replace(motion, rotation_deg=rotation_deg, gaze_deg=gaze_deg)


def _lidded(shapes: FloatArray) -> FloatArray:
    """What widens or narrows an eye gives way as it shuts."""
    named = {name: shapes[:, column] for name, column in BLENDSHAPE_INDEX.items() if name.startswith("eye")}
    lids = {name: curve for name, curve in named.items() if name.startswith("eyeBlink")}
    for name, curve in with_lids(named, lids).items():
        shapes[:, BLENDSHAPE_INDEX[name]] = curve
    return shapes
