# ruff: noqa: E402 - without torch the imports below would fail before the test can skip
"""Crops and sound in, crops out: in batches, in the channels and halves that the networks were taught with."""

from __future__ import annotations

import copy

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from core.errors import InputError
from lipsync.wav2lip.lips import LipPainter, agreement
from lipsync.wav2lip.sound import mel_windows
from neural.wav2lip_mel import mel_spectrogram

pytestmark = pytest.mark.usefixtures("one_thread")


def crops_of(count):
    return np.random.default_rng(1).integers(0, 256, (count, 96, 96, 3), np.uint8)


def sound_of(duration_s):
    return mel_spectrogram(np.random.default_rng(2).standard_normal(round(16000 * duration_s)).astype(np.float32) * 0.1)


@pytest.mark.parametrize(("fps", "hops"), [(25.0, 16), (29.97, 16), (25.0, 27)])
def test_windows_are_those_of_the_published_programs(fps, hops):
    spectrogram = np.arange(200, dtype=np.float32)[:, None].repeat(80, axis=1)
    windows = mel_windows(spectrogram, 0, 80, fps, hops)
    assert windows.shape == (80, 1, 80, hops)
    for frame, window in enumerate(windows):
        start = min(int(frame * (80.0 / fps)), 200 - hops)
        assert (window[0, 3] == np.arange(start, start + hops)).all()
    assert (mel_windows(spectrogram, 7, 2, fps, hops) == windows[7:9]).all()


def test_a_short_sound_is_lengthened():
    spectrogram = np.arange(5, dtype=np.float32)[:, None].repeat(80, axis=1)
    assert (mel_windows(spectrogram, 0, 3, 25.0, 16)[:, 0, 0] == np.minimum(np.arange(16), 4)).all()


class Shown(torch.nn.Module):
    """Stands for a generator: keeps what it is shown and gives its last three channels back."""

    WINDOW_HOPS, WHOLE_FIRST = 16, False

    def __init__(self):
        super().__init__()
        self.seen = []

    def forward(self, sound, faces):
        self.seen.append((sound, faces))
        return faces[:, 3:]


@pytest.mark.parametrize("whole_first", [False, True])
def test_what_the_network_is_shown(whole_first):
    crops, network = crops_of(5), Shown()
    network.WHOLE_FIRST = whole_first
    windows = mel_windows(sound_of(1), 0, 5, 25.0, 16)
    drawn = list(LipPainter(network, "cpu", batch=2).lips(iter(crops), iter(windows)))
    assert [len(faces) for _, faces in network.seen] == [2, 2, 1]
    assert torch.equal(torch.cat([sound for sound, _ in network.seen]), torch.from_numpy(windows))
    faces = torch.cat([faces for _, faces in network.seen]).numpy()
    whole, masked = (faces[:, :3], faces[:, 3:]) if whole_first else (faces[:, 3:], faces[:, :3])
    assert np.allclose(whole, crops[..., ::-1].transpose(0, 3, 1, 2) / 255, atol=1e-7), "blue comes first"
    assert (masked[:, :, :48] == whole[:, :, :48]).all() and (masked[:, :, 48:] == 0).all()
    expected = crops.copy()
    if whole_first:
        expected[:, 48:] = 0
    assert all(crop.dtype == np.uint8 for crop in drawn) and (np.stack(drawn) == expected).all(), "red comes out first again"


@pytest.mark.parametrize("kind", ["generator", "lipgan"])
def test_batches_make_no_difference(request, kind):
    network = request.getfixturevalue(kind)
    windows = mel_windows(sound_of(1), 0, 5, 25.0, network.WINDOW_HOPS)
    crops = crops_of(5)
    painted = [np.stack(list(LipPainter(network, "cpu", batch=batch).lips(crops, windows))) for batch in (1, 3)]
    assert painted[0].shape == crops.shape
    assert np.abs(painted[0].astype(int) - painted[1]).max() <= 1  # levels that lie between two


def test_sound_and_crops_are_of_one_number(generator):
    windows = mel_windows(sound_of(1), 0, 3, 25.0, 16)
    with pytest.raises(ValueError, match="argument 2 is longer"):
        list(LipPainter(generator, "cpu").lips(crops_of(2), windows))


def test_half_precision_needs_a_card(generator):
    with pytest.raises(InputError, match="float32"):
        LipPainter(generator, "cpu", "half")


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a graphics card")
def test_half_precision_on_a_card(generator):
    crops, windows = crops_of(5), mel_windows(sound_of(1), 0, 5, 25.0, 16)
    exact = np.stack(list(LipPainter(copy.deepcopy(generator), "cpu").lips(crops, windows)))
    half = np.stack(list(LipPainter(copy.deepcopy(generator), "cuda").lips(crops, windows)))
    assert np.abs(exact.astype(int) - half).max() <= 2


def test_the_experts_opinion(expert):
    crops, windows = crops_of(14), mel_windows(sound_of(1), 0, 14, 25.0, 16)
    scores = agreement(expert, crops, windows)
    assert scores.shape == (10,) and ((scores >= 0) & (scores <= 1)).all()
    five = torch.from_numpy(crops[9:14, 48:, :, ::-1].astype(np.float32) / 255).permute(0, 3, 1, 2).reshape(1, 15, 48, 96)
    with torch.inference_mode():
        heard, shown = expert(torch.from_numpy(windows[9:10]), five)
    assert scores[9] == pytest.approx(float((heard * shown).sum()), abs=1e-5)
