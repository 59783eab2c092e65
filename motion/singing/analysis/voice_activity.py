"""When there is singing, how loud for this singer, and in which phrases.

A separator leaves music in the voice stem, at a fifth to a twentieth of the voice's loudness. Level alone does not tell it from
soft singing; so three witnesses speak: the level under the singer's own, the voice's share of the mix, and the tone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.contracts import FloatArray
from motion.singing.analysis.framing import FEATURE_RATE_HZ
from motion.singing.analysis.smoothing import highest, rolling_percentile, runs, smooth
from motion.singing.analysis.voice_features import CLEAR_PERIODICITY, VoiceFeatures

#: Under this nobody sings, whatever the rest says.
SILENCE_DB = -60.0
#: The singer's level is that of the loudest tenth of the tones.
REFERENCE_PERCENTILE = 90.0
#: A stem whose loud places lie this far under the mix holds leftovers, no voice.
VOICELESS_SHARE_DB = -13.0
#: Least length of tone that makes a voice.
VOICELESS_TONE_S = 0.4
#: Level under the singer's, share of the mix and periodicity at which each witness is undecided, and the step that convinces it.
LEVEL_MIDDLE_DB, LEVEL_STEP_DB = -21.0, 4.0
SHARE_MIDDLE_DB, SHARE_STEP_DB = -11.0, 3.0
TONE_MIDDLE, TONE_STEP = 0.62, 0.15
#: The mouth may open above the first sum of witnesses and shuts below the second.
OPEN_EVIDENCE, SHUT_EVIDENCE = 0.7, -0.3
#: Shorter singing is a leftover; shorter silence is a consonant.
SHORTEST_SOUND_S, SHORTEST_GAP_S = 0.09, 0.14
#: What precedes and follows the tone still belongs to it: consonants, the end of the breath.
LEAD_S, TAIL_S = 0.06, 0.05
#: Loudness is told over this range under the singer's level of the moment.
LOUDNESS_RANGE_DB = 26.0
LOCAL_LEVEL_WIDTH_S = 12.0
#: Silence that parts two phrases.
PHRASE_GAP_S = 0.32


@dataclass(frozen=True)
class VoiceActivity:
    """active (N,) bool: there is singing. loudness (N,) in [0, 1.2]: 1 is loud for this singer, here; 0 where not active.

    phrases_s: (P, 2) start and end of every phrase in seconds. reference_db: the singer's level; NaN where nobody sings.
    """

    active: np.ndarray
    loudness: FloatArray
    phrases_s: np.ndarray
    reference_db: float


def voice_activity(voice: VoiceFeatures) -> VoiceActivity:
    """Judge every feature frame of a song; see the module's first lines."""
    reference_db = _reference(voice)
    count = len(voice.loudness_db)
    if np.isnan(reference_db):
        return VoiceActivity(np.zeros(count, dtype=bool), np.zeros(count, dtype=np.float32), np.zeros((0, 2)), reference_db)
    active = _tidy(_hysteresis(_evidence(voice, reference_db)), voice, reference_db)
    local_db = _local_level(voice.loudness_db, active, reference_db)
    loudness = np.clip(1.0 + (voice.loudness_db - local_db) / LOUDNESS_RANGE_DB, 0.0, 1.2)
    phrases = runs(_close_gaps(active, PHRASE_GAP_S)) / FEATURE_RATE_HZ
    return VoiceActivity(active, np.where(active, loudness, 0.0).astype(np.float32), phrases, reference_db)


def _reference(voice: VoiceFeatures) -> float:
    """The singer's level in dB, or NaN for a stem without a voice."""
    tone = (voice.periodicity > CLEAR_PERIODICITY) & (voice.loudness_db > SILENCE_DB)
    if tone.sum() < VOICELESS_TONE_S * FEATURE_RATE_HZ:
        return float("nan")
    reference_db = float(np.percentile(voice.loudness_db[tone], REFERENCE_PERCENTILE))
    loud = tone & (voice.loudness_db > reference_db - 6.0)
    share_db = float(np.median(voice.loudness_db[loud] - voice.mix_db[loud]))
    return reference_db if share_db > VOICELESS_SHARE_DB else float("nan")


def _evidence(voice: VoiceFeatures, reference_db: float) -> FloatArray:
    """(N,) sum of the witnesses, above 0 for singing. A silent frame has none at all."""
    power = smooth(np.power(10.0, 0.1 * voice.loudness_db), 0.03)
    mix_power = smooth(np.power(10.0, 0.1 * voice.mix_db), 0.03)
    level_db = 10.0 * np.log10(power + 1e-12)
    share_db = 10.0 * np.log10((power + 1e-12) / (mix_power + 1e-12))
    tone = highest(smooth(voice.periodicity, 0.02), 0.06, 0.06)
    evidence = (
        np.clip((level_db - reference_db - LEVEL_MIDDLE_DB) / LEVEL_STEP_DB, -3.0, 2.0)
        + np.clip((share_db - SHARE_MIDDLE_DB) / SHARE_STEP_DB, -3.0, 1.0)
        + np.clip((tone - TONE_MIDDLE) / TONE_STEP, -1.5, 0.5)
    )
    return np.where(level_db > SILENCE_DB, evidence, -9.0).astype(np.float32)


def _hysteresis(evidence: FloatArray) -> np.ndarray:
    """Runs above the lower threshold that reach the upper one somewhere."""
    active = np.zeros(len(evidence), dtype=bool)
    for start, stop in runs(evidence > SHUT_EVIDENCE):
        active[start:stop] = evidence[start:stop].max() > OPEN_EVIDENCE
    return active


def _tidy(active: np.ndarray, voice: VoiceFeatures, reference_db: float) -> np.ndarray:
    """Close gaps, drop specks, and take in the edges where something of the voice is still heard."""
    closed = _close_gaps(active, SHORTEST_GAP_S)
    for start, stop in runs(closed):
        if stop - start < SHORTEST_SOUND_S * FEATURE_RATE_HZ:
            closed[start:stop] = False
    heard = voice.loudness_db > reference_db - LOUDNESS_RANGE_DB - 4.0
    grown = highest(closed.astype(np.float32), TAIL_S, LEAD_S) > 0
    return closed | (grown & heard)


def _close_gaps(active: np.ndarray, gap_s: float) -> np.ndarray:
    closed = active.copy()
    for start, stop in runs(~active):
        if start > 0 and stop < len(active) and stop - start < gap_s * FEATURE_RATE_HZ:
            closed[start:stop] = True
    return closed


def _local_level(loudness_db: FloatArray, active: np.ndarray, reference_db: float) -> FloatArray:
    """(N,) the singer's level here in dB: half the song's, half that of the passage, so that a soft verse still speaks."""
    if not active.any():
        return np.full(len(loudness_db), reference_db, dtype=np.float32)
    # Silence takes the nearest level that was sung: a window over a rest must not sink.
    where = np.flatnonzero(active)
    held = np.interp(np.arange(len(active)), where, loudness_db[where])
    passage = rolling_percentile(held.astype(np.float32), 85.0, LOCAL_LEVEL_WIDTH_S)
    return (0.5 * reference_db + 0.5 * np.clip(passage, reference_db - 14.0, reference_db + 6.0)).astype(np.float32)
