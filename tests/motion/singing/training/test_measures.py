"""The measures on curves whose correlation, error, lag and closures are known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import pearsonr

from motion.singing.training.baselines import shifted, shuffled
from motion.singing.training.dataset import truth_times_s
from motion.singing.training.lag import sound_to_lips_s
from motion.singing.training.measures import (
    ClipCurves,
    bootstrap,
    closure_counts,
    closure_threshold,
    correlation,
    correlations,
    errors,
    lag_s,
    matches,
    mean_of,
    score,
)
from motion.singing.training.words import Spoken, align, shut_at_words, words_of

FINE_S = np.arange(0.0, 3.0, 0.02)
FRAMES_S = truth_times_s(75)


def clip(phase=0.0, late_s=0.0, offset=0.0):
    def aperture(time_s):
        return np.maximum(
            0.2, 6.0 * np.sin(2 * np.pi * (1.3 * time_s + phase)) + 3.0 * np.sin(2 * np.pi * (0.7 * time_s + phase))
        )

    predicted = aperture(FINE_S - late_s)[:, None] + offset
    return ClipCurves(FINE_S, predicted, -predicted[:, 0], aperture(FRAMES_S)[:, None])


def test_correlation_is_pearsons():
    generator = np.random.default_rng(0)
    one, other = generator.normal(size=(2, 80))
    assert correlation(one, other) == pytest.approx(pearsonr(one, other).statistic)
    assert np.isnan(correlation(one, np.ones(80)))


def test_perfect_lips_score_perfectly_and_a_constant_error_is_seen():
    assert correlations(clip())[0] > 0.998 and errors(clip())[0] < 0.1
    assert correlations(clip(offset=1.5))[0] > 0.998 and errors(clip(offset=1.5))[0] == pytest.approx(1.5, abs=0.1)


@pytest.mark.parametrize("late_s", [-0.12, -0.03, 0.0, 0.055, 0.2])
def test_lag_is_found(late_s):
    assert lag_s(clip(phase=0.2, late_s=late_s)) == pytest.approx(late_s, abs=0.006)


def test_closures_pair_up_one_with_one():
    assert matches([(1.0, 1.1), (2.0, 2.1)], [(1.12, 1.2), (1.9, 1.97), (2.0, 2.05), (5.0, 5.1)]) == 2
    assert matches([(1.0, 1.1)], [(1.2, 1.3)]) == 0
    assert matches([], [(1.0, 2.0)]) == 0


def test_recall_and_precision_of_known_closures():
    true = clip()
    count = closure_counts(true, -1.2)
    assert count[0] >= 2 and count[1] == count[0] and count[3] == count[2]
    nothing = closure_counts(replace(true, detector=np.full(len(FINE_S), -9.0)), -1.2)
    assert nothing[0] == count[0] and nothing[1] == nothing[2] == 0
    false_alarms = true.detector.copy()
    false_alarms[true.detector < -5.0] = 0.0
    assert closure_counts(replace(true, detector=false_alarms), -1.2)[2] > count[2]


def test_the_threshold_reaches_the_wanted_precision():
    clips = [clip(phase) for phase in np.linspace(0.0, 0.9, 8)]
    generator = np.random.default_rng(0)
    noisy = [replace(each, detector=each.detector + generator.normal(0.0, 0.3, len(FINE_S))) for each in clips]
    threshold = closure_threshold(noisy)
    counts = np.sum([closure_counts(each, threshold) for each in noisy], axis=0)
    assert counts[3] / counts[2] >= 0.8 and counts[1] / counts[0] > 0.5


@pytest.mark.slow
def test_controls_break_what_they_should_break():
    clips = [clip(phase) for phase in np.linspace(0.0, 0.9, 8)]
    good = score(clips, -1.2, ("aperture",))
    late = score(shifted(clips), -1.2, ("aperture",))
    strange = score(shuffled(clips), -1.2, ("aperture",))
    assert good["aperture correlation"].value > 0.99
    assert late["lag ms"].value == pytest.approx(200.0, abs=8.0) and late["aperture correlation"].value < 0.5
    assert strange["aperture correlation"].value < 0.6
    assert all(not np.array_equal(one.true, other.true) for one, other in zip(clips, shuffled(clips), strict=True))


@pytest.mark.slow
def test_intervals_hold_the_truth_as_often_as_they_say():
    generator = np.random.default_rng(1)
    inside = 0
    for _ in range(30):
        estimate = bootstrap(generator.normal(2.0, 1.0, 60), mean_of)
        inside += estimate.low <= 2.0 <= estimate.high
    assert 25 <= inside <= 30


@pytest.mark.slow
def test_the_datas_own_lag_is_measured(toy_corpus):
    """In the made corpus the sound rises with the lips; moved by 60 ms, the measure moves by as much."""
    clips = np.arange(len(toy_corpus.names))
    here = sound_to_lips_s(toy_corpus, clips)
    later = replace(toy_corpus, sounds=tuple(np.roll(sound, round(0.06 * 16000)) for sound in toy_corpus.sounds))
    assert sound_to_lips_s(later, clips).value - here.value == pytest.approx(0.06, abs=0.012)


@pytest.mark.slow
def test_words_are_found_where_they_were_spoken():
    """Sentences of known words at known times, each word a direction of its own with noise; the aligner knows the order alone."""
    generator = np.random.default_rng(2)
    slots = ("blps", "bgrw", "abiw", "abcmp", "123z", "anps")
    names = ["bbaf2n", *["".join(generator.choice(list(slot)) for slot in slots) for _ in range(60)]]
    vocabulary = sorted({word for name in names for word in words_of(name)})
    look = {word: generator.normal(size=(4, 64)) * 3.0 for word in vocabulary}
    vectors, edges = [], []
    for name in names:
        lengths = generator.integers(8, 26, 6)
        parts = [np.repeat(look[word], 7, axis=0)[:length] for word, length in zip(words_of(name), lengths, strict=True)]
        quiet = [np.zeros((int(generator.integers(10, 30)), 64)) for _ in range(2)]
        rows = np.concatenate([quiet[0], *parts, quiet[1]])
        vectors.append(rows + generator.normal(0.0, 1.0, rows.shape))
        edges.append(len(quiet[0]) + np.concatenate([[0], np.cumsum([len(part) for part in parts])]))
    spoken = align(vectors, [words_of(name) for name in names])
    wrong = np.abs([[word.start for word in words] for words in spoken] - np.array(edges)[:, :6])
    assert np.median(wrong) <= 1 and (wrong <= 4).mean() > 0.9
    even = np.array([np.linspace(0.125, 0.875, 7)[:6] * len(rows) for rows in vectors])
    assert (np.abs(even - np.array(edges)[:, :6]) <= 4).mean() < 0.6  # guessing by even shares is much worse
    assert [word.word for word in spoken[0]] == ["bin", "blue", "at", "letter f", "digit 2", "now"]


def test_shut_lips_are_counted_at_the_words_that_ask_for_them():
    lips = clip(phase=0.2)
    shut_s = lips.time_s[lips.predicted[:, 0] < 0.5]
    apart_s = lips.time_s[lips.predicted[:, 0] > 8.0]
    rows = [int(np.searchsorted(lips.time_s, each[len(each) // 2])) for each in (shut_s, apart_s)]
    spoken = [Spoken("blue", rows[0], rows[0] + 8), Spoken("letter s", rows[1], rows[1] + 4), Spoken("digit 2", 3, 9)]
    assert shut_at_words(lips, spoken, -1.0, 2.0).tolist() == [1, 1, 1, 1, 1, 0, 0, 0]
