"""The list of engines of lips: one line each. What an engine is and can, its card says."""

from __future__ import annotations

from core.errors import InputError
from core.options import declared_options
from lipsync.card import LipsCard, LipsSettings
from lipsync.mesh_lips.engine import MESH_LIPS
from lipsync.musetalk.engine import MUSETALK
from lipsync.wav2lip.engine import WAV2LIP

#: In the order in which they are offered. The first that needs no graphics card is taken where the choice is left open; where
#: there is a card, the first that runs on it and lacks nothing here.
LIPS: list[LipsCard] = [
    MESH_LIPS,
    MUSETALK,
    WAV2LIP,
]
#: Leaves the choice to the machine.
AUTO = "auto"


def check_options_of_lips(settings: LipsSettings, name: str | None) -> None:
    """Raises `InputError` where something is asked of an engine of lips that is not the one of that name."""
    for card in LIPS:
        if card.name != name and settings.own(card.options) != card.options():
            flags = [f"--{each.flag}" for each in declared_options(card.options)]
            raise InputError("pipeline.options_of_lips_engine", options=flags, engine=card.name)


def lips_named(name: str) -> LipsCard:
    """The engine of that name. Raises `InputError` for a name that is not there."""
    for card in LIPS:
        if card.name == name:
            return card
    raise InputError("pipeline.no_such_engine", name=name, list=[AUTO, *(card.name for card in LIPS)])
