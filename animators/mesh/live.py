"""The mesh engine as its motion comes: frames begun by two threads as soon as they are asked for, handed out in order."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from animators.mesh.runner import MovedPortrait
from animators.mesh.settings import MeshSettings
from core.contracts import ByteArray, Motion, Portrait
from drawing.frames_ahead import drawn_in_order
from drawing.threads import painting_threads

#: More threads gain nothing while a voice is made beside them.
MOST_THREADS = 2


class MeshLive:
    """A `LiveDrawer`. Its frames are those of `MeshRenderer` for the same motion; its threads end when nobody holds it."""

    def __init__(self, portrait: Portrait, settings: MeshSettings | None = None) -> None:
        """Raises `core.errors.MissingError` where the matting weight is missing and can't be fetched."""
        settings = settings or MeshSettings(threads=min(MOST_THREADS, painting_threads()))
        self._moved = MovedPortrait(portrait, settings)
        self._threads = painting_threads(settings.threads)
        self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix="live drawing")

    def draw(self, motion: Motion) -> Iterator[ByteArray]:
        """See `LiveDrawer`."""
        return drawn_in_order(self._pool, self._moved.drawing(motion), len(motion), 2 * self._threads)
