"""A script is spoken into a file, sentence by sentence, and what is told of it has the file's own times."""

from __future__ import annotations

import threading
import time
from itertools import pairwise

import numpy as np
import pytest
import soundfile

from core.errors import InputError
from pipeline.script import read_script
from pipeline.speaking import AFTER_S, BEFORE_S, BETWEEN_SENTENCES_S, heard_span, speak
from pipeline.spoken_text import SpokenText
from pipeline.subtitles import CUE_CHARACTERS, LINE_CHARACTERS, cues_of, srt_text, vtt_text
from speech.voice import Said
from tests.pipeline.spoken import RATE_HZ, VowelVoice


def spoken(tmp_path, text, voice=None, speed=1.0):
    return speak(read_script(text), voice or VowelVoice(), speed, tmp_path, lambda done, total: None)


def level(sound, start_s, end_s):
    return float(np.abs(sound[round(start_s * RATE_HZ) : round(end_s * RATE_HZ)]).max(initial=0.0))


def test_times_are_those_of_the_file(tmp_path):
    made = spoken(tmp_path, "*joy* One two. Three.\n[pause 1.5]\nFour five six.")
    sound, rate_hz = soundfile.read(made.sound)
    assert rate_hz == RATE_HZ and len(sound) / RATE_HZ == pytest.approx(made.duration_s, abs=1e-3)
    assert [(each.text, each.style) for each in made.sentences] == [
        ("One two.", "happy"),
        ("Three.", None),
        ("Four five six.", None),
    ]
    first, second, third = made.sentences
    assert first.start_s == pytest.approx(BEFORE_S, abs=1e-3)
    assert second.start_s - first.end_s == pytest.approx(BETWEEN_SENTENCES_S, abs=1e-3)
    assert third.start_s - second.end_s == pytest.approx(1.5, abs=1e-3)
    assert made.duration_s - third.end_s == pytest.approx(AFTER_S, abs=1e-3)
    for sentence in made.sentences:
        for word in sentence.words:
            assert level(sound, word.start_s + 0.05, word.end_s - 0.05) > 0.1, word
            assert level(sound, word.end_s + 0.01, word.end_s + 0.04) < 0.02, word
    assert level(sound, second.end_s, third.start_s) < 1e-3
    assert [each.symbol for each in made.phonemes] == ["b", "ɑ"] * 6
    assert made.phonemes[0].start_s == pytest.approx(first.words[0].start_s)
    assert SpokenText.load(tmp_path) == made


def test_feelings_change_between_sentences_and_leave_no_gap(tmp_path):
    made = spoken(tmp_path, "*joy* One two. Three. *sad* Four.")
    parts = made.feelings(lambda text: "neutral")
    assert [part.style for part in parts] == ["happy", "neutral", "sad"]
    assert parts[0].start_s == 0.0 and parts[-1].stop_s > made.duration_s
    for before, after, said, following in zip(parts, parts[1:], made.sentences, made.sentences[1:], strict=False):
        assert before.stop_s == after.start_s and said.end_s < after.start_s < following.start_s
    assert [part.style for part in made.feelings(lambda text: "angry" if text == "Three." else "?")] == ["happy", "angry", "sad"]


def test_speed_and_progress_and_silence_are_kept(tmp_path):
    voice, heard = VowelVoice(), []
    speak(read_script("One. [pause 0.1] Two two."), voice, 1.5, tmp_path, lambda *told: heard.append(told))
    assert voice.asked == [("One.", 1.5), ("Two two.", 1.5)]
    assert heard == [(4, 12), (12, 12)]
    made = SpokenText.load(tmp_path)
    assert made.sentences[1].start_s - made.sentences[0].end_s == pytest.approx(0.1, abs=1e-3)
    assert heard_span(np.zeros(100, np.float32), RATE_HZ) == (0, 100)


