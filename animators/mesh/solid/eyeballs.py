"""Eyeballs: balls behind the lids, with the portrait's own eyes, completed, on their front."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from animators.mesh.eyes import EYEBALL_RADIUS, EYEBALL_TIMES, Eye
from animators.mesh.solid.bust import Bust
from animators.mesh.solid.part import Part, grid_triangles
from core.contracts import FloatArray

#: How much larger a ball is than its opening, and eye spans by which it stays behind the lids.
LARGER, CLEARANCE = 1.12, 0.006
#: How far around the ball it is built, from its front.
AROUND_RAD = 1.8
RINGS, SPOKES = 20, 32
#: Steps of a lid's way down and of the skin above it at which the ball must stay behind.
LID_STEPS = 5


@dataclass(frozen=True)
class Eyeball:
    """name: LeftEye or RightEye, of the person. centre: (3,) pixels about which it turns. part: around that.

    gain: by how much less it turns than told: the mesh engine's eyes are 12 mm in radius, this one fills its opening.
    """

    name: str
    centre: FloatArray
    part: Part
    gain: float


def eyeballs(bust: Bust) -> list[Eyeball]:
    """Those of eyes that the portrait shows open."""
    names = ("RightEye", "LeftEye")
    return [_eyeball(bust, eye, name) for eye, name in zip(bust.drawer.eyes, names, strict=True) if eye.opens]


def _eyeball(bust: Bust, eye: Eye, name: str) -> Eyeball:
    span = bust.rig.coordinates.eye_span
    lids = bust.places[np.concatenate([eye.upper, eye.lower])]
    centre = np.array([*eye.centre[:2], 0.0])
    radius = max(EYEBALL_RADIUS * span, LARGER * float(np.linalg.norm(lids[:, :2] - centre[:2], axis=1).max()))
    front = _lids_at(bust, eye)
    apart = np.linalg.norm(front[:, :2] - centre[:2], axis=1)
    within = apart < radius
    height = np.sqrt(np.maximum(radius**2 - apart[within] ** 2, 0))
    centre[2] = float((front[within, 2] + height).max()) + CLEARANCE * span
    down, around = np.meshgrid(np.linspace(0, AROUND_RAD, RINGS), np.linspace(0, 2 * np.pi, SPOKES + 1), indexing="ij")
    ball = np.stack([np.sin(down) * np.cos(around), np.sin(down) * np.sin(around), -np.cos(down)], axis=2).reshape(-1, 3)
    places = (radius * ball).astype(np.float32)
    size = np.array([eye.eyeball.shape[1], eye.eyeball.shape[0]]) / EYEBALL_TIMES
    uv = (places[:, :2] + centre[:2] - eye.corner + 0.5) / size
    triangles = grid_triangles(RINGS, SPOKES + 1)
    part = Part(name, places, triangles[:, ::-1].copy(), uv.astype(np.float32), eye.eyeball)
    return Eyeball(name, centre.astype(np.float32), part, EYEBALL_RADIUS * span / radius)


def _lids_at(bust: Bust, eye: Eye) -> FloatArray:
    """Places (N, 3) over which the lid's edge and the skin up to its crease pass while the eye shuts."""
    places, delta = bust.places, bust.deltas()[eye.blink_name]
    crease = np.linspace(0, len(eye.crease) - 1, len(eye.upper)).round().astype(int)
    passed = []
    for shut in np.linspace(0, 1, LID_STEPS):
        now = places + shut * delta
        edge, top = now[eye.upper], now[eye.crease[crease]]
        passed += [now[eye.lower], *(edge + part * (top - edge) for part in np.linspace(0, 1, LID_STEPS))]
    return np.concatenate(passed)
