from __future__ import annotations

import numpy as np
import pytest

from core.errors import InputError
from separation.spleeter import separate_blocks
from separation.stft import SEGMENT_SPAN, SEGMENT_STEP, analyse, synthesise


def separate(blocks, network):
    pieces = list(separate_blocks(blocks, network))
    return tuple(np.concatenate([piece[stem] for piece in pieces]) for stem in (0, 1))


@pytest.fixture(scope="module")
def parity(shared_dir):
    with np.load(shared_dir / "parity" / "spleeter.npz") as arrays:
        return {name: arrays[name] for name in arrays}


@pytest.mark.slow
def test_equals_the_official_program(parity, network):
    voice, accompaniment = separate([parity["mix"].astype(np.float32)], network)
    for stem, name in ((voice, "vocals"), (accompaniment, "accompaniment")):
        assert stem.dtype == np.float32
        expected = parity[name].astype(np.float32)
        assert np.abs(stem - expected).max() < 1e-3
        # The fixture is rounded to float16; beyond half a step of that, the difference is that of two float32 programs.
        half_step = np.spacing(np.abs(parity[name])).astype(np.float32) / 2
        assert (np.abs(stem - expected) - half_step).max() < 2e-5


def test_transform_gives_the_sound_back():
    samples = np.random.default_rng(0).standard_normal((SEGMENT_SPAN, 2)).astype(np.float32)
    low = low_pass(samples)
    back = synthesise(analyse(low))
    inner = slice(4096, SEGMENT_SPAN - 4096)
    np.testing.assert_allclose(back[inner], low[inner], atol=1e-4)


def low_pass(samples):
    """What the 1024 lowest bins can hold: everything below 10 kHz."""
    spectrum = np.fft.rfft(samples, axis=0)
    spectrum[int(len(samples) * 10000 / 44100) :] = 0
    return np.fft.irfft(spectrum, n=len(samples), axis=0).astype(np.float32)


def whole_song_reference(mix, network):
    """The published program's way, in one piece: all frames first, then segments of 512, then one inverse transform."""
    window = np.hanning(4097)[:-1]
    padded = np.concatenate([np.zeros((4096, 2)), mix, np.zeros((4096, 2))])
    frame_count = -(-(len(mix) + 4096) // 1024)
    frames = np.stack([padded[1024 * index : 1024 * index + 4096].T * window for index in range(frame_count)], axis=1)
    spectra = np.fft.rfft(frames)[..., :1024]
    segments = -(-frame_count // 512)
    filled = np.zeros((2, segments * 512, 1024), complex)
    filled[:, :frame_count] = spectra
    parts = [np.abs(filled[np.newaxis, :, 512 * k : 512 * (k + 1)]).astype(np.float32) for k in range(segments)]
    masks = [network.masks(part)[0, 0] for part in parts]
    mask = np.concatenate(masks, axis=1)[:, :frame_count]
    stems = []
    for stem_mask in (mask, 1 - mask):
        pieces = np.fft.irfft(spectra * stem_mask, n=4096) * window * 2 / 3
        sound = np.zeros((frame_count * 1024 + 4096, 2))
        for index in range(frame_count):
            sound[1024 * index : 1024 * index + 4096] += pieces[:, index].T
        stems.append(sound[4096 : 4096 + len(mix)])
    return stems


@pytest.mark.slow
def test_stream_equals_one_piece_across_joins(shared_dir, network):
    import soundfile

    song, _ = soundfile.read(shared_dir / "songs" / "song_10_mix.flac", dtype="float32", always_2d=True)
    mix = np.tile(np.broadcast_to(song, (len(song), 2)), (2, 1))[: int(2.2 * SEGMENT_STEP)]
    blocks = np.split(mix, np.cumsum(np.random.default_rng(1).integers(1, 90000, 40)))
    expected = whole_song_reference(mix, network)
    for stem, reference in zip(separate(blocks, network), expected, strict=True):
        assert stem.shape == mix.shape
        assert np.abs(stem - reference).max() < 1e-4


@pytest.mark.slow
@pytest.mark.parametrize("count", [1, 1023, 44100 * 3 + 17, SEGMENT_STEP - 4096, SEGMENT_STEP - 4095, SEGMENT_SPAN])
def test_as_many_samples_out_as_in(network, count):
    mix = 0.1 * np.random.default_rng(count).standard_normal((count, 2)).astype(np.float32)
    voice, accompaniment = separate([mix], network)
    assert voice.shape == accompaniment.shape == (count, 2)
    assert np.isfinite(voice).all() and np.isfinite(accompaniment).all()


def test_digital_silence_stays_silent(network):
    voice, accompaniment = separate([np.zeros((50000, 2), np.float32)], network)
    assert not voice.any() and not accompaniment.any()


def test_values_that_are_no_numbers_are_refused(network):
    mix = np.zeros((5000, 2), np.float32)
    mix[1234] = np.nan
    with pytest.raises(InputError, match="not numbers"):
        separate([mix], network)
