"""What the learned lips say: curves of the mouth over time, kept with the song."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.contracts import FloatArray
from motion.singing.analysis.framing import FEATURE_RATE_HZ

#: Curves a second; value k belongs to the time k / LIP_RATE_HZ.
LIP_RATE_HZ = 50
#: Geometry in millimetres on a face whose outer eye corners are 88.9 mm apart. aperture: between the inner lips; the others
#: count from the mouth at rest: width: between the outer corners; protrusion: lips forward; jaw: chin down; press: red of the
#: lips drawn in.
GEOMETRY_NAMES = ("aperture_mm", "width_mm", "protrusion_mm", "jaw_mm", "press_mm")
#: ARKit shapes in [0, 1], those with two sides as the mean of both.
SHAPE_NAMES = (
    "jawOpen",
    "mouthClose",
    "mouthFunnel",
    "mouthPucker",
    "mouthSmile",
    "mouthStretch",
    "mouthDimple",
    "mouthPress",
    "mouthRollUpper",
    "mouthLowerDown",
)
#: closure in [0, 1]: how sure it is that the lips are shut for a b, m or p.
CURVE_NAMES = (*GEOMETRY_NAMES, *SHAPE_NAMES, "closure")


@dataclass(frozen=True)
class LipCurves:
    """values: (M, len(CURVE_NAMES)) float32 at `LIP_RATE_HZ`, columns `CURVE_NAMES`; no rows where the lips were not learned."""

    values: FloatArray

    @staticmethod
    def none() -> LipCurves:
        """The curves of a song whose lips come from signal features."""
        return LipCurves(np.zeros((0, len(CURVE_NAMES)), dtype=np.float32))

    @property
    def learned(self) -> bool:
        """Whether there are any."""
        return len(self.values) > 0

    def curve(self, name: str, count: int) -> FloatArray:
        """(count,) one curve at `FEATURE_RATE_HZ`, by straight lines; held after its end."""
        column = self.values[:, CURVE_NAMES.index(name)]
        place = np.arange(count) * (LIP_RATE_HZ / FEATURE_RATE_HZ)
        return np.interp(place, np.arange(len(column)), column).astype(np.float32)
