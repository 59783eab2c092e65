"""The list of engines of lips: one line each. What an engine is and can, its card says."""

from __future__ import annotations

from core.errors import InputError
from lipsync.card import LipsCard
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


def lips_named(name: str) -> LipsCard:
    """The engine of that name. Raises `InputError` for a name that is not there."""
    for card in LIPS:
        if card.name == name:
            return card
    raise InputError("pipeline.no_such_engine", name=name, list=[AUTO, *(card.name for card in LIPS)])
