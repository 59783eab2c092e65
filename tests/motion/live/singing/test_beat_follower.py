"""The beat is found while music comes, and told ahead."""

from __future__ import annotations

import numpy as np
import pytest

from media.media import read_audio_blocks
from motion.live.singing.beat_follower import BeatFollower
from motion.singing.analysis.mix_features import mix_features
from motion.singing.analysis.rhythm import rhythm

RATE_HZ = 16_000
#: How far ahead a beat has to be known for the head to arrive on it.
AHEAD_S = 0.35
NEAR_S = 0.06


def drums(bpm, duration_s, seed=0):
    """Kick and snare by turns, hats between: (n,) float32 and the beats' times."""
    chance = np.random.default_rng(seed)
    sound = 0.002 * chance.standard_normal(int(duration_s * RATE_HZ))
    ring_s = np.arange(int(0.15 * RATE_HZ)) / RATE_HZ
    kick = 0.6 * np.sin(2 * np.pi * 55 * ring_s) * np.exp(-25 * ring_s)
    snare = 0.3 * chance.standard_normal(len(ring_s)) * np.exp(-30 * ring_s)
    hat = 0.1 * np.diff(chance.standard_normal(len(ring_s) + 1)) * np.exp(-80 * ring_s)
    beats_s = np.arange(0.4, duration_s - 0.5, 60.0 / bpm)
    for number, beat_s in enumerate(beats_s):
        for at_s, stroke in ((beat_s, snare if number % 2 else kick), (beat_s + 0.62 * 60.0 / bpm, hat)):
            first = int(at_s * RATE_HZ)
            room = min(len(sound) - first, len(stroke))
            sound[first : first + max(room, 0)] += stroke[: max(room, 0)]
    return sound.astype(np.float32), beats_s


def followed(sound, block=320):
    """The beats as they were told `AHEAD_S` before they were heard."""
    follower, told = BeatFollower(), []
    last_s = 0.0
    for first in range(0, len(sound), block):
        follower.push(sound[first : first + block])
        until_s = (first + block) / RATE_HZ + AHEAD_S
        told += follower.beats(last_s, until_s).tolist()
        last_s = until_s
    return np.asarray(told)


def share_near(told, beats_s, after_s):
    told = told[(told > after_s) & (told < beats_s[-1])]
    return float((np.abs(told[:, None] - beats_s[None]).min(axis=1) < NEAR_S).mean()) if len(told) else 0.0


@pytest.mark.parametrize("bpm", [75, 100, 123.4, 140])
def test_drums_are_met_ahead(bpm):
    sound, beats_s = drums(bpm, 25.0)
    told = followed(sound)
    assert share_near(told, beats_s, 6.0) > 0.93
    heard = beats_s[beats_s > 6.0]
    assert (np.abs(heard[:, None] - told[None]).min(axis=1) < NEAR_S).mean() > 0.93


@pytest.mark.parametrize("number", [10, 14])
def test_a_real_band_is_met_as_by_an_ear_that_knows_the_end(shared_dir, number):
    path = shared_dir / "songs" / f"song_{number}_accompaniment.flac"
    sound = np.concatenate([block[:, 0] for block in read_audio_blocks(path, RATE_HZ, 1, 80_000)])
    beats_s = rhythm(mix_features([sound], [], len(sound) // 160, lambda done: None)).beats_s
    assert share_near(followed(sound), beats_s, 6.0) > 0.8


def test_nothing_adds_up_in_minutes():
    sound, beats_s = drums(123.4, 150.0)
    told = followed(sound, 3200)
    late = told[(told > 130.0) & (told < beats_s[-1])]
    assert np.median(np.abs(late[:, None] - beats_s[None]).min(axis=1)) < 0.03


def test_another_tempo_is_followed():
    slow, _ = drums(90, 15.0)
    quick, beats_s = drums(128, 20.0)
    told = followed(np.concatenate([slow, quick]))
    assert share_near(told, 15.0 + beats_s, 25.0) > 0.9


@pytest.mark.parametrize("sound", [np.zeros(10 * RATE_HZ), 0.3 * np.sin(2 * np.pi * 220 * np.arange(10 * RATE_HZ) / RATE_HZ)])
def test_silence_and_a_held_tone_have_no_beat(sound):
    follower = BeatFollower()
    follower.push(sound.astype(np.float32))
    assert follower.comb is None
    assert len(follower.beats(0.0, 10.0)) == 0


def test_blocks_of_any_length_say_the_same():
    sound, _ = drums(110, 12.0)
    followers = [BeatFollower() for _ in range(2)]
    for follower, block in zip(followers, (160, 1600), strict=True):
        for first in range(0, len(sound), block):
            follower.push(sound[first : first + block])
    assert followers[0].comb is not None
    np.testing.assert_allclose(followers[0].beats(12.0, 14.0), followers[1].beats(12.0, 14.0), atol=0.02)


def test_where_beats_are_quick_every_second_is_struck():
    sound, _ = drums(150, 15.0)
    follower = BeatFollower()
    follower.push(sound)
    comb = follower.comb
    assert comb is not None
    assert len(comb.strokes(15.0, 19.0, 0.45)) == pytest.approx(len(comb.beats(15.0, 19.0)) / 2, abs=1)
    assert len(comb.strokes(15.0, 19.0, 0.3)) == len(comb.beats(15.0, 19.0))
