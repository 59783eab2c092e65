"""Sentences spoken in the time that they had."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile

from pipeline.translating.table import DubScript, ScriptLine
from pipeline.translating.timed_speech import BETWEEN_S, QUICKEST, SLOWEST, TimedSpeech, speak_in_time
from speech.voice import Phoneme, Said, Word

RATE_HZ, LETTER_S = 8000, 0.1


class Speller:
    """Says a letter in a tenth of a second at its natural speed, with silence around, and remembers how quickly it was asked."""

    def __init__(self):
        self.speeds = []

    def say(self, text, speed=1.0):
        self.speeds.append(speed)
        length_s = LETTER_S * len(text) / speed
        sound = np.full(round(length_s * RATE_HZ), 0.3, np.float32)
        quiet = np.zeros(RATE_HZ // 10, np.float32)
        word = Word(text, 0.1, 0.1 + length_s)
        yield Said(text, np.concatenate([quiet, sound, quiet]), RATE_HZ, (Phoneme("a", 0.1, 0.1 + length_s),), (word,))


def spoken(tmp_path, lines, duration_s=20.0, shorten=None):
    voice = Speller()
    tmp_path.mkdir(exist_ok=True)
    return voice, speak_in_time(DubScript(tuple(lines), "en"), lambda line: voice, duration_s, tmp_path, shorten)


def line(start_s, end_s, letters, face=1):
    return ScriptLine(start_s, end_s, face, "", "", "a" * letters)


def test_sentences_begin_with_their_originals_and_take_their_time(tmp_path):
    voice, speech = spoken(tmp_path, [line(1.0, 3.0, 20), line(5.0, 6.1, 10), line(9.0, 11.0, 22)])
    starts = [each.start_s for each in speech.spoken.sentences]
    assert np.allclose(starts, [1.0, 5.0, 9.0], atol=0.08)
    ends = [each.end_s for each in speech.spoken.sentences]
    assert np.allclose(ends, [3.0, 6.1, 11.0], atol=0.15)
    assert all(SLOWEST <= speed <= QUICKEST for speed in voice.speeds)
    assert not speech.notes


def test_what_does_not_fit_runs_on_into_the_pause_and_then_into_the_next(tmp_path):
    _, speech = spoken(tmp_path, [line(1.0, 2.0, 20), line(4.0, 5.0, 40), line(5.5, 6.0, 5)])
    first, second, third = speech.spoken.sentences
    assert first.end_s == pytest.approx(3.0, abs=0.1)  # no quicker than it must
    assert second.start_s == pytest.approx(4.0, abs=0.05)
    assert third.start_s == pytest.approx(second.end_s + BETWEEN_S, abs=0.02) and third.start_s > 7.0
    assert [note.code for note in speech.notes] == ["pipeline.translating.sentences_late"]


def test_a_model_shortens_what_is_too_long(tmp_path):
    asked = []

    def shorten(text, most):
        asked.append(most)
        return text[:most]

    _, speech = spoken(tmp_path, [line(1.0, 2.0, 40), line(2.6, 3.4, 6)], shorten=shorten)
    assert asked and not speech.notes
    assert speech.spoken.sentences[1].start_s == pytest.approx(2.6, abs=0.05)
    assert len(speech.lines[0].text) < 40


def test_a_model_that_does_not_shorten_is_not_asked_for_ever(tmp_path):
    asked = []

    def shorten(text, most):
        asked.append(most)
        return text

    spoken(tmp_path, [line(1.0, 2.0, 40), line(2.6, 3.4, 6)], shorten=shorten)
    assert len(asked) == 1


def test_each_face_has_a_sound_of_its_own_as_long_as_the_film(tmp_path):
    _, speech = spoken(tmp_path, [line(1.0, 2.0, 10, 1), line(3.0, 4.0, 10, 2), line(5.0, 6.0, 10, 0)], 8.0)
    assert set(speech.faces) == {0, 1, 2}
    every = soundfile.read(speech.spoken.sound)[0]
    alone = [soundfile.read(text.sound)[0] for text in speech.faces.values()]
    assert all(len(sound) == 8 * RATE_HZ for sound in (every, *alone))
    assert np.allclose(sum(alone), every, atol=1e-4)
    driving = speech.driving(2, 25.0, 200)
    assert driving.alone and [each.start_s for each in driving.phonemes] == [pytest.approx(3.0, abs=0.1)]
    assert speech.faces[2].sentences[0].words[0].start_s == pytest.approx(3.0, abs=0.1)


def test_the_record_comes_back(tmp_path):
    _, speech = spoken(tmp_path, [line(1.0, 2.0, 40, 1), line(2.1, 3.0, 10, 2)])
    speech.save(tmp_path)
    assert TimedSpeech.load(tmp_path) == speech
