"""When there is singing, how loud for this singer, and in which phrases.

The witnesses are in `voice_witnesses.py`: a separator leaves music in the voice stem, at a fifth to a twentieth of the voice's
loudness, and no single one tells that from soft singing. Here their sum becomes runs of singing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.contracts import FloatArray
from motion.singing.analysis.framing import FEATURE_RATE_HZ
from motion.singing.analysis.smoothing import highest, ramp, rolling_percentile, runs, smooth_where
from motion.singing.analysis.voice_features import VoiceFeatures
from motion.singing.analysis.voice_witnesses import evidence_of, singer

#: The mouth may open above the first sum of witnesses and shuts below the second.
OPEN_EVIDENCE, SHUT_EVIDENCE = 0.7, -0.3
#: Shorter singing is a leftover; shorter silence is a consonant.
SHORTEST_SOUND_S, SHORTEST_GAP_S = 0.09, 0.14
#: What precedes and follows the tone still belongs to it: consonants, the end of the breath.
LEAD_S, TAIL_S = 0.06, 0.05
#: Loudness is told over this range under the singer's level of the moment.
LOUDNESS_RANGE_DB = 26.0
LOCAL_LEVEL_WIDTH_S = 12.0
#: A whisper is never louder than this, told over passages so wide: under the first voicedness and the first level of the murmur
#: against the vowels it is one, above the second of either it is none.
WHISPER_LOUDNESS, WHISPER_SIGMA_S = 0.5, 0.6
WHISPER_VOICEDNESS, WHISPER_MURMUR_DB = (0.1, 0.3), (-4.0, 3.0)
#: Silence that parts two phrases.
PHRASE_GAP_S = 0.32


@dataclass(frozen=True)
class VoiceActivity:
    """active (N,) bool: there is singing. loudness (N,) in [0, 1.2]: 1 is loud for this singer, here; a whisper is soft, however
    it was recorded; 0 where not active.

    phrases_s: (P, 2) start and end of every phrase in seconds. reference_db: the singer's level; NaN where nobody sings.
    """

    active: np.ndarray
    loudness: FloatArray
    phrases_s: np.ndarray
    reference_db: float


def voice_activity(voice: VoiceFeatures) -> VoiceActivity:
    """Judge every feature frame of a song; see the module's first lines."""
    known = singer(voice)
    count = len(voice.loudness_db)
    if known is None:
        return VoiceActivity(np.zeros(count, dtype=bool), np.zeros(count, dtype=np.float32), np.zeros((0, 2)), float("nan"))
    reference_db = known.level_db
    active = _tidy(_hysteresis(evidence_of(voice, known)), voice, reference_db)
    local_db = _local_level(voice.loudness_db, active, reference_db)
    loudness = np.clip(1.0 + (voice.loudness_db - local_db) / LOUDNESS_RANGE_DB, 0.0, 1.2)
    loudness *= 1.0 - (1.0 - WHISPER_LOUDNESS) * _whispered(voice, active)
    phrases = runs(_close_gaps(active, PHRASE_GAP_S)) / FEATURE_RATE_HZ
    return VoiceActivity(active, np.where(active, loudness, 0.0).astype(np.float32), phrases, reference_db)


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


def _whispered(voice: VoiceFeatures, active: np.ndarray) -> FloatArray:
    """(N,) in [0, 1]: the passage has no note, and nothing of the murmur that a growl or a breathy voice has under its noise."""
    weight = active.astype(np.float32)
    voicedness = smooth_where(voice.sung_confidence, weight, WHISPER_SIGMA_S, 1.0)
    murmur_db = smooth_where(np.clip(voice.murmur_db - voice.vowel_db, -20.0, 20.0), weight, WHISPER_SIGMA_S, 0.0)
    return (1.0 - ramp(voicedness, *WHISPER_VOICEDNESS)) * (1.0 - ramp(murmur_db, *WHISPER_MURMUR_DB))
