"""What the networks hear of a stem: all of the voice, and true silence in its pauses; and how the mouth rests."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile

from media.media import read_audio
from neural.wav2lip_mel import HOPS_PER_SECOND, SAMPLE_RATE_HZ, mel_spectrogram, mel_spectrogram_of_blocks
from sadtalker_runner.voice import BLOCK_SAMPLES, GateSettings, gate_gains, gated, hop_power, stem_blocks, voice_spectrogram

#: Where the singer of song 10 sings, in seconds.
SUNG_S = (3.2, 12.0)
DURATION_S = 14.0
RESIDUE_DB = -32.0


def hop(time_s):
    return round(time_s * HOPS_PER_SECOND)


@pytest.fixture(scope="module")
def song(shared_dir):
    """Voice and accompaniment of song 10, mono at 16 kHz."""
    files = [shared_dir / "songs" / f"song_10_{part}.flac" for part in ("voice", "accompaniment")]
    voice, music = (read_audio(file, SAMPLE_RATE_HZ, 1)[:, 0] for file in files)
    return voice, music * np.sqrt((voice**2).mean() / (music**2).mean()) * 10 ** (RESIDUE_DB / 20)


def written(path, samples):
    soundfile.write(path, samples, SAMPLE_RATE_HZ, subtype="FLOAT")
    return path


def test_a_stems_residue_is_silence_in_a_pause_and_the_voice_is_untouched(song, tmp_path):
    voice, residue = song
    stem = written(tmp_path / "stem.wav", voice + residue)
    heard = voice_spectrogram(stem, DURATION_S)
    plain = mel_spectrogram((voice + residue)[: round(DURATION_S * SAMPLE_RATE_HZ)])
    assert heard.shape == plain.shape
    before, after = hop(SUNG_S[0] - 0.3), hop(SUNG_S[1] + 0.5)
    assert (plain[: before - 4].max(axis=1) > -3).mean() > 0.8, "without the gate, the pause is not silent"
    assert (heard[:before] == -4).all() and (heard[after:] == -4).all()
    sung = slice(hop(SUNG_S[0] + 0.2), hop(SUNG_S[1] - 0.2))
    assert np.abs(heard[sung] - plain[sung]).max() < 1e-4


def test_a_song_without_a_voice_is_silent(song, tmp_path):
    stem = written(tmp_path / "stem.wav", song[1] * 0.02)
    assert (voice_spectrogram(stem, 3.0) == -4).all()


def test_a_stem_that_ends_early_is_followed_by_silence(song, tmp_path):
    """A loud end must not be held for the rest of the film."""
    start = round(5 * SAMPLE_RATE_HZ)
    stem = written(tmp_path / "stem.wav", song[0][start : start + 16100])
    heard = voice_spectrogram(stem, 30.0)
    assert len(heard) == hop(30) + 1
    assert heard[hop(0.2) : hop(0.9)].max() > 0 and (heard[hop(1.1) :] == -4).all()


def test_blocks_are_whole_but_the_last(song, tmp_path):
    stem = written(tmp_path / "stem.wav", song[0])
    samples = len(song[0]) + 2 * BLOCK_SAMPLES
    blocks = list(stem_blocks(stem, samples))
    assert [len(block) for block in blocks[:-1]] == [BLOCK_SAMPLES] * (len(blocks) - 1)
    assert np.abs(np.concatenate(blocks)[: len(song[0])] - song[0]).max() < 1e-4 and sum(map(len, blocks)) == samples
    assert [len(block) for block in stem_blocks(stem, 7)] == [7]


@pytest.mark.parametrize("lengths", [(1, 200, 799, 3000), (4000,), (0, 4000, 0)])
def test_the_spectrogram_of_blocks_is_that_of_the_whole(song, lengths):
    samples = song[0][80000:84000]
    cuts = np.cumsum(lengths)[:-1]
    assert np.abs(mel_spectrogram_of_blocks(np.split(samples, cuts)) - mel_spectrogram(samples)).max() < 1e-5


def test_the_gate_fades():
    """A tone for a second: the gate opens before it, shuts after it, in fades; a click opens nothing."""
    settings = GateSettings()
    sound = np.zeros(5 * SAMPLE_RATE_HZ, np.float32)
    sound[2 * SAMPLE_RATE_HZ : 3 * SAMPLE_RATE_HZ] = 0.3 * np.sin(np.arange(SAMPLE_RATE_HZ) / 10)
    sound[SAMPLE_RATE_HZ // 2 : SAMPLE_RATE_HZ // 2 + 80] = 0.5
    gains = gate_gains(hop_power(sound), settings)
    assert (gains[hop(1.99) : hop(3.01)] == 1).all()
    assert (gains[: hop(2 - settings.before_s) - 3] == 0).all() and (gains[hop(3 + settings.after_s) + 3 :] == 0).all()
    assert np.abs(np.diff(gains)).max() <= 1 / (settings.fade_s * HOPS_PER_SECOND) + 1e-9
    ones = np.concatenate(list(gated(np.split(np.ones_like(sound), 2), gains)))
    assert np.abs(np.diff(ones)).max() < 0.002, "no click where the gate moves, nor between blocks"
