"""The 185 control curves of a MetaHuman's face that speech and feeling move.

Source of the names: Epic Games' face rig for MetaHumans (`Face_Archetype_Skeleton`), whose pose asset `mh_arkit_mapping_pose`
lists 250 curves `CTRL_expressions_*`; people have published that asset's text. The paper (DEITalk, 2024) and its sister CSTalk
(2024) count 185 controls and name none. Ours are the 250 without what does not shape a face that speaks: necks (14), teeth
apart from the jaw (12), corrections of the turned head (10), lashes (8), pupils (4), the lips' stickiness (16), which the rig
works out by itself, and `eyeParallelLookDirection`, a switch. That leaves 185, which is the paper's number; whether they are the
paper's 185 can't be known from here.

Sides are the performer's own. U and D are the upper and the lower lip.
"""

from __future__ import annotations

from core.rigs.rig import Rig

#: What stands before every name in Unreal's curves.
PREFIX = "CTRL_expressions_"

_SIDES = ("L", "R")
_QUARTERS = ("UL", "UR", "DL", "DR")
_WAYS = ("Left", "Right")

#: Names by part of the face: (their beginnings, how each of them ends).
_PARTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("browDown browLateral browRaiseIn browRaiseOuter earUp", _SIDES),
    ("eyeBlink eyeCheekRaise eyeFaceScrunch eyeLidPress eyeLookDown eyeLookLeft eyeLookRight eyeLookUp", _SIDES),
    ("eyeLowerLidDown eyeLowerLidUp eyeRelax eyeSquintInner eyeUpperLidUp eyeWiden", _SIDES),
    ("noseNasolabialDeepen noseNostrilCompress noseNostrilDepress noseNostrilDilate noseWrinkle noseWrinkleUpper", _SIDES),
    ("mouthCheekBlow mouthCheekSuck", _SIDES),
    ("mouthCornerDepress mouthCornerDown mouthCornerNarrow mouthCornerPull mouthCornerUp mouthCornerWide", _SIDES),
    ("mouthCornerRounder mouthCornerSharpen", _QUARTERS),
    ("mouthDimple mouthSharpCornerPull mouthStretch mouthStretchLipsClose mouthLipsBlow mouthLipsPress", _SIDES),
    ("mouthDown mouthUp mouthLeft mouthRight", ("",)),
    ("mouthFunnel mouthLipsPull mouthLipsPurse mouthLipsPush mouthLipsThick mouthLipsThin mouthLipsTighten", _QUARTERS),
    ("mouthLipsTogether mouthLipsTowards mouthPress", _QUARTERS),
    ("mouthLowerLipBite mouthLowerLipDepress mouthLowerLipRollIn mouthLowerLipRollOut mouthLowerLipTowardsTeeth", _SIDES),
    ("mouthUpperLipBite mouthUpperLipRaise mouthUpperLipRollIn mouthUpperLipRollOut mouthUpperLipTowardsTeeth", _SIDES),
    ("mouthLowerLipShift mouthUpperLipShift", _WAYS),
    ("jawOpen jawOpenExtreme jawFwd jawBack jawLeft jawRight", ("",)),
    ("jawChinCompress jawClench", _SIDES),
    ("jawChinRaise", _QUARTERS),
    ("tongueDown tongueIn tongueLeft tongueNarrow tongueOut tonguePress tongueRight tongueUp tongueWide", ("",)),
    ("tongueRollDown tongueRollLeft tongueRollRight tongueRollUp", ("",)),
    ("tongueTipDown tongueTipLeft tongueTipRight tongueTipUp", ("",)),
)

#: The names without their beginning, in the order of arrays.
CONTROLS: tuple[str, ...] = tuple(name + ending for names, endings in _PARTS for name in names.split() for ending in endings)

#: Of the mouth's curves these change only how thick the lips and how sharp their corners are, or fill the cheeks.
_NO_LIPS = ("mouthCheek", "mouthCornerRounder", "mouthCornerSharpen", "mouthLipsThick", "mouthLipsThin")
#: How far the mouth opens is the lips' too.
_OPENING = ("jawOpen", "jawOpenExtreme")
#: Those of the upper face that tell feeling. Blinks and gaze come by chance, the lids' other curves go with them.
_FEELING = ("brow", "eyeCheekRaise", "eyeFaceScrunch", "eyeSquintInner", "eyeUpperLidUp", "eyeWiden")

METAHUMAN = Rig(
    "metahuman",
    tuple(PREFIX + name for name in CONTROLS),
    lips=tuple(
        column
        for column, name in enumerate(CONTROLS)
        if name in _OPENING or (name.startswith("mouth") and not name.startswith(_NO_LIPS))
    ),
    upper=tuple(column for column, name in enumerate(CONTROLS) if name.startswith(_FEELING)),
)
