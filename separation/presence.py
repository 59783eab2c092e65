"""Is there a voice, and is there anything else? Judged from how the energy falls to the two stems, block by block.

Shares of the whole file would not do: a file of music with one sung line has a small share of voice, and speech in a noisy room
loses its pauses to the accompaniment. So the blocks are counted: sung ones for "no voice", and for "voice alone" the longest
stretch in which something other than the voice is heard. A single word in a piece of music is too few of them; before a file
counts as one without a voice, the learned detector listens to the stem.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from core.contracts import FloatArray
from core.messages import Message, message
from core.timebase import seconds_to_samples
from media.media import read_audio_blocks
from neural.voice_detector import FRAME_S, FRAME_SAMPLES, RATE_HZ, VoiceDetector
from separation.settings import SAMPLE_RATE_HZ, PresenceSettings

Kind = Literal["song", "voice alone", "no voice", "silence"]

NOTES: dict[Kind, tuple[Message, ...]] = {
    "song": (),
    "voice alone": (message("separation.voice_alone"),),
    "no voice": (message("separation.no_voice"),),
    "silence": (message("separation.silence"),),
}

_LOUD_QUANTILE = 0.95
#: Probability from which on the detector hears a voice.
_SPOKEN = 0.5


@dataclass(frozen=True)
class Verdict:
    """What a file holds, and the voice's part of its energy in [0, 1] (0 for silence)."""

    kind: Kind
    voice_share: float


class PresenceMeter:
    """Collects the stems' energies as they come, then judges; its memory is two numbers per block.

    samples: how many it has heard so far.
    """

    def __init__(self, settings: PresenceSettings) -> None:
        self.settings = settings
        self._block_samples = seconds_to_samples(settings.block_s, SAMPLE_RATE_HZ)
        self.samples = 0
        self._energies = np.zeros((2, 0))

    def add(self, voice: FloatArray, accompaniment: FloatArray) -> None:
        """Take in the next samples of both stems, each (n, 2) at 44.1 kHz."""
        blocks = (self.samples + np.arange(len(voice))) // self._block_samples
        self.samples += len(voice)
        count = -(-self.samples // self._block_samples)
        energies = np.zeros((2, count))
        energies[:, : self._energies.shape[1]] = self._energies
        for stem, samples in enumerate((voice, accompaniment)):
            energies[stem] += np.bincount(blocks, weights=np.square(samples, dtype=np.float64).mean(axis=1), minlength=count)
        self._energies = energies

    def verdict(self) -> Verdict:
        """What the samples so far hold."""
        voice, accompaniment = self._powers()
        whole = voice + accompaniment
        loudest = whole.max(initial=0.0)
        if loudest < _power(self.settings.silence_dbfs):
            return Verdict("silence", 0.0)
        share = float(voice.sum() / whole.sum())
        audible = whole > loudest * _power(-self.settings.quiet_db)
        if self._is_without_voice(voice[audible], whole[audible]):
            return Verdict("no voice", share)
        if share >= self.settings.alone_share and self._is_voice_alone(voice, accompaniment):
            return Verdict("voice alone", share)
        return Verdict("song", share)

    def _powers(self) -> npt.NDArray[np.float64]:
        """Mean square (2 stems, blocks); the last block may be shorter than the others."""
        lengths = np.full(self._energies.shape[1], self._block_samples)
        if len(lengths):
            lengths[-1] = self.samples - self._block_samples * (len(lengths) - 1)
        return self._energies / lengths

    def _is_without_voice(self, voice: npt.NDArray[np.float64], whole: npt.NDArray[np.float64]) -> bool:
        settings = self.settings
        sung_s = np.count_nonzero(voice >= settings.sung_share * whole) * settings.block_s
        heard_s = len(whole) * settings.block_s
        return bool(sung_s < max(min(settings.least_sung_s, heard_s / 4), settings.least_sung_part * heard_s))

    def _is_voice_alone(self, voice: npt.NDArray[np.float64], accompaniment: npt.NDArray[np.float64]) -> bool:
        settings = self.settings
        loud_voice = np.quantile(voice, _LOUD_QUANTILE)
        prevails = (accompaniment > voice) & (accompaniment > loud_voice * _power(settings.alone_music_db))
        return _longest_run(prevails) * settings.block_s <= settings.alone_music_s


def word_is_heard(voice: Path, accompaniment: Path, gain: float, settings: PresenceSettings) -> bool:
    """Whether the detector hears at least a word in the voice stem where that is no leftover of the accompaniment.

    gain: what makes the stems as loud as music usually is. Raises MissingError where the detector's weights can't be had.
    """
    detector = VoiceDetector()
    told: list[FloatArray] = []

    def listen(sound: FloatArray) -> None:
        told.append(detector.push(np.float32(gain) * sound))

    own, other = _frame_powers(voice, listen), _frame_powers(accompaniment)
    spoken = np.concatenate([*told, detector.finish()])
    count = min(len(own), len(other), len(spoken))
    # The detector is slow: what it hears now may have sounded in the frame before.
    sung = own[:count] >= settings.sung_share * (own[:count] + other[:count])
    sung[1:] |= sung[:-1]
    words = (spoken[:count] > _SPOKEN) & sung
    return bool(np.count_nonzero(words) * FRAME_S >= settings.least_word_s)


def _frame_powers(path: Path, hear: Callable[[FloatArray], None] = lambda sound: None) -> FloatArray:
    """Mean square of each of the detector's frames in a file; `hear` is given the sound in blocks (n,)."""
    powers = []
    for block in read_audio_blocks(path, RATE_HZ, 1, 64 * FRAME_SAMPLES):
        sound = block[:, 0]
        hear(sound)
        squares = np.square(np.pad(sound, (0, -len(sound) % FRAME_SAMPLES)), dtype=np.float64)
        powers.append(squares.reshape(-1, FRAME_SAMPLES).mean(axis=1))
    return np.concatenate([np.zeros(0), *powers]) + 1e-12


def _longest_run(flags: npt.NDArray[np.bool_]) -> int:
    """Length of the longest stretch of true values."""
    longest = current = 0
    for flag in flags:
        current = current + 1 if flag else 0
        longest = max(longest, current)
    return longest


def _power(level_db: float) -> float:
    """Ratio of powers for a level in dB."""
    return float(10 ** (level_db / 10))
