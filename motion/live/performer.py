"""The avatar's performer: how head, eyes, face and lips move as it listens, thinks and speaks, block by block.

    performer = LivePerformer(25.0)
    performer.attend("speaking")
    performer.feel("happy", 0.8)
    performer.say(performer.now_s + 0.2, said)      # `speech.voice.Said`
    motion = performer.block(1)                     # blocks of any length give the same curves

What is told between two blocks holds from the next frame on. One thread at a time may use a performer; each avatar has its own.
"""

from __future__ import annotations

import numpy as np

from core.blendshapes import BLENDSHAPE_INDEX, BLENDSHAPE_NAMES
from core.contracts import FloatArray, Motion
from core.errors import InputError
from motion.live.attention import Attention
from motion.live.eyes import Eyes
from motion.live.face import ActingFace
from motion.live.head import Head
from motion.live.said_mouth import SaidMouth
from motion.live.state import DOINGS, Doing, Moment, Mood
from motion.live.stress import stressed_moments
from motion.singing.performance.emotions import FELT_STYLES
from motion.singing.performance.emotions_performance import joined
from motion.singing.performance.eyes import shapes_of_eyes, with_lids
from speech.voice import Said

#: How strongly the moment is felt at rest, and what speaking and a feeling add.
CALM, SPOKEN, FELT = 0.2, 0.25, 0.5


class LivePerformer:
    """Performs for ever; what is past is forgotten. The same seed and the same told at the same frames give the same motion."""

    def __init__(self, fps: float, seed: int = 0) -> None:
        """fps: frames a second. seed: which of many performances."""
        if not fps > 0.0:
            raise ValueError(f"fps is {fps}; a positive number is expected.")
        self._fps, self._frames = fps, 0
        self._mood, self._attention = Mood(fps), Attention(fps, seed)
        self._mouth, self._head = SaidMouth(fps, seed), Head(fps, seed)
        self._eyes, self._face = Eyes(fps, seed), ActingFace(fps, seed)

    @property
    def now_s(self) -> float:
        """Where the next block begins, in seconds."""
        return self._frames / self._fps

    def attend(self, what: Doing) -> None:
        """Go over to what is done from the next frame on: idle, listening, thinking, speaking."""
        if what not in DOINGS:
            raise ValueError(f"{what!r} is nothing that an avatar does; one of {DOINGS} is expected.")
        if what != self._mood.doing:
            self._mood.doing = what
            self._head.begin(what)
            self._eyes.begin(self.now_s, self._head.side)

    def feel(self, style: str, strength: float) -> None:
        """Let the face go over to a style of the faces (neutral, happy, sad, angry, surprised), within about 0.4 s.

        strength: 0 to 1; a mood that is only mirrored is felt at about 0.2. Raises InputError for another style.
        """
        if style not in FELT_STYLES:
            raise InputError("motion.no_such_style", name=style, list=list(FELT_STYLES))
        self._mood.feel(style, min(max(strength, 0.0), 1.0))

    def say(self, at_s: float, said: Said) -> None:
        """`said` is heard from `at_s` on, in the performer's time; lips are the better for being told 0.2 s before.

        Its phonemes lead the lips where it has some, else its sound. Raises MissingError where the trained lips are missing.
        """
        self._mouth.say(at_s, said, self.now_s)
        stresses = [each for each in stressed_moments(said) if at_s + each.at_s > self.now_s]
        end_s = at_s + (said.phonemes[-1].end_s if said.phonemes else len(said.sound) / said.rate_hz)
        self._head.say(at_s, end_s, stresses)
        self._face.say(at_s, end_s, stresses)
        self._eyes.cue(end_s)

    def hush(self) -> None:
        """What was to be said is dropped; the mouth shuts softly, within 150 ms."""
        for part in (self._mouth, self._head, self._face, self._eyes):
            part.hush(self.now_s)

    def notice(self, loudness: float, lively: float) -> None:
        """Of the person who speaks, 0 to 1 each: how loud, how lively. What is not told again within half a second is over."""
        self._mood.notice(min(max(loudness, 0.0), 1.0), min(max(lively, 0.0), 1.0), self.now_s)

    def block(self, frames: int) -> Motion:
        """The next frames."""
        times_s = (self._frames + np.arange(frames) + 0.5) / self._fps
        lips, rounded, loudness = self._mouth.at(times_s)
        rotation, translation = np.zeros((frames, 3), np.float32), np.zeros((frames, 3), np.float32)
        gaze, shut = np.zeros((frames, 2), np.float32), np.zeros((frames, 2), np.float32)
        felt = np.zeros((frames, 2, len(self._face.stems)), np.float32)
        intensity = np.zeros(frames, np.float32)
        for i, now_s in enumerate(times_s.tolist()):
            moment = self._mood.moment(now_s, float(loudness[i]))
            if (size := self._attention.nod(moment, self._mood.heard)) > 0.0:
                self._head.nod(now_s, size)
            rotation[i], translation[i] = self._head.at(moment)
            gaze[i], shut[i] = self._eyes.at(moment, rotation[i])
            felt[i] = self._face.at(moment)
            intensity[i] = _intensity(moment)
        self._frames += frames
        shapes = joined({name: lips[:, index] for name, index in BLENDSHAPE_INDEX.items()}, self._face.shapes(felt), rounded)
        shapes = with_lids(shapes, shapes_of_eyes(shut[:, 0], shut[:, 1], gaze))
        return Motion(self._fps, in_order(shapes), rotation, translation, gaze, intensity)


def _intensity(moment: Moment) -> float:
    """How strongly the moment is felt, 0 to 1."""
    felt = FELT * (1.0 - float(moment.weights[0])) * moment.strength
    return min(1.0, CALM + SPOKEN * moment.of("speaking") * (0.5 + 0.5 * moment.loudness) + felt)


def in_order(shapes: dict[str, FloatArray]) -> FloatArray:
    """(T, 52) in [0, 1] of curves (T,) by ARKit name."""
    return np.clip(np.stack([shapes[name] for name in BLENDSHAPE_NAMES], axis=1), 0.0, 1.0).astype(np.float32)
