"""Listening: what is understood of real speech, of what is none, and while somebody still speaks."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest
import soundfile

from core.errors import InputError, MissingError
from speech.hearing import transcriber as transcribing
from speech.hearing.tokens import Tokens
from speech.hearing.transcriber import Transcriber
from speech.hearing.whisper import RATE_HZ, Heard, is_speech, runs_in_circles, whisper
from weights.fetch import ensure

QUESTION = "sentences_would_you_like_a_cup_of_coffee"


@pytest.fixture(scope="module")
def ear():
    pytest.importorskip("ctranslate2")
    try:
        return whisper()
    except MissingError as error:
        pytest.skip(f"Whisper's weights are not at hand: {error}")


@pytest.fixture(scope="module")
def clips(shared_dir):
    path = shared_dir / "talking" / "others.npz"
    if not path.is_file():
        pytest.skip("the talking tracks are not at hand")
    with np.load(path) as stored:
        names, ends = stored["clip"], np.cumsum(stored["samples"])
    sound = soundfile.read(path.with_suffix(".flac"), dtype="float32")[0]
    return dict(zip(map(str, names), np.split(sound, ends[:-1]), strict=True))


def test_the_vocabulary_writes_every_byte():
    tokens = Tokens(ensure("whisper_base_vocabulary").read_text(encoding="utf-8"))
    assert tokens.text([2425, 11, 1002]) == "Hello, world".replace("Hello", tokens.text([2425]))
    assert tokens.start("de")[1] - tokens.start("en")[1] == 2 and len(tokens.languages) == 99
    with pytest.raises(InputError, match="xx"):
        tokens.start("xx")
    with pytest.raises(InputError):
        Tokens("a\nb\n")


def test_a_letter_of_several_tokens_is_whole_or_left_out():
    lines = ensure("whisper_base_vocabulary").read_text(encoding="utf-8").split("\n")
    tokens = Tokens("\n".join(lines))
    first, second = lines.index("Ã"), lines.index("¤")
    assert tokens.text([first, second]) == "ä" and tokens.text([first]) == ""


def test_what_is_no_speech_is_told_apart():
    assert is_speech(Heard("Hello.", "en", 0.1, -0.3)) and not is_speech(Heard(" ... ", "en", 0.1, -0.3))
    assert not is_speech(Heard("Thanks for watching!", "en", 0.8, -0.9)) and not is_speech(Heard("Hm", "en", 0.0, -2.0))
    assert runs_in_circles("no, no, no, " * 20) and not runs_in_circles("Would you like a cup of coffee, or of tea?")


@pytest.mark.slow
def test_real_questions_are_understood(ear, clips):
    heard = ear.hear(clips[QUESTION])
    assert heard.language == "en" and heard.text.lower().startswith("would you like a cup of coffee")
    assert ear.hear(clips[QUESTION], "en").text == heard.text


@pytest.mark.slow
def test_nothing_is_invented(ear):
    chance = np.random.default_rng(0)
    time_s = np.arange(4 * RATE_HZ) / RATE_HZ
    noise = chance.normal(size=len(time_s)).astype(np.float32)
    chord = sum(np.sin(2 * np.pi * tone * time_s) for tone in (220, 277.2, 329.6)).astype(np.float32)
    clicks = np.zeros_like(noise)
    clicks[chance.integers(0, len(clicks), 20)] = 0.8
    for sound in (0 * noise, 0.0005 * noise, 0.003 * noise, 0.1 * noise, 0.1 * chord, clicks, noise[:0]):
        assert ear.hear(sound).text == ""
    with pytest.raises(InputError):
        ear.hear(np.zeros(31 * RATE_HZ, dtype=np.float32))


@pytest.mark.slow
def test_partial_results_grow_and_the_final_one_is_whole(ear, clips):
    partial, done, final = [], threading.Event(), []
    listener = Transcriber(lambda heard: partial.append(heard.text), lambda message: None)
    sound = clips["vr_2"]
    listener.begin(sound[:0])
    for start in range(0, len(sound), 1600):
        listener.push(sound[start : start + 1600])
        time.sleep(0.05)
    listener.finish(lambda heard: (final.append(heard), done.set()))
    assert done.wait(60)
    assert len(partial) > 1 and len(partial[-1]) > len(partial[0])
    assert "congressional district" in final[0].text and final[0].language == "en"


class Slow:
    """An ear that hears the length of each sound in seconds, and is never asked twice at once."""

    def __init__(self):
        self.lengths, self.busy = [], threading.Lock()

    def hear(self, sound, language, expected):
        assert self.busy.acquire(blocking=False)
        self.lengths.append(len(sound) / RATE_HZ)
        self.busy.release()
        return Heard(f"{len(sound) / RATE_HZ:.0f}", language or "en", 0.0, -0.1)


def test_a_long_speech_is_written_down_part_by_part():
    ear, done, final = Slow(), threading.Event(), []
    listener = Transcriber(lambda heard: None, lambda message: None, ear=lambda: ear)
    chance = np.random.default_rng(0)
    listener.begin(np.zeros(0, dtype=np.float32))
    for second in range(50):
        listener.push((0.1 * chance.normal(size=RATE_HZ) * (second % 10 != 9)).astype(np.float32))
        time.sleep(0.005)
    listener.finish(lambda heard: (final.append(heard.text), done.set()))
    assert done.wait(20)
    parts = [float(part) for part in final[0].split()]
    assert max(ear.lengths) <= transcribing.CUT_BEYOND_S and len(parts) >= 4 and abs(sum(parts) - 50) <= len(parts)


def test_what_was_dropped_is_told_no_more_and_what_agrees_stays():
    done, told = threading.Event(), []
    listener = Transcriber(told.append, lambda message: None, ear=Slow)
    listener.finish(lambda heard: (told.append(heard.text), done.set()))
    assert done.wait(5) and told == [""]
    assert transcribing.kept(["I", "see"], ["A", "sea", "of", "green"]) == ["I", "see", "of", "green"]
    assert transcribing.agreeing(["I", "see"], ["I", "sea"]) == 1


def test_a_missing_ear_is_told_once():
    errors, done = [], threading.Event()

    def missing():
        raise MissingError("speech.hearing.no_ctranslate2")

    listener = Transcriber(lambda heard: None, errors.append, ear=missing)
    for last in (False, True):
        listener.begin(np.ones(RATE_HZ, dtype=np.float32))
        listener.finish(lambda heard, last=last: last and done.set())
    assert done.wait(5) and [error.code for error in errors] == ["speech.hearing.no_ctranslate2"]
