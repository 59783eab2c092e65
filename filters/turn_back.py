"""A film that lies as its picture does, where that was turned so that its face stands upright for the work."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from core.contracts import ByteArray, FrameInfo, Progress, silent
from core.engine_card import EngineSettings
from core.filter_card import FilterCard


class TurnBack:
    """A `FrameFilter` that turns every frame by so many quarters to the right."""

    def __init__(self, quarters: int) -> None:
        self.quarters = quarters

    def apply(self, frames: Iterator[ByteArray], progress: Progress = silent) -> Iterator[ByteArray]:
        """See `FrameFilter`."""
        from faces.upright import turned_back

        return turned_back(frames, self.quarters) if self.quarters else frames


def after(settings: EngineSettings, frames: FrameInfo) -> FrameInfo:
    """See `FilterCard.after`."""
    return replace(frames, width=frames.height, height=frames.width) if frames.portrait.turned % 2 else frames


#: The portrait is told it too (`turn_back` of a film's settings), so it has no option of its own.
TURN_BACK = FilterCard(
    "turn back",
    600,
    lambda settings, frames, note: TurnBack(frames.portrait.turned),
    lambda settings, engine: settings.turn_back,
    after=after,
    frame_by_frame=True,
)
