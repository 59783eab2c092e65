"""Settings of SadTalker's renderer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from pipeline.errors import InputError

Device = Literal["auto", "cpu", "cuda"]
Precision = Literal["auto", "float32", "float16", "bfloat16"]
#: More frames at once need more memory than cards have.
LARGEST_BATCH_FRAMES = 64


@dataclass(frozen=True)
class RenderSettings:
    """On what, and how, frames are rendered."""

    #: `auto` takes the graphics card where there is one.
    device: Device = "auto"
    #: of the generator's numbers; `auto` is float16 on a graphics card, float32 on a CPU, which knows no other here.
    precision: Precision = "auto"
    #: frames that a graphics card renders at once, 1 to 64; a CPU renders one at a time.
    batch_frames: int = 8
    #: whether a graphics card's code is compiled first: it takes a minute and makes every frame faster.
    compile: bool = True

    def __post_init__(self) -> None:
        """Raises `InputError` where a value is not one of those accepted."""
        for name, value, accepted in (("device", self.device, Device), ("precision", self.precision, Precision)):
            if value not in get_args(accepted):
                raise InputError(f"The {name} is '{value}'; choose one of {', '.join(get_args(accepted))}.")
        if not 1 <= self.batch_frames <= LARGEST_BATCH_FRAMES:
            raise InputError(f"A batch has {self.batch_frames} frames; choose a number from 1 to {LARGEST_BATCH_FRAMES}.")
        if self.device == "cpu" and self.precision not in ("auto", "float32"):
            raise InputError(f"A CPU renders in float32 only, not in {self.precision}; leave the precision at auto.")
