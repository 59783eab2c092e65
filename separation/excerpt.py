"""The part of a song that is separated, as the settings name it."""

from __future__ import annotations

import math
from collections.abc import Generator
from pathlib import Path

from core.contracts import FloatArray
from core.errors import InputError
from media.media import probe_audio, read_audio_blocks
from separation.settings import CHANNELS, SAMPLE_RATE_HZ, SpleeterSettings

_BLOCK_SAMPLES = SAMPLE_RATE_HZ


def check_settings(settings: SpleeterSettings) -> None:
    """Raises InputError where a setting makes no sense."""
    if not (math.isfinite(settings.start_s) and settings.start_s >= 0):
        raise InputError("separation.start_out_of_range", start_s=settings.start_s)
    if settings.duration_s is not None and not (math.isfinite(settings.duration_s) and settings.duration_s > 0):
        raise InputError("separation.duration_out_of_range", duration_s=settings.duration_s)
    for count, what in ((settings.threads, "threads"), (settings.card_segments, "segments at once")):
        if count < 1:
            raise InputError("separation.none_asked_for", count=count, what=what)


def expected_duration_s(mix: Path, settings: SpleeterSettings) -> float:
    """How long the part is, to the rounding of a resampled last sample; the stems are as long as what is decoded.

    Raises InputError where the part begins behind the song's end.
    """
    song_s = probe_audio(mix).duration_s
    rest_s = song_s - settings.start_s
    if rest_s <= 0:
        raise InputError("separation.start_behind_the_end", name=mix.name, song_s=song_s, start_s=settings.start_s)
    return rest_s if settings.duration_s is None else min(rest_s, settings.duration_s)


def excerpt_blocks(mix: Path, settings: SpleeterSettings) -> Generator[FloatArray]:
    """The part at the network's rate, in stereo. Closing it ends the decoder."""
    yield from read_audio_blocks(mix, SAMPLE_RATE_HZ, CHANNELS, _BLOCK_SAMPLES, settings.start_s, settings.duration_s)
