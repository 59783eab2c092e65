"""Correlation and lag against synthetic mouths of known lag, and against numpy and scipy."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.signal

from core.messages import NOTHING
from metrics.correlation import block_numbers, bootstrap, correlation, parabola_peak, shuffled_correlations
from metrics.envelope import Envelope
from metrics.lip_sync import LipSyncSettings, lag_doubt, lagged_voice, lip_sync, lip_sync_verdicts, tried_lags_ms
from metrics.mouth_change import LIP_APERTURE
from metrics.silence import silence, silence_verdicts
from metrics.verdict import Verdict

FPS = 25.0


def syllables(duration_s: float, seed: int = 0) -> Envelope:
    """A voice of smooth syllables of random lengths and loudness, with rests."""
    rng = np.random.default_rng(seed)
    noise = rng.normal(size=round(duration_s * 100))
    low, high = scipy.signal.butter(2, 4 / 50)
    rms = np.maximum(scipy.signal.filtfilt(low, high, noise), 0).astype(np.float32)
    return Envelope(rms / rms.max(), 100.0)


@pytest.fixture(scope="module")
def voice() -> Envelope:
    return syllables(20.0)


@pytest.fixture(scope="module")
def times_s() -> np.ndarray:
    return (np.arange(500) + 0.5) / FPS


def test_correlation_is_numpys():
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=300), rng.normal(size=300)
    assert correlation(a, b) == pytest.approx(np.corrcoef(a, b)[0, 1], abs=1e-12)
    assert correlation(a, 3 * a + 2) == pytest.approx(1.0)
    assert correlation(np.ones(300), a) == 0.0


def test_a_mouth_that_is_the_voice_scores_one_at_no_lag(voice, times_s):
    result = lip_sync(times_s, voice.loudness_at(times_s), voice)
    assert result.correlation == pytest.approx(1.0, abs=1e-9)
    assert result.lag_ms == pytest.approx(0.0, abs=0.5)


@pytest.mark.parametrize("lag_ms", [-120.0, -33.0, 15.0, 87.0, 250.0])
def test_a_delayed_mouth_reads_its_lag_between_frames_too(voice, times_s, lag_ms):
    result = lip_sync(times_s, voice.loudness_at(times_s - lag_ms / 1000), voice)
    assert result.lag_ms == pytest.approx(lag_ms, abs=2.0)
    assert result.peak_correlation == pytest.approx(1.0, abs=0.01)
    assert result.correlation < result.peak_correlation
    low, high = result.lag_ci95_ms
    assert low - 2 <= lag_ms <= high + 2


def test_lag_agrees_with_scipys_cross_correlation(voice):
    fine_s = (np.arange(2000) + 0.5) / 100
    mouth = voice.loudness_at(fine_s - 0.13)
    loudness = voice.loudness_at(fine_s)
    cross = scipy.signal.correlate(mouth - mouth.mean(), loudness - loudness.mean(), mode="full")
    lags = scipy.signal.correlation_lags(len(mouth), len(loudness), mode="full")
    scipy_ms = 10 * lags[np.argmax(cross)]
    assert lip_sync(fine_s, mouth, voice).lag_ms == pytest.approx(scipy_ms, abs=6)


def test_noise_lowers_the_score_step_by_step(voice, times_s):
    rng = np.random.default_rng(2)
    clean, noise = voice.loudness_at(times_s), rng.normal(size=len(times_s))
    scores = [lip_sync(times_s, clean + clean.std() * part * noise, voice).correlation for part in (0.0, 0.5, 1.0, 2.0)]
    assert scores == sorted(scores, reverse=True)
    assert scores[2] == pytest.approx(1 / np.sqrt(2), abs=0.07)


def test_shifted_voice_moves_the_lag_by_200_ms_and_lowers_the_score(voice, times_s):
    result = lip_sync(times_s, voice.loudness_at(times_s - 0.03), voice)
    assert result.shifted_lag_ms - result.lag_ms == pytest.approx(-200, abs=2)
    assert result.shifted_correlation < result.correlation - 0.2


def test_shuffled_voice_scores_about_nothing(voice, times_s):
    result = lip_sync(times_s, voice.loudness_at(times_s), voice)
    assert abs(result.shuffled_correlation) < 0.1
    assert result.shuffled_correlation < result.shuffled_p95 < 0.6
    assert result.p_value < 0.01


def test_a_mouth_that_does_not_listen_is_no_better_than_shuffled(voice, times_s):
    deaf = syllables(20.0, seed=9).loudness_at(times_s)
    result = lip_sync(times_s, deaf, voice)
    assert result.correlation < 0.3
    assert result.p_value > 0.02


def test_shuffles_keep_the_values():
    rng = np.random.default_rng(3)
    values = np.arange(100.0)
    scores = shuffled_correlations(values, values, 10, 50, rng)
    assert scores.max() < 1.0
    assert scores.std() > 0.05


def test_still_film_scores_nothing(voice, times_s):
    result = lip_sync(times_s, np.full(len(times_s), 0.1), voice)
    assert result.correlation == 0.0
    assert result.still_correlation == 0.0


def test_lost_faces_are_left_out(voice, times_s):
    mouth = voice.loudness_at(times_s - 0.04)
    mouth[100:200] = np.nan
    result = lip_sync(times_s, mouth, voice)
    assert result.frames == 400
    assert result.lag_ms == pytest.approx(40, abs=2)


def test_no_voice_and_no_face_say_why(times_s, voice):
    silent = Envelope(np.zeros(2000, np.float32), 100.0)
    assert "silent" in str(lip_sync(times_s, np.random.default_rng(0).random(500), silent).reason)
    assert "A face was found in 0 frames" in str(lip_sync(times_s, np.full(500, np.nan), voice).reason)


def test_bootstrap_from_block_sums_equals_direct_resampling(voice, times_s):
    rng = np.random.default_rng(4)
    mouth = voice.loudness_at(times_s) + 0.2 * rng.random(len(times_s))
    lags_ms = tried_lags_ms(LipSyncSettings(max_lag_ms=100))
    lagged = lagged_voice(times_s, voice, lags_ms)
    blocks = block_numbers(times_s, 1.0)
    quick, _ = bootstrap(mouth, lagged, lags_ms, blocks, 20, np.random.default_rng(5))
    counts = np.random.default_rng(5).multinomial(20, np.full(20, 1 / 20), size=20)
    middle = lagged[len(lags_ms) // 2]
    for score, count in zip(quick, counts, strict=True):
        picked = np.concatenate([np.flatnonzero(blocks == block) for block in range(20) for _ in range(count[block])])
        assert score == pytest.approx(np.corrcoef(mouth[picked], middle[picked])[0, 1], abs=1e-9)


def test_parabola_finds_the_top_between_points():
    x = np.arange(-5, 6) * 10.0
    place, height = parabola_peak(x, 1 - ((x - 3.7) / 100) ** 2)
    assert place == pytest.approx(3.7)
    assert height == pytest.approx(1.0)
    assert parabola_peak(x, x) == (50.0, 50.0)


def throughout(duration_s: float) -> Envelope:
    """A voice that swells and never pauses."""
    times_s = np.arange(round(duration_s * 100)) / 100
    return Envelope((0.3 + 0.2 * np.sin(2 * np.pi * times_s)).astype(np.float32), 100.0)


def phrases(duration_s: float) -> Envelope:
    """A voice of syllables with 0.4 s of silence in every 2 s."""
    rms = 0.05 + syllables(duration_s).rms
    rms[(np.arange(len(rms)) % 200) < 40] = 0.0
    return Envelope(rms, 100.0)


def heard(voice: Envelope, duration_s: float, lag_s: float = 0.0):
    times_s = (np.arange(round(duration_s * FPS)) + 0.5) / FPS
    return lip_sync(times_s, voice.loudness_at(times_s - lag_s), voice)


def test_short_and_wholly_sung_films_are_not_judged():
    """Such cuts of good films fail by chance; so they are told to be neither good nor bad."""
    assert heard(phrases(8.0), 8.0).doubt == NOTHING
    assert "3.0 s" in str(heard(phrases(3.0), 3.0).doubt)
    assert "sung nearly throughout" in str(heard(throughout(30.0), 30.0).doubt)
    word = phrases(8.0)
    word.rms[120:] = 0.0
    assert "The voice sounds for" in str(heard(word, 8.0).doubt)


def test_a_short_films_lag_is_told_only_where_it_matters():
    settings = LipSyncSettings()
    short, long = np.arange(0.0, 8.0, 1 / FPS), np.arange(0.0, 14.0, 1 / FPS)
    assert lag_doubt(short, 0.01, settings) and not lag_doubt(short, 0.2, settings)
    assert not lag_doubt(long, 0.01, settings)
    late = heard(phrases(8.0), 8.0, lag_s=0.2)
    assert late.lag_ms == pytest.approx(200, abs=3) and late.lag_doubt == NOTHING


def judged(lips) -> list[Verdict]:
    quiet = silence(np.arange(3.0), np.full(3, np.nan), [], FPS)
    return lip_sync_verdicts(lips, LIP_APERTURE) + silence_verdicts(quiet, LIP_APERTURE)


def test_a_film_that_cannot_be_judged_gets_no_red_no():
    """A mouth the wrong way round in 3 s of film is no verdict, in 8 s it is one; the figures stay."""
    for seconds, expected in ((3.0, None), (8.0, False)):
        voice = phrases(seconds)
        times_s = (np.arange(round(seconds * FPS)) + 0.5) / FPS
        found = judged(lip_sync(times_s, -voice.loudness_at(times_s), voice))
        assert found[0].value < -0.9
        assert [verdict.passed for verdict in found[:2]] == [expected] * 2
        assert bool(found[0].reason) == (expected is None)
    assert found[3].passed is None and "no passage" in str(found[3].reason)
