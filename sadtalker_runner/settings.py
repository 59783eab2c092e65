"""Settings of the SadTalker engine. Nothing here needs torch."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

import numpy as np

from core.errors import InputError
from neural.device import CardChoice

Precision = Literal["auto", "float32", "float16", "bfloat16"]
Size = Literal[256, 512]
Preprocess = Literal["crop", "resize", "full"]
Head = Literal["motion", "voice", "film"]
Blinks = Literal["motion", "chance", "none"]
#: Manners of moving the head that PoseVAE knows.
POSE_STYLES = 46
LARGEST_HEAD_SCALE = 2.0
EXPRESSION_SCALE_LIMITS = (0.0, 3.0)
#: Free poses lie between these angles in degrees; the networks tell angles apart within them.
ANGLE_LIMIT_DEG = 90.0
#: More frames at once need more memory than cards have.
LARGEST_BATCH_FRAMES = 64


@dataclass(frozen=True)
class RenderSettings:
    """On what, and how, frames are rendered."""

    #: `auto` takes the graphics card where there is one.
    device: CardChoice = "auto"
    #: of the generator's numbers; `auto` is float16 on a graphics card, float32 on a CPU, which knows no other here.
    precision: Precision = "auto"
    #: frames that a graphics card renders at once, 1 to 64; a CPU renders one at a time.
    batch_frames: int = 8
    #: whether a graphics card's code is compiled first: it takes a minute and makes every frame faster.
    compile: bool = True

    def __post_init__(self) -> None:
        """Raises `InputError` where a value is not one of those accepted."""
        for name, value, accepted in (("device", self.device, CardChoice), ("precision", self.precision, Precision)):
            if value not in get_args(accepted):
                raise InputError(
                    "sadtalker_runner.render_choice_unknown", name=name, value=value, accepted=list(get_args(accepted))
                )
        if not 1 <= self.batch_frames <= LARGEST_BATCH_FRAMES:
            raise InputError("sadtalker_runner.batch_out_of_range", count=self.batch_frames, most=LARGEST_BATCH_FRAMES)
        if self.device == "cpu" and self.precision not in ("auto", "float32"):
            raise InputError("sadtalker_runner.half_precision_on_a_cpu", precision=self.precision)


@dataclass(frozen=True)
class SadTalkerSettings:
    """What the SadTalker engine makes of a portrait and a voice. Raises `InputError` outside the ranges.

    The mouth follows the voice; of our own motion come the head's pose, the blinks and the rests of the mouth. The emotion of a
    `Motion` (its smiles and brows) is not shown: the networks' 64 expression coefficients are axes of the Basel Face Model, and
    without that model's licensed basis nobody can say which of them an ARKit blendshape moves. `expression_scale` is what there
    is instead.
    """

    #: side of the drawn square in pixels; each has its own checkpoint.
    size: Size = 256
    #: what is drawn: `crop`, the head's square, to be a film of its own; `full`, the same square, to be put back into the whole
    #: picture, by a network trained for that; `resize`, the whole picture, squeezed into the square.
    preprocess: Preprocess = "full"
    #: whether the head keeps the portrait's own pose.
    still: bool = False
    #: how strongly the face moves, 0 to 3; 1 is as the network says.
    expression_scale: float = 1.0
    #: who moves the head: our own `motion`; the `voice`, by PoseVAE; or another `film`, whose head is followed.
    head: Head = "motion"
    #: how far the head strays from the portrait's own pose, 0 to 2, where the voice or a film moves it; 1 is as found. Our own
    #: motion brings its strength with it.
    head_scale: float = 1.0
    #: PoseVAE's manner of motion, 0 to 45; for the head that the voice moves.
    pose_style: int = 0
    #: the film whose head is followed, frame by frame from its beginning; a shorter one runs forth and back.
    pose_film: Path | None = None
    #: free poses: turning points in degrees that the head passes at one speed from the film's first frame to its last, as the
    #: published renderer counts angles, absolute, -90 to 90; an empty one leaves that angle as it is.
    yaw_deg: tuple[float, ...] = ()
    pitch_deg: tuple[float, ...] = ()
    roll_deg: tuple[float, ...] = ()
    #: when the eyes blink: as our own `motion` does; by `chance`, as the published program has it; or `none`.
    blinks: Blinks = "motion"
    #: start of every random choice; the same seed gives the same film.
    seed: int = 0
    #: where and how frames are drawn.
    render: RenderSettings = field(default_factory=RenderSettings)

    def __post_init__(self) -> None:
        choices = {"size": Size, "preprocess": Preprocess, "head": Head, "blinks": Blinks}
        for name, accepted in choices.items():
            if getattr(self, name) not in get_args(accepted):
                listed = ", ".join(str(each) for each in get_args(accepted))
                raise InputError("sadtalker_runner.choice_unknown", name=name, value=getattr(self, name), accepted=listed)
        low, high = EXPRESSION_SCALE_LIMITS
        if not low <= self.expression_scale <= high:
            raise InputError("sadtalker_runner.expression_scale_out_of_range", value=self.expression_scale, low=low, high=high)
        if not 0 <= self.head_scale <= LARGEST_HEAD_SCALE:
            raise InputError("sadtalker_runner.head_scale_out_of_range", value=self.head_scale, most=LARGEST_HEAD_SCALE)
        if not 0 <= self.pose_style < POSE_STYLES:
            raise InputError("sadtalker_runner.pose_style_out_of_range", value=self.pose_style, most=POSE_STYLES - 1)
        self._check_head()

    def _check_head(self) -> None:
        """Raises `InputError` where a choice about the head could have no effect."""
        if (self.head == "film") != (self.pose_film is not None):
            raise InputError("sadtalker_runner.head_without_its_film")
        if self.pose_style and self.head != "voice":
            raise InputError("sadtalker_runner.pose_style_without_voice")
        if self.still and self.head != "motion":
            raise InputError("sadtalker_runner.still_head_follows_nothing", head=self.head)
        if self.head_scale != 1 and self.head == "motion":
            raise InputError("sadtalker_runner.head_scale_of_own_motion")
        for name in ("yaw_deg", "pitch_deg", "roll_deg"):
            points = np.asarray(getattr(self, name), np.float64)
            if points.ndim != 1 or not (np.abs(points) <= ANGLE_LIMIT_DEG).all():
                raise InputError(
                    "sadtalker_runner.angles_out_of_range",
                    name=name,
                    value=getattr(self, name),
                    low=-ANGLE_LIMIT_DEG,
                    high=ANGLE_LIMIT_DEG,
                )
