"""Kokoro speaks: the real network, two voices, and an ear of another maker that tells whether something was said."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import InputError, MissingError
from neural.voice_detector import FRAME_S, VoiceDetector
from speech.kokoro import MOST_PHONEMES, RATE_HZ, UNIT_SAMPLES, Kokoro
from speech.voices import voices
from weights.fetch import ensure_all

pytestmark = pytest.mark.slow
LINE = "mˈAbi bˈɑb, hæz ə bˈɪɡ bˈæɡ."


@pytest.fixture(scope="module")
def kokoro():
    return speaker(["af_heart", "am_michael", "jf_alpha"])


def speaker(names):
    """Kokoro with these voices; where they can't be fetched, the test skips and says so."""
    try:
        ensure_all(f"kokoro_{name}" for name in names)
        return Kokoro()
    except MissingError as error:
        pytest.skip(str(error))


def pitch_hz(sound):
    """Median of the voice's pitch by autocorrelation over loud windows of 50 ms."""
    size = RATE_HZ // 20
    windows = sound[: len(sound) // size * size].reshape(-1, size)
    loud = windows[np.abs(windows).max(axis=1) > 0.3 * np.abs(sound).max()]
    shortest, longest = RATE_HZ // 400, RATE_HZ // 60
    lags = [shortest + np.argmax(np.correlate(each, each, "full")[size - 1 :][shortest:longest]) for each in loud]
    return RATE_HZ / np.median(lags)


def test_every_phoneme_has_its_time(kokoro):
    spoken = kokoro.speak(LINE, "af_heart")
    assert [each.symbol for each in spoken.phonemes] == [symbol for symbol in LINE if symbol not in "ˈˌ "]
    edges_s = [each.start_s for each in spoken.phonemes] + [spoken.phonemes[-1].end_s]
    assert edges_s == sorted(edges_s) and edges_s[-1] <= len(spoken.sound) / RATE_HZ
    assert len(spoken.sound) % UNIT_SAMPLES == 0 and 1.0 < len(spoken.sound) / RATE_HZ < 4.0
    for before, after in zip(spoken.phonemes, spoken.phonemes[1:], strict=False):
        assert before.end_s == after.start_s
    # where lips close the sound is weaker than in the vowel after them: the times are those of the sound
    level = np.sqrt(np.convolve(np.square(spoken.sound), np.ones(480) / 480, mode="same"))
    for stop, vowel in (("b", "ɑ"), ("b", "ɪ"), ("b", "æ")):
        place = next(k for k, each in enumerate(spoken.phonemes) if (each.symbol, spoken.phonemes[k + 1].symbol) == (stop, vowel))
        closed, open_ = (
            level[round(each.start_s * RATE_HZ) : round(each.end_s * RATE_HZ)] for each in spoken.phonemes[place : place + 2]
        )
        assert closed.min() < 0.5 * open_.max()


def test_voices_differ_and_a_voice_is_heard(kokoro):
    woman, man = (kokoro.speak(LINE, voice) for voice in ("af_heart", "am_michael"))
    assert pitch_hz(woman.sound) > 1.3 * pitch_hz(man.sound)
    sound = np.interp(np.arange(0, len(man.sound), 1.5), np.arange(len(man.sound)), man.sound).astype(np.float32)
    heard = VoiceDetector().push(sound)
    assert (heard > 0.5).sum() * FRAME_S > 0.6


def test_faster_is_shorter(kokoro):
    slow, fast = (len(kokoro.speak(LINE, "jf_alpha", speed).sound) for speed in (0.8, 1.6))
    assert fast < 0.7 * slow


def test_what_it_can_not_speak(kokoro):
    for phonemes, voice, speed, code in (
        ("hallo 7 ☃", "af_heart", 1.0, "speech.unknown_phonemes"),
        ("", "af_heart", 1.0, "speech.phonemes_out_of_range"),
        ("   ", "af_heart", 1.0, "speech.phonemes_out_of_range"),
        ("a" * (MOST_PHONEMES + 1), "af_heart", 1.0, "speech.phonemes_out_of_range"),
        (LINE, "af_nobody", 1.0, "speech.no_such_voice"),
        (LINE, "part1", 1.0, "speech.no_such_voice"),
        (LINE, "af_heart", 0.1, "speech.speed_out_of_range"),
        (LINE, "af_heart", float("nan"), "speech.speed_out_of_range"),
    ):
        with pytest.raises(InputError) as caught:
            kokoro.speak(phonemes, voice, speed)
        assert caught.value.message.code == code
        assert str(caught.value).count("\n") == 0


def test_voices_are_those_of_the_registry():
    assert {"af_heart", "am_michael", "jm_kumo"} <= set(voices())
    assert not {"part1", "vocabulary"} & set(voices())
    assert {name[0] for name in voices()} >= set("aefhijp")
