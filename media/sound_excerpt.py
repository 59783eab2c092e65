"""A part of a song as a file of its own, which drives the face; what people hear is cut from the song itself."""

from __future__ import annotations

from pathlib import Path

import soundfile

from core.contracts import Progress, silent
from core.timebase import samples_to_seconds, seconds_to_samples
from media.media import read_audio_blocks

SAMPLE_RATE_HZ = 44_100
CHANNELS = 2
BLOCK_SAMPLES = 10 * SAMPLE_RATE_HZ


def write_excerpt(song: Path, out: Path, start_s: float, duration_s: float, progress: Progress = silent) -> None:
    """Write `duration_s` seconds of `song` from `start_s` on as a stereo float32 WAV at 44.1 kHz, block by block.

    progress: ("decode", samples done, samples in all). Raises `InputError` where the song can't be decoded.
    """
    total, done = seconds_to_samples(duration_s, SAMPLE_RATE_HZ), 0
    form = "RF64" if samples_to_seconds(total, SAMPLE_RATE_HZ) > 3 * 3600 else "WAV"  # a WAV file ends at 4 GiB
    with soundfile.SoundFile(str(out), "w", SAMPLE_RATE_HZ, CHANNELS, subtype="FLOAT", format=form) as file:
        for block in read_audio_blocks(song, SAMPLE_RATE_HZ, CHANNELS, BLOCK_SAMPLES, start_s, duration_s):
            file.write(block)
            done += len(block)
            progress("decode", min(done, total), total)
