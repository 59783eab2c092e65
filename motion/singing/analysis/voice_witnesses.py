"""Who says that somebody sings: the level under the singer's own, the voice's share of the mix, a tone, and a learned detector.

The last two vouch for one another. Whispers, growls, screams and rap have little tone or none, and the detector hears them; long
sung notes are no speech to the detector, and the tone shows them. Where the detector knows a song's loud places as a voice, its
silence counts too, and music that was left in the stem stays music, however loud. A mouth stays shut for a whole song only where
none of them speaks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.contracts import FloatArray
from motion.singing.analysis.framing import FEATURE_RATE_HZ
from motion.singing.analysis.smoothing import highest, ramp, runs, smooth
from motion.singing.analysis.voice_features import CLEAR_PERIODICITY, VoiceFeatures

#: Under this nobody sings, whatever the rest says.
SILENCE_DB = -60.0
#: The singer's level is that of the loudest tenth of what is a voice; loud is what lies this near to it, and
#: what may be voice down to the second range is asked whether the detector knows it.
REFERENCE_PERCENTILE, LOUD_RANGE_DB, KNOWN_RANGE_DB = 90.0, 6.0, 12.0
#: From this probability on the detector hears a voice; in a song in which it is never so sure it may be one from the second on.
SPOKEN, MAYBE_SPOKEN = 0.5, 0.2
#: Least length of a voice that the detector hears, and of tone that makes a voice without it.
LEAST_SPOKEN_S, LEAST_TONE_S = 0.06, 0.4
#: A stem whose loud places lie this far under the mix holds leftovers, no voice: where the detector knows this part of them as a
#: voice, and where it does not.
KNOWN_PART, LEFTOVER_KNOWN_DB, LEFTOVER_UNKNOWN_DB = 0.7, -16.0, -9.0
#: Level under the singer's, share of the mix, periodicity and probability at which each witness is undecided, and the step that
#: convinces it. Where the detector knows the singer, music is that much under the singer's own share.
LEVEL_MIDDLE_DB, LEVEL_STEP_DB = -21.0, 4.0
SHARE_MIDDLE_DB, SHARE_STEP_DB, SHARE_UNDER_DB = -11.0, 3.0, 8.0
TONE_MIDDLE, TONE_STEP = 0.62, 0.15
SPOKEN_MIDDLE, SPOKEN_STEP = 0.35, 0.12
#: The detector's word holds so far around, for it is slow, and over a note that goes on within so many dB of its loudest.
SPOKEN_REACH_S, NOTE_RANGE_DB = 0.1, 8.0
#: Nearer to a loud place its own level and tone count alone.
FAR_S = 0.2
#: Part of the loud places that the detector knows from which on its silence counts, and counts in full.
TRUSTED_PART = (0.6, 0.9)


@dataclass(frozen=True)
class Singer:
    """level_db, share_db: level of the loud places, and their share of the mix. known: the part of what may be voice that the
    detector knows as one, in [0, 1].
    """

    level_db: float
    share_db: float
    known: float

    @property
    def trust(self) -> float:
        """How much the detector's silence counts, in [0, 1]."""
        return float(ramp(np.asarray(self.known), *TRUSTED_PART))


def singer(voice: VoiceFeatures) -> Singer | None:
    """Whose voice is in the stem; None for a stem that is surely without one."""
    audible = voice.loudness_db > SILENCE_DB
    tone, spoken = audible & (voice.periodicity > CLEAR_PERIODICITY), audible & (voice.spoken > SPOKEN)
    groups = [
        group for group, least_s in ((spoken, LEAST_SPOKEN_S), (tone, LEAST_TONE_S)) if group.sum() >= least_s * FEATURE_RATE_HZ
    ] or [_perhaps(voice, audible)]
    found = [one for one in (_singer_of(voice, group, tone | spoken | group) for group in groups) if one is not None]
    return max(found, key=lambda one: one.level_db, default=None)


