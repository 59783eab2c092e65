"""The anime engine as its motion comes: nothing is asked of the networks but what is kept with the drawing."""

from __future__ import annotations

from collections.abc import Iterator

import numba

from animators.anime.frame_drawer import FrameDrawer
from animators.anime.pose import PoseMaker
from animators.anime.settings import AnimeSettings
from core.contracts import ByteArray, FloatArray, Motion, Portrait
from drawing.threads import painting_threads, split_loops

#: More threads gain little: a frame is split over rows, and a voice is made beside it.
MOST_THREADS = 2


class AnimeLive:
    """A `LiveDrawer`. Its frames are those of a preview of the same motion; each is drawn when it is taken, split over threads.

    Ready in a moment where the drawing was prepared for a film or a session before; else the networks are asked first.
    """

    def __init__(self, portrait: Portrait, settings: AnimeSettings | None = None) -> None:
        """Raises `core.errors.MissingError` where a weight is missing and can't be fetched, InputError where the drawing's head
        can't be placed."""
        settings = settings or AnimeSettings(threads=min(MOST_THREADS, painting_threads()))
        self._threads = painting_threads(settings.threads)
        numba.set_num_threads(self._threads)
        self._drawer = FrameDrawer(portrait, settings, self._threads, _nothing)
        self._poses = PoseMaker(settings.body_lag_s)

    def draw(self, motion: Motion) -> Iterator[ByteArray]:
        """See `LiveDrawer`."""
        curves = self._poses.curves(motion)
        return (self._drawn(*pose) for pose in zip(curves.parameters, curves.shift, strict=True))

    def _drawn(self, *pose: FloatArray) -> ByteArray:
        with split_loops():
            numba.set_num_threads(self._threads)
            return self._drawer.draw(*pose)


def _nothing() -> None:
    """Nobody stops a session's preparation but by leaving it."""
