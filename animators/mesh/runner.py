"""The mesh engine: one picture, a sheet of triangles for the head, one for the body, and the background behind them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import numba

from animators.mesh.following import Following
from animators.mesh.frame_drawer import FrameDrawer
from animators.mesh.settings import MeshSettings
from core.contracts import ByteArray, Motion, Portrait, Progress, silent
from drawing.frames_ahead import drawn_in_order
from drawing.threads import painting_threads

__all__ = ["MeshRenderer", "MeshSettings"]


class MeshRenderer:
    """Renders a portrait's frames on the CPU (the `Renderer` contract).

    Several threads draw one frame each, some frames ahead of the one that is asked for, so that they go on while whoever asks
    waits for the encoder. Memory does not grow with the motion's length, and everything about the portrait is made once.
    """

    def __init__(self, settings: MeshSettings | None = None) -> None:
        self.settings = settings or MeshSettings()

    def frames(self, portrait: Portrait, motion: Motion, progress: Progress = silent) -> Iterator[ByteArray]:
        """Yield a frame (H, W, 3) uint8 RGB of the portrait's size for every frame of `motion`.

        Raises `core.errors.MissingError` where the matting weight is missing and can't be fetched.
        """
        threads = painting_threads(self.settings.threads)
        numba.set_num_threads(threads)
        progress("render", 0, len(motion))
        draw = MovedPortrait(portrait, self.settings).drawing(motion)
        with _ended(ThreadPoolExecutor(threads, thread_name_prefix="drawing")) as pool:
            for i, frame in enumerate(drawn_in_order(pool, draw, len(motion), 2 * threads)):
                yield frame
                progress("render", i + 1, len(motion))


class MovedPortrait:
    """A portrait with all that is made once for it, and how its loose parts come after a motion that is told piece by piece."""

    def __init__(self, portrait: Portrait, settings: MeshSettings) -> None:
        """Raises `core.errors.MissingError` where the matting weight is missing and can't be fetched."""
        self._drawer = FrameDrawer(portrait, settings)
        self._following = Following(settings)

    def drawing(self, motion: Motion) -> Callable[[int], ByteArray]:
        """What draws the frame of a number of `motion`, the motion's next piece; several threads may draw at once."""
        moved = self._following.follow(motion)
        drawer = self._drawer

        def draw(i: int) -> ByteArray:
            pose = drawer.rig.pose(moved.rotation[i], moved.translation[i])
            late = drawer.rig.pose(moved.late_rotation[i], moved.late_translation[i])
            return drawer.draw(motion.blendshapes[i], motion.gaze_deg[i], pose, late)

        return draw


@contextmanager
def _ended(pool: ThreadPoolExecutor) -> Iterator[ThreadPoolExecutor]:
    """The threads, whose work that nobody waits for any more is dropped in the end."""
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)
