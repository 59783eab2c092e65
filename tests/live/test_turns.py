"""When somebody begins and ends to speak, on real recordings and on what is no speech."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile

from benchmarks.turn_taking import clips, loud_span_s
from core.errors import InputError
from live.turns import SpeechBegins, SpeechEnds, TurnSettings, TurnTaker
from neural.voice_detector import FRAME_S, RATE_HZ

BLOCK = 320


class Scripted:
    """A detector that tells what it was given, a frame for each sample that is pushed: the arithmetic alone is tested."""

    def push(self, sound):
        return sound


def events(sound, settings=None, avatar_speaks=False, block=BLOCK, detector=None):
    turns = TurnTaker(settings, detector)
    return [event for start in range(0, len(sound), block) for event in turns.push(sound[start : start + block], avatar_speaks)]


@pytest.fixture(scope="module")
def sentences(shared_dir):
    """Sentences of speaker s1 and of eleven others, (n,) float32 each, with silence before and after."""
    try:
        return list(clips(shared_dir / "talking", 20))
    except InputError as error:
        pytest.skip(str(error))


def test_the_level_tells_when_a_sound_is_loud():
    sound = np.concatenate([np.full(RATE_HZ, 0.01), np.full(RATE_HZ, 0.5), np.full(RATE_HZ, 0.01)])
    sound[RATE_HZ // 2] = 1.0
    assert loud_span_s(sound) == pytest.approx((1.0, 2.0), abs=0.02)


@pytest.mark.slow
def test_sentences_begin_and_end_when_they_are_heard(sentences):
    begins, ends, late = [], [], []
    for clip in sentences:
        silence = np.zeros(RATE_HZ, dtype=np.float32)
        told = events(np.concatenate([silence, clip, silence, silence]))
        assert isinstance(told[0], SpeechBegins) and isinstance(told[-1], SpeechEnds)
        from_s, to_s = loud_span_s(clip)
        begins.append(told[0].at_s - 1.0 - from_s)
        ends.append(told[-1].at_s - 1.0 - to_s)
        late.append(told[0].told_s - 1.0 - from_s)
        assert len(told) == 2, "a sentence without a pause is one turn"
    assert abs(np.median(begins)) < 0.08 and np.percentile(np.abs(begins), 90) < 0.2
    assert abs(np.median(ends)) < 0.2
    assert np.median(late) < 0.2


@pytest.mark.slow
def test_the_avatar_is_interrupted_in_time(sentences):
    told_s = []
    for clip in sentences:
        from_s, _ = loud_span_s(clip)
        told_s.append(events(clip, avatar_speaks=True)[0].told_s - from_s)
    assert np.percentile(told_s, 90) < 0.3


@pytest.mark.slow
def test_nothing_begins_in_silence_noise_and_chords():
    time_s = np.arange(20 * RATE_HZ) / RATE_HZ
    chance = np.random.default_rng(0)
    noise = chance.normal(size=len(time_s)).astype(np.float32)
    chord = sum(np.sin(2 * np.pi * tone * time_s) for tone in (220, 277.2, 329.6)).astype(np.float32)
    clicks = np.zeros_like(noise)
    clicks[chance.integers(0, len(clicks), 60)] = 0.8
    for sound in (np.zeros_like(noise), 0.001 * noise, 0.1 * noise, 0.1 * chord, clicks):
        assert events(sound) == []


@pytest.mark.slow
def test_music_seldom_interrupts(shared_dir):
    """A piece whose lead sounds like a voice here and there: the network takes two of its notes for one."""
    path = shared_dir / "songs" / "song_14_accompaniment.flac"
    if not path.is_file():
        pytest.skip("the shared songs are missing")
    sound, rate_hz = soundfile.read(path, dtype="float32")
    mono = sound.mean(axis=1) if sound.ndim > 1 else sound
    place = np.arange(int(len(mono) * RATE_HZ / rate_hz)) * rate_hz / RATE_HZ
    heard = events(0.3 * np.interp(place, np.arange(len(mono)), mono).astype(np.float32), avatar_speaks=True)
    assert sum(isinstance(event, SpeechBegins) for event in heard) <= 2 and len(mono) / rate_hz > 15


def frames(*parts):
    """Probabilities: (how many seconds, of what) each."""
    return np.concatenate([np.full(round(length_s / FRAME_S), value, dtype=np.float32) for length_s, value in parts])


def test_a_pause_within_a_sentence_does_not_end_it_and_a_longer_one_does():
    begun, ended = events(frames((1, 0.1), (1, 0.9), (0.5, 0.1), (1, 0.9), (2, 0.1)), detector=Scripted())
    assert begun.at_s == pytest.approx(1.0, abs=2 * FRAME_S) and begun.told_s - begun.at_s == pytest.approx(3 * FRAME_S)
    assert ended.at_s == pytest.approx(3.5, abs=4 * FRAME_S)
    assert 0.5 < ended.told_s - ended.at_s < 1.0


def test_the_pause_follows_the_person():
    settings = TurnSettings()
    slow, quick = TurnTaker(settings, Scripted()), TurnTaker(settings, Scripted())
    assert slow.pause_s == settings.first_pause_s
    slow.push(frames((1, 0.9), *[(0.65, 0.1), (1, 0.9)] * 4))
    quick.push(frames((1, 0.9), *[(0.2, 0.1), (1, 0.9)] * 4))
    assert settings.longest_pause_s >= slow.pause_s > settings.first_pause_s > quick.pause_s == settings.shortest_pause_s


def test_who_goes_on_at_once_was_not_done():
    turns = TurnTaker(None, Scripted())
    told = turns.push(frames((1, 0.9), (1.0, 0.1), (1, 0.9), (3, 0.1)))
    assert [type(event) for event in told] == [SpeechBegins, SpeechEnds] * 2
    assert turns.pause_s > 1.0
    told = turns.push(frames((1, 0.9), (1.0, 0.1), (1, 0.9), (3, 0.1)))
    assert len(told) == 2


def test_a_click_interrupts_nobody_and_less_when_the_avatar_speaks():
    short = frames((1, 0.1), (0.128, 0.95), (1, 0.1))
    assert len(events(short, detector=Scripted())) == 2
    assert events(short, avatar_speaks=True, detector=Scripted()) == []
    assert events(frames((1, 0.1), (0.064, 0.95), (1, 0.1)), detector=Scripted()) == []


@pytest.mark.parametrize("block", [1, 100, 512, 5000])
def test_blocks_of_any_length_tell_the_same(block):
    sound = frames((1, 0.1), (1, 0.9), (0.5, 0.1), (1, 0.9), (2, 0.1))
    assert events(sound, block=block, detector=Scripted()) == events(sound, detector=Scripted())
