"""The faces of the styles, in ARKit's shapes.

Each is a prototype of EMFACS (Friesen & Ekman 1983; Ekman, Friesen & Hager, "FACS Investigator's Guide", 2002), by action units:
happy 6 + 12; sad 1 + 4 + 15 (+ 17, lids drooping); angry 4 + 5 + 7 + 23/24 (+ 9); surprised 1 + 2 + 5. Unit 26 of surprise, the
dropped jaw, is left out: the jaw and the closing of the lips belong to the singing. The units' usual counterparts in ARKit: 1
browInnerUp, 2 browOuterUp, 4 browDown, 5 eyeWide, 6 cheekSquint, 7 eyeSquint, 9 noseSneer, 12 mouthSmile, 14 mouthDimple, 15
mouthFrown, 17 mouthShrugLower, 20 mouthStretch, 24 mouthPress. Singers carry emotion above all in brows and lip corners
(Livingstone, Thompson, Wanderley & Palmer, "Common cues to emotion in the dynamic facial expressions of speech and song", 2015).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Face = Mapping[str, float]

#: Shapes without sides; all other names here stand for a left and a right one.
UNSIDED = frozenset({"browInnerUp", "mouthShrugLower", "mouthShrugUpper", "mouthRollLower", "mouthRollUpper", "jawForward"})


@dataclass(frozen=True)
class Style:
    """How a style looks and behaves at full strength; strengths of shapes in [0, 1], angles in degrees.

    face: held while the style is felt. accent: added on stressed syllables. high: added on high notes. flashes: the short
    expressions that pass over it, any of `FLASHES`.
    pitch_deg, roll_deg, lean: bias of the head, up and to either side, and toward the viewer in face widths.
    gaze_up_deg: bias of the gaze.
    droop: how far the upper lids hang. blink_rate, blink_length: against the usual. away: how much oftener the eyes look away.
    closing: how much likelier the eyes close on a long note.
    """

    face: Face
    accent: Face
    high: Face
    flashes: tuple[str, ...]
    pitch_deg: float = 0.0
    roll_deg: float = 0.0
    lean: float = 0.0
    gaze_up_deg: float = 0.0
    droop: float = 0.0
    blink_rate: float = 1.0
    blink_length: float = 1.0
    away: float = 1.0
    closing: float = 1.0


#: Expressions of a third of a second.
FLASHES: dict[str, Face] = {
    "brows": {"browInnerUp": 0.30, "browOuterUp": 0.32},
    "wide": {"browInnerUp": 0.28, "browOuterUp": 0.30, "eyeWide": 0.30},
    "inner": {"browInnerUp": 0.35, "browDown": 0.12},
    "knit": {"browDown": 0.38, "eyeSquint": 0.15},
    "half smile": {"mouthSmile": 0.30, "cheekSquint": 0.15},
    "twinkle": {"cheekSquint": 0.32, "eyeSquint": 0.28, "mouthSmile": 0.18},
    "lips": {"mouthPress": 0.35, "mouthDimple": 0.15},
    "chin": {"mouthShrugLower": 0.30, "mouthFrown": 0.18},
    "nose": {"noseSneer": 0.32, "eyeSquint": 0.12},
}

STYLES: dict[str, Style] = {
    "neutral": Style(
        face={"browInnerUp": 0.06, "browOuterUp": 0.05, "eyeSquint": 0.06, "mouthSmile": 0.04},
        accent={"browInnerUp": 0.24, "browOuterUp": 0.20, "eyeWide": 0.08},
        high={"browInnerUp": 0.28, "browOuterUp": 0.18},
        flashes=("brows", "lips", "half smile", "inner"),
    ),
    "happy": Style(
        face={
            "mouthSmile": 0.85,
            "cheekSquint": 0.70,
            "eyeSquint": 0.42,
            "mouthDimple": 0.18,
            "browOuterUp": 0.20,
            "browInnerUp": 0.10,
        },
        accent={"browInnerUp": 0.26, "browOuterUp": 0.36, "eyeWide": 0.08},
        high={"browInnerUp": 0.24, "browOuterUp": 0.26},
        flashes=("brows", "twinkle", "half smile", "twinkle"),
        pitch_deg=1.2,
        roll_deg=1.4,
        blink_rate=1.1,
        closing=0.6,
    ),
    "sad": Style(
        face={
            "browInnerUp": 0.95,
            "browDown": 0.30,
            "mouthFrown": 0.75,
            "mouthShrugLower": 0.35,
            "cheekSquint": 0.15,
            "mouthStretch": 0.06,
        },
        accent={"browInnerUp": 0.28, "browDown": 0.14},
        high={"browInnerUp": 0.35, "browDown": 0.12, "eyeSquint": 0.15},
        flashes=("inner", "chin", "lips", "chin"),
        pitch_deg=-2.6,
        roll_deg=2.4,
        gaze_up_deg=-3.5,
        droop=0.26,
        blink_rate=0.85,
        blink_length=1.35,
        away=1.6,
        closing=1.5,
    ),
    "angry": Style(
        face={
            "browDown": 1.0,
            "eyeSquint": 0.50,
            "eyeWide": 0.28,
            "noseSneer": 0.42,
            "mouthPress": 0.45,
            "mouthFrown": 0.32,
            "mouthShrugLower": 0.15,
            "jawForward": 0.15,
            "mouthUpperUp": 0.22,
        },
        accent={"browDown": 0.30, "noseSneer": 0.25, "eyeWide": 0.18},
        high={"browDown": 0.20, "noseSneer": 0.30, "eyeSquint": 0.20},
        flashes=("knit", "nose", "lips", "nose"),
        pitch_deg=-2.4,
        lean=0.014,
        blink_rate=0.55,
        away=0.5,
        closing=0.5,
    ),
    "surprised": Style(
        face={"browInnerUp": 0.90, "browOuterUp": 0.95, "eyeWide": 0.95},
        accent={"browInnerUp": 0.20, "browOuterUp": 0.28, "eyeWide": 0.20},
        high={"browInnerUp": 0.15, "browOuterUp": 0.20, "eyeWide": 0.15},
        flashes=("wide", "brows", "wide", "lips"),
        pitch_deg=2.2,
        lean=-0.012,
        blink_rate=0.6,
        away=0.6,
        closing=0.1,
    ),
}
#: What every style does with effort, with eyes closed in feeling, and with breathing in.
STRAIN: Face = {"browDown": 0.18, "eyeSquint": 0.22, "cheekSquint": 0.25, "noseSneer": 0.08}
CLOSED: Face = {"browInnerUp": 0.30, "browDown": 0.14, "cheekSquint": 0.22, "eyeSquint": 0.22}
BREATH: Face = {"browInnerUp": 0.11, "browOuterUp": 0.08}


def shape_names(stem: str) -> tuple[str, ...]:
    """ARKit's names of a shape: itself, or its left and right one."""
    return (stem,) if stem in UNSIDED else (f"{stem}Left", f"{stem}Right")


def stems() -> tuple[str, ...]:
    """Every shape that any face uses, in alphabetical order."""
    faces = [face for style in STYLES.values() for face in (style.face, style.accent, style.high)]
    return tuple(sorted({name for face in (*faces, *FLASHES.values(), STRAIN, CLOSED, BREATH) for name in face}))
