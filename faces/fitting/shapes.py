"""The 52 ARKit blendshapes as displacements of a face's handles.

Each shape is written once, in units of the eye span (outer corner to outer corner, about 90 mm) and in the face's own axes: x to
the picture's right, y down, z away from the viewer. Sizes follow the muscles' usual reach on adults: a jaw opened wide drops the
lower lip by a third of the eye span, the mouth's corners come in as it drops, a pucker takes a third off the mouth's width.
`u` is the place along a lip, -1 to 1; side -1 is the person's right (the picture's left), +1 the left.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from core.contracts import BLENDSHAPE_NAMES, FloatArray
from core.easing import smooth_step
from faces.fitting.handles import Handles

JAW_DROP = 0.33
SIDES = {"Right": -1.0, "Left": 1.0}


def arch(u: FloatArray, power: float = 2.3, roundness: float = 0.72) -> FloatArray:
    """Opening profile along the lips: 1 in the middle, 0 at the corners, round there like an arch and not pointed."""
    return np.asarray(np.maximum(1 - np.abs(u) ** power, 0.0) ** roundness, np.float32)


class ShapeMaker:
    """Computes each blendshape's displacement (N, 3) of the handles of one face, in units of the eye span."""

    def __init__(self, handles: Handles) -> None:
        self.handles = handles
        self.u = handles.along
        self.upper_lip = handles.mask("lip_upper", "outer_upper")
        self.lower_lip = handles.mask("lip_lower", "outer_lower")
        self.inner = handles.mask("lip_upper", "lip_lower")
        self.lips = self.upper_lip | self.lower_lip
        self.soft = handles.mask("cheek_right", "cheek_left", "chin", "oval", "wing_right", "wing_left")
        self.soft &= ~self.lips & ~handles.mask("far")
        self.chin_depth = float(handles.place[handles.groups["chin"], 1].max())
        self.half_width = float(np.abs(handles.corners[:, 0]).mean())

    def zeros(self) -> FloatArray:
        return np.zeros_like(self.handles.place)

    def all(self) -> FloatArray:
        """Displacements (52, N, 3) in ARKit's order; gaze shapes move only lids here, the eyes are the eye layer's."""
        return np.stack([self._shape(name) for name in BLENDSHAPE_NAMES])

    def _shape(self, name: str) -> FloatArray:
        for suffix, side in SIDES.items():
            if name.endswith(suffix) and name[: -len(suffix)] in _SIDED:
                return _SIDED[name[: -len(suffix)]](self, side)
        return _WHOLE[name](self)

    # --- building blocks -----------------------------------------------------------------------------------------------

    def lip_field(self, inner: tuple[float, float], outer: tuple[float, float], profile: FloatArray) -> FloatArray:
        """Vertical shift of (upper, lower) inner and outer lip lines, in y, times `profile` (N,)."""
        field = self.zeros()
        groups = self.handles.groups
        for name, amount in (("outer_upper", outer[0]), ("outer_lower", outer[1])):
            field[groups[name], 1] = amount * profile[groups[name]]
        for name, amount in (("lip_upper", inner[0]), ("lip_lower", inner[1])):
            field[groups[name], 1] = amount * profile[groups[name]]
        return field

    def narrow(self, amount: float) -> FloatArray:
        """Bring both mouth corners inward by `amount` (negative: outward); the skin around follows."""
        field = self.zeros()
        field[self.lips, 0] = -amount * self.u[self.lips]
        for side, corner in zip((-1.0, 1.0), self.handles.corners, strict=True):
            field[self.soft, 0] += -0.7 * amount * side * self.near(corner, 0.3)[self.soft]
        return field

    def near(self, centre: FloatArray, radius: float) -> FloatArray:
        """Bell-shaped weight (N,) of the handles around a place, by distance in the face's plane."""
        distance = np.linalg.norm(self.handles.place[:, :2] - centre[:2], axis=1)
        return np.asarray(np.exp(-((distance / radius) ** 2)), np.float32)

    def corner(self, side: float, move: tuple[float, float, float], follow: float = 0.55, radius: float = 0.3) -> FloatArray:
        """Pull one mouth corner; the lips follow with a weight that falls to the other corner, the skin by distance."""
        field = self.zeros()
        weight = np.clip((1 + side * self.u) / 2, 0, 1) ** 2.2
        field[self.lips] = weight[self.lips, None] * np.array(move, np.float32)
        corner = self.handles.corners[0 if side < 0 else 1]
        around = follow * self.near(corner, radius)
        field[self.soft] = around[self.soft, None] * np.array(move, np.float32)
        return field

    def side_profile(self, side: float) -> FloatArray:
        """Profile (N,) along the lips with its height in the middle of one half."""
        return np.asarray(np.exp(-(((self.u - 0.42 * side) / 0.42) ** 2)) * arch(self.u), np.float32)

    def lid_names(self, side: float) -> tuple[str, str, str, str, str, str]:
        suffix = "right" if side < 0 else "left"
        names = ("lid_upper", "lash_upper", "crease", "lid_lower", "lash_lower", "bag")
        return tuple(f"{name}_{suffix}" for name in names)  # type: ignore[return-value]

    def lids(self, side: float, upper: float, lower: float) -> FloatArray:
        """Move the upper lid down and the lower lid up by these parts of the eye's opening; skin beyond follows a little."""
        field = self.zeros()
        lid_upper, lash_upper, crease, lid_lower, lash_lower, bag = self.lid_names(side)
        groups, gap = self.handles.groups, self.handles.gap
        for name, part in (
            (lash_upper, upper),
            (crease, 0.07 * upper),
            (lid_lower, -lower),
            (lash_lower, -lower),
            (bag, -0.45 * lower),
            (lid_upper, upper),
        ):
            field[groups[name], :2] = part * gap[groups[name]]
        return field

    def brow(self, side: float, inner: float, outer: float, together: float = 0.0) -> FloatArray:
        """Lift (negative: lower) the brow's inner and outer end, and draw it toward the middle."""
        field = self.zeros()
        suffix = "right" if side < 0 else "left"
        brow = self.handles.groups[f"brow_{suffix}"]
        x = np.abs(self.handles.place[brow, 0])
        t = np.clip((x - x.min()) / max(float(np.ptp(x)), 1e-6), 0, 1)
        field[brow, 1] = -(inner * (1 - t) ** 1.3 + outer * t * (1.6 - 0.6 * t))
        field[brow, 0] = -side * together * (1 - t)
        centre = self.handles.place[brow].mean(axis=0)
        forehead = self.handles.groups["forehead"] & ~self.handles.groups["oval"]
        reach = self.near(centre + np.array([0, -0.15, 0], np.float32), 0.35)
        field[forehead, 1] += -0.45 * (inner + outer) / 2 * reach[forehead]
        crease = self.handles.groups[f"crease_{suffix}"]
        field[crease, 1] += -0.22 * (inner + outer) / 2
        return field

    # --- whole-mouth shapes --------------------------------------------------------------------------------------------

    def jaw_open(self) -> FloatArray:
        """The jaw turns about its hinges: chin and lower lip drop, corners drop less and come in, cheeks hollow a little."""
        u, groups = self.u, self.handles.groups
        corner_drop = 0.40 * np.abs(u) ** 1.8
        field = self.zeros()
        outer_lower = groups["outer_lower"]
        field[outer_lower, 1] = 0.97 * arch(u, 2.7, 0.85)[outer_lower] + corner_drop[outer_lower]
        outer_upper = groups["outer_upper"]
        field[outer_upper, 1] = (0.8 * corner_drop - 0.03 * (1 - u**2))[outer_upper]
        lower, upper = groups["lip_lower"], groups["lip_upper"]
        field[lower, 1] = (arch(u, 2.4, 0.74) + corner_drop)[lower]
        field[upper, 1] = (corner_drop - 0.05 * (1 - u**2))[upper]
        field[self.lips, 0] = -0.30 * u[self.lips]
        field[self.lower_lip, 2] = 0.15 * (1 - u[self.lower_lip] ** 2)
        soft = self.soft
        field[soft, 1] = self.jaw_weight()[soft]
        field[soft, 2] = 0.2 * self.jaw_weight()[soft]
        cheeks = self.handles.mask("cheek_right", "cheek_left")
        field[cheeks, 1] = 0.04
        return field * JAW_DROP

    def jaw_weight(self) -> FloatArray:
        """How much of the jaw's drop each point takes: 0 above the mouth, 1 from under the lower lip to the chin, and less out
        along the jaw, which turns about its hinges before the ears."""
        x = np.abs(self.handles.place[:, 0])
        ramp = self.chin_depth * (0.24 + 0.76 * np.clip(x / 0.58, 0, 1) ** 1.5)
        drop = smooth_step((self.handles.place[:, 1] + 0.03) / ramp)
        return np.asarray(drop * np.clip(1.06 - 0.42 * (x / 0.75) ** 2, 0, 1), np.float32)

    def jaw_shift(self, x: float, z: float) -> FloatArray:
        """Push the whole lower jaw by (x, z)."""
        weight = np.where(self.soft, self.jaw_weight(), 0)
        weight[self.lower_lip] = arch(self.u)[self.lower_lip]
        weight[self.upper_lip] = 0
        return np.asarray(weight[:, None] * np.array([x, 0, z]), np.float32)

    def mouth_close(self) -> FloatArray:
        """Undo the jaw's opening at the lips while the jaw stays down: at 1 with jawOpen 1 the lips touch."""
        opening = self.jaw_open()
        field = self.zeros()
        groups = self.handles.groups
        profile = arch(self.u, 2.4, 0.74) * JAW_DROP + 0.05 * JAW_DROP * (1 - self.u**2)
        field[groups["lip_lower"], 1] = -0.72 * profile[groups["lip_lower"]]
        only_upper = groups["lip_upper"] & ~groups["lip_lower"]
        field[only_upper, 1] = 0.28 * profile[only_upper]
        outer_lower, outer_upper = groups["outer_lower"], groups["outer_upper"]
        field[outer_lower, 1] = -0.55 * opening[outer_lower, 1] * (1 - np.abs(self.u[outer_lower]) ** 3)
        field[outer_upper, 1] = 0.16 * profile[outer_upper]
        corners = groups["lip_lower"] & groups["lip_upper"]
        field[corners, 1] = -0.3 * opening[corners, 1]
        return field

    def funnel(self) -> FloatArray:
        """Lips forward and apart in a ring."""
        field = self.narrow(0.30 * self.half_width) + self.lip_field((-0.04, 0.045), (-0.05, 0.05), arch(self.u))
        field[self.lips, 2] = -0.07
        return field

    def pucker(self) -> FloatArray:
        """Lips together and forward, as for a kiss: the mouth narrows by a third, the red of the lips grows fuller."""
        full = np.asarray(1 - np.abs(self.u) ** 2.5, np.float32)
        field = self.narrow(0.40 * self.half_width) + self.lip_field((0, 0), (-0.022, 0.03), full)
        field[self.lips, 2] = -0.09
        return field

    def sideways(self, side: float) -> FloatArray:
        field = self.zeros()
        field[self.lips, 0] = side * 0.09
        around = self.near(np.zeros(3, np.float32), 0.45)
        field[self.soft, 0] = side * 0.06 * around[self.soft]
        return field

    def roll(self, upper: float, lower: float) -> FloatArray:
        """Roll lips inward: their outer edge moves toward the mouth, the inner edge stays."""
        profile = np.asarray(1 - np.abs(self.u) ** 3, np.float32)
        return self.lip_field((0, 0), (0.05 * upper, -0.06 * lower), profile)

    def shrug(self, upper: float, lower: float) -> FloatArray:
        """Push lips upward (the chin's muscle for the lower one)."""
        profile = np.asarray(1 - np.abs(self.u) ** 2, np.float32)
        field = self.lip_field(
            (-0.02 * upper - 0.015 * lower, -0.02 * upper - 0.015 * lower), (-0.03 * upper, -0.05 * lower), profile
        )
        chin = self.handles.groups["chin"] & ~self.lips
        field[chin, 1] = -0.04 * lower * np.exp(-np.abs(self.handles.place[chin, 0]) * 3)
        return field

    def puff(self) -> FloatArray:
        field = self.zeros()
        for side in (-1.0, 1.0):
            centre = np.array([side * (self.half_width + 0.16), -0.02, 0], np.float32)
            weight = self.near(centre, 0.26)
            field[self.soft] += weight[self.soft, None] * np.array([side * 0.05, 0, -0.06], np.float32)
        return field

    # --- one-sided shapes ----------------------------------------------------------------------------------------------

    def smile(self, side: float) -> FloatArray:
        field = self.corner(side, (side * 0.105, -0.105, 0.02))
        suffix = "right" if side < 0 else "left"
        cheek = self.handles.groups[f"cheek_{suffix}"]
        field[cheek] += np.array([side * 0.008, -0.045, -0.01], np.float32)
        return field

    def press(self, side: float) -> FloatArray:
        field = self.lip_field((0, 0), (0.018, -0.022), self.side_profile(side))
        return field + self.corner(side, (side * 0.015, 0.0, 0.0))

    def lower_down(self, side: float) -> FloatArray:
        return self.lip_field((0, 0.07), (0, 0.06), self.side_profile(side))

    def upper_up(self, side: float) -> FloatArray:
        field = self.lip_field((-0.06, 0), (-0.055, 0), self.side_profile(side))
        field[self.handles.groups["wing_right" if side < 0 else "wing_left"], 1] = -0.012
        return field

    def cheek_squint(self, side: float) -> FloatArray:
        field = self.lids(side, 0.0, 0.12)
        cheek = self.handles.groups["cheek_right" if side < 0 else "cheek_left"]
        field[cheek, 1] = -0.045
        return field

    def sneer(self, side: float) -> FloatArray:
        # The red of the upper lip is curled up at its outer edge; its inner edge stays, so that shut lips stay shut.
        field = self.lip_field((0, 0), (-0.03, 0), self.side_profile(side))
        field[self.handles.groups["wing_right" if side < 0 else "wing_left"]] = (side * 0.012, -0.045, 0)
        return field


