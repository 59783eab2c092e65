"""Our GFPGAN and RIFE against what the reference programs computed on the same deterministic weights.

`reference.npz` was made by spandrel 0.4.2 (GFPGAN, `return_rgb=False, randomize_noise=False`) and by vsrife 1.2.0 (RIFE 3.8), in
float32 on a CPU; `gfpgan_state.json` holds the keys and shapes of the published GFPGAN 1.4.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from core.errors import MissingError
from filters.networks.gfpgan import Gfpgan
from filters.networks.rife import Rife
from neural.network_files import load_exactly, read_tensors
from tests.sadtalker_runner.parity import deterministic_input, deterministic_tensor, fill

pytestmark = pytest.mark.usefixtures("one_thread")

HERE = Path(__file__).parent
TALL = dict.fromkeys((4, 8, 16, 32, 64), 32) | {128: 16, 256: 8, 512: 4}


@pytest.fixture(scope="module")
def reference():
    with np.load(HERE / "reference.npz") as stored:
        return dict(stored)


def relative(ours, theirs):
    return np.abs(ours - theirs).max() / np.abs(theirs).max()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "channels", "style", "batch", "every"),
    [
        ("small", dict.fromkeys((4, 8, 16, 32), 32), 32, 2, 1),
        ("wide", dict.fromkeys((4, 8, 16, 32), 256), 64, 1, 1),
        ("tall", TALL, 64, 1, 16),
    ],
)
def test_gfpgan_equals_the_reference(reference, name, channels, style, batch, every):
    network = Gfpgan(channels, style).eval()
    fill(network)
    side = max(channels)
    faces = torch.from_numpy(deterministic_input(f"gfpgan_{name}", (batch, 3, side, side), -1, 1))
    with torch.inference_mode():
        restored = network(faces).numpy()
        if batch > 1:  # frames of a batch do not touch one another
            alone = network(faces[1:]).numpy()
            assert relative(restored[1:], alone) < 1e-5
    assert relative(restored[:, :, ::every, ::every], reference[f"gfpgan_{name}"]) < 1e-4
    network.stylegan_decoder.style_convs[1].weight.data += 1  # a control: the noise counts
    with torch.inference_mode():
        assert relative(network(faces).numpy()[:, :, ::every, ::every], reference[f"gfpgan_{name}"]) > 1e-3


@pytest.mark.slow
def test_gfpgan_has_the_published_keys_and_shapes():
    ours = {key: list(tensor.shape) for key, tensor in Gfpgan().state_dict().items()}
    assert ours == json.loads((HERE / "gfpgan_state.json").read_text())


@pytest.mark.parametrize(("name", "gain"), [("near", 1.0), ("far", 6.0)])
def test_rife_equals_the_reference(reference, name, gain):
    """Near: every block looks as closely as it may. Far: the first look finds large motion, and all look twice as coarsely."""
    network = Rife().eval()
    fill(network)
    network.block0.conv1[2].weight.data *= gain
    first, second = (torch.from_numpy(deterministic_input(f"rife_{side}", (1, 3, 64, 128), 0, 1)) for side in ("first", "second"))
    with torch.inference_mode():
        middle = network(first, second).numpy()[:, :, ::2, ::2]
    assert (
        relative(middle, reference[f"rife_{name}"]) < 3e-4
    )  # processors with AVX-512 sum in another order: 1.3e-4 where it is far
    assert relative(middle, reference["rife_far" if name == "near" else "rife_near"]) > 0.1


def small_network():
    return Gfpgan(dict.fromkeys((4, 8), 8), 8)


def save(path, content):
    torch.save(content, path)
    return path


def test_a_file_that_fits_is_loaded_exactly(tmp_path):
    source, target = small_network(), small_network()
    path = save(tmp_path / "face.pth", {"params_ema": source.state_dict()})
    load_exactly(target, read_tensors(path, "params_ema"), path)
    assert all(torch.equal(tensor, target.state_dict()[key]) for key, tensor in source.state_dict().items())


class Runs:
    """What a file must not be able to do."""

    def __reduce__(self):
        return (print, ("this must not be run",))


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda state: {"params": state}, "holds no table of tensors under 'params_ema'"),
        (lambda state: {"params_ema": {key: state[key] for key in list(state)[1:]}}, "'conv_body_first.weight' is missing"),
        (lambda state: {"params_ema": state | {"more": torch.zeros(1)}}, "'more' is not part of the network"),
        (lambda state: {"params_ema": state | {"toRGB.0.bias": torch.zeros(4)}}, r"the shape \(4,\) where \(3,\) is expected"),
        (lambda state: {"params_ema": Runs()}, "can't be read"),
        (lambda state: torch.zeros(3), "holds no table of tensors"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_in_a_sentence(tmp_path, capsys, spoil, sentence):
    path = save(tmp_path / "face.pth", spoil(small_network().state_dict()))
    with pytest.raises(MissingError, match=sentence) as raised:
        load_exactly(small_network(), read_tensors(path, "params_ema"), path)
    assert "face.pth" in str(raised.value) and "Remove" in str(raised.value)
    assert "must not" not in capsys.readouterr().out


DAMAGES = {
    "half": lambda content: content[: len(content) // 2],
    "empty": lambda content: b"",
    "text": lambda content: b"text" * 99,
    "noise": lambda content: bytes(range(256)) * 9,
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_file_is_refused_in_a_sentence(tmp_path, damage):
    path = save(tmp_path / "face.pth", {"params_ema": small_network().state_dict()})
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(MissingError, match=r"face\.pth can't be read"):
        read_tensors(path, "params_ema")


def test_deterministic_weights_differ_by_key():
    assert not np.array_equal(deterministic_tensor("a.weight", (3, 3)), deterministic_tensor("b.weight", (3, 3)))
