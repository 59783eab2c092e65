"""The network in torch against the ONNX graph and the official program, on a CPU; and who gets a graphics card."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest
import soundfile

from core.errors import InputError, MissingError
from separation import card
from separation.card import CardNetwork, takes_card
from separation.runner import SpleeterSeparator
from separation.settings import SpleeterSettings
from separation.spleeter import separate_blocks
from separation.stft import SEGMENT_STEP

torch = pytest.importorskip("torch")


@pytest.fixture(scope="module")
def in_torch(bundle_paths):
    threads = torch.get_num_threads()
    torch.set_num_threads(2)
    yield CardNetwork("cpu", threads=2, segments=2)
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def mix(shared_dir):
    """A real song over the joins of three segments, which are one and a half batches."""
    song, _ = soundfile.read(shared_dir / "songs" / "song_10_mix.flac", dtype="float32", always_2d=True)
    return np.tile(np.broadcast_to(song, (len(song), 2)), (3, 1))[: int(2.2 * SEGMENT_STEP)]


def stems_of(mix, network):
    pieces = list(separate_blocks(np.array_split(mix, 7), network))
    return tuple(np.concatenate([piece[stem] for piece in pieces]) for stem in (0, 1))


@pytest.mark.slow
def test_in_torch_as_in_onnx(in_torch, network, mix):
    for ours, known in zip(stems_of(mix, in_torch), stems_of(mix, network), strict=True):
        assert ours.shape == mix.shape and ours.dtype == np.float32
        assert np.abs(ours - known).max() < 2e-5


@pytest.mark.slow
def test_in_torch_as_the_official_program(in_torch, shared_dir):
    with np.load(shared_dir / "parity" / "spleeter.npz") as parity:
        voice, accompaniment = stems_of(parity["mix"].astype(np.float32), in_torch)
        for stem, name in ((voice, "vocals"), (accompaniment, "accompaniment")):
            half_step = np.spacing(np.abs(parity[name])).astype(np.float32) / 2  # the fixture is rounded to float16
            assert (np.abs(stem - parity[name].astype(np.float32)) - half_step).max() < 2e-5


@pytest.mark.slow
def test_no_more_segments_at_once_than_said(in_torch, mix, monkeypatch):
    seen = []
    masks = in_torch.masks
    monkeypatch.setattr(in_torch, "masks", lambda magnitudes: seen.append(len(magnitudes)) or masks(magnitudes))
    stems_of(mix, in_torch)
    assert seen == [2, 1]


@pytest.mark.slow
def test_convolutions_on_a_card_keep_float32(in_torch, monkeypatch):
    seen = []
    logits = type(in_torch._network)._logits

    def watched(self, stem, magnitudes):
        seen.append((torch.backends.cudnn.enabled, torch.backends.cudnn.allow_tf32))
        return logits(self, stem, magnitudes)

    monkeypatch.setattr(type(in_torch._network), "_logits", watched)
    before = torch.backends.cudnn.enabled, torch.backends.cudnn.allow_tf32
    in_torch.masks(np.zeros((1, 2, 64, 1024), np.float32))
    assert seen == [(True, False)] * 2
    assert (torch.backends.cudnn.enabled, torch.backends.cudnn.allow_tf32) == before


@pytest.mark.parametrize(("driver", "sees", "taken"), [(True, True, True), (True, False, False), (False, True, False)])
def test_a_card_is_taken_where_torch_sees_one(monkeypatch, driver, sees, taken):
    monkeypatch.setattr(card, "has_driver", lambda: driver)
    monkeypatch.setattr(card, "torch_sees_card", lambda: sees)
    assert takes_card("auto") is taken and takes_card("cpu") is False
    assert SpleeterSeparator(SpleeterSettings(device="auto")).on_card is taken
    if taken:
        assert takes_card("cuda")
    else:
        with pytest.raises(InputError, match=r"'cuda' is not on this machine; choose auto or cpu"):
            takes_card("cuda")


def test_without_torch_auto_is_the_processor_and_cuda_is_a_sentence(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert takes_card("auto") is False
    with pytest.raises(MissingError, match=r"pip install -c requirements-neural\.txt torch"):
        takes_card("cuda")


def test_other_devices_are_refused():
    with pytest.raises(InputError, match="choose one of auto, cpu, cuda"):
        SpleeterSeparator(SpleeterSettings(device="tpu"))


def test_on_a_real_card_as_on_the_processor(bundle_paths, network, mix):
    if not takes_card("auto"):
        pytest.skip("torch sees no graphics card here")
    on_card = CardNetwork("cuda", threads=2, segments=8)
    for ours, known in zip(stems_of(mix, on_card), stems_of(mix, network), strict=True):
        assert np.abs(ours - known).max() < 1e-4
