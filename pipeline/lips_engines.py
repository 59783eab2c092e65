"""Which engine gives a film its lips, and what it lacks here. The list is `pipeline/lips_list.py`; the rest, their cards say."""

from __future__ import annotations

import shutil
from typing import cast

from core.contracts import Progress, silent
from core.errors import MissingError
from lipsync.card import FOLLOW, LipsCard, LipsSettings
from neural.device import DeviceChoice, choose_device
from pipeline.lips_list import AUTO, LIPS, lips_named
from pipeline.stages import opened
from weights.fetch import ensure_all, is_here


def lips_for(settings: LipsSettings, name: str) -> LipsCard:
    """The engine for that name or `auto`. Raises `MissingError` where it lacks something here."""
    card = lips_expected(settings, name)
    with opened(card.install):
        if (lack := card.missing(settings)) is not None:
            raise MissingError(lack)
    return card


def lips_expected(settings: LipsSettings, name: str) -> LipsCard:
    """The engine for that name or `auto`, whatever it lacks."""
    if name != AUTO:
        return lips_named(name)
    return lips_of_card(settings) or next(card for card in LIPS if not card.on_torch)


def lips_of_card(settings: LipsSettings) -> LipsCard | None:
    """The first engine that lacks nothing on this machine's graphics card; None where there is no card, or no such engine.

    Nothing is fetched for it that nobody asked for: gigabytes of weights are those of an engine that was named.
    """
    if settings.device == "cpu" or shutil.which("nvidia-smi") is None:
        return None
    able = (card for card in LIPS if card.on_torch and (settings.expression != FOLLOW or card.moves_expression))
    return next((card for card in able if card.missing(settings) is None and all(map(is_here, weights_of(card, settings)))), None)


def weights_of(card: LipsCard, settings: LipsSettings) -> list[str]:
    """Names of the registry's files that the engine draws with, but for those in whose place the user names others."""
    return [name for name in card.weights if name not in card.replaced(settings)]


def fetch_weights(card: LipsCard, settings: LipsSettings, progress: Progress = silent) -> None:
    """Bring what the engine needs, before anything long is done for nothing.

    progress: called with (name, bytes done, bytes in all). Raises `InputError` where the device is not there, `MissingError`
    where torch or a network can't be had.
    """
    if card.on_torch or settings.device == "cuda":
        choose_device(cast(DeviceChoice, settings.device))
    ensure_all(weights_of(card, settings), progress)
