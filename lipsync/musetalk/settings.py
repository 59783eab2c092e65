"""Settings of MuseTalk's networks. Nothing here needs torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from core.errors import InputError
from neural.device import CardChoice, PrecisionChoice

#: More frames at once need more memory than cards have.
MOST_BATCH_FRAMES = 64
#: Frames at once where nothing is said: a processor gains nothing from more than one.
ON_CARD_FRAMES, ON_PROCESSOR_FRAMES = 8, 1


@dataclass(frozen=True)
class MuseTalkSettings:
    """On what, and how, lips are drawn. Raises `InputError` where a value is not one of those accepted."""

    #: `auto` takes an NVIDIA card where there is one.
    device: CardChoice = "auto"
    #: of the networks' numbers; `auto` is half precision on a card, float32 on a processor, which knows no other here.
    precision: PrecisionChoice = "auto"
    #: frames drawn at once, 1 to 64; None: 8 on a card, 1 on a processor.
    batch_frames: int | None = None

    def __post_init__(self) -> None:
        for name, value, accepted in (("device", self.device, CardChoice), ("precision", self.precision, PrecisionChoice)):
            if value not in get_args(accepted):
                raise InputError(
                    "lipsync.musetalk.choice_unknown", name=name, value=value, accepted=", ".join(get_args(accepted))
                )
        if self.batch_frames is not None and not 1 <= self.batch_frames <= MOST_BATCH_FRAMES:
            raise InputError("lipsync.musetalk.batch_out_of_range", count=self.batch_frames, most=MOST_BATCH_FRAMES)

    def frames_at_once(self, on_card: bool) -> int:
        """How many frames are drawn at once."""
        return self.batch_frames or (ON_CARD_FRAMES if on_card else ON_PROCESSOR_FRAMES)
