"""What the performer feels over the song: the style of every section, and how strongly, moment by moment."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from animators.singing.articulation import Articulation
from animators.singing.emotions_intensity import automatic_intensity, edited_intensity
from animators.singing.framing import FEATURE_RATE_HZ
from animators.singing.settings import SingingSettings
from animators.singing.smoothing import ramp
from animators.singing.song_analysis import SongAnalysis
from pipeline.contracts import FloatArray

#: Tempo in beats a minute between which a song turns from slow to quick.
QUICK_BPM = (85.0, 130.0)


@dataclass(frozen=True)
class SongEmotion:
    """The emotion of a performance.

    sections: (start_s, stop_s, style) of every part, without gaps, from 0 to the song's end; the style is never `auto`.
    intensity: (N,) in [0, 1], in effect. automatic: (N,) in [0, 1], as found in the song. Both at `rate_hz` values a second.
    """

    sections: tuple[tuple[float, float, str], ...]
    intensity: FloatArray
    automatic: FloatArray
    rate_hz: float = float(FEATURE_RATE_HZ)


def song_emotion(song: SongAnalysis, voice: Articulation, settings: SingingSettings) -> SongEmotion:
    """The emotion that the settings ask for, and where they leave it open, the song."""
    automatic = automatic_intensity(song, voice)
    intensity = edited_intensity(settings.intensity_points, len(automatic)) if settings.intensity_points else automatic
    return SongEmotion(_sections(song, automatic, settings), intensity, automatic)


def _sections(song: SongAnalysis, automatic: FloatArray, settings: SingingSettings) -> tuple[tuple[float, float, str], ...]:
    end_s = song.count / FEATURE_RATE_HZ
    if settings.style != "auto":
        return ((0.0, end_s, settings.style),)
    starts_s = [start_s for start_s in song.rhythm.sections_s if start_s < end_s]
    quick = float(ramp(np.asarray([song.rhythm.tempo_bpm]), *QUICK_BPM)[0])
    parts: list[tuple[float, float, str]] = []
    for start_s, stop_s in zip(starts_s, [*starts_s[1:], end_s], strict=True):
        energy = float(automatic[round(start_s * FEATURE_RATE_HZ) : round(stop_s * FEATURE_RATE_HZ)].mean())
        style = "happy" if quick * energy > 0.3 else "sad" if quick < 0.3 else "neutral"
        if parts and parts[-1][2] == style:
            parts[-1] = (parts[-1][0], stop_s, style)
        else:
            parts.append((start_s, stop_s, style))
    return tuple(parts)
