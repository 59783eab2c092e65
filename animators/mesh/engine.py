"""The card of the mesh engine."""

from __future__ import annotations

from collections.abc import Callable

from core.contracts import ByteArray, LiveDrawer, Motion, Portrait, Renderer
from core.driving import Driving
from core.engine_card import EngineCard, EngineSettings, Note, Sound
from core.options import N_


def make(settings: EngineSettings, sound: Sound, note: Note) -> Renderer:
    """See `EngineCard.make`."""
    from animators.mesh.runner import MeshRenderer, MeshSettings

    return MeshRenderer(MeshSettings())


def driven(settings: EngineSettings, driving: Driving, sound: Sound, note: Note) -> Renderer:
    """See `EngineCard.driven`: it follows the motion that is read in the film, with a driver's larger movements."""
    from animators.mesh.runner import MeshRenderer
    from animators.mesh.settings import DRIVEN

    return MeshRenderer(DRIVEN)


def live(portrait: Portrait) -> LiveDrawer:
    """See `EngineCard.live`."""
    from animators.mesh.live import MeshLive

    return MeshLive(portrait)


def any_frame(portrait: Portrait, motion: Motion) -> Callable[[int], ByteArray]:
    """See `EngineCard.any_frame`."""
    from animators.mesh.runner import MeshSettings, MovedPortrait

    return MovedPortrait(portrait, MeshSettings()).drawing(motion)


MESH = EngineCard(
    "mesh",
    N_("Mesh: a 3D face, for photos and paintings"),
    "animators.mesh",
    make,
    live=live,
    driven=driven,
    any_frame=any_frame,
)
