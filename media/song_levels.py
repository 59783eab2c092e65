"""How loud a song is, where it clips, and its shape in fine steps, for whoever chooses a part of it.

Loudness is that of EBU R 128 (ITU-R BS.1770), measured by ffmpeg's filter `ebur128`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.contracts import ByteArray, FloatArray
from core.errors import InputError
from media.ffmpeg_args import probe_loudness_arguments, probe_sound_arguments
from media.ffmpeg_run import Ffmpeg, FfmpegError, ffmpeg_path, read_from
from media.sound_reader import AU_BYTES_PER_SAMPLE, AU_HEADER, READ_BYTES, samples_of, unreadable_song

#: Stretches in which a song's shape is told.
STRETCHES_PER_S = 50
#: Shape of the loudest stretch.
FULL = 100
#: Samples in a row at full scale, or beyond it as decoders of MP3 write them, of which no sound but a cut one has that many.
CLIPPED, CLIPPED_IN_A_ROW = 0.99, 3
#: Below the filter's own gate nothing is heard.
SILENT_LUFS = -70.0


@dataclass(frozen=True)
class SongLevels:
    """loudness_lufs: of the whole, None for silence. peaks (N,) uint8: of each stretch the loudest sample, `FULL` at most.

    clipped (C,): the stretches in which the sound is cut at full scale, by number.
    """

    loudness_lufs: float | None
    peaks: ByteArray
    clipped: tuple[int, ...]

    @property
    def clipped_share(self) -> float:
        """Part of the stretches that are cut, 0 to 1."""
        return len(self.clipped) / max(1, len(self.peaks))


def read_levels(path: Path) -> SongLevels:
    """Decode the song twice: for its shape, and for its loudness. Raises InputError where it can't be decoded."""
    try:
        with read_from(probe_sound_arguments(ffmpeg_path(), path)) as run:
            shape = list(stretches_of(run))
            run.wait()
        with read_from(probe_loudness_arguments(ffmpeg_path(), path)) as run:
            run.stdout.read()
            run.wait()
            log = run.log()
    except FfmpegError as error:
        raise InputError(unreadable_song(path, error)) from error
    peaks = np.array([peak for peak, _ in shape] or [0.0])
    top = peaks.max()
    scaled = np.round(FULL * peaks / top if top > 0 else peaks).astype(np.uint8)
    return SongLevels(loudness_of(log), scaled, tuple(at for at, (_, is_clipped) in enumerate(shape) if is_clipped))


def stretches_of(run: Ffmpeg) -> Iterator[tuple[float, bool]]:
    """Of every stretch of the AU stream that ffmpeg writes: its loudest sample, 1 at full scale, and whether it is clipped."""
    header = run.stdout.read(AU_HEADER.size)
    if len(header) < AU_HEADER.size:
        return
    _, header_bytes, _, _, sample_rate_hz, channels = AU_HEADER.unpack(header)
    run.stdout.read(header_bytes - AU_HEADER.size)
    step = max(CLIPPED_IN_A_ROW, round(sample_rate_hz / STRETCHES_PER_S)) * channels
    block_bytes = max(1, READ_BYTES // (step * AU_BYTES_PER_SAMPLE)) * step * AU_BYTES_PER_SAMPLE
    while block := run.stdout.read(block_bytes):
        values = samples_of(block)
        for start in range(0, len(values) - channels + 1, step):
            part = values[start : start + step]
            yield float(part.max()), is_cut(part[: len(part) - len(part) % channels].reshape(-1, channels))


def is_cut(sizes: FloatArray) -> bool:
    """Whether some channel of the samples' sizes (n, channels) stays at full scale."""
    full = sizes >= CLIPPED
    if not full.any():
        return False
    rows = np.lib.stride_tricks.sliding_window_view(full, CLIPPED_IN_A_ROW, axis=0) if len(full) >= CLIPPED_IN_A_ROW else full[:0]
    return bool(rows.all(axis=-1).any())


def loudness_of(log: str) -> float | None:
    """The integrated loudness in LUFS by the filter's summary; None for silence."""
    found = re.search(r"Integrated loudness:\s+I:\s+(-?[\d.]+) LUFS", log)
    value = float(found[1]) if found else SILENT_LUFS
    return value if value > SILENT_LUFS else None
