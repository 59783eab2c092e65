"""The singing performer: lips from the voice, head and face from the song. `source.py` brings it to a film."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from core.contracts import (
    BLENDSHAPE_INDEX,
    BLENDSHAPE_NAMES,
    FloatArray,
    Motion,
    Progress,
    StyledSection,
    TimedPhoneme,
    silent,
)
from core.timebase import frame_times_s
from motion.singing.analysis.smoothing import at_frames
from motion.singing.performance.articulation import articulate
from motion.singing.performance.emotions import SongEmotion, song_emotion
from motion.singing.performance.emotions_performance import blended, felt_shapes
from motion.singing.performance.eyes import gaze, lid_shapes, with_lids
from motion.singing.performance.feeling import Feeling, feeling
from motion.singing.performance.head import ROTATION_LIMIT_DEG, TRANSLATION_LIMIT, head_motion
from motion.singing.performance.mouth_shapes import mouth_shapes
from motion.singing.settings import SingingSettings
from motion.singing.song_analysis import SongAnalysis, analyse

__all__ = ["SingingMotion", "SingingSettings", "SongAnalysis", "SongEmotion", "analyse", "perform"]


class SingingMotion:
    """The same song, settings and seed give the same motion. Learned lips need weights, see `settings`."""

    def __init__(self, settings: SingingSettings | None = None) -> None:
        self.settings = settings or SingingSettings()

    def motion(self, voice: Path, mix: Path, fps: float, frames: int, progress: Progress = silent, alone: bool = False) -> Motion:
        """Motion of exactly `frames` frames: `analyse`, then `perform`."""
        return self.perform(self.analyse(voice, mix, fps, frames, progress, alone))

    def analyse(
        self, voice: Path, mix: Path, fps: float, frames: int, progress: Progress = silent, alone: bool = False
    ) -> SongAnalysis:
        """What is heard. Of the settings it depends on `lips` only, so it can be stored and performed in many ways.

        alone: the voice was recorded alone, not taken out of the mix, see `song_analysis.analyse`.
        """
        return analyse(voice, mix, fps, frames, progress, self.settings.lips, alone)

    def perform(self, song: SongAnalysis) -> Motion:
        """One performance of the song, in a fraction of a second."""
        return perform(song, self.settings)

    def emotion(self, song: SongAnalysis) -> SongEmotion:
        """What that performance feels: the style of every section and the intensity, which is the motion's."""
        return song_emotion(song, self.settings)


def perform(
    song: SongAnalysis,
    settings: SingingSettings,
    phonemes: Sequence[TimedPhoneme] = (),
    feelings: Sequence[StyledSection] = (),
    shut_in_rests: bool = False,
) -> Motion:
    """Motion of `song.frames` frames at `song.fps` under `settings`; phonemes, feelings, shut_in_rests: see `DrivingSound`."""
    settings = replace(settings, seed=_song_seed(song, settings.seed))
    voice = articulate(song, phonemes, shut_in_rests)
    emotion = song_emotion(song, settings, feelings)
    felt = feeling(song, emotion, settings)
    rotation_deg, translation = _borne(*head_motion(song, felt, settings, bool(phonemes or feelings)), felt, settings)
    gaze_deg, shifts_s = gaze(song, felt, rotation_deg, settings)
    shapes = blended(mouth_shapes(voice, settings), felt_shapes(song, felt, emotion, settings))
    shapes = with_lids(shapes, lid_shapes(song, felt, gaze_deg, shifts_s, settings))
    times_s = frame_times_s(song.frames, song.fps)

    def read(curve: FloatArray) -> FloatArray:
        return at_frames(curve, times_s, song.fps)

    blendshapes = np.zeros((song.frames, len(BLENDSHAPE_NAMES)), dtype=np.float32)
    for name, curve in shapes.items():
        blendshapes[:, BLENDSHAPE_INDEX[name]] = np.clip(read(curve), 0.0, 1.0)
    return Motion(
        song.fps, blendshapes, read(rotation_deg), read(translation), read(gaze_deg), np.clip(read(felt.intensity), 0.0, 1.0)
    )


def sung_frames(song: SongAnalysis) -> FloatArray:
    """How much of each of the film's frames (T,) is sung, 0 to 1."""
    return at_frames(song.activity.active.astype(np.float32), frame_times_s(song.frames, song.fps), song.fps)


def _borne(
    rotation_deg: FloatArray, translation: FloatArray, felt: Feeling, settings: SingingSettings
) -> tuple[FloatArray, FloatArray]:
    """The head's motion with the bearing that the feeling gives it; what is far out already is moved no farther."""
    size = settings.head_motion
    room = 1.0 - np.square(rotation_deg / (max(size, 1e-6) * np.asarray(ROTATION_LIMIT_DEG)))
    borne = translation.copy()
    borne[:, 2] -= size * felt.lean * (1.0 - np.square(translation[:, 2] / (max(size, 1e-6) * TRANSLATION_LIMIT[2])))
    return (rotation_deg + size * felt.posture_deg * np.maximum(room, 0.0)).astype(np.float32), borne


def _song_seed(song: SongAnalysis, seed: int) -> int:
    """Another seed for another song, so that two films of one seed do not blink in step; the frame rate does not matter."""
    reference = "none" if np.isnan(song.activity.reference_db) else f"{song.activity.reference_db:.0f}"
    return zlib.crc32(f"{seed} {song.rhythm.tempo_bpm:.0f} {len(song.activity.phrases_s)} {reference}".encode())
