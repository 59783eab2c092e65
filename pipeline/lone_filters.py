"""The filters that need nothing but their options, for films of every kind: a look, the label."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from core.contracts import ByteArray, Progress
from core.filter_card import LoneWork, OwnOptions
from core.stage_cost import StageCost
from pipeline.filter_list import FILTERS
from pipeline.stages import opened


def lone_works() -> list[LoneWork]:
    """All of them, in the order in which frames pass them."""
    cards = sorted((card for card in FILTERS if card.alone is not None), key=lambda card: card.order)
    return [card.alone for card in cards if card.alone is not None]


def with_lone_filters(
    frames: Iterator[ByteArray],
    settings: OwnOptions,
    alive: Progress,
    kept: Callable[[Iterator[ByteArray]], Iterator[ByteArray]],
) -> Iterator[ByteArray]:
    """The frames through those that the options ask for; `kept` hears of every stream that must be closed in the end."""
    for work in lone_works():
        if (made := work.make(settings)) is not None:
            with opened():
                frames = kept(made.apply(frames, alive))
    return frames


def lone_size(size: tuple[int, int], settings: OwnOptions) -> tuple[int, int]:
    """(width, height) of frames of that size behind them."""
    width, height = size
    for work in lone_works():
        times = work.times(settings)
        width, height = times * width, times * height
    return width, height


def lone_cost(settings: OwnOptions, card: bool) -> StageCost:
    """What they add to the frames, of the size that comes in; card: whether there seems to be a graphics card."""
    cost = StageCost(0.0)
    for work in lone_works():
        cost = cost.plus(work.cost(settings, card))
    return cost


def lone_words(settings: OwnOptions) -> tuple[str, ...]:
    """What of their options decides how long frames take."""
    return tuple(word for work in lone_works() for word in work.words(settings))
