"""The card of the engine that bends the film's own pixels; it needs no weights of its own and runs on any processor."""

from __future__ import annotations

from core.contracts import FrameFilter, LiveDrawer
from core.engine_card import Note
from core.options import N_
from core.stage_cost import StageCost
from lipsync.card import FOLLOW, LipsCard, LipsSettings, LipsTask, LoopTask


def make(settings: LipsSettings, task: LipsTask, note: Note) -> FrameFilter:
    """See `LipsCard.make`."""
    from lipsync.mesh_lips.runner import MeshLips

    return MeshLips(task, settings.expression == FOLLOW, note)


def live(task: LoopTask) -> LiveDrawer:
    """See `LipsCard.live`."""
    from lipsync.mesh_lips.live import LiveLips

    return LiveLips(task)


MESH_LIPS = LipsCard(
    name="mesh",
    title=N_("Mesh: the film's own pixels, bent"),
    package="lipsync.mesh_lips",
    make=make,
    live=live,
    moves_expression=True,
    cost=lambda settings, card: StageCost(2.0, 0.45),
)
