"""ARKit's 52 shapes as MetaHuman controls, and back.

Source of the table: both sets of names descend from the units of the Facial Action Coding System (Ekman & Friesen, 1978), so
every shape goes to the control of the same unit, with weight 1; Apple's documentation of `ARFaceAnchor.BlendShapeLocation` says
what each shape does. Where a unit is spread over several controls, all of them are moved. Weights other than 1 are ours:
a pucker purses the lips and brings them half together into a funnel; a rolled lower lip takes the upper along; outer brows lift
their inner ends; a tongue that is out widens and sinks. docs/EMOTION.md tells how far this agrees with the mapping that Epic
ships.

`mouthClose` is no shape of its own: it says how much of the jaw's opening the lips take back. The rig's `mouthLipsTogether*`
say the same as a share (1: shut, however far the jaw is open), so they are `mouthClose` divided by `jawOpen`.

Back: the least squares through the table with no value below 0 (Lawson & Hanson's NNLS, "Solving Least Squares Problems",
1974), which gives back exactly what went in; then controls that no shape moves add what they do most like (`_ALIKE`), so that
a take recorded on a MetaHuman keeps them.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from core.blendshapes import BLENDSHAPE_INDEX, BLENDSHAPE_NAMES
from core.contracts import FloatArray
from core.rigs.metahuman_names import CONTROLS

#: Below this opening of the jaw `mouthClose` is taken as a share of this, lest noise on a shut jaw moves the lips.
LEAST_OPEN = 0.05

_SIDES = (("Left", "L"), ("Right", "R"))
#: Shapes with a side: the shape without it, and the controls without theirs, with weights.
_SIDED: dict[str, dict[str, float]] = {
    "eyeBlink": {"eyeBlink": 1.0},
    "eyeLookDown": {"eyeLookDown": 1.0},
    "eyeLookUp": {"eyeLookUp": 1.0},
    "eyeSquint": {"eyeSquintInner": 1.0},
    "eyeWide": {"eyeWiden": 1.0},
    "mouthSmile": {"mouthCornerPull": 1.0},
    "mouthFrown": {"mouthCornerDepress": 1.0},
    "mouthDimple": {"mouthDimple": 1.0},
    "mouthStretch": {"mouthStretch": 1.0},
    "mouthPress": {"mouthPressU": 1.0, "mouthPressD": 1.0},
    "mouthLowerDown": {"mouthLowerLipDepress": 1.0},
    "mouthUpperUp": {"mouthUpperLipRaise": 1.0},
    "browDown": {"browDown": 1.0},
    "browOuterUp": {"browRaiseOuter": 1.0, "browRaiseIn": 1.0},
    "cheekSquint": {"eyeCheekRaise": 1.0},
    "noseSneer": {"noseWrinkle": 1.0},
}
#: Eyes look inwards to the other side.
_GAZE: dict[str, str] = {
    "eyeLookInLeft": "eyeLookRightL",
    "eyeLookOutLeft": "eyeLookLeftL",
    "eyeLookInRight": "eyeLookLeftR",
    "eyeLookOutRight": "eyeLookRightR",
}
#: Shapes in the middle; a control's `*` stands for both sides.
_MIDDLE: dict[str, dict[str, float]] = {
    "jawForward": {"jawFwd": 1.0},
    "jawLeft": {"jawLeft": 1.0},
    "jawRight": {"jawRight": 1.0},
    "jawOpen": {"jawOpen": 1.0},
    "mouthFunnel": {"mouthFunnelU*": 1.0, "mouthFunnelD*": 1.0},
    "mouthPucker": {
        **{"mouthLipsPurseU*": 1.0, "mouthLipsPurseD*": 1.0, "mouthLipsTowardsU*": 0.5, "mouthLipsTowardsD*": 0.5},
        **{"mouthFunnelU*": 0.5, "mouthFunnelD*": 0.5},
    },
    "mouthLeft": {"mouthLeft": 1.0},
    "mouthRight": {"mouthRight": 1.0},
    "mouthRollLower": {"mouthLowerLipRollIn*": 1.0, "mouthUpperLipRollIn*": 0.5},
    "mouthRollUpper": {"mouthUpperLipRollIn*": 1.0},
    "mouthShrugLower": {"jawChinRaiseD*": 1.0},
    "mouthShrugUpper": {"jawChinRaiseU*": 1.0},
    "browInnerUp": {"browRaiseIn*": 1.0, "browLateral*": 1.0},
    "cheekPuff": {"mouthCheekBlow*": 1.0, "mouthLipsBlow*": 1.0},
    "tongueOut": {"tongueOut": 1.0, "tongueWide": 0.5, "tongueDown": 0.5},
}
_TOGETHER = tuple(CONTROLS.index(f"mouthLipsTogether{quarter}") for quarter in ("UL", "UR", "DL", "DR"))
_CLOSE, _OPEN = BLENDSHAPE_INDEX["mouthClose"], BLENDSHAPE_INDEX["jawOpen"]

#: Controls that no shape moves, and the shapes that come nearest: the control without its side, the shape without its, how much.
_ALIKE_SIDED: tuple[tuple[str, str, float], ...] = (
    ("mouthSharpCornerPull", "mouthSmile", 1.0),
    ("mouthCornerUp", "mouthSmile", 0.5),
    ("mouthCornerDown", "mouthFrown", 0.5),
    ("mouthStretchLipsClose", "mouthStretch", 0.5),
    ("mouthLipsPress", "mouthPress", 1.0),
    ("eyeUpperLidUp", "eyeWide", 0.5),
    ("eyeLidPress", "eyeSquint", 0.5),
    ("eyeLowerLidUp", "eyeSquint", 0.5),
    ("eyeRelax", "eyeBlink", 0.3),
    ("eyeFaceScrunch", "eyeSquint", 0.5),
    ("eyeFaceScrunch", "noseSneer", 0.5),
    ("noseWrinkleUpper", "noseSneer", 0.5),
)
_ALIKE_MIDDLE: tuple[tuple[str, str, float], ...] = (
    ("jawOpenExtreme", "jawOpen", 0.5),
    *((f"mouthUpperLipBite{side}", "mouthRollUpper", 0.5) for _, side in _SIDES),
    *((f"mouthLowerLipBite{side}", "mouthRollLower", 0.5) for _, side in _SIDES),
)


def arkit_to_metahuman(shapes: FloatArray) -> FloatArray:
    """(T, 52) shapes in `BLENDSHAPE_NAMES` order as (T, 185) controls in `CONTROLS` order, float32 from 0 on.

    Where two shapes move one control their sum may pass 1, as it does with poses that Unreal adds up; the rig stops it there.
    Kept as it is, it can be told apart again.
    """
    shapes = np.clip(np.asarray(shapes, np.float64), 0.0, 1.0)
    controls = shapes @ forward_table()
    share = shapes[:, _CLOSE] / np.maximum(shapes[:, _OPEN], LEAST_OPEN)
    controls[:, _TOGETHER] = np.minimum(share, 1.0)[:, None]
    return controls.astype(np.float32)


def metahuman_to_arkit(controls: FloatArray) -> FloatArray:
    """(T, 185) controls as (T, 52) shapes, float32 in [0, 1].

    What `arkit_to_metahuman` made comes back the same within 1e-5, but for a `mouthClose` beyond `jawOpen` (and `LEAST_OPEN`):
    lips can't be more than shut.
    """
    positive: npt.NDArray[np.float64] = np.maximum(np.asarray(controls, np.float64), 0.0)
    shapes = _least_squares(positive) + positive @ alike_table()
    shapes = np.clip(shapes, 0.0, 1.0)
    shapes[:, _CLOSE] = np.minimum(positive[:, _TOGETHER], 1.0).mean(axis=1) * np.maximum(shapes[:, _OPEN], LEAST_OPEN)
    return shapes.astype(np.float32)


def _least_squares(controls: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The shapes (T, 52) not below 0 that come nearest to the controls (T, 185) through the table."""
    from scipy.optimize import nnls

    table = forward_table()
    shapes: npt.NDArray[np.float64] = controls @ _inverse_table()
    for row in np.flatnonzero(shapes.min(axis=1, initial=0.0) < -1e-9):  # elsewhere the plain least squares are the answer
        moved = np.flatnonzero(table.any(axis=1))
        shapes[row] = 0.0
        shapes[row, moved] = nnls(table[moved].T, controls[row])[0]
    return np.maximum(shapes, 0.0)


