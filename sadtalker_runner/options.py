"""What only the SadTalker engine can be told by a user. The strengths of face and head are those of every engine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import InputError
from core.option_kinds import Choice, Numbers, Whole
from core.options import N_, Declared, check_options, option

SIZES = (256, 512)
POSE_STYLES = 46
#: Furthest turn of the head by hand, in degrees, and most turning points of an angle.
FURTHEST_TURN_DEG, MOST_TURNS = 60.0, 20
TURNS = Numbers(-FURTHEST_TURN_DEG, FURTHEST_TURN_DEG, MOST_TURNS, "°")
VOICE, MOTION = "voice", "motion"


class PoseChoice(Choice):
    """What moves the head: one of the choices, or on the command line a film, named by its path."""

    #: how a sentence calls the file.
    file_words = "film whose head is followed"

    def argument(self, option: Declared, text: str) -> Any:
        """See `OptionKind`."""
        return text if text in self.choices else Path(text)

    def check(self, option: Declared, value: Any) -> Any:
        """See `OptionKind`."""
        return value if isinstance(value, Path) else super().check(option, value)

    def json(self, value: Any) -> Any:
        """See `OptionKind`; a path is told apart, so that `read` knows it again."""
        return {"film": str(value)} if isinstance(value, Path) else value

    def read(self, option: Declared, given: Any) -> Any:
        """See `OptionKind`."""
        return Path(given["film"]) if isinstance(given, dict) and set(given) == {"film"} else super().read(option, given)


def _turns(angle: str, label: str, hint: str = "") -> Any:
    """One angle of the head."""
    meaning = f"turning points in degrees of {angle} from the film's first frame to its last; none: as `pose` says"
    return option((), TURNS, meaning, called=angle, label=label, hint=hint, metavar="DEG,...")


@dataclass(frozen=True)
class SadTalkerOptions:
    """How SadTalker makes a film. Raises `InputError` where a value is not one of those accepted."""

    #: each size has its own checkpoint.
    size: int = option(
        256,
        Choice(SIZES, {size: f"{size} × {size}" for size in SIZES}),
        "pixels of the head's square",
        label=N_("Pixels of the head"),
        hint=N_("512 is finer and takes four times as long."),
    )
    preprocess: str = option(
        "full",
        Choice(
            ("crop", "resize", "full"),
            {
                "full": N_("Whole picture, with the head put back"),
                "crop": N_("The head alone"),
                "resize": N_("Whole picture as the head"),
            },
        ),
        "the whole picture (full), the head's square (crop), or the picture as that square (resize)",
        label=N_("What the film shows"),
        hint=N_("Where the head is small, the whole picture is best."),
    )
    pose: str | Path = option(
        MOTION,
        PoseChoice((MOTION, VOICE), {MOTION: N_("The song's beat"), VOICE: N_("The voice")}),
        "whether the song's beat (motion) or the voice moves the head; on the command line also a film",
        label=N_("What moves the head"),
        hint=N_("The voice moves it as a network learned it from people who speak."),
        metavar="motion|voice|FILM",
    )
    pose_style: int = option(
        0,
        Whole(0, POSE_STYLES - 1),
        "style of head movement, with pose voice",
        label=N_("Style of head movement"),
        hint=N_("0 to 45, where the voice moves the head."),
        metavar="N",
    )
    yaw_deg: tuple[float, ...] = _turns(
        "yaw",
        N_("Turn to the side, in degrees"),
        N_("Angles that the head passes from the first frame to the last, such as -20, 30. Left empty, it moves by itself."),
    )
    pitch_deg: tuple[float, ...] = _turns("pitch", N_("Nod, in degrees"))
    roll_deg: tuple[float, ...] = _turns("roll", N_("Tilt towards the shoulder, in degrees"))

    def __post_init__(self) -> None:
        check_options(self)
        if self.pose_style and self.pose != VOICE:
            raise InputError("sadtalker_runner.pose_style_option_without_voice")
