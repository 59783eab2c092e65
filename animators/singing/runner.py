"""The singing performer: lips from the voice, head and face from the song. The one file of this room that others import."""

from __future__ import annotations

import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np

from animators.singing.articulation import articulate
from animators.singing.emotions import SongEmotion, song_emotion
from animators.singing.eyes import gaze, lid_shapes
from animators.singing.feeling import feeling, upper_face_shapes
from animators.singing.head import head_motion
from animators.singing.mouth_shapes import mouth_shapes
from animators.singing.settings import SingingSettings
from animators.singing.smoothing import at_frames
from animators.singing.song_analysis import SongAnalysis, analyse
from pipeline.contracts import BLENDSHAPE_INDEX, BLENDSHAPE_NAMES, FloatArray, Motion, Progress, silent
from pipeline.timebase import frame_times_s

__all__ = ["SingingMotion", "SingingSettings", "SongAnalysis", "SongEmotion", "analyse", "perform"]


class SingingMotion:
    """A `MotionSource` made of signal features: no network, no weights, the same result from the same seed."""

    def __init__(self, settings: SingingSettings | None = None) -> None:
        self.settings = settings or SingingSettings()

    def motion(self, voice: Path, mix: Path, fps: float, frames: int, progress: Progress = silent) -> Motion:
        """Motion of exactly `frames` frames: `analyse`, then `perform`."""
        return self.perform(self.analyse(voice, mix, fps, frames, progress))

    def analyse(self, voice: Path, mix: Path, fps: float, frames: int, progress: Progress = silent) -> SongAnalysis:
        """What is heard; it does not depend on the settings, so it can be stored and performed in many ways."""
        return analyse(voice, mix, fps, frames, progress)

    def perform(self, song: SongAnalysis) -> Motion:
        """One performance of the song, in a fraction of a second."""
        return perform(song, self.settings)

    def emotion(self, song: SongAnalysis) -> SongEmotion:
        """What that performance feels: the style of every section and the intensity, which is the motion's."""
        return song_emotion(song, articulate(song), self.settings)


def perform(song: SongAnalysis, settings: SingingSettings) -> Motion:
    """Motion of `song.frames` frames at `song.fps` under `settings`."""
    settings = replace(settings, seed=_song_seed(song, settings.seed))
    voice = articulate(song)
    felt = feeling(song, voice, song_emotion(song, voice, settings), settings)
    rotation_deg, translation = head_motion(song, voice, felt, settings)
    gaze_deg, shifts_s = gaze(song, voice, rotation_deg, settings)
    shapes = mouth_shapes(voice, settings)
    for layer in (upper_face_shapes(voice, felt, settings), lid_shapes(song, felt, gaze_deg, shifts_s, settings)):
        for name, curve in layer.items():
            shapes[name] = shapes[name] + curve if name in shapes else curve
    times_s = frame_times_s(song.frames, song.fps)

    def read(curve: FloatArray) -> FloatArray:
        return at_frames(curve, times_s, song.fps)

    blendshapes = np.zeros((song.frames, len(BLENDSHAPE_NAMES)), dtype=np.float32)
    for name, curve in shapes.items():
        blendshapes[:, BLENDSHAPE_INDEX[name]] = np.clip(read(curve), 0.0, 1.0)
    return Motion(
        song.fps, blendshapes, read(rotation_deg), read(translation), read(gaze_deg), np.clip(read(felt.intensity), 0.0, 1.0)
    )


def _song_seed(song: SongAnalysis, seed: int) -> int:
    """Another seed for another song, so that two films of one seed do not blink in step; the frame rate does not matter."""
    reference = "none" if np.isnan(song.activity.reference_db) else f"{song.activity.reference_db:.0f}"
    return zlib.crc32(f"{seed} {song.rhythm.tempo_bpm:.0f} {len(song.activity.phrases_s)} {reference}".encode())
