"""A session that listens: real questions into its microphone, understood, answered and broken in on; and what moods it sees."""

from __future__ import annotations

import time

import numpy as np
import pytest

from benchmarks.hearing import clips
from core.errors import InputError, MissingError
from live.avatar import MICROPHONE_HZ, MindOrder
from live.session.listening.ears import Ears
from live.session.listening.moods import VoiceMood, mirrored, pitch_hz
from live.session.singing import SingingAvatar
from live.turns import TurnTaker
from speech.hearing.whisper import Heard, whisper
from tests.live.session.standins import PlainPerformer, Recorder, until

BLOCK = MICROPHONE_HZ // 50


@pytest.fixture(scope="module")
def question(shared_dir):
    """A question of a person, and what it says; the network is loaded."""
    try:
        whisper()
        return next((sound, text) for text, sound in clips(shared_dir / "talking", "others") if "cup of coffee" in text)
    except (InputError, MissingError) as error:
        pytest.skip(str(error))


def play(avatar, sound, silence_s=1.2):
    """Into the microphone, in real time."""
    begin_s = time.monotonic()
    whole = np.concatenate([sound, np.zeros(int(silence_s * MICROPHONE_HZ), dtype=np.float32)])
    for start in range(0, len(whole), BLOCK):
        time.sleep(max(0.0, begin_s + start / MICROPHONE_HZ - time.monotonic()))
        avatar.hear(whole[start : start + BLOCK])


@pytest.mark.slow
def test_a_question_is_understood_answered_and_broken_in_on(open_plain, question):
    sound, text = question
    avatar = open_plain(mind=MindOrder("read_aloud"))
    events = []
    avatar.listen(events.append)
    play(avatar, sound)
    until(lambda: len([entry for entry in avatar.transcript() if entry["who"] == "avatar"]) == 1)
    heard = [event.values for event in events if event.kind == "heard"]
    assert [values["final"] for values in heard] == [False] * (len(heard) - 1) + [True] and len(heard) > 1
    assert heard[-1]["text"].lower().rstrip("?.") == text and heard[-1]["language"] == "en"
    assert len(avatar.figures()["first_sound_s"]) == 1 and ("attend", "listening") in avatar.performer.told
    assert any(told[0] == "notice" for told in avatar.performer.told)
    avatar.said("Now I go on and on about all the songs of the world, one after the other, until you break in.")
    until(lambda: avatar.figures()["first_sound_s"][1:])
    time.sleep(0.5)
    play(avatar, sound, 0.0)
    until(lambda: avatar.figures()["barge_in_s"])
    assert avatar.figures()["barge_in_s"][0] < 0.6, "known soon in the sound's own time, however busy the machine is"
    until(lambda: avatar.transcript()[-1]["interrupted"] or avatar.transcript()[-2]["interrupted"])


class Told:
    """Who is told of turns, and writes it down."""

    def __init__(self):
        self.told = []

    def person_begins(self, late_s):
        self.told.append("begins")

    def partial(self, heard):
        self.told.append("partial")

    def perhaps(self, heard):
        self.told.append(f"perhaps {heard.text}")

    def goes_on(self):
        self.told.append("goes on")

    def heard(self, heard, late_s):
        self.told.append(f"heard {heard.text}")

    def voice(self, block):
        pass

    def speaks(self):
        return False


class Scripted:
    """A detector for which sound is speech."""

    def __init__(self):
        self.held = np.zeros(0)

    def push(self, sound):
        self.held = np.concatenate([self.held, sound])
        count = len(self.held) // 512
        frames, self.held = self.held[: count * 512].reshape(count, 512), self.held[count * 512 :]
        return (np.abs(frames).max(axis=1) > 0.1).astype(np.float32)


def test_the_end_of_a_turn_is_guessed_and_the_guess_dropped_where_it_was_none(monkeypatch):
    told = Told()
    ears = Ears(told, lambda message: None, "en", "en")
    ears._turns = TurnTaker(detector=Scripted())
    monkeypatch.setattr(ears._transcriber, "_hear", lambda sound: Heard(f"{np.count_nonzero(sound) / 16000:.0f}", "en"))
    ears.start()
    speech, pause = np.full(MICROPHONE_HZ, 0.5, dtype=np.float32), np.zeros(int(0.45 * MICROPHONE_HZ), dtype=np.float32)
    for sound in (speech, pause):
        for start in range(0, len(sound), BLOCK):
            ears.hear(sound[start : start + BLOCK])
            time.sleep(0.002)
    until(lambda: "perhaps 1" in told.told)
    for sound in (speech, pause, pause, pause):
        for start in range(0, len(sound), BLOCK):
            ears.hear(sound[start : start + BLOCK])
            time.sleep(0.002)
    until(lambda: told.told[-1] == "heard 2")
    ears.close()
    steps = [each for each in told.told if each != "partial"]
    assert steps in (["begins", "perhaps 1", "goes on", "perhaps 2", "heard 2"], ["begins", "perhaps 1", "goes on", "heard 2"])


def test_a_voice_s_pitch_and_loudness_and_what_is_mirrored():
    times_s = np.arange(1024) / MICROPHONE_HZ
    assert pitch_hz(np.sin(2 * np.pi * 150 * times_s)) == pytest.approx(150, abs=3) and pitch_hz(np.zeros(1024)) == 0.0
    assert pitch_hz(np.random.default_rng(0).normal(size=1024)) == 0.0
    flat, lively = VoiceMood(), VoiceMood()
    for number in range(20):
        flat.push((0.3 * np.sin(2 * np.pi * 150 * times_s)).astype(np.float32))
        lively.push((0.3 * np.sin(2 * np.pi * (120 + 10 * number) * times_s)).astype(np.float32))
    assert lively.lively > 0.5 > 0.1 > flat.lively and flat.loudness > 0.8
    felt = mirrored("I am so happy, this is wonderful!", "en")
    assert felt.style == "happy" and 0.0 < felt.strength < 0.4
    assert mirrored("The table is made of wood.", "en").style == "neutral" and mirrored("", "en").style == "neutral"


class PlainSinger(PlainPerformer):
    """Writes down what it hears."""

    def __init__(self):
        super().__init__()
        self.heard = []

    def hear(self, block):
        self.heard.append(block)


def test_singing_along_sends_the_sound_with_the_pictures_that_belong_to_it(open_plain, tmp_path):
    from live.avatar import AvatarOrder

    singer = PlainSinger()
    avatar = SingingAvatar(AvatarOrder(tmp_path / "x.png", mode="sing", height=128), lambda: singer, 0.2)
    assert avatar.ready.wait(30) and not avatar.failed
    seen = Recorder(avatar.feed)
    click = np.zeros(BLOCK, dtype=np.float32)
    click[BLOCK // 2] = 1.0
    begin_s = time.monotonic()
    for number in range(50):
        time.sleep(max(0.0, begin_s + 0.02 * number - time.monotonic()))
        avatar.hear(click if number == 25 else np.zeros(BLOCK, dtype=np.float32))
    until(lambda: (seen.level() > 5000).any())
    loud_s = seen.sound[int(np.argmax(seen.level() > 5000))].at_s
    heard = np.concatenate(singer.heard)
    assert loud_s == pytest.approx(np.argmax(heard) / MICROPHONE_HZ, abs=0.03), "the singer's time is the session's"
    assert avatar.transcript() == [] and 0.2 < avatar.figures()["delay_s"] < 0.3
    with pytest.raises(InputError):
        avatar.said("Hello?")
    avatar.close()
