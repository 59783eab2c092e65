"""Songs in other languages: what the benchmark counts, and a line of two languages whose lips are looked at."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.languages import CLOSED_SHARE, LANGUAGES, consonants, film_opening, lag_s, look, spoken
from benchmarks.voices import FPS
from speech.kokoro import Phoneme
from speech.voices import voices
from tests.speech.test_kokoro import speaker

PHONEMES = tuple(Phoneme(symbol, 0.2 * k, 0.2 * (k + 1)) for k, symbol in enumerate(" amata "))
TIMES_S = np.arange(35) / FPS


def mouth(openings):
    """(35,) an opening for every phoneme of 0.2 s."""
    return np.repeat(np.array(openings, dtype=np.float32), 5)


def test_a_mouth_that_closes_and_one_that_flaps_are_told_apart():
    closing = mouth([0.0, 0.4, 0.0, 0.4, 0.3, 0.4, 0.0])
    assert list(consonants(PHONEMES, closing, TIMES_S, frozenset("m"))) == [0.0]
    assert min(consonants(PHONEMES, closing, TIMES_S, frozenset("t"))) > CLOSED_SHARE
    flapping = mouth([0.0, 0.4, 0.2, 0.4, 0.0, 0.4, 0.0])
    assert min(consonants(PHONEMES, flapping, TIMES_S, frozenset("m"))) > CLOSED_SHARE
    assert not list(consonants(PHONEMES, np.zeros(35, dtype=np.float32), TIMES_S, frozenset("m")))


def test_the_lag_is_that_of_the_mouth():
    true = mouth([0.0, 0.4, 0.0, 0.4, 0.0, 0.4, 0.0])
    assert lag_s(PHONEMES, true, TIMES_S) == pytest.approx(0.0, abs=0.041)
    assert lag_s(PHONEMES, np.roll(true, 2), TIMES_S) == pytest.approx(2 / FPS, abs=0.041)


def test_every_language_has_voices_and_closures():
    assert len(LANGUAGES) >= 5
    for language in LANGUAGES.values():
        assert set(language.voices) <= set(voices())
        assert sum(symbol in "mbp" for line in language.lines for symbol in line) >= 5


@pytest.mark.slow
@pytest.mark.parametrize("name", ["Spanish", "Italian"])
def test_lips_open_and_close_in_another_language(name):
    language = LANGUAGES[name]
    heard = spoken(speaker(language.voices[:1]), language.lines[0], language.voices[0])
    counts = look(heard)
    assert counts.opened[0] >= 0.85 * counts.opened[1] > 5
    assert counts.closed[0] >= 0.6 * counts.closed[1] > 1
    assert counts.shut[0] == counts.shut[1] > 20
    assert abs(counts.lag_s) <= 0.1
    assert film_opening(heard).max() > 0.1
