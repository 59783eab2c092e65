# ruff: noqa: E402 - without torch the imports below would fail before the test can skip
"""Our networks have the published names and say what the published programs say of the same numbers."""

from __future__ import annotations

import json

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from tests.lipsync.wav2lip.keras_numbers import sound_and_faces
from tests.sadtalker_runner.parity import deterministic_input

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def published(shared_dir):
    return dict(np.load(shared_dir / "parity" / "wav2lip.npz"))


def near(ours, theirs, most):
    ours = ours.numpy()
    assert ours.shape == theirs.shape
    assert np.abs(ours.astype(np.float64) - theirs).max() <= most * np.abs(theirs.astype(np.float64)).max()


def heard(name):
    return torch.from_numpy(deterministic_input(name, (2, 1, 80, 16), -4, 4))


def test_names_and_shapes_are_the_published_ones(generator, expert, shared_dir):
    shapes = json.loads((shared_dir / "parity" / "wav2lip_state.json").read_text())
    for name, network in (("wav2lip", generator), ("syncnet", expert)):
        assert {key: list(value.shape) for key, value in network.state_dict().items()} == shapes[name]


def test_wav2lip(generator, published):
    faces = torch.from_numpy(published["wav2lip_face"].astype(np.float32))
    with torch.inference_mode():
        near(generator(heard("w2l_mel"), faces), published["wav2lip_out"], 5e-4)  # these are float16
        assert np.abs(generator(-heard("w2l_mel"), faces).numpy() - published["wav2lip_out"]).max() > 0.005, (
            "the control: the sound counts"
        )


def test_the_expert(expert, published):
    mouths = deterministic_input("sync_face", (2, 15, 48, 96), 0, 1).astype(np.float16).astype(np.float32)
    with torch.inference_mode():
        sound, face = expert(heard("sync_mel"), torch.from_numpy(mouths))
    near(sound, published["syncnet_audio"], 1e-4)
    near(face, published["syncnet_face"], 1e-4)


def test_lipgan(lipgan, lipgan_parity):
    sound, faces = (torch.from_numpy(values).permute(0, 3, 1, 2) for values in sound_and_faces())
    with torch.inference_mode():
        embedding = lipgan.audio_encoder(sound).flatten(1)
        x = faces
        for encode in lipgan.face_encoder:
            x = encode(x)
        near(torch.cat([x.flatten(1), embedding], dim=1), lipgan_parity["embedding"], 1e-5)
        near(lipgan(sound, faces).permute(0, 2, 3, 1)[:, ::2, 1::2], lipgan_parity["prediction"], 1e-5)


def test_lipgans_norms_add_what_keras_adds(lipgan, lipgan_parity):
    """The control: torch's own epsilon is told from it."""
    sound = torch.from_numpy(sound_and_faces()[0]).permute(0, 3, 1, 2)
    norms = [module for module in lipgan.modules() if isinstance(module, torch.nn.BatchNorm2d)]
    try:
        for norm in norms:
            norm.eps = 1e-5
        with torch.inference_mode():
            moved = lipgan.audio_encoder(sound).flatten(1).numpy() - lipgan_parity["embedding"][:, 512:]
    finally:
        for norm in norms:
            norm.eps = 1e-3
    assert np.abs(moved).max() > 1e-3
