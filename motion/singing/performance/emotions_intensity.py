"""How strongly the performer feels the moment: found in the song, or told by key points.

Strength that stays the same over a song flattens every expression; one that changes with the moment does not ("dynamic
emotional intensity": "DEITalk", ACM Multimedia 2024, which learns it for speech). Here it comes from what listeners and singers
link with arousal: loudness, height and a bright, pressed voice, and loud, dense, growing music (Juslin & Laukka, "Communication
of emotions in vocal expression and music performance", 2003). How far singers move their faces is read as arousal, and they begin
before the sound and go on after it (Quinto, Thompson, Kroos & Palmer, "Singing emotionally", 2014).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.contracts import FloatArray
from motion.intensity import value_at
from motion.singing.analysis.framing import FEATURE_RATE_HZ
from motion.singing.analysis.plan import SongPlan
from motion.singing.analysis.smoothing import bell, ramp, smooth, smooth_where
from motion.singing.song_analysis import SongAnalysis

#: Shares of the voice's signs: loudness, height, held notes, brightness.
LOUDNESS_SHARE, HEIGHT_SHARE, HELD_SHARE, BRIGHT_SHARE = 0.42, 0.24, 0.14, 0.20
#: Shares of the mix's signs: energy, density of onsets, growth toward what comes.
ENERGY_SHARE, DENSITY_SHARE, GROWTH_SHARE = 0.6, 0.2, 0.2
#: Share of the voice where there is singing, and the part of it that music takes over where there is none.
VOICE_SHARE, INTERLUDE_SHARE = 0.66, 0.3
#: Range in dB under the singer's level over which loudness is told.
LOUDNESS_RANGE_DB = 20.0
#: A held note is felt from this long on, and fully so from the second on.
HELD_S = (0.5, 2.0)
#: Feeling begins before the sound and goes on after it: spread in seconds ahead and behind.
AHEAD_S, BEHIND_S = 0.30, 0.45
#: The moment's feeling and the passage's: spreads in seconds, and the passage's share.
MOMENT_S, PASSAGE_S, PASSAGE_SHARE = 0.22, 2.5, 0.3
#: Music that grows is felt this far ahead.
GROWTH_S = 5.0
#: Percentiles of a song that become its calm and its peak, and their least distance: even music, or a short part, is no drama.
CALM_PERCENTILE, PEAK_PERCENTILE, LEAST_SPREAD = 6.0, 97.0, 0.36
#: Intensity of calm and peak for the least and the most arousing music: a ballad has its peaks, but they are a ballad's.
CALM, PEAK = (0.08, 0.16), (0.66, 1.0)


def automatic_intensity(song: SongAnalysis) -> FloatArray:
    """(N,) in [0, 1] at `FEATURE_RATE_HZ`, normalised within the song, without jumps; 0 where the music rests."""
    plan = song.plan
    sung = bell(plan.sung, AHEAD_S, BEHIND_S)
    voice = bell(_voice_signs(song, plan) * plan.sung, AHEAD_S, BEHIND_S) / np.maximum(sung, 0.15)
    share = VOICE_SHARE * np.minimum(1.0, sung)
    music = 1.0 - VOICE_SHARE + INTERLUDE_SHARE * (VOICE_SHARE - share)
    told = share * voice + music * _mix_signs(song, plan)
    felt = (1.0 - PASSAGE_SHARE) * smooth(told, MOMENT_S) + PASSAGE_SHARE * smooth(told, PASSAGE_S)
    sounding = smooth(plan.sounding, 0.3)
    heard = felt[plan.sounding > 0.5]
    if len(heard) == 0:
        return np.zeros(song.count, dtype=np.float32)
    low, high = np.percentile(heard, [CALM_PERCENTILE, PEAK_PERCENTILE])
    low = min(low, high - LEAST_SPREAD)
    place = (felt - low) / (high - low)
    calm, peak = (least + (most - least) * plan.mood.arousal for least, most in (CALM, PEAK))
    # Beyond the song's own calm and peak the curve bends and stays within [0, 1].
    place = np.where(place > 0.85, 0.85 + 0.3 * np.tanh((place - 0.85) / 0.3), place)
    wanted = calm + (peak - calm) * np.clip(place, -0.5 * calm, 1.15)
    return np.clip(smooth(wanted * sounding, 0.12), 0.0, 1.0).astype(np.float32)


def _voice_signs(song: SongAnalysis, plan: SongPlan) -> FloatArray:
    """(N,) in about [0, 1]: how strongly the voice itself speaks where it sings."""
    weight = np.minimum(song.activity.loudness, 1.0)
    if not song.activity.active.any():
        return np.zeros(song.count, dtype=np.float32)
    level = smooth_where(song.voice.loudness_db, weight + 1e-4, 0.25, song.activity.reference_db)
    overall = np.clip(1.0 + (level - song.activity.reference_db) / LOUDNESS_RANGE_DB, 0.0, 1.15)
    # Half of the loudness is told within the passage, so that a soft verse still breathes.
    loud = 0.5 * overall + 0.5 * smooth(song.activity.loudness, 0.25)
    tilt = smooth_where(song.voice.vowel_db - song.voice.murmur_db, weight + 1e-4, 0.4, 0.0)
    low, high = np.percentile(tilt[song.activity.active], [10, 90])
    bright = np.clip((tilt - low) / max(high - low, 6.0), 0.0, 1.0)
    height = smooth(plan.height, 0.3)
    return LOUDNESS_SHARE * loud + HEIGHT_SHARE * height + BRIGHT_SHARE * bright + HELD_SHARE * _held(plan)


def _held(plan: SongPlan) -> FloatArray:
    """(N,) in [0, 1]: swelling over long notes."""
    held = np.zeros(plan.count, dtype=np.float32)
    for note in plan.held_notes:
        first, last = round(note.start_s * FEATURE_RATE_HZ), min(plan.count, round(note.end_s * FEATURE_RATE_HZ))
        held[first:last] = ramp(np.arange(last - first) / FEATURE_RATE_HZ, *HELD_S)
    return smooth(held, 0.15)


def _mix_signs(song: SongAnalysis, plan: SongPlan) -> FloatArray:
    """(N,) in about [0, 1]: energy, density, and growth toward what comes."""
    density = smooth(song.mix.onset, 1.2)
    density = np.clip(density / max(float(np.percentile(density, 95)), 1e-6), 0.0, 1.0)
    slow = smooth(plan.energy, 1.5)
    ahead = slow[np.minimum(np.arange(len(slow)) + round(GROWTH_S * FEATURE_RATE_HZ), len(slow) - 1)]
    growth = np.clip(3.0 * (ahead - slow), 0.0, 1.0)
    return ENERGY_SHARE * plan.energy + DENSITY_SHARE * density * plan.sounding + GROWTH_SHARE * smooth(growth, 1.0)


def edited_intensity(points: Sequence[tuple[float, float]], count: int) -> FloatArray:
    """(count,) at `FEATURE_RATE_HZ`: straight lines between the key points (seconds, intensity), held before and after them."""
    return value_at(tuple(points), np.arange(count) / FEATURE_RATE_HZ)