_SIDED: dict[str, Callable[[ShapeMaker, float], FloatArray]] = {
    "eyeBlink": lambda m, s: m.lids(s, 0.90, 0.10),
    "eyeLookDown": lambda m, s: m.lids(s, 0.34, 0.0),
    "eyeLookIn": lambda m, s: m.zeros(),
    "eyeLookOut": lambda m, s: m.zeros(),
    "eyeLookUp": lambda m, s: m.lids(s, -0.14, 0.05),
    "eyeSquint": lambda m, s: m.lids(s, 0.06, 0.24),
    "eyeWide": lambda m, s: m.lids(s, -0.26, -0.08),
    "mouthSmile": ShapeMaker.smile,
    "mouthFrown": lambda m, s: m.corner(s, (s * 0.01, 0.095, 0.0)),
    "mouthDimple": lambda m, s: m.corner(s, (s * 0.05, -0.012, 0.03)),
    "mouthStretch": lambda m, s: m.corner(s, (s * 0.085, 0.02, 0.03)),
    "mouthPress": ShapeMaker.press,
    "mouthLowerDown": ShapeMaker.lower_down,
    "mouthUpperUp": ShapeMaker.upper_up,
    "browDown": lambda m, s: m.brow(s, -0.085, -0.045, 0.04),
    "browOuterUp": lambda m, s: m.brow(s, 0.02, 0.09),
    "cheekSquint": ShapeMaker.cheek_squint,
    "noseSneer": ShapeMaker.sneer,
}
_WHOLE: dict[str, Callable[[ShapeMaker], FloatArray]] = {
    "jawForward": lambda m: m.jaw_shift(0.0, -0.06),
    "jawRight": lambda m: m.jaw_shift(-0.07, 0.0),
    "jawLeft": lambda m: m.jaw_shift(0.07, 0.0),
    "jawOpen": ShapeMaker.jaw_open,
    "mouthClose": ShapeMaker.mouth_close,
    "mouthFunnel": ShapeMaker.funnel,
    "mouthPucker": ShapeMaker.pucker,
    "mouthRight": lambda m: m.sideways(-1.0),
    "mouthLeft": lambda m: m.sideways(1.0),
    "mouthRollLower": lambda m: m.roll(0.0, 1.0),
    "mouthRollUpper": lambda m: m.roll(1.0, 0.0),
    "mouthShrugLower": lambda m: m.shrug(0.0, 1.0),
    "mouthShrugUpper": lambda m: m.shrug(1.0, 0.0),
    "browInnerUp": lambda m: m.brow(-1.0, 0.1, 0.015) + m.brow(1.0, 0.1, 0.015),
    "cheekPuff": ShapeMaker.puff,
    "tongueOut": ShapeMaker.zeros,
}
