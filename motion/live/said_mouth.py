"""The mouth over time: pieces of speech that are heard from their moments on, and what they leave when they are broken off."""

from __future__ import annotations

import math
from dataclasses import dataclass
from dataclasses import replace as with_changes

import numpy as np

from core.blendshapes import BLENDSHAPE_INDEX, BLENDSHAPE_NAMES
from core.contracts import FloatArray
from core.easing import smooth_step
from motion.live.heard_lips import heard_articulation
from motion.live.phoneme_lips import loudness_of, spoken_articulation
from motion.singing.analysis.framing import FEATURE_RATE_HZ
from motion.singing.analysis.smoothing import at_frames, smooth
from motion.singing.performance.emotions_performance import ROUNDED_SIGMA_S, roundness
from motion.singing.performance.mouth_shapes import mouth_shapes
from motion.singing.settings import SingingSettings
from speech.voice import Said

#: What of the time before and after a sound belongs to it: lips part before they are heard, and come to rest after.
BEFORE_S, AFTER_S = 0.4, 0.35
#: A mouth that is broken off shuts within this; one that is told late what is heard already opens within the other.
HUSH_S, LATE_S = 0.13, 0.08
#: Breath is taken, lips just parted, over so long before speech that follows silence.
BREATH_S = (0.36, 0.12)


@dataclass(frozen=True)
class Piece:
    """Curves of one piece at `FEATURE_RATE_HZ`. start_s: where they begin. shapes: (N, 52). rounded, loudness: (N,).

    late_s: before it the piece was not known; hushed_s: from then on it shuts.
    """

    start_s: float
    shapes: FloatArray
    rounded: FloatArray
    loudness: FloatArray
    late_s: float = -math.inf
    hushed_s: float = math.inf

    @property
    def end_s(self) -> float:
        """When nothing of it is left."""
        return min(self.start_s + len(self.shapes) / FEATURE_RATE_HZ, self.hushed_s + HUSH_S)

    def share(self, times_s: np.ndarray) -> FloatArray:
        """(T,) how much of it shows."""
        begun = smooth_step((times_s - self.late_s) / LATE_S) if math.isfinite(self.late_s) else np.ones(len(times_s))
        return np.asarray(begun * (1.0 - smooth_step((times_s - self.hushed_s) / HUSH_S)), dtype=np.float32)


class SaidMouth:
    """What is being said; forgets what has been."""

    def __init__(self, fps: float, seed: int) -> None:
        self._fps, self._settings = fps, SingingSettings(seed=seed)
        self._pieces: list[Piece] = []

    def say(self, at_s: float, said: Said, now_s: float) -> None:
        """A piece is heard from `at_s` on; what of that lies before `now_s` is lost. Raises like `heard_articulation`."""
        ends_s = max((piece.end_s - AFTER_S for piece in self._pieces), default=-math.inf)
        piece = piece_of(said, at_s, self._settings, at_s - ends_s > BREATH_S[0])
        late = piece.start_s < now_s
        self._pieces.append(with_changes(piece, late_s=now_s - 1.0 / self._fps) if late else piece)

    def hush(self, now_s: float) -> None:
        """What is being said breaks off, and nothing comes any more."""
        self._pieces = [
            with_changes(piece, hushed_s=min(now_s, piece.hushed_s)) for piece in self._pieces if piece.start_s < now_s
        ]

    def at(self, times_s: np.ndarray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Shapes (T, 52), their `roundness` as slow as corners of the mouth follow it (T,), and the loudness (T,) at rising
        times."""
        shapes = np.zeros((len(times_s), len(BLENDSHAPE_NAMES)), dtype=np.float32)
        rounded, loudness = np.zeros((2, len(times_s)), dtype=np.float32)
        for piece in self._pieces:
            since_s = times_s - piece.start_s
            inside = (since_s >= 0.0) & (times_s < piece.end_s)
            if not inside.any():
                continue
            share = piece.share(times_s[inside])
            read = (share[:, None] * at_frames(piece.shapes, since_s[inside], self._fps)).astype(np.float32)
            shapes[inside] = np.maximum(shapes[inside], read)
            rounded[inside] = np.maximum(rounded[inside], share * at_frames(piece.rounded, since_s[inside], self._fps))
            loudness[inside] = np.maximum(loudness[inside], share * at_frames(piece.loudness, since_s[inside], self._fps))
        self._pieces = [piece for piece in self._pieces if len(times_s) == 0 or piece.end_s > times_s[-1]]
        return shapes, rounded, loudness


def piece_of(said: Said, at_s: float, settings: SingingSettings, breathes: bool) -> Piece:
    """The curves of a piece that is heard from `at_s` on. breathes: whether breath is taken before it."""
    count = math.ceil((BEFORE_S + len(said.sound) / said.rate_hz + AFTER_S) * FEATURE_RATE_HZ)
    loudness = loudness_of(said.sound, said.rate_hz, count, BEFORE_S)
    if said.phonemes:
        moved = [with_changes(each, start_s=each.start_s + BEFORE_S, end_s=each.end_s + BEFORE_S) for each in said.phonemes]
        voice, begins_s = spoken_articulation(moved, loudness), moved[0].start_s
    else:
        voice, begins_s = heard_articulation(said.sound, said.rate_hz, loudness, BEFORE_S), BEFORE_S
    if breathes:
        times_s = np.arange(count) / FEATURE_RATE_HZ
        breath = smooth(((times_s > begins_s - BREATH_S[0]) & (times_s < begins_s - BREATH_S[1])).astype(np.float32), 0.05)
        voice = with_changes(voice, breath=breath)
    shapes = np.zeros((count, len(BLENDSHAPE_NAMES)), dtype=np.float32)
    curves = mouth_shapes(voice, settings)
    for name, curve in curves.items():
        shapes[:, BLENDSHAPE_INDEX[name]] = curve
    return Piece(at_s - BEFORE_S, shapes, smooth(roundness(curves), ROUNDED_SIGMA_S), loudness)
