"""The rigs that there are."""

from __future__ import annotations

from core.blendshapes import BLENDSHAPE_NAMES
from core.errors import InputError
from core.rigs.metahuman_names import METAHUMAN
from core.rigs.rig import Rig

#: The head's turns after the 52 shapes, as Live Link Face writes them: radians; positive yaw turns to the performer's right,
#: positive pitch goes down, positive roll tips the head's top to the viewer's right.
HEAD_CURVES = ("HeadYaw", "HeadPitch", "HeadRoll")
#: What turns a `Motion`'s yaw, pitch and roll, in radians, into these curves, and back.
HEAD_SIGNS = (-1.0, -1.0, 1.0)
_ARKIT_CURVES = (*BLENDSHAPE_NAMES, *HEAD_CURVES)
#: Eyes and brows without blinks and gaze, and the cheek's squint, which closes the eye from below.
_UPPER = ("brow", "eyeSquint", "eyeWide", "cheekSquint")
_LIPS = ("mouth", "jaw", "cheekPuff")

ARKIT = Rig(
    "arkit",
    _ARKIT_CURVES,
    lips=tuple(column for column, name in enumerate(_ARKIT_CURVES) if name.startswith(_LIPS)),
    upper=tuple(column for column, name in enumerate(_ARKIT_CURVES) if name.startswith(_UPPER)),
)

RIGS: dict[str, Rig] = {rig.name: rig for rig in (ARKIT, METAHUMAN)}


def rig_named(name: str) -> Rig:
    """The rig called `name`. Raises `InputError` where there is none."""
    if name not in RIGS:
        raise InputError("core.no_such_rig", name=name, names=", ".join(RIGS))
    return RIGS[name]
