"""Networks with made-up numbers, and the published programs' answers to them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.lipsync.wav2lip.keras_numbers import drawn


@pytest.fixture(scope="session")
def generator():
    """Wav2Lip's generator, of the numbers of the parity files; tests leave it as it is."""
    pytest.importorskip("torch")
    from lipsync.wav2lip.networks.generator import Wav2LipGenerator

    return with_numbers(Wav2LipGenerator())


@pytest.fixture(scope="session")
def expert():
    """The expert, likewise."""
    pytest.importorskip("torch")
    from lipsync.wav2lip.networks.expert import LipSyncExpert

    return with_numbers(LipSyncExpert())


@pytest.fixture(scope="session")
def lipgan_parity():
    """What LipGAN's public code computed, by `make_lipgan_parity.py`."""
    return dict(np.load(Path(__file__).with_name("lipgan_parity.npz")))


@pytest.fixture(scope="session")
def keras_layers(lipgan_parity):
    """All layers of LipGAN's network as Keras has them."""
    layers = {}
    for row in lipgan_parity["names"]:
        layer, weight, shape = str(row).split("/")
        layers.setdefault(layer, {})[weight] = drawn(f"{layer}/{weight}", tuple(map(int, shape.split("x"))))
    return layers


@pytest.fixture(scope="session")
def lipgan(keras_layers):
    """LipGAN's generator of these numbers."""
    pytest.importorskip("torch")
    from lipsync.wav2lip.keras_file import state_of
    from lipsync.wav2lip.networks.lipgan import LipGanGenerator

    network = LipGanGenerator()
    network.load_state_dict(state_of(keras_layers, network), strict=True)
    return network.eval().requires_grad_(False)


def with_numbers(network):
    """The network in evaluation mode, filled as the parity files were."""
    from tests.sadtalker_runner.parity import fill

    fill(network)
    return network.eval().requires_grad_(False)
