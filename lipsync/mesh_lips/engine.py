"""The card of the engine that bends the film's own pixels; it needs no weights of its own and runs on any processor."""

from __future__ import annotations

from core.contracts import FrameFilter
from core.engine_card import Note
from core.options import N_
from core.stage_cost import StageCost
from lipsync.card import FOLLOW, LipsCard, LipsSettings, LipsTask


def make(settings: LipsSettings, task: LipsTask, note: Note) -> FrameFilter:
    """See `LipsCard.make`."""
    from lipsync.mesh_lips.runner import MeshLips

    return MeshLips(task, follow=settings.expression == FOLLOW)


MESH_LIPS = LipsCard(
    name="mesh",
    title=N_("Mesh: the film's own pixels, bent"),
    package="lipsync.mesh_lips",
    make=make,
    moves_expression=True,
    cost=lambda settings, card: StageCost(2.0, 0.45),
)
