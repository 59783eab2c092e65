"""One sound laid under another, in blocks, as a file that knows no ceiling: whoever writes the film makes it fit."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, repeat
from pathlib import Path

import numpy as np
import soundfile

from core.contracts import FloatArray, Progress, silent
from core.timebase import samples_to_seconds, seconds_to_samples
from media.media import read_audio_blocks

SAMPLE_RATE_HZ = 48_000
CHANNELS = 2
BLOCK_SAMPLES = 10 * SAMPLE_RATE_HZ
#: Seconds in which the lower sound comes and goes where it begins anew.
FADE_S = 0.25


def write_mix(
    out: Path, over: Path, under: Path, share: float, over_s: float, duration_s: float, progress: Progress = silent
) -> None:
    """Write `over` with `under` at `share` of its loudness below it, `duration_s` long, as a float32 WAV at 48 kHz, stereo.

    Both begin at 0. over_s: how much of the upper sound is taken, at most `duration_s`; silence follows it. The lower one begins
    anew where it ends too early, and comes and goes softly there.
    progress: ("decode", samples done, samples in all). Raises InputError where a sound can't be decoded.
    """
    total = seconds_to_samples(duration_s, SAMPLE_RATE_HZ)
    form = "RF64" if samples_to_seconds(total, SAMPLE_RATE_HZ) > 3 * 3600 else "WAV"  # a WAV file ends at 4 GiB
    upper = in_blocks(read_audio_blocks(over, SAMPLE_RATE_HZ, CHANNELS, BLOCK_SAMPLES, 0.0, over_s), total)
    lower = in_blocks(again_and_again(under), total)
    done = 0
    with soundfile.SoundFile(str(out), "w", SAMPLE_RATE_HZ, CHANNELS, subtype="FLOAT", format=form) as file:
        for above, below in zip(upper, lower, strict=True):
            file.write(above + np.float32(share) * below)
            done += len(above)
            progress("decode", done, total)


def write_padded(out: Path, sound: Path, duration_s: float) -> None:
    """Write the first `duration_s` seconds of a sound, silence where it ends before, as a float32 WAV at 48 kHz, stereo.

    Raises InputError where it can't be decoded.
    """
    total = seconds_to_samples(duration_s, SAMPLE_RATE_HZ)
    form = "RF64" if samples_to_seconds(total, SAMPLE_RATE_HZ) > 3 * 3600 else "WAV"  # a WAV file ends at 4 GiB
    with soundfile.SoundFile(str(out), "w", SAMPLE_RATE_HZ, CHANNELS, subtype="FLOAT", format=form) as file:
        for block in in_blocks(read_audio_blocks(sound, SAMPLE_RATE_HZ, CHANNELS, BLOCK_SAMPLES), total):
            file.write(block)


def again_and_again(path: Path) -> Iterator[FloatArray]:
    """The sound's blocks (n, 2) without an end; from the second time on, its beginning and its end are soft."""
    length = 0
    for block in read_audio_blocks(path, SAMPLE_RATE_HZ, CHANNELS, BLOCK_SAMPLES):
        length += len(block)
        yield block
    if length == 0:
        yield from repeat(np.zeros((BLOCK_SAMPLES, CHANNELS), np.float32))
    fade = max(1, min(seconds_to_samples(FADE_S, SAMPLE_RATE_HZ), length // 2))
    while True:
        begin = 0
        for block in read_audio_blocks(path, SAMPLE_RATE_HZ, CHANNELS, BLOCK_SAMPLES):
            at = begin + np.arange(len(block))
            gain = np.clip(np.minimum(at + 1, length - at) / fade, 0.0, 1.0).astype(np.float32)
            yield block * gain[:, None]
            begin += len(block)


def in_blocks(blocks: Iterator[FloatArray], total: int) -> Iterator[FloatArray]:
    """The same samples in blocks of one length, `total` in all; silence where there are too few."""
    silence = repeat(np.zeros((BLOCK_SAMPLES, CHANNELS), np.float32))
    held = np.zeros((0, CHANNELS), np.float32)
    left = total
    source = chain(blocks, silence)
    while left > 0:
        wanted = min(BLOCK_SAMPLES, left)
        while len(held) < wanted:
            held = np.concatenate([held, next(source)])
        yield held[:wanted]
        held, left = held[wanted:], left - wanted
