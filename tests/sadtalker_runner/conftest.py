"""What the published program computed, and small networks for what needs no size; full-size files come from `checkpoints.py`."""

from __future__ import annotations

import copy
import json

import numpy as np
import pytest

from tests.sadtalker_runner.checkpoints import deterministic_state


@pytest.fixture(scope="session")
def parity_dir(shared_dir):
    """The folder of what the published program computed."""
    return shared_dir / "parity"


@pytest.fixture(scope="session")
def published(parity_dir):
    """Arrays of the published program, by name."""
    arrays = dict(np.load(parity_dir / "sadtalker.npz"))
    return arrays | {f"recon_{name}": value for name, value in np.load(parity_dir / "recon.npz").items()}


@pytest.fixture(scope="session")
def published_shapes(parity_dir):
    """Names and shapes of the published networks' states."""
    shapes = json.loads((parity_dir / "sadtalker_state.json").read_text())
    return shapes | json.loads((parity_dir / "recon_state.json").read_text())


@pytest.fixture(scope="session")
def fixed_small_networks():
    """A generator, a key point detector and a mapping network for pictures of 64 pixels; tests change a copy."""
    torch = pytest.importorskip("torch")
    from neural.one_shot.generator import Generator, GeneratorShape
    from neural.one_shot.keypoint_detector import KeypointDetector
    from sadtalker_runner.networks.mapping_net import MappingNet

    shape = GeneratorShape(5, 8, 6, 4, 2, 3, 4, 3, 32)
    networks = Generator(shape), KeypointDetector(4, 3, 32), MappingNet(70)
    networks[1].kp = type(networks[1].kp)(4, 5, 3, padding=1)
    networks[2].fc_exp = type(networks[2].fc_exp)(1024, 15)
    for network in networks:
        network.load_state_dict(deterministic_state(network.state_dict()))
        network.eval().requires_grad_(False)
    for module in networks[0].modules():
        if hasattr(module, "weight_orig"):  # as training leaves them; by chance, pictures are black or white
            left, _, right = torch.linalg.svd(module.weight_orig.flatten(1), full_matrices=False)
            module.weight_u.copy_(left[:, 0])
            module.weight_v.copy_(right[0])
    return networks


@pytest.fixture
def small_networks(fixed_small_networks):
    """A copy of them, to be taken over by a renderer."""
    return copy.deepcopy(fixed_small_networks)
