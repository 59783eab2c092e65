"""How a picture is cut and straightened: the options of that, declared once. Quick to import."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.errors import InputError
from core.option_kinds import Choice, Number, Numbers, YesNo
from core.options import N_, check_options, declared_options, option, options_json, read_options

Frame = tuple[float, float, float, float]
#: Far beyond any picture.
MAX_PIXELS = 100_000.0
STRAIGHT_DEG = 45.0
TURNS = {
    "none": N_("not at all"),
    "right": N_("to the right"),
    "over": N_("on its head"),
    "left": N_("to the left"),
}


@dataclass(frozen=True)
class PictureCut:
    """What is done to the picture, in the order of the fields. Raises `InputError` out of range, and where that is nothing."""

    flip: bool = option(False, YesNo(), "whether the picture is mirrored, left to right", label=N_("Mirror it"))
    turn: str = option(
        "none", Choice(tuple(TURNS), TURNS), "by which quarters the picture is turned", label=N_("Turn by a quarter")
    )
    angle_deg: float = option(
        0.0,
        Number(-STRAIGHT_DEG, STRAIGHT_DEG, unit="°"),
        "by how much it is turned to the right around its middle, in degrees; less than 0 turns it to the left",
        label=N_("Straighten, in degrees"),
        hint=N_("Above 0 it turns to the right, below 0 to the left."),
    )
    frame: Frame | None = option(
        None,
        Numbers(-MAX_PIXELS, MAX_PIXELS, 4),
        "left, top, right, bottom of what stays, in pixels of the picture after that; without it, all that has no empty corners",
        in_form=False,
    )

    def __post_init__(self) -> None:
        check_options(self)
        frame = self.frame
        if frame is not None and (len(frame) != 4 or frame[2] <= frame[0] or frame[3] <= frame[1]):
            raise InputError("pipeline.cut_without_area")
        if not (self.flip or self.turn != "none" or self.angle_deg or frame):
            raise InputError("pipeline.cut_changes_nothing")

    @property
    def quarters(self) -> int:
        """By how many quarters it is turned to the right, 0 to 3."""
        return tuple(TURNS).index(self.turn)

    def as_json(self) -> dict[str, Any]:
        """All options by their names in JSON."""
        return options_json(self)

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> PictureCut:
        """From JSON values or a form's texts. Raises `InputError`, also for unknown names."""
        if unknown := sorted(set(given) - {each.name for each in declared_options(cls)}):
            raise InputError("core.no_such_option", name=unknown[0][:60])
        return cls(**read_options(cls, given))
