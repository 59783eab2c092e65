# ruff: noqa: E402 - without torch the imports below would fail before the test can skip
"""A voice out of a checkpoint: what it is told to say, when it says what, and whose voice it follows.

The networks know nothing, so only how they are used is heard.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import soundfile

torch = pytest.importorskip("torch")

from core.errors import InputError
from speech.styletts2.reference import log_mel, mel_bands, trimmed_ends
from speech.styletts2.symbols import NUMBERS, TABLE, numbers_of, symbols_of
from speech.styletts2.voice import MOMENT_SAMPLES, StyleTTS2Settings, StyleTTS2Voice, timed
from tests.speech.styletts2.test_parity import published


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory):
    folder = tmp_path_factory.mktemp("checkpoints")
    for kind in ("libritts", "ljspeech"):
        torch.save({"net": published(kind)}, folder / f"{kind}.pth")
    return folder


@pytest.fixture(scope="module")
def recording(shared_dir, tmp_path_factory):
    sound, rate_hz = soundfile.read(shared_dir / "talking" / "grid_others.flac", frames=5 * 16_000, dtype="float32")
    path = tmp_path_factory.mktemp("recording") / "somebody.wav"
    soundfile.write(path, sound, rate_hz)
    return path


def test_kokoros_phonemes_become_espeaks():
    def written(phonemes):
        return "".join(TABLE[number] for number in numbers_of(symbols_of(phonemes)))

    assert written("həlˈO wˈɜɹld.") == "həlˈoʊ wˈɜːld ."
    assert written("ˈfɑðəɹ, sˈi ðə ʧˈIld") == "ˈfɑːðɚ , sˈiː ðə tʃˈaɪld"
    assert written("vˈɛɹi tˈu") == "vˈɛɹi tˈuː"
    assert len(TABLE) == 178 and NUMBERS["$"] == 0 and NUMBERS["ᵻ"] == 177


def test_every_phoneme_has_its_time():
    symbols = symbols_of("fˈɑðəɹ.")
    lasts = [1] * (1 + len(numbers_of(symbols)))
    phonemes = timed(symbols, lasts)
    assert "".join(each.symbol for each in phonemes) == "fɑðəɹ."
    assert phonemes[0].start_s == pytest.approx(MOMENT_SAMPLES / 24_000)
    assert all(one.end_s <= next_.start_s + 1e-9 for one, next_ in pairwise(phonemes))
    assert phonemes[-1].end_s == pytest.approx(len(lasts) * MOMENT_SAMPLES / 24_000)


@pytest.mark.slow
def test_a_voice_of_its_own_speaks_the_words_in_their_order(checkpoints):
    voice = StyleTTS2Voice(StyleTTS2Settings(checkpoints / "ljspeech.pth", seed=3))
    first, second = voice.say("Hello there. Good night!")
    assert [word.text for word in first.words] == ["Hello", "there."] and second.text == "Good night!"
    assert first.rate_hz == 24_000 and np.isfinite(first.sound).all() and np.abs(first.sound).max() <= 1.0
    assert first.words[0].end_s <= first.words[1].start_s < len(first.sound) / 24_000
    again = next(StyleTTS2Voice(StyleTTS2Settings(checkpoints / "ljspeech.pth", seed=3)).say("Hello there."))
    np.testing.assert_array_equal(again.sound, first.sound)
    quick = next(voice.say("Hello there.", 2.0))
    assert len(quick.sound) < 0.7 * len(first.sound)


@pytest.mark.slow
def test_a_checkpoint_for_many_voices_follows_a_recording(checkpoints, recording, tmp_path):
    with pytest.raises(InputError) as refused:
        StyleTTS2Voice(StyleTTS2Settings(checkpoints / "libritts.pth"))
    assert refused.value.message.code == "speech.styletts2_needs_a_voice"
    (said,) = StyleTTS2Voice(StyleTTS2Settings(checkpoints / "libritts.pth", recording)).say("Hello.")
    lower = tmp_path / "lower.wav"
    sound, rate_hz = soundfile.read(recording, dtype="float32")
    soundfile.write(lower, sound, int(rate_hz * 0.7))
    (other,) = StyleTTS2Voice(StyleTTS2Settings(checkpoints / "libritts.pth", lower)).say("Hello.")
    assert len(other.sound) != len(said.sound) or np.abs(other.sound - said.sound).max() > 1e-3
    soundfile.write(tmp_path / "short.wav", sound[: rate_hz // 2], rate_hz)
    with pytest.raises(InputError) as refused:
        StyleTTS2Voice(StyleTTS2Settings(checkpoints / "libritts.pth", tmp_path / "short.wav"))
    assert refused.value.message.code == "speech.voice_sample_too_short"


def test_other_languages_and_missing_files_are_refused(tmp_path):
    for settings, code in [
        (StyleTTS2Settings(tmp_path / "none.pth"), "speech.styletts2_unreadable"),
        (StyleTTS2Settings(tmp_path / "none.pth", language="fr"), "speech.styletts2_language"),
    ]:
        with pytest.raises(InputError) as refused:
            StyleTTS2Voice(settings)
        assert refused.value.message.code == code


def test_a_recording_is_heard_as_the_published_program_hears_it():
    bands = mel_bands()
    assert bands.shape == (80, 1025) and float(bands.max()) <= 1.0
    tone = torch.sin(2 * torch.pi * 1500 * torch.arange(24_000) / 24_000)[None]
    heard = log_mel(tone)
    assert heard.shape == (1, 80, 81)
    # The bands are laid as if the sound had 16 kHz, so 1500 Hz are heard where 1000 Hz would be: band 28 of 80.
    assert int(heard[0, :, 40].argmax()) == pytest.approx(28, abs=1)
    sound = np.concatenate([np.zeros(4096), np.ones(2048), np.zeros(4096)]).astype(np.float32)
    assert len(trimmed_ends(sound)) == 2048
