"""Other voices and rooms change what is heard, never when: what is stretched has its truth stretched with it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import correlate

pytest.importorskip("pyworld", reason="other voices need pyworld: pip install -r requirements-training.txt")

from motion.singing.training.augment import FAR_VOICES, FRAME_S, VoiceChange, analyse_voice, changed_voice, draw_change
from motion.singing.training.augment_room import RoomSettings, in_a_room
from motion.singing.training.dataset import HOP_SAMPLES, SAMPLE_RATE_HZ, lay_out, pause_piece, plain_piece
from motion.singing.training.inputs import mel_rows
from motion.singing.training.variants import SILENCE_NOISE_DB, silence_streams

LOUDEST_ROOM = RoomSettings(reverb=1.0, noise=1.0, leftover=1.0)


@pytest.fixture(scope="module")
def voices(toy_corpus):
    return [analyse_voice(sound) for sound in toy_corpus.sounds[:3]]


def level(sound):
    return mel_rows(sound).mean(axis=1)


def offset_s(one, other):
    """By how much `other` comes later than `one`, from their levels."""
    first, second = one - one.mean(), other - other.mean()
    return (int(np.argmax(correlate(second, first))) - len(first) + 1) * HOP_SAMPLES / SAMPLE_RATE_HZ


def agreement(stream):
    """Correlation of the sound's level and the true aperture, where there are words."""
    words = stream.clip >= 0
    return np.corrcoef(level(stream.sound)[words], stream.curves[words, 0])[0, 1]


def test_a_room_moves_nothing_in_time(toy_corpus):
    stream = lay_out(toy_corpus, [plain_piece(toy_corpus, clip) for clip in range(4)])
    music = [np.random.default_rng(5).normal(size=40000).astype(np.float32)]
    heard = in_a_room(stream.sound, music, LOUDEST_ROOM, np.random.default_rng(0))
    assert heard.shape == stream.sound.shape and heard.dtype == np.float32
    assert abs(offset_s(level(stream.sound), level(heard))) <= 0.02
    assert np.corrcoef(level(stream.sound), level(heard))[0, 1] < 0.999  # it was heard at all
    assert abs(offset_s(level(stream.sound), level(np.roll(heard, 1600)))) > 0.07  # the check can fail


@pytest.mark.slow
@pytest.mark.parametrize("change", [*FAR_VOICES.values(), VoiceChange(speed=0.7), VoiceChange(speed=1.4), VoiceChange(held=True)])
def test_truth_follows_the_changed_voice(toy_corpus, voices, change):
    generator = np.random.default_rng(4)
    pieces = [changed_voice(clip, voice, change, generator) for clip, voice in enumerate(voices)]
    stream = lay_out(toy_corpus, pieces)
    plain = lay_out(toy_corpus, [plain_piece(toy_corpus, clip) for clip in range(3)])
    assert len(stream.curves) == -(-len(stream.sound) // HOP_SAMPLES)
    assert agreement(stream) > agreement(plain) - 0.1
    if change.speed != 1.0:
        assert len(stream.sound) / len(plain.sound) == pytest.approx(1.0 / change.speed, rel=0.03)
        unmoved = np.interp(np.arange(len(stream.curves)), np.arange(len(plain.curves)), plain.curves[:, 0])
        assert np.corrcoef(level(stream.sound), unmoved)[0, 1] < agreement(stream) - 0.2


def test_held_vowels_hold_the_lips(toy_corpus, voices):
    piece = changed_voice(0, voices[0], VoiceChange(held=True, sung=True), np.random.default_rng(1))
    stream = lay_out(toy_corpus, [piece])
    assert len(piece.sound) / SAMPLE_RATE_HZ > 3.25
    still = np.convolve(np.abs(np.diff(stream.curves[:, 0])) < 0.35, np.ones(12), mode="valid")
    assert still.max() == 12 and stream.curves[np.argmax(still) + 6, 0] > 2.0


def test_a_voice_by_chance_is_the_same_for_the_same_seed():
    first, again = (draw_change(np.random.default_rng(7)) for _ in range(2))
    assert first == again != draw_change(np.random.default_rng(8))
    many = [draw_change(np.random.default_rng(seed)) for seed in range(300)]
    assert min(each.formant_ratio for each in many) < 0.85 and max(each.formant_ratio for each in many) > 1.3
    assert 0.3 < np.mean([each.sung for each in many]) < 0.5


@pytest.mark.slow
def test_pitch_is_what_was_asked_for(voices):
    voice = voices[0]
    child = changed_voice(0, voice, FAR_VOICES["child"], np.random.default_rng(0))
    again = analyse_voice(child.sound)
    known = np.median(voice.f0_hz[voice.f0_hz > 0])
    assert np.median(again.f0_hz[again.f0_hz > 0]) == pytest.approx(2.6 * known, rel=0.03)


def test_a_pause_is_a_resting_mouth(toy_corpus):
    stream = lay_out(toy_corpus, [plain_piece(toy_corpus, 0), pause_piece(8000), plain_piece(toy_corpus, 1)])
    pause = stream.clip == -1
    assert pause.sum() == 25 and np.all(stream.curves[pause] == 0.0) and np.all(stream.closure[pause] == 0.0)
    assert stream.time_s[np.flatnonzero(stream.clip == 1)[0]] < 0.02
    assert FRAME_S == 0.005


def test_in_silence_the_mouth_rests_whatever_the_noise():
    streams = silence_streams(0)
    assert not streams[0].sound.any()
    levels_db = [20.0 * np.log10(np.sqrt(np.mean(np.square(stream.sound)))) for stream in streams[1:]]
    np.testing.assert_allclose(levels_db, SILENCE_NOISE_DB, atol=0.1)
    for stream in streams:
        assert len(stream.curves) == -(-len(stream.sound) // HOP_SAMPLES)
        assert not stream.curves.any() and not stream.closure.any() and (stream.clip == -1).all()