class Breathing(VowelVoice):
    """Says a sentence in two breaths, and nothing of one that begins with a dash."""

    def say(self, text, speed=1.0):
        words = text.split()
        for part in (words[: len(words) // 2], words[len(words) // 2 :]) if text[0] != "-" else ():
            yield from super().say(" ".join(part), speed)


def test_breaths_of_a_sentence_are_one_sentence(tmp_path):
    made = spoken(tmp_path, "One two three four. -- 5", Breathing())
    (sentence,) = made.sentences
    assert sentence.text == "One two three four." and [word.text for word in sentence.words] == sentence.text.split()
    starts_s = [word.start_s for word in sentence.words]
    assert starts_s == sorted(starts_s) and sentence.end_s >= sentence.words[-1].end_s
    with pytest.raises(InputError, match="nothing to say"):
        spoken(tmp_path, "-- 5", Breathing())


class Silent:
    def say(self, text, speed=1.0):
        yield Said(text, np.zeros(RATE_HZ, np.float32), RATE_HZ)


def test_a_voice_that_tells_nothing_has_subtitles_too(tmp_path):
    made = spoken(tmp_path, "One two three. Four & <five>.", Silent())
    first, second = cues_of(made)
    assert first.start_s == pytest.approx(BEFORE_S) and first.end_s <= second.start_s
    assert ">&amp; <" in vtt_text([second]) and "&lt;five&gt;." in vtt_text([second])
    assert "Four & <five>." in srt_text([second])


def test_subtitles_fit_in_two_lines_and_tell_every_word(tmp_path):
    text = (
        "This is a sentence that nobody could read at once, since it goes on and on and on, past the second line and the third. "
        "Short."
    )
    made = spoken(tmp_path, text)
    cues = cues_of(made)
    assert len(cues) == 3 and [word.text for cue in cues for word in cue.words] == text.split()
    for cue, following in pairwise(cues):
        assert cue.end_s <= following.start_s
    for cue in cues:
        lines = cue.text.split("\n")
        assert len(lines) <= 2 and all(len(line) <= LINE_CHARACTERS for line in lines) and len(cue.text) <= CUE_CHARACTERS + 1
        assert cue.start_s == cue.words[0].start_s < cue.words[-1].end_s <= cue.end_s
    assert (
        srt_text(cues[-1:]).startswith("1\n00:00:0") and srt_text(cues[-1:]).endswith("\nShort.\n") and "," in srt_text(cues[-1:])
    )
    told = vtt_text(cues)
    assert told.startswith("WEBVTT\n\n1\n") and told.count("<00:") == len(text.split()) - len(cues)
    stamp = told.partition("<")[2].partition(">")[0]
    assert float(stamp[6:]) == pytest.approx(cues[0].words[1].start_s, abs=1e-3)


class Slow(VowelVoice):
    """Takes the longer for a sentence the earlier it comes, and notes how many it says at once."""

    def __init__(self):
        super().__init__()
        self.now = self.most = 0
        self.lock = threading.Lock()

    def say(self, text, speed=1.0):
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
        time.sleep(0.2 / (len(self.asked) + 1))
        yield from super().say(text, speed)
        with self.lock:
            self.now -= 1


@pytest.mark.parametrize("at_once", [1, 2, 3])
def test_sentences_spoken_side_by_side_keep_their_order(tmp_path, at_once):
    voice, heard = Slow(), []
    made = speak(
        read_script("One. Two. [pause 1] Three. Four."), voice, 1.0, tmp_path, lambda *told: heard.append(told[0]), at_once
    )
    assert [sentence.text for sentence in made.sentences] == ["One.", "Two.", "Three.", "Four."]
    assert voice.most == at_once and heard == sorted(heard) and len(heard) == 4
    assert [sentence.start_s for sentence in made.sentences] == sorted(sentence.start_s for sentence in made.sentences)


def test_what_breaks_in_one_sentence_ends_the_others(tmp_path):
    class Broken(Slow):
        def say(self, text, speed=1.0):
            if text == "Two.":
                raise InputError("speech.nothing_to_say")
            yield from super().say(text, speed)

    voice = Broken()
    with pytest.raises(InputError):
        speak(read_script("One. Two. Three. Four. Five. Six."), voice, 1.0, tmp_path, lambda *told: None, 2)
    assert len(voice.asked) <= 3
