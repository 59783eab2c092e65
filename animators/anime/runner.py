"""The anime engine: a drawn character, moved by the networks of Talking Head Anime 3, at its own resolution and on its own
ground.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

import numba

from animators.anime.checkpoint import missing
from animators.anime.drawn_face import find_drawn_face
from animators.anime.frame_drawer import FrameDrawer
from animators.anime.phonemes import TimedPhoneme, with_phonemes
from animators.anime.pose import pose_curves
from animators.anime.settings import AnimeSettings
from core.contracts import ByteArray, Motion, Portrait, Progress, silent
from drawing.threads import painting_threads

__all__ = ["AnimeRenderer", "AnimeSettings", "TimedPhoneme", "find_drawn_face", "missing"]


class AnimeRenderer:
    """Renders the frames of a drawing (the `Renderer` contract).

    The networks are asked once, for a bounded number of poses of the film; memory does not grow with the motion's length.
    """

    def __init__(self, settings: AnimeSettings | None = None, phonemes: Sequence[TimedPhoneme] = ()) -> None:
        """phonemes: what is sung when, in seconds of the film, if the caller knows; they choose the mouths, while the motion
        still says how far they open. Without them the motion's shapes choose.
        """
        self.settings = settings or AnimeSettings()
        self.phonemes = tuple(phonemes)

    def frames(self, portrait: Portrait, motion: Motion, progress: Progress = silent) -> Iterator[ByteArray]:
        """Yield a frame (H, W, 3) uint8 RGB of the portrait's size for every frame of `motion`.

        Raises `core.errors.MissingError` where a weight is missing and can't be fetched, InputError where the drawing's head
        can't be placed.
        """
        threads = painting_threads(self.settings.threads)
        numba.set_num_threads(threads)
        progress("render", 0, len(motion))
        if not len(motion):
            return
        curves = with_phonemes(pose_curves(motion, self.settings.body_lag_s), self.phonemes, motion.fps)
        # No frame is done yet; each answer of the networks is told, so that whoever listens may stop the work.
        tick = partial(progress, "render", 0, len(motion))
        drawer = FrameDrawer(portrait, self.settings, threads, tick, curves.parameters)
        for i, (parameters, shift) in enumerate(zip(curves.parameters, curves.shift, strict=True)):
            yield drawer.draw(parameters, shift)
            progress("render", i + 1, len(motion))
