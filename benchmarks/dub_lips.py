"""What is measured of a dubbed film's lips: against the voice, in its silences, at its m, b and p, and against its own lips.

People who speak open their mouths by sounds more than by loudness (their true lips reach 0.2 to 0.6, `metrics/lip_sync.py`): so
the learned lips, which know sounds, are asked too how far they agree and at which offset (`pipeline/film_sync.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.languages import CLOSING
from benchmarks.speak import SHUT_SHARE, closures_of
from core.contracts import FloatArray
from core.runs import runs
from core.timebase import frame_times_s
from faces.tracking.tracks import FaceTrack
from media.media import read_audio_blocks
from metrics.aperture import aperture
from metrics.correlation import correlation
from metrics.envelope import voice_envelope
from metrics.lip_sync import lip_sync
from pipeline.film_sync import measured_offset
from speech.voice import Phoneme

#: Sound below the loud part of a voice by so many decibels, for so long, is silence.
SILENT_DB, SILENT_S = 30.0, 0.25
LOUD_PERCENTILE = 95
#: A mouth is shut below this part of its usual opening, above what it reads when shut.
SHUT_PART = 0.10
#: Lips are given this long to shut after the voice, in seconds.
SHUTTING_S = 0.12
SOUND_RATE_HZ = 16_000
#: Frames that a comparison of two mouths needs.
LEAST_FRAMES = 25


@dataclass(frozen=True)
class LipFigures:
    """Of the lips of one film under one sound; None where there was nothing to measure.

    voice_correlation: of the mouth's opening with the voice's loudness. voice_shuffled: the same with the voice's seconds in
    another order, on average. agreement: with what the learned lips would do for the sound, at the best offset. late_ms: that
    offset, above 0 where the sound comes after the lips; None where it is not certain. shut_in_silence: part of the silent
    frames. closures: part of the m, b and p at which the lips are shut. own_correlation: with the film's own opening.
    lse_d, lse_c: what the published SyncNet thinks (`metrics/syncnet.py`), where its file was named.
    """

    voice_correlation: float | None = None
    voice_shuffled: float | None = None
    agreement: float | None = None
    late_ms: float | None = None
    shut_in_silence: float | None = None
    closures: float | None = None
    own_correlation: float | None = None
    lse_d: float | None = None
    lse_c: float | None = None


def lip_figures(
    track: FaceTrack, sound: Path, fps: float, phonemes: Sequence[Phoneme] = (), own: FaceTrack | None = None
) -> LipFigures:
    """The figures. sound: begins with the film. phonemes: of that sound, where they are known. own: the face in the film's own
    frames, where the lips are to do what they did there."""
    opening = opening_of(track)
    if not np.isfinite(opening).any():
        return LipFigures()
    lips = lip_sync(frame_times_s(len(track), fps), opening, voice_envelope(sound))
    offset = measured_offset(sound, track, fps)
    shut = [share for share in closures_of(phonemes, opening, fps, CLOSING) if np.isfinite(share)]
    return LipFigures(
        voice_correlation=lips.correlation,
        voice_shuffled=lips.shuffled_correlation,
        agreement=offset.agreement if offset.seen_s else None,
        late_ms=1000 * offset.offset_s if offset.certain else None,
        shut_in_silence=shut_in_silence(opening, loudness_db(sound, fps, len(track)), fps),
        closures=float(np.mean(np.asarray(shut) < SHUT_SHARE)) if shut else None,
        own_correlation=None if own is None else alike(opening, opening_of(own)),
    )


def opening_of(track: FaceTrack) -> FloatArray:
    """Opening of the mouth (T,) in eye spans; NaN where it is not clearly seen."""
    return np.array([aperture(track.landmarks[i]) if track.clear(i) else np.nan for i in range(len(track))], np.float32)


def alike(one: FloatArray, other: FloatArray) -> float | None:
    """Correlation of two mouths' openings where both are seen; None where they hardly are."""
    count = min(len(one), len(other))
    seen = np.isfinite(one[:count]) & np.isfinite(other[:count])
    if seen.sum() < LEAST_FRAMES:
        return None
    return correlation(one[:count][seen].astype(np.float64), other[:count][seen].astype(np.float64))


def loudness_db(sound: Path, fps: float, frames: int) -> FloatArray:
    """Loudness (T,) in dB of each frame's sound; a sound that ends early goes on as silence."""
    samples = round(SOUND_RATE_HZ / fps * frames) + 1
    blocks = [block[:, 0] for block in read_audio_blocks(sound, SOUND_RATE_HZ, 1, 1 << 16, 0.0, frames / fps)]
    heard = np.concatenate(blocks)[:samples] if blocks else np.zeros(0, np.float32)
    heard = np.pad(heard, (0, samples - len(heard)))
    edges = np.rint(np.arange(frames + 1) * SOUND_RATE_HZ / fps).astype(int)
    power = np.add.reduceat(heard.astype(np.float64) ** 2, edges[:-1]) / np.diff(edges)
    return np.asarray(10 * np.log10(power + 1e-10), np.float32)


def silent_frames(loudness: FloatArray, fps: float) -> npt.NDArray[np.bool_]:
    """Where nobody has spoken for long enough that the mouth should be shut (T,)."""
    quiet = loudness < np.percentile(loudness, LOUD_PERCENTILE) - SILENT_DB
    silent = np.zeros(len(loudness), bool)
    for first, end in runs(quiet):
        if end - first >= SILENT_S * fps:
            silent[first + round(SHUTTING_S * fps) : end - round(SHUTTING_S * fps)] = True
    return silent


def shut_in_silence(opening: FloatArray, loudness: FloatArray, fps: float) -> float | None:
    """Part of the silent frames in which the mouth is shut."""
    count = min(len(opening), len(loudness))
    silent = silent_frames(loudness[:count], fps) & np.isfinite(opening[:count])
    if not silent.any():
        return None
    seen = opening[np.isfinite(opening)]
    rest, wide = np.percentile(seen, [5, 95])
    return float((opening[:count][silent] <= rest + max(SHUT_PART * (wide - rest), 0.01)).mean())
