"""Restored faces for every engine: around one that draws whole pictures, and for the squares of one that draws heads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal

from core.contracts import ByteArray, Face, Motion, Portrait, Progress, Renderer, silent
from core.frame_stream import FrameCount, closing_frames
from core.messages import Message
from filters.restore import STAGE, FaceRestorer, RestoreSettings, cpu_notice
from pipeline.film_settings import SongToVideoSettings

Scale = Literal[1, 2, 4]


class RestoredRenderer:
    """A `Renderer` that restores the face in the whole pictures of another one."""

    def __init__(self, renderer: Renderer, settings: SongToVideoSettings, note: Callable[[Message], None]) -> None:
        """note: takes what the user is to be told."""
        self.renderer, self.settings, self.note = renderer, settings, note

    def frames(self, portrait: Portrait, motion: Motion, progress: Progress = silent) -> Iterator[ByteArray]:
        """See `Renderer`; `progress` counts the film's frames.

        Raises MissingError where torch or GFPGAN's weights are missing, InputError where the device is.
        """
        count = FrameCount(progress, STAGE, len(motion))
        count.alive(STAGE, 0, 0)
        restorer = face_restorer(motion.fps, portrait.face, self.settings)
        drawn = self.renderer.frames(portrait, motion, count.alive)
        yield from count.counted(restored_frames(drawn, restorer, len(motion), self.note, count.alive))


def face_restorer(fps: float, face: Face, settings: SongToVideoSettings, scale: Scale = 1) -> FaceRestorer:
    """The restorer that a film's settings ask for; see `FaceRestorer`. scale: how many times the frames grow."""
    restoring = RestoreSettings(strength=settings.restore, scale=scale, device=settings.device)
    return FaceRestorer(fps, restoring, face)


def restored_frames(
    frames: Iterator[ByteArray], restorer: FaceRestorer, expected: int, note: Callable[[Message], None], progress: Progress
) -> Iterator[ByteArray]:
    """The restorer's frames; `note` hears first how long a CPU takes for the `expected` ones, and in the end how it went."""
    if restorer.device_type == "cpu":
        note(cpu_notice(expected))
    restored = restorer.apply(frames, progress)
    with closing_frames(frames, restored):
        yield from restored
    for each in restorer.report.notes():
        note(each)
