"""The avatar that sings along: lips where the voice is, the head on the beat, and nothing that jumps."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from core.blendshapes import BLENDSHAPE_INDEX
from core.errors import InputError
from media.media import read_audio_blocks
from motion.live.singing.singer import LATE_S, LiveSinger
from tests.motion.live.singing.test_beat_follower import drums

RATE_HZ, FPS = 16_000, 25.0


def sound_of(path):
    return np.concatenate([block[:, 0] for block in read_audio_blocks(path, RATE_HZ, 1, 80_000)])


def sung_live(sound, singer=None, block=320):
    """What is shown of a sound that comes in blocks, every frame as soon as its lips are known."""
    singer = singer or LiveSinger(FPS)
    blocks, frames = [sound[first : first + block] for first in range(0, len(sound), block)], []
    heard_s = 0.0
    for each in blocks:
        singer.hear(each)
        heard_s += len(each) / RATE_HZ
        while singer.now_s + 1.0 / FPS + LATE_S <= heard_s:
            frames.append(singer.block(1))
    return frames


def curve(frames, name):
    return np.concatenate([frame.shape(name) for frame in frames])


def parted(frames):
    return curve(frames, "jawOpen") - curve(frames, "mouthClose")


@pytest.fixture(scope="module")
def song(shared_dir):
    """Three seconds of the band, a singer, two seconds of the band; and the singer alone."""
    folder = shared_dir / "songs"
    return sound_of(folder / "song_10_mix.flac"), sound_of(folder / "song_10_voice.flac")


@pytest.mark.slow
def test_lips_move_where_somebody_sings_and_the_head_keeps_the_beat(song):
    mix, voice = song
    frames = sung_live(mix)
    lips, times_s = parted(frames), (np.arange(len(frames)) + 0.5) / FPS
    level = np.sqrt(np.square(voice[: len(lips) * 640].reshape(-1, 640)).mean(axis=1))
    loud, silent = level > 0.3 * level.max(), level < 0.01 * level.max()
    away = np.convolve(~silent, np.ones(13), "same") == 0  # a quarter of a second from any voice
    assert (lips[loud] > 0.06).mean() > 0.85
    assert (lips[away] > 0.06).mean() < 0.1
    assert (times_s[away] < 2.5).any()
    pitch = np.concatenate([frame.rotation_deg[:, 1] for frame in frames])
    assert np.ptp(pitch[times_s > 6.0]) > 2.0


@pytest.mark.slow
def test_the_voice_alone_and_in_the_mix_moves_the_same_lips(song):
    mix, voice = (parted(sung_live(sound)) for sound in song)
    assert np.corrcoef(mix, voice)[0, 1] > 0.8


def test_what_is_seen_is_less_than_a_quarter_of_a_second_late():
    assert LATE_S + 1.0 / FPS < 0.25
    singer = LiveSinger(FPS)
    singer.hear(np.zeros(RATE_HZ, np.float32))
    assert singer.known_s == pytest.approx(1.0 - LATE_S, abs=0.03)


@pytest.mark.slow
def test_nods_are_lowest_on_the_beat():
    sound, beats_s = drums(100, 24.0)
    frames = sung_live(sound)
    pitch = np.concatenate([frame.rotation_deg[:, 1] for frame in frames])
    times_s = (np.arange(len(pitch)) + 0.5) / FPS
    phase = np.interp(times_s, beats_s, np.arange(len(beats_s)), left=np.nan, right=np.nan)
    late = (times_s > 8.0) & np.isfinite(phase)
    swing = np.gradient(pitch)[late] * np.exp(2j * np.pi * phase[late])
    # The head falls quickest a quarter of a beat before it is lowest.
    lowest = (np.angle(-swing.sum()) / (2 * np.pi) + 0.25 + 0.5) % 1.0 - 0.5
    assert abs(lowest) * 0.6 < 0.06
    assert parted(frames).max() < 0.06


@pytest.mark.slow
def test_nothing_jumps_and_nothing_freezes(song):
    frames = sung_live(song[0])
    rotation = np.concatenate([frame.rotation_deg for frame in frames])
    steps = np.abs(np.diff(rotation, axis=0))
    assert steps.max() < 3.0
    assert (np.convolve(steps.max(axis=1), np.ones(25), "valid") > 0.02).all()
    shapes = np.concatenate([frame.blendshapes for frame in frames])
    assert np.abs(np.diff(shapes[:, BLENDSHAPE_INDEX["jawOpen"]])).max() < 0.45


def test_blocks_of_frames_of_any_length_are_the_same():
    sound = 0.1 * np.random.default_rng(3).standard_normal(4 * RATE_HZ).astype(np.float32)
    single, together = LiveSinger(FPS, seed=5), LiveSinger(FPS, seed=5)
    for singer in (single, together):
        singer.hear(sound)
    one = [single.block(1) for _ in range(50)]
    all_ = together.block(50)
    np.testing.assert_allclose(np.concatenate([each.blendshapes for each in one]), all_.blendshapes, atol=1e-6)
    np.testing.assert_allclose(np.concatenate([each.rotation_deg for each in one]), all_.rotation_deg, atol=1e-6)


def test_before_anything_is_heard_the_face_lives_with_its_mouth_shut():
    motion = LiveSinger(FPS).block(100)
    assert motion.shape("jawOpen").max() == 0.0 and motion.shape("eyeBlinkLeft").max() > 0.5


def test_a_feeling_can_be_told():
    singer = LiveSinger(FPS)
    singer.feel("sad", 1.0)
    assert singer.block(75).shape("mouthFrownLeft")[-1] > LiveSinger(FPS).block(75).shape("mouthFrownLeft")[-1] + 0.1
    with pytest.raises(InputError):
        singer.feel("bored", 1.0)


def test_sound_that_is_not_finite_is_refused():
    with pytest.raises(InputError):
        LiveSinger(FPS).hear(np.full(320, np.nan, np.float32))


def test_memory_does_not_grow_with_the_music():
    singer, sound = LiveSinger(FPS), drums(120, 8.0)[0]
    sung_live(np.tile(sound, 2), singer)
    tracemalloc.start()
    sung_live(np.tile(sound, 2), singer)
    kept = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert kept < 2_000_000
