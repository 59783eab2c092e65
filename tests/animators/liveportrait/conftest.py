"""Small networks of LivePortrait's build, the five files in their published layout, and a portrait with its face."""

from __future__ import annotations

import json

import numpy as np
import pytest

from core.driving import Driving, FaceFilm
from tests.animators.mesh.conftest import load_portrait
from tests.conftest import ROOT
from tests.lipsync.musetalk.conftest import state_of

#: Small sizes; the pictures are as large as in the published networks.
BLOCKS, CHANNELS = (1, 1, 1, 1), (8, 8, 16, 16)


@pytest.fixture(scope="session")
def published(shared_dir):
    """Arrays of the published program, by name."""
    return dict(np.load(shared_dir / "parity" / "liveportrait.npz"))


@pytest.fixture(scope="session")
def published_shapes(shared_dir):
    """Names and shapes of the published networks' states."""
    return json.loads((shared_dir / "parity" / "liveportrait_state.json").read_text())


def small_generator():
    from neural.one_shot.generator import Generator, GeneratorShape

    return Generator(GeneratorShape(21, 8, 6, 4, 2, 3, 4, 3, 32, smallest_weight=0.0, doubled=True))


def small_motion():
    from animators.liveportrait.networks.motion_extractor import MotionExtractor

    return MotionExtractor(BLOCKS, CHANNELS)


def settled(network, prefix=""):
    """The network with weights that hang on their names, and spectral norms as training leaves them."""
    import torch

    state = state_of({key: value.shape for key, value in network.state_dict().items()}, prefix)
    network.load_state_dict(state)
    for module in network.modules():
        if hasattr(module, "weight_orig"):
            left, _, right = torch.linalg.svd(module.weight_orig.detach().flatten(1), full_matrices=False)
            module.weight_u.copy_(left[:, 0])
            module.weight_v.copy_(right[0])
    return network.eval().requires_grad_(False)


@pytest.fixture
def small_networks():
    pytest.importorskip("torch")
    from animators.liveportrait.checkpoint import LivePortraitNetworks
    from animators.liveportrait.networks.retargeting import EyeRetargeting, LipRetargeting, Stitching

    made = small_generator(), small_motion(), Stitching(), EyeRetargeting(), LipRetargeting()
    return LivePortraitNetworks(*(settled(network) for network in made), files={})


@pytest.fixture
def liveportrait(small_networks, one_thread):
    from animators.liveportrait.drawing import LivePortrait

    return LivePortrait(small_networks, "cpu")


@pytest.fixture
def one_thread():
    """The networks are small: threads would only wait for one another."""
    torch = pytest.importorskip("torch")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="session")
def portrait():
    return load_portrait(ROOT / "demo" / "portrait.jpg", 448)


@pytest.fixture
def nodding(portrait):
    """A driving film of three frames: the portrait, moved down frame by frame; in the second nobody is seen."""
    frames = [np.roll(portrait.image, 8 * number, axis=0) for number in range(3)]

    def face(number):
        return None if number == 1 else moved(portrait.face, 0, 8 * number)

    height, width = portrait.image.shape[:2]
    film = FaceFilm(25.0, 3, width, height, lambda: iter(frames), face)
    return Driving(film, 0, np.array([True, False, True]))


def moved(face, right, down, larger=1.0):
    """The same face elsewhere in the picture."""
    from dataclasses import replace

    points = face.landmarks * larger + np.array([right, down, 0], np.float32)
    return replace(face, landmarks=points.astype(np.float32))
