"""Two channels become one: the plain mean for ordinary stereo, and nothing lost where the sides are opposite."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile
from scipy import signal

from core.contracts import BLENDSHAPE_INDEX
from media.downmix import band_edges, one_channel
from media.ffmpeg_run import ffmpeg_path
from media.media import read_audio, read_audio_blocks

RATE_HZ = 16000


def mixed(sound: np.ndarray, rate_hz: int = RATE_HZ, blocks: int = 7) -> np.ndarray:
    """(N,) by `one_channel`, given in pieces of unlike lengths."""
    cuts = np.sort(np.random.default_rng(4).integers(0, len(sound), blocks))
    pieces = list(one_channel(np.split(sound, cuts), rate_hz))
    assert all(piece.dtype == np.float32 and piece.shape[1] == 1 for piece in pieces)
    return np.concatenate(pieces)[:, 0]


def mean(sound: np.ndarray) -> np.ndarray:
    return (sound[:, 0] + sound[:, 1]) * np.float32(0.5)


def voice_like(seconds: float, seed: int = 0) -> np.ndarray:
    """(N,) float32 noise with a spectrum that falls, in syllables."""
    rng = np.random.default_rng(seed)
    count = round(seconds * RATE_HZ)
    sound = signal.lfilter([1.0], [1.0, -0.9], rng.normal(size=count))
    return (0.05 * sound * (1.2 + np.sin(2 * np.pi * 3.0 * np.arange(count) / RATE_HZ))).astype(np.float32)


@pytest.mark.parametrize("samples", [0, 1, 511, 512, 8192, 8193, 40000])
def test_every_sample_comes_out_once(samples):
    sound = np.repeat(voice_like(3.0)[:samples, None], 2, axis=1)
    given = list(one_channel([sound], RATE_HZ))
    assert sum(len(piece) for piece in given) == samples


def test_ordinary_stereo_is_the_mean_to_the_last_bit():
    rng = np.random.default_rng(1)
    left, right = voice_like(60.0, 1), voice_like(60.0, 2)
    panned = np.stack([left + 0.3 * right, 0.4 * left + right], axis=1)
    for sound in (panned, np.stack([left, right], axis=1), np.stack([left, 0 * left], axis=1)):
        assert np.array_equal(mixed(sound.astype(np.float32)), mean(sound.astype(np.float32)))
    hiss = (1e-5 * rng.normal(size=(RATE_HZ * 60, 2))).astype(np.float32)
    assert np.array_equal(mixed(hiss), mean(hiss))


@pytest.mark.parametrize("name", ["song_10_mix.flac", "song_14_mix.flac", "spleeter_example.mp3"])
def test_real_songs_are_the_mean(shared_dir, name):
    sound = read_audio(shared_dir / "songs" / name, RATE_HZ, 2)
    assert np.array_equal(read_audio(shared_dir / "songs" / name, RATE_HZ, 1)[:, 0], mean(sound))


@pytest.mark.parametrize("right", [-1.0, -0.9, -1.1])
def test_opposite_sides_are_heard_as_loud_as_they_are(right):
    voice = voice_like(5.0)
    heard = mixed(np.stack([voice, np.float32(right) * voice], axis=1))
    np.testing.assert_allclose(heard, voice * np.float32((1 - right) / 2), atol=1e-5)


def test_one_band_that_cancels_is_repaired_and_the_others_stay():
    voice = voice_like(6.0)
    low = signal.sosfiltfilt(signal.butter(8, 1000, "low", fs=RATE_HZ, output="sos"), voice)
    high = signal.sosfiltfilt(signal.butter(8, 1600, "high", fs=RATE_HZ, output="sos"), voice)
    sound = np.stack([low + high, low - high], axis=1).astype(np.float32)
    heard = mixed(sound)

    def level(values: np.ndarray, band: tuple[float, float]) -> float:
        f, power = signal.welch(values, RATE_HZ, nperseg=1024)
        return 10 * np.log10(power[(f > band[0]) & (f < band[1])].sum())

    assert level(mean(sound), (2000, 7000)) < level(high, (2000, 7000)) - 30
    assert level(heard, (2000, 7000)) == pytest.approx(level(high, (2000, 7000)), abs=0.5)
    assert level(heard, (100, 900)) == pytest.approx(level(low, (100, 900)), abs=0.1)


def test_a_passage_that_cancels_is_repaired_and_the_rest_stays():
    voice = voice_like(9.0)
    sound = np.stack([voice, voice], axis=1)
    sound[3 * RATE_HZ : 6 * RATE_HZ, 1] *= -1
    heard = mixed(sound)
    assert np.array_equal(heard[: 2 * RATE_HZ], voice[: 2 * RATE_HZ])
    assert np.array_equal(heard[7 * RATE_HZ :], voice[7 * RATE_HZ :])
    inner = slice(round(3.6 * RATE_HZ), round(5.4 * RATE_HZ))  # where it turns, half a second may pass
    np.testing.assert_allclose(heard[inner], voice[inner], atol=1e-5)


def test_bands_cover_every_bin_once():
    for bins in (9, 257, 513, 1412):
        edges = band_edges(bins)
        assert edges[0] == 0 and edges[-1] == bins
        assert np.diff(edges).min() >= 4


def opposite(song: Path, folder: Path, name: str) -> Path:
    path = folder / name
    panned = "pan=stereo|c0=c0|c1=-1*c0"
    subprocess.run([ffmpeg_path(), "-v", "error", "-y", "-i", str(song), "-af", panned, str(path)], check=True)
    return path


def test_blocks_keep_their_length_and_ffmpeg_is_ended(tmp_path, shared_dir):
    path = opposite(shared_dir / "songs" / "song_10_voice.flac", tmp_path, "opposite.wav")
    blocks = list(read_audio_blocks(path, RATE_HZ, 1, 1000))
    assert {len(block) for block in blocks[:-1]} == {1000} and 0 < len(blocks[-1]) <= 1000
    first = read_audio_blocks(path, RATE_HZ, 1, 1000)
    next(first)
    first.close()


@pytest.mark.slow
def test_a_voice_with_opposite_sides_sings_like_any_other(tmp_path, shared_dir):
    """The case that was found: the mouth stayed shut, for the listener heard nothing."""
    from motion.singing.runner import SingingMotion, SingingSettings

    plain = shared_dir / "songs" / "song_10_voice.flac"
    left = tmp_path / "left.wav"
    soundfile.write(left, soundfile.read(plain, always_2d=True, dtype="float32")[0][:, 0], soundfile.info(plain).samplerate)
    against = opposite(plain, tmp_path, "against.wav")
    source = SingingMotion(SingingSettings(lips="features"))
    jaws = [source.motion(path, path, 25.0, 300).blendshapes[:, BLENDSHAPE_INDEX["jawOpen"]] for path in (left, against)]
    assert jaws[0].max() > 0.1
    np.testing.assert_allclose(jaws[1], jaws[0], atol=0.02)
