"""What the published program computed, and small networks of the same build for what needs no size."""

from __future__ import annotations

import json

import numpy as np
import pytest


@pytest.fixture(scope="session")
def published(shared_dir):
    """Arrays of the published program, by name."""
    return dict(np.load(shared_dir / "parity" / "musetalk.npz"))


@pytest.fixture(scope="session")
def published_shapes(shared_dir):
    """Names and shapes of the published networks' states."""
    return json.loads((shared_dir / "parity" / "musetalk_state.json").read_text())


@pytest.fixture(scope="session")
def published_sound():
    """The sound that the published program was given: 2.5 s of noise with half a second of silence."""
    pytest.importorskip("torch")
    from tests.sadtalker_runner.parity import deterministic_input

    sound = 0.1 * deterministic_input("muse_wav", (40_000,))
    sound[8_000:16_000] = 0.0
    return sound


def close_to(ours, theirs, tolerance=1e-4):
    """Whether no value differs by more than the tolerance, as a share of the largest."""
    ours, theirs = np.asarray(ours, np.float64), np.asarray(theirs, np.float64)
    assert ours.shape == theirs.shape
    return np.abs(ours - theirs).max() <= tolerance * np.abs(theirs).max()


def state_of(shapes, prefix=""):
    """Deterministic tensors for names and shapes, whose weights hang on the name behind the prefix."""
    import torch

    from tests.sadtalker_runner.parity import deterministic_tensor

    return {key: torch.from_numpy(np.array(deterministic_tensor(prefix + key, tuple(shape)))) for key, shape in shapes.items()}


def small_unet():
    from lipsync.musetalk.networks.unet import UNet, UNetShape

    return UNet(UNetShape(channels=(32, 32, 64, 64), blocks=1))


def small_vae():
    from lipsync.musetalk.networks.vae import Vae, VaeShape

    return Vae(VaeShape(channels=(32, 32, 32, 64), blocks=1))


@pytest.fixture
def small_networks():
    """Networks that draw 256 px like the published ones, in a fraction of the time; the autoencoder has other numbers."""
    pytest.importorskip("torch")
    from lipsync.musetalk.checkpoint import MuseTalkNetworks
    from lipsync.musetalk.networks.whisper_encoder import WhisperEncoder

    networks = small_unet(), small_vae(), WhisperEncoder()
    for network in networks:
        network.load_state_dict(state_of({key: value.shape for key, value in network.state_dict().items()}))
        network.eval().requires_grad_(False)
    return MuseTalkNetworks(*networks, files={})
