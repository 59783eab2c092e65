"""Made voices are what they are called, and the measures of the mouth know what was put in."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.voice_kinds import RATE_HZ, VOICE_KINDS, as_kind, shifted, stretched
from benchmarks.voices import BREATH, FPS, agreement, edge_s, heard_in, shares
from motion.singing.analysis import pitch
from tests.motion.singing.sounds import faded, silence, vowel

AH, F0_HZ = (730, 1090, 2440), 140.0


@pytest.fixture(scope="module")
def voice():
    """Silence, an "ah" of one second, silence, (n,)."""
    return np.concatenate([silence(0.5), 0.3 * faded(vowel(AH, F0_HZ, 1.0)), silence(0.5)]).astype(np.float32)


def heard(sound, start_s=0.6, stop_s=1.4):
    """Median pitch in Hz and periodicity of a stretch."""
    starts = np.arange(round(start_s * RATE_HZ), round(stop_s * RATE_HZ) - pitch.WINDOW_SAMPLES, 160)
    found = pitch.pitch(np.stack([sound[start : start + pitch.WINDOW_SAMPLES] for start in starts]).astype(np.float32))
    return tuple(float(np.median(values)) for values in found)


def band_balance_db(sound):
    """Level of 500 to 1500 Hz, where "ah" has its formants, over that of 3 to 6 kHz."""
    power, hz = np.square(np.abs(np.fft.rfft(sound))), np.fft.rfftfreq(len(sound), 1 / RATE_HZ)
    return 10 * np.log10(power[(hz > 500) & (hz < 1500)].sum() / power[(hz > 3000) & (hz < 6000)].sum())


@pytest.mark.parametrize(
    ("kind", "periodic"),
    [("as it is", (0.95, 1.0)), ("whisper", (0.0, 0.6)), ("breathy", (0.0, 0.7)), ("hoarse", (0.2, 0.8)), ("growl", (0.1, 0.7))],
)
def test_kinds_have_as_much_tone_as_they_are_called_for(voice, kind, periodic):
    made = as_kind(voice, kind)
    assert periodic[0] <= heard(made)[1] <= periodic[1]
    assert band_balance_db(made[9600:22400]) > 6.0, "the throat is still that of an ah"


def test_pitch_and_speed_go_where_they_are_sent(voice):
    assert heard(shifted(voice, 1.45))[0] == pytest.approx(1.45 * F0_HZ, rel=0.02)
    quick = stretched(voice, 1 / 1.6)
    assert len(quick) == round(len(voice) / 1.6)
    assert heard(quick, 0.4, 0.85)[0] == pytest.approx(F0_HZ, rel=0.02)
    assert heard(VOICE_KINDS["child"].change(voice))[0] > 1.4 * F0_HZ


def test_consonants_alone_have_no_vowel_left(voice):
    hiss = np.random.default_rng(0).normal(size=4000).astype(np.float32)
    whole = np.concatenate([voice, 0.05 * np.diff(hiss, prepend=0.0)])
    made = VOICE_KINDS["consonants alone"].change(whole)
    assert np.abs(made[9600:22400]).max() < 0.02
    assert np.abs(made[-3000:]).max() > 0.05


@pytest.mark.parametrize("kind", [kind for kind in VOICE_KINDS if kind != "consonants alone"])
def test_kinds_keep_their_time(voice, kind):
    made = VOICE_KINDS[kind]
    runs = np.flatnonzero(heard_in(made.change(voice))) / 100 * made.speed
    assert (runs[0], runs[-1]) == (pytest.approx(0.5, abs=0.06), pytest.approx(1.5, abs=0.08))


def test_the_measures_of_the_mouth():
    voice = np.zeros(400, dtype=bool)
    voice[100:200] = voice[260:300] = True
    right = voice.reshape(-1, 4).mean(axis=1) * 0.4
    assert shares(right, voice) == (1.0, 1.0)
    assert edge_s(right, voice) == pytest.approx(0.0, abs=0.021)
    late = np.roll(right, 5)
    assert edge_s(late, voice) == pytest.approx(5 / FPS, abs=0.021)
    shut = np.zeros(100)
    assert shares(shut, voice) == (0.0, 1.0) and np.isnan(edge_s(shut, voice))
    agape = np.full(100, 2.0 * BREATH)
    assert shares(agape, voice) == (1.0, 0.0)
    lips = np.random.default_rng(0).random(100)
    assert agreement(0.5 * np.roll(lips, 3), lips) == pytest.approx(1.0)
    assert agreement(shut, lips) == 0.0 and agreement(np.roll(lips, 20), lips) < 0.4
