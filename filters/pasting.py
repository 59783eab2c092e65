"""The card of the paste-back: the square of an engine that draws heads, put back into the whole picture (`paste_back.py`)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

from core.contracts import FrameFilter, FrameInfo
from core.engine_card import EngineSettings, Note
from core.filter_card import FilterCard
from core.stage_cost import StageCost


def make(settings: EngineSettings, frames: FrameInfo, note: Note) -> FrameFilter:
    """See `FilterCard.make`."""
    from filters.paste_back import PasteBack, PasteBackSettings, Placement

    assert frames.square is not None
    placement = Placement.of_box(*frames.square.box, frames.square.side_px)
    return PasteBack(frames.portrait, placement, frames.fps, PasteBackSettings(device=cast(Any, settings.device)))


def after(settings: EngineSettings, frames: FrameInfo) -> FrameInfo:
    """See `FilterCard.after`."""
    height, width = frames.portrait.image.shape[:2]
    return replace(frames, face=frames.portrait.face, width=width, height=height, square=None)


PASTE_BACK = FilterCard(
    "paste back",
    200,
    make,
    lambda settings, engine: engine.draws_head,
    after=after,
    cost=lambda settings, card: StageCost(1.0, 0.55),
)
