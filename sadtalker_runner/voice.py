"""The voice as the networks hear it: its stem, silenced where nobody sings, as a mel spectrogram.

A stem keeps some of the music, 15 to 40 dB below the voice. The networks know only speech in silence and move the lips to
whatever sounds, so in an instrumental passage a portrait would mumble. A gate therefore compares the stem's loudness with that of
its own loud parts and makes true silence of what is too soft.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.contracts import FloatArray
from core.runs import runs
from core.timebase import seconds_to_samples
from media.media import gain_of_quiet_sound, read_audio_blocks
from neural.wav2lip_mel import HOP_SAMPLES, HOPS_PER_SECOND, SAMPLE_RATE_HZ, mel_spectrogram_of_blocks

#: Samples read at a time: 10 s.
BLOCK_SAMPLES = 10 * SAMPLE_RATE_HZ
#: Level that stands for digital silence.
SILENCE_DB = -120.0


@dataclass(frozen=True)
class GateSettings:
    """When the stem counts as voice. Levels are of 12.5 ms, smoothed over `smoothing_s`."""

    #: the stem's own loudness is what its loudest seconds reach, this many of them in all.
    loud_s: float = 2.0
    #: how far below that a sound still opens the gate, in dB, and how far below it must fall to shut it.
    open_db: float = -25.0
    shut_db: float = -30.0
    #: below this level, in dB of full scale, nothing is voice however soft the rest is.
    floor_db: float = -60.0
    smoothing_s: float = 0.05
    #: how long the gate is open before the voice and after it.
    before_s: float = 0.1
    after_s: float = 0.2
    #: a sound shorter than this is no voice.
    shortest_s: float = 0.06
    #: length of a fade.
    fade_s: float = 0.05


def voice_spectrogram(voice: Path, duration_s: float, settings: GateSettings | None = None) -> FloatArray:
    """Mel spectrogram (hops, 80) of the first `duration_s` seconds of the stem, gated; silence follows where it ends early.

    The file is decoded twice, in blocks, so memory grows with the spectrogram alone. Raises InputError where it can't be read.
    """
    samples = seconds_to_samples(duration_s, SAMPLE_RATE_HZ)
    gains = gate_gains(np.concatenate([hop_power(block) for block in stem_blocks(voice, samples)]), settings or GateSettings())
    return mel_spectrogram_of_blocks(gated(stem_blocks(voice, samples), gains))


def stem_blocks(voice: Path, samples: int) -> Iterator[FloatArray]:
    """The first `samples` samples of the stem, mono at 16 kHz, in blocks (n,) of whole hops but the last; zeros where it ends."""
    left, gain = samples, np.float32(gain_of_quiet_sound(voice, duration_s=samples / SAMPLE_RATE_HZ))
    for block in read_audio_blocks(voice, SAMPLE_RATE_HZ, 1, BLOCK_SAMPLES, duration_s=samples / SAMPLE_RATE_HZ):
        wanted = min(left, BLOCK_SAMPLES)
        yield np.pad(gain * block[:wanted, 0], (0, max(0, wanted - len(block))))
        left -= wanted
    while left > 0:
        wanted = min(left, BLOCK_SAMPLES)
        yield np.zeros(wanted, np.float32)
        left -= wanted


def hop_power(block: FloatArray) -> FloatArray:
    """Mean power of every 12.5 ms of `block` (n,), the rest of the last one filled with silence; full scale is 1."""
    padded = np.pad(block.astype(np.float64), (0, -len(block) % HOP_SAMPLES))
    return np.asarray((padded.reshape(-1, HOP_SAMPLES) ** 2).mean(axis=1))


def gate_gains(power: FloatArray, settings: GateSettings) -> FloatArray:
    """Gain (hops,) in [0, 1] for the power (hops,) of every 12.5 ms: 0 in pauses, 1 where there is voice, fades between."""
    level_db = 10 * np.log10(running_mean(power, hops_in(settings.smoothing_s)) + 10 ** (SILENCE_DB / 10))
    loudest = np.sort(level_db)[::-1]
    loud_db = loudest[min(hops_in(settings.loud_s), len(loudest)) - 1]
    shut_db = max(settings.floor_db, loud_db + settings.shut_db)
    open_db = max(settings.floor_db, loud_db + settings.open_db)
    is_voice = np.zeros(len(power), bool)
    for first, last in runs(level_db > shut_db):
        long_enough = last - first >= hops_in(settings.shortest_s)
        if long_enough and level_db[first:last].max() > open_db:
            is_voice[max(0, first - hops_in(settings.before_s)) : last + hops_in(settings.after_s)] = True
    fade = hops_in(settings.fade_s)
    # The fade lies inside, so that a pause is wholly silent.
    inside = np.convolve(~is_voice, np.ones(fade), "same") == 0
    return running_mean(inside.astype(np.float64), fade)


def gated(blocks: Iterable[FloatArray], gains: FloatArray) -> Iterator[FloatArray]:
    """The blocks (n,), whole hops but for the last, each sample times the gain there, drawn straight between hops' middles."""
    first = 0
    for block in blocks:
        places = (first + np.arange(len(block)) + 0.5) / HOP_SAMPLES - 0.5
        yield (block * np.interp(places, np.arange(len(gains)), gains)).astype(np.float32)
        first += len(block)


def hops_in(duration_s: float) -> int:
    """Hops in a time, at least one."""
    return max(1, round(duration_s * HOPS_PER_SECOND))


def running_mean(values: FloatArray, width: int) -> FloatArray:
    """Mean (N,) of the `width` values around each; beyond the ends the first and the last are repeated."""
    before = width // 2
    padded = np.pad(values, (before, width - 1 - before), mode="edge")
    return np.convolve(padded, np.full(width, 1 / width), "valid")
