"""The mesh engine: one picture, a sheet of triangles for the head, one for the body, and the background behind them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import numba
import numpy as np

from animators.mesh.frame_drawer import FrameDrawer
from animators.mesh.settings import MeshSettings
from core.contracts import ByteArray, FloatArray, Motion, Portrait, Progress, silent
from core.easing import kept_within
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
        drawer = FrameDrawer(portrait)
        rotation = kept_within(motion.rotation_deg, self.settings.furthest_turn_deg)
        translation = kept_within(motion.translation, self.settings.furthest_shift)
        late_rotation = lagging(rotation, motion.fps, self.settings.lag_s)
        late_translation = lagging(translation, motion.fps, self.settings.lag_s)

        def draw(i: int) -> ByteArray:
            pose = drawer.rig.pose(rotation[i], translation[i])
            late = drawer.rig.pose(late_rotation[i], late_translation[i])
            return drawer.draw(motion.blendshapes[i], motion.gaze_deg[i], pose, late)

        with _ended(ThreadPoolExecutor(threads, thread_name_prefix="drawing")) as pool:
            begun: deque[Future[ByteArray]] = deque()
            for i in range(len(motion)):
                while len(begun) < 2 * threads and i + len(begun) < len(motion):
                    begun.append(pool.submit(draw, i + len(begun)))
                yield begun.popleft().result()
                progress("render", i + 1, len(motion))


@contextmanager
def _ended(pool: ThreadPoolExecutor) -> Iterator[ThreadPoolExecutor]:
    """The threads, whose work that nobody waits for any more is dropped in the end."""
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


def lagging(values: FloatArray, fps: float, lag_s: float) -> FloatArray:
    """Curves (T, K) that follow `values` like a critically damped spring, about `lag_s` seconds behind."""
    rate = 2.0 / max(lag_s, 1e-3)
    position, speed = values[0].astype(np.float64), np.zeros(values.shape[1])
    followed = np.empty_like(values)
    decay = np.exp(-rate / fps)
    for i, target in enumerate(values):
        offset = position - target
        change = (speed + rate * offset) / fps
        position = target + (offset + change) * decay
        speed = (speed - rate * change) * decay
        followed[i] = position
    return followed
