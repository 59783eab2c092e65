# ruff: noqa: E402 - without torch the imports below would fail before the test can skip
"""LipGAN's file of Keras: read in its forms, and refused where it is another's or leads out of itself."""

from __future__ import annotations

import hashlib
import os
import sys

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from core.errors import InputError, MissingError
from lipsync.wav2lip.checkpoint import read_generator
from lipsync.wav2lip.keras_file import SIGNATURE, state_of
from lipsync.wav2lip.networks.lipgan import LipGanGenerator


def write(path, layers, group="", named=lambda layer: layer):
    """A file as Keras lays it out: layer / layer as the graph has it / weight:0."""
    h5py = pytest.importorskip("h5py")
    with h5py.File(path, "w") as file:
        place = file.create_group(group) if group else file
        for layer, weights in layers.items():
            for weight, values in weights.items():
                place[f"{named(layer)}/{layer}/{weight}:0"] = values
    return path


def later(layer):
    """As Keras numbers it where twenty layers of the kind were made before."""
    kind, _, number = layer.rpartition("_")
    return f"{kind}_{int(number) + 20}"


def test_the_layers_go_where_they_were_made(lipgan, keras_layers):
    moved = {later(layer): weights for layer, weights in reversed(keras_layers.items())}
    state = state_of(moved, LipGanGenerator())
    own = lipgan.state_dict()
    assert set(state) == set(own) and all(torch.equal(state[key], own[key]) for key in own)
    kernel = keras_layers["conv2d_transpose_2"]["kernel"]
    assert torch.equal(own["decoder.1.0.conv.weight"][5, 7], torch.from_numpy(kernel[:, :, 7, 5].copy()))


@pytest.mark.slow
@pytest.mark.parametrize("group", ["", "model_weights"], ids=["weights", "whole model"])
def test_the_file_is_read(tmp_path, lipgan, keras_layers, group):
    path = write(tmp_path / "lipgan_residual_mel.h5", keras_layers, group)
    checkpoint = read_generator(path)
    ours, theirs = checkpoint.network.state_dict(), lipgan.state_dict()
    assert all(torch.equal(ours[key], theirs[key]) for key in theirs)
    assert checkpoint.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_without_h5py_it_is_said_what_brings_it(tmp_path, monkeypatch):
    path = tmp_path / "lipgan_residual_mel.h5"
    path.write_bytes(SIGNATURE)
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(MissingError, match=r"lipgan_residual_mel\.h5.*'h5py'.*pip install .*h5py"):
        read_generator(path)


def refusal(path):
    with pytest.raises(InputError) as raised:
        read_generator(path)
    text = str(raised.value)
    assert "\n" not in text and text.endswith(".") and str(path) in text
    return text


def test_another_structure(tmp_path, keras_layers):
    few = {name: weights for name, weights in keras_layers.items() if name != "conv2d_40"}
    with pytest.raises(ValueError, match="66 layers conv2d where 67 are expected"):
        state_of(few, LipGanGenerator())
    odd = {**keras_layers, "conv2d_40": {"kernel": np.zeros((3, 3, 8, 8), np.float32), "scale": np.zeros(3, np.float32)}}
    with pytest.raises(ValueError, match="conv2d_40 has an unknown weight 'scale'"):
        state_of(odd, LipGanGenerator())
    path = write(tmp_path / "other.h5", {"conv2d_1": {"kernel": np.zeros((3, 3, 1, 1), np.float32)}})
    assert "does not hold the network of LipGAN (it has 1 layers conv2d where 67 are expected)" in refusal(path)


def test_a_damaged_file(tmp_path):
    path = write(tmp_path / "cut.h5", {"conv2d_1": {"kernel": np.zeros((3, 3, 64, 64), np.float32)}})
    os.truncate(path, path.stat().st_size // 2)
    assert "can't be read" in refusal(path)


def test_nothing_outside_the_file_is_read(tmp_path):
    h5py = pytest.importorskip("h5py")
    secret = tmp_path / "secret"
    secret.write_bytes(bytes(400))
    path = tmp_path / "leads_out.h5"
    with h5py.File(path, "w") as file:
        place = file.create_group("conv2d_1")
        place.create_dataset("kernel:0", (10, 10), np.float32, external=[(str(secret), 0, 400)])
    assert "'conv2d_1/kernel:0' lies outside the file" in refusal(path)
    other = write(tmp_path / "other.h5", {"conv2d_1": {"kernel": np.zeros((3, 3, 1, 1), np.float32)}})
    with h5py.File(path, "w") as file:
        file["model_weights"] = h5py.ExternalLink(str(other), "/")
        file["conv2d_1"] = h5py.ExternalLink(str(other), "/conv2d_1")
    assert "0 layers conv2d" in refusal(path)
