"""Text is spoken sentence by sentence, with the times of its words, by one voice or several mixed."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import InputError, MissingError
from neural.voice_detector import VoiceDetector
from speech.speaker import LEAD_S, TRAIL_S, SpeechSettings, open_voice, sample
from speech.voices import LANGUAGES, SAMPLE_TEXTS, Part, language_of, mixture, voice_cards, voices
from weights.registry import registry

TEXT = "Yes! Dr. Lee paid $5 😀, by Wibb's map."


def opened(**settings):
    """A voice; where its parts can't be fetched, the test skips and says so."""
    try:
        return open_voice(SpeechSettings(**settings))
    except MissingError as error:
        pytest.skip(str(error))


@pytest.mark.slow
def test_words_and_phonemes_have_the_times_of_the_sound():
    said = list(opened().say(TEXT))
    assert [each.text for each in said] == ["Yes!", "Dr. Lee paid $5 😀, by Wibb's map."]
    assert [word.text for word in said[1].words] == ["Dr.", "Lee", "paid", "$5", "by", "Wibb's", "map."]
    assert [each.unsure for each in said] == [(), ("Wibb's",)] and not said[0].note
    assert str(said[1].note).startswith("How these words are spoken is a guess: Wibb's.")
    for each in said:
        length_s = len(each.sound) / each.rate_hz
        assert each.sound.dtype == np.float32 and np.abs(each.sound).max() <= 1.0
        edges_s = [time_s for word in each.words for time_s in (word.start_s, word.end_s)]
        assert edges_s == sorted(edges_s) and edges_s[0] <= LEAD_S + 0.01 and length_s - edges_s[-1] <= TRAIL_S + 0.01
        assert all(0.0 <= phoneme.start_s <= phoneme.end_s <= length_s + 1e-6 for phoneme in each.phonemes)
    # somebody speaks in the words, and nobody in the silence after them
    sound = said[1].sound[: len(said[1].sound) // 3 * 3]
    heard = VoiceDetector().push(np.interp(np.arange(0, len(sound), 1.5), np.arange(len(sound)), sound).astype(np.float32))
    assert (heard > 0.5).mean() > 0.6
    tail = said[1].sound[round((said[1].words[-1].end_s + 0.1) * said[1].rate_hz) :]
    assert np.sqrt(np.mean(np.square(tail))) < 0.1 * np.sqrt(np.mean(np.square(said[1].sound)))


@pytest.mark.slow
def test_a_mixture_is_neither_of_its_voices():
    texts = {name: next(opened(voice=name).say("Hi.")).sound for name in ("af_heart", "am_michael", "am_michael+af_heart:3")}
    lengths = {len(sound) for sound in texts.values()}
    first = [sound[: min(lengths)] for sound in texts.values()]
    assert all(np.abs(one - other).max() > 0.05 for one, other in ((first[0], first[2]), (first[1], first[2])))


@pytest.mark.slow
def test_speeds_of_voice_and_call_are_multiplied():
    slow, fast = (len(next(opened(speed=speed).say("Hello.", 0.8)).sound) for speed in (0.8, 2.0))
    assert fast < 0.6 * slow


def test_what_a_voice_refuses_it_refuses_at_once():
    for settings, code in (
        ({"voice": "nobody"}, "speech.no_such_voice"),
        ({"language": "tlh"}, "speech.no_such_language"),
        ({"speed": 3.0}, "speech.speed_out_of_range"),
        ({"speed": float("nan")}, "speech.speed_out_of_range"),
    ):
        with pytest.raises(InputError) as caught:
            SpeechSettings(**settings)
        assert caught.value.message.code == code


@pytest.mark.slow
def test_nothing_to_say_is_an_error():
    voice = opened()
    for text in ("", "  \n\n ", "😀 ...", "!?"):
        with pytest.raises(InputError) as caught:
            list(voice.say(text))
        assert caught.value.message.code == "speech.nothing_to_say"
    with pytest.raises(InputError):
        voice.say("Hello.", 5.0)


def test_mixtures_share_by_weight():
    assert mixture("af_heart") == (Part("af_heart", 1.0),)
    assert mixture(" af_heart + am_adam ") == (Part("af_heart", 0.5), Part("am_adam", 0.5))
    assert [part.weight for part in mixture("af_heart:7+af_bella:3")] == pytest.approx([0.7, 0.3])
    for text, code in (
        ("", "speech.no_such_voice"),
        ("af_heart+", "speech.no_such_voice"),
        ("af_heart+af_heart", "speech.voice_twice"),
        ("af_heart:0", "speech.bad_weight"),
        ("af_heart:-1", "speech.bad_weight"),
        ("af_heart:much", "speech.bad_weight"),
        ("af_heart:", "speech.bad_weight"),
        ("af_heart:nan", "speech.bad_weight"),
        ("af_heart:inf+af_bella", "speech.bad_weight"),
    ):
        with pytest.raises(InputError) as caught:
            mixture(text)
        assert caught.value.message.code == code, text


def test_all_54_voices_are_listed_by_language_and_gender():
    cards = voice_cards()
    assert len(cards) == len({card.name for card in cards}) == len(voices()) == 54
    assert [card.language for card in cards] == sorted(
        (card.language for card in cards), key=["en-US", "en-GB", "es", "fr", "hi", "it", "ja", "pt-BR", "zh"].index
    )
    assert {card.name: card.gender for card in cards}["am_michael"] == "man"
    assert (language_of("bf_emma:0.5+af_heart"), cards[0].title) == ("en-GB", "Alloy")
    assert {registry()[f"kokoro_{name}"].size_bytes for name in voices()} == {510 * 256 * 4}


@pytest.mark.slow
def test_a_voice_has_a_sample_in_its_language():
    opened()
    assert set(SAMPLE_TEXTS) == set(LANGUAGES)
    assert next(sample("jm_kumo")).text == "こんにちは。"
