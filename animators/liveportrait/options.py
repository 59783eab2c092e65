"""What only the LivePortrait engine can be told."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.option_kinds import Choice, FolderPath, Number, YesNo
from core.options import N_, TERMINAL_ONLY, check_options, option

#: What of the face follows, by the published program's names.
ALL, EXPRESSION, POSE, LIP, EYES = "all", "exp", "pose", "lip", "eyes"
MOST_MULTIPLIED = 2.0


@dataclass(frozen=True)
class LivePortraitOptions:
    """Whose weights draw, and how the portrait follows. Raises InputError where a value is not accepted."""

    liveportrait_folder: Path | None = option(
        None,
        FolderPath("folder of LivePortrait's weights"),
        "folder of LivePortrait's five files as published; without it the folder liveportrait among the weights",
        doors=TERMINAL_ONLY,
        metavar="FOLDER",
    )
    animation_region: str = option(
        ALL,
        Choice(
            (ALL, EXPRESSION, POSE, LIP, EYES),
            {
                ALL: N_("Face and head"),
                EXPRESSION: N_("The face alone"),
                POSE: N_("The head alone"),
                LIP: N_("The lips alone"),
                EYES: N_("The eyes alone"),
            },
        ),
        "what of the portrait moves: all, the face (exp), the head (pose), the lips (lip) or the eyes",
        label=N_("What moves"),
        hint=N_("The rest stays as the portrait has it."),
    )
    no_stitching: bool = option(
        False,
        YesNo(),
        "leave out the correction that keeps shoulders and background where they are, which large turns of the head may ask for",
        label=N_("Shoulders may move"),
        hint=N_("For large turns of the head; the border of the head's square may show."),
        rare=True,
    )
    eye_retargeting: bool = option(
        False,
        YesNo(),
        "open the eyes as far as the driver's, by a network of their own",
        label=N_("Eyes as open as the driver's"),
        hint=N_("For portraits whose eyes don't shut by themselves."),
        rare=True,
    )
    lip_retargeting: bool = option(
        False,
        YesNo(),
        "open the lips as far as the driver's, by a network of their own",
        label=N_("Lips as open as the driver's"),
        hint=N_("Other shapes of the lips are not followed then."),
        rare=True,
    )
    shut_lips_first: bool = option(
        False,
        YesNo(),
        "shut the portrait's open mouth before the driver's is added to it",
        label=N_("Shut the portrait's mouth first"),
        hint=N_("For a portrait that laughs or speaks."),
        rare=True,
    )
    driving_multiplier: float = option(
        1.0,
        Number(0.0, MOST_MULTIPLIED, step=0.1),
        "by how much every motion of the portrait is multiplied in the end",
        label=N_("Strength of all motion"),
        hint=N_("1 is as it was filmed; more is livelier."),
        metavar="X",
        rare=True,
    )

    def __post_init__(self) -> None:
        check_options(self)