def _perhaps(voice: VoiceFeatures, audible: np.ndarray) -> np.ndarray:
    """(N,) bool: where the detector is nearest to a voice, in a song in which nobody is sure of one."""
    heard = smooth(voice.spoken, 0.04)
    if heard.max(initial=0.0) < MAYBE_SPOKEN:
        return np.zeros(len(heard), dtype=bool)
    return audible & (highest(heard, 2.0 * SPOKEN_REACH_S, 2.0 * SPOKEN_REACH_S) > 0.5 * heard.max())


def _singer_of(voice: VoiceFeatures, group: np.ndarray, voices: np.ndarray) -> Singer | None:
    """The singer whom the frames `group` (N,) show, if they are no leftovers; voices: all frames that may be one."""
    if not group.any():
        return None
    level_db = float(np.percentile(voice.loudness_db[group], REFERENCE_PERCENTILE))
    loud = voices & (voice.loudness_db > level_db - LOUD_RANGE_DB)
    known = float((voice.spoken[voices & (voice.loudness_db > level_db - KNOWN_RANGE_DB)] > SPOKEN).mean())
    share_db = float(np.median((voice.loudness_db - voice.mix_db)[loud]))
    least_db = LEFTOVER_KNOWN_DB if known >= KNOWN_PART else LEFTOVER_UNKNOWN_DB
    return Singer(level_db, share_db, known) if share_db > least_db else None


def evidence_of(voice: VoiceFeatures, known: Singer) -> FloatArray:
    """(N,) sum of the witnesses, above 0 for singing. A silent frame has none at all."""
    power = smooth(np.power(10.0, 0.1 * voice.loudness_db), 0.03)
    mix_power = smooth(np.power(10.0, 0.1 * voice.mix_db), 0.03)
    level_db = 10.0 * np.log10(power + 1e-12)
    share_db = 10.0 * np.log10((power + 1e-12) / (mix_power + 1e-12))
    tone = np.clip((highest(smooth(voice.periodicity, 0.02), 0.06, 0.06) - TONE_MIDDLE) / TONE_STEP, -1.5, 0.5)
    spoken = (_carried(voice, level_db) - SPOKEN_MIDDLE) / SPOKEN_STEP
    # Where the voice is loud, level and tone tell its edges to the hundredth; the detector, which is slow, tells of the rest.
    far = highest((level_db > known.level_db - KNOWN_RANGE_DB).astype(np.float32), FAR_S, FAR_S) == 0.0
    trust = known.trust * far
    under_db = min(0.0, known.share_db) - SHARE_UNDER_DB
    share_middle_db = SHARE_MIDDLE_DB + trust * max(0.0, under_db - SHARE_MIDDLE_DB)
    either = np.where(far, np.maximum(tone, np.clip(spoken, -1.5, 0.5)), tone)
    evidence = (
        np.clip((level_db - known.level_db - LEVEL_MIDDLE_DB) / LEVEL_STEP_DB, -3.0, 2.0)
        + np.clip((share_db - share_middle_db) / SHARE_STEP_DB, -3.0, 1.0)
        + (1.0 - trust) * either
        + trust * np.clip(spoken, -3.0, 0.5)
    )
    return np.where(level_db > SILENCE_DB, evidence, -9.0).astype(np.float32)


def _carried(voice: VoiceFeatures, level_db: FloatArray) -> FloatArray:
    """(N,) the detector's probability, held over every note in which it spoke: long ones are no speech to it."""
    near = highest(voice.spoken, SPOKEN_REACH_S, SPOKEN_REACH_S)
    carried = near.copy()
    for start, stop in runs(smooth(voice.periodicity, 0.02) > CLEAR_PERIODICITY):
        note = level_db[start:stop] > level_db[start:stop].max() - NOTE_RANGE_DB
        carried[start:stop][note] = near[start:stop][note].max()
    return carried.astype(np.float32)
