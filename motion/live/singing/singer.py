"""The avatar that sings along: lips from the voice that is heard, the head on the beat as it is found, a face that goes along.

    singer = LiveSinger(25.0)
    singer.hear(block)                # (n,) float32 mono 16 kHz, as it comes; music, with the voice or without
    motion = singer.block(1)          # the next frames; frame k belongs to the sound at k / fps

A frame may be asked for once the sound up to `LATE_S` later was heard; earlier, its lips are the last that are known. Whoever
shows it delays the picture by that, and the sound along with it where both are sent on.
"""

from __future__ import annotations

import numpy as np

from core.blendshapes import BLENDSHAPE_INDEX
from core.contracts import FloatArray, Motion
from core.errors import InputError
from motion.live.eyes import Eyes
from motion.live.face import ActingFace
from motion.live.head import Head
from motion.live.performer import in_order
from motion.live.singing.beat_follower import BeatFollower
from motion.live.singing.groove import LiveGroove
from motion.live.singing.sung_mouth import LATE_S, SungMouth
from motion.live.state import Mood
from motion.singing.performance.emotions import FELT_STYLES
from motion.singing.performance.emotions_performance import joined
from motion.singing.performance.eyes import shapes_of_eyes, with_lids
from motion.singing.performance.head import ROTATION_LIMIT_DEG

__all__ = ["LATE_S", "LiveSinger"]

#: From so loud a voice on it sings; below, it listens to the music.
SINGS = 0.35
#: Where nobody says what is felt, music is enjoyed: so much in the softest and in the loudest.
ENJOYED = (0.15, 0.55)
#: How strongly the moment is felt, and what loudness adds.
CALM, LOUD = 0.3, 0.6


class LiveSinger:
    """Sings for ever; what is past is forgotten."""

    def __init__(self, fps: float, seed: int = 0) -> None:
        """fps: frames a second. seed: which of many performances. Raises MissingError where a trained network can't be had."""
        if not fps > 0.0:
            raise ValueError(f"fps is {fps}; a positive number is expected.")
        self._fps, self._frames = fps, 0
        self._beat, self._mouth = BeatFollower(), SungMouth(fps, seed)
        self._mood, self._groove = Mood(fps), LiveGroove(fps, seed)
        self._head, self._eyes, self._face = Head(fps, seed), Eyes(fps, seed), ActingFace(fps, seed)
        self._told: tuple[str, float] | None = None

    @property
    def now_s(self) -> float:
        """Where the next block begins, in seconds of the sound."""
        return self._frames / self._fps

    @property
    def known_s(self) -> float:
        """Up to when the lips are known."""
        return self._mouth.known_s

    @property
    def tempo_bpm(self) -> float:
        """Beats a minute; 0 where no beat is found."""
        return 60.0 / self._beat.comb.period_s if self._beat.comb else 0.0

    def hear(self, block: FloatArray) -> None:
        """(n,) float32 in [-1, 1] at 16 kHz, mono, in order. Raises InputError for sound that is not finite."""
        self._mouth.hear(block)
        self._beat.push(block)

    def feel(self, style: str, strength: float) -> None:
        """Let the face go over to a style (neutral, happy, sad, angry, surprised); strength: 0 to 1. Raises InputError."""
        if style not in FELT_STYLES:
            raise InputError("motion.no_such_style", name=style, list=list(FELT_STYLES))
        self._told = style, min(max(strength, 0.0), 1.0)

    def block(self, frames: int) -> Motion:
        """The next frames."""
        rotation, translation = np.zeros((frames, 3), np.float32), np.zeros((frames, 3), np.float32)
        gaze, shut = np.zeros((frames, 2), np.float32), np.zeros((frames, 2), np.float32)
        lips, rounded = np.zeros((frames, len(BLENDSHAPE_INDEX)), np.float32), np.zeros(frames, np.float32)
        felt = np.zeros((frames, 2, len(self._face.stems)), np.float32)
        intensity = np.zeros(frames, np.float32)
        for i in range(frames):
            now_s = (self._frames + i + 0.5) / self._fps
            lips[i], rounded[i], loudness = self._mouth.at(now_s)
            sings = float(lips[i, BLENDSHAPE_INDEX["jawOpen"]] > 0.0) * loudness
            self._go_along(loudness, sings)
            moment = self._mood.moment(now_s, sings)
            turned, moved = self._head.at(moment)
            grooved, down = self._groove.at(now_s, self._beat, loudness, sings)
            bound = np.asarray(ROTATION_LIMIT_DEG)
            rotation[i] = bound * np.tanh((turned + grooved) / bound)
            translation[i] = moved + np.asarray([0.0, down, 0.0])
            gaze[i], shut[i] = self._eyes.at(moment, rotation[i])
            felt[i] = self._face.at(moment)
            intensity[i] = min(1.0, CALM + LOUD * loudness)
        self._frames += frames
        shapes = joined({name: lips[:, index] for name, index in BLENDSHAPE_INDEX.items()}, self._face.shapes(felt), rounded)
        shapes = with_lids(shapes, shapes_of_eyes(shut[:, 0], shut[:, 1], gaze))
        return Motion(self._fps, in_order(shapes), rotation, translation, gaze, intensity)

    def _go_along(self, loudness: float, sings: float) -> None:
        """What it does and feels at this moment."""
        self._mood.doing = "speaking" if sings > SINGS else "idle"
        enjoyed = ENJOYED[0] + (ENJOYED[1] - ENJOYED[0]) * min(loudness, 1.0)
        self._mood.feel(*(self._told or ("happy", enjoyed if self._beat.comb else ENJOYED[0])))