@cache
def forward_table() -> npt.NDArray[np.float64]:
    """(52, 185): how much of each control a whole shape moves; `mouthClose`, which is a share, has nothing."""
    table = np.zeros((len(BLENDSHAPE_NAMES), len(CONTROLS)))
    for shape, controls in _MIDDLE.items():
        for control, weight in controls.items():
            for side in "LR" if control.endswith("*") else ("",):
                table[BLENDSHAPE_INDEX[shape], CONTROLS.index(control.removesuffix("*") + side)] = weight
    for shape, controls in _SIDED.items():
        for (long, short), (control, weight) in ((side, each) for side in _SIDES for each in controls.items()):
            table[BLENDSHAPE_INDEX[shape + long], CONTROLS.index(control + short)] = weight
    for shape, control in _GAZE.items():
        table[BLENDSHAPE_INDEX[shape], CONTROLS.index(control)] = 1.0
    return table


@cache
def _inverse_table() -> npt.NDArray[np.float64]:
    """(185, 52): the least squares through the table."""
    inverse: npt.NDArray[np.float64] = np.asarray(np.linalg.pinv(forward_table()), np.float64)
    return inverse


@cache
def alike_table() -> npt.NDArray[np.float64]:
    """(185, 52): what controls that no shape moves add to the shapes that they are most like."""
    table = np.zeros((len(CONTROLS), len(BLENDSHAPE_NAMES)))
    for control, shape, weight in _ALIKE_SIDED:
        for long, short in _SIDES:
            table[CONTROLS.index(control + short), BLENDSHAPE_INDEX[shape + long]] = weight
    for control, shape, weight in _ALIKE_MIDDLE:
        table[CONTROLS.index(control), BLENDSHAPE_INDEX[shape]] = weight
    return table
