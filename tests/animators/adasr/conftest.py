"""What the published program computed, and a weight file of the published layout, made of deterministic numbers."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tests.sadtalker_runner.checkpoints import deterministic_state

torch = pytest.importorskip("torch")


def makers():
    """Which network stands under which name of the file."""
    from animators.adasr.checkpoint import make_generator
    from animators.adasr.networks.head_estimator import HeadEstimator
    from neural.one_shot.keypoint_detector import KeypointDetector

    return {"generator": make_generator, "kp_detector": KeypointDetector, "he_estimator": HeadEstimator}


def write_adasr(path):
    """A checkpoint with what its training left."""
    from neural.exact_loading import skeleton

    state = {name: deterministic_state(skeleton(make)) for name, make in makers().items()}
    torch.save({**state, "optimizer_generator": {"state": {}, "param_groups": [{"lr": 2e-4}]}, "epoch": 41}, path)


@pytest.fixture(scope="session")
def adasr_path(once):
    """A file as `mix-train.pth.tar`; gone when the tests end."""
    return once("mix-train.pth.tar", write_adasr)


@pytest.fixture(scope="session")
def networks(adasr_path):
    """Its networks."""
    from animators.adasr.checkpoint import read_adasr

    return read_adasr(adasr_path)


@pytest.fixture(scope="session")
def published(shared_dir):
    """Arrays of the published program, by name."""
    return dict(np.load(shared_dir / "parity" / "adasr.npz"))


@pytest.fixture(scope="session")
def published_shapes(shared_dir):
    """Names and shapes of the published networks' states."""
    return json.loads((shared_dir / "parity" / "adasr_state.json").read_text())


@pytest.fixture(scope="session")
def portrait(root_dir):
    """The demo portrait with its face."""
    from core.contracts import Portrait
    from faces.faces import FaceFinder
    from media.pictures import load_picture

    picture = load_picture(root_dir / "demo" / "portrait.jpg").image
    with FaceFinder() as finder:
        face = finder.find(picture)[0]
    return Portrait(picture, face)


@pytest.fixture(scope="session")
def demo_face(portrait):
    """Landmarks (478, 2) of the portrait's face in a square around it, -1 to 1."""
    points = portrait.face.landmarks[:, :2]
    middle, half = points.mean(axis=0), float(np.ptp(points, axis=0).max())
    return (points - middle) / half
