"""Our ONNX graphs against the published program, and the conversion's manners."""

from __future__ import annotations

import sys

import numpy as np
import onnxruntime as ort
import pytest

from animators.anime import checkpoint
from animators.anime.canvas import Placement, canvas_of, to_linear
from animators.anime.torch_archive import read_torch_archive
from core.errors import InputError, MissingError
from tests.animators.anime.drawing import drawn_character
from weights.fetch import ensure

#: What the published PyTorch modules (tha3 0.1.9, torch 2.13.0) answer to the same input: mean, deviation, the last channel at
#: three places of every output.
PUBLISHED = {
    "eyebrow_decomposer": {
        "eyebrow_alpha": [0.00225, 0.04556, 0.0, 0.0, 0.0],
        "eyebrow_colour": [-0.99738, 0.06662, -1.0, -1.0, -1.0],
        "background_alpha": [0.01741, 0.1255, 0.0, 0.0, 0.0],
        "background_colour": [0.2484, 0.74597, 1.0, 1.0, 1.0],
    },
    "eyebrow_combiner": {
        "cover": [0.00103, 0.02346, 0.0, 0.0, 0.0],
        "alpha": [0.0, 0.0, 0.0, 0.0, 0.0],
        "colour": [-0.99722, 0.06562, -1.0, -1.0, -1.0],
        "change": [-0.04354, 0.13141, 0.0486, 0.0212, 0.0059],
    },
    "face_morpher": {
        "eye_alpha": [0.01662, 0.1183, 0.0, 0.0, 0.0],
        "eye_colour": [-0.48263, 0.70995, -0.9282, 0.9971, 0.9543],
        "alpha": [0.01083, 0.09382, 0.0, 0.0, 0.0],
        "colour": [-0.53843, 0.69569, -0.9775, 0.9946, 0.9203],
        "change": [0.00028, 0.00816, 0.0, 0.0, 0.0],
    },
    "rotator": {
        "warped": [-0.89132, 0.39955, -1.0, 1.0, -1.0],
        "change": [-0.0044, 0.05745, -0.0016, 0.0016, -0.0303],
    },
    "editor": {
        "alpha": [0.45456, 0.47229, 0.0, 0.0003, 0.0],
        "colour": [-0.73953, 0.62215, 1.0, 0.9998, -0.9992],
        "change": [-0.09837, 0.03209, -0.1176, -0.0881, -0.0993],
    },
}


@pytest.fixture(scope="module")
def answers(networks):
    """Every network's outputs for the tests' own drawing."""
    drawn = drawn_character(512, 512, 256, 140).astype(np.float32) / 255
    canvas = canvas_of(np.concatenate([to_linear(drawn[..., :3]), drawn[..., 3:]], axis=-1), Placement(0.0, 0.0, 1.0))
    half = canvas.reshape(4, 256, 2, 256, 2).mean(axis=(2, 4))
    eyebrows, face = canvas[:, 64:192, 192:320], canvas[:, 32:224, 160:352]
    given = {
        "eyebrow_decomposer": {"image": eyebrows},
        "eyebrow_combiner": {"layers": np.concatenate([eyebrows, -eyebrows]), "pose": np.linspace(0, 1, 12)},
        "face_morpher": {"image": face, "pose": np.linspace(0, 0.8, 27)},
        "rotator": {"image": canvas, "pose": np.linspace(-0.5, 0.5, 6)},
        "editor": {"image": canvas, "pose": np.linspace(-0.5, 0.5, 6), "warped": half, "half_change": 0.1 * half[:2]},
    }
    answers = {}
    for name, inputs in given.items():
        session = ort.InferenceSession(str(networks[name]), providers=["CPUExecutionProvider"])
        outputs = session.run(None, {key: np.ascontiguousarray(value, np.float32)[None] for key, value in inputs.items()})
        answers[name] = {output.name: value[0] for output, value in zip(session.get_outputs(), outputs, strict=True)}
    return answers


@pytest.mark.slow
@pytest.mark.parametrize(("network", "output"), [(network, output) for network in PUBLISHED for output in PUBLISHED[network]])
def test_answers_are_the_published_programs(answers, network, output):
    values = answers[network][output]
    side = values.shape[-1]
    places = [(side // 5, side // 3), (side // 2, side // 2), (side - 9, 7)]
    found = [values.mean(), values.std(), *(values[-1, row, column] for row, column in places)]
    # Anti-aliased lines differ a little between builds of OpenCV; a wrong layer would differ by tenths.
    np.testing.assert_allclose(found, PUBLISHED[network][output], atol=6e-3)


def test_a_checkpoint_of_another_network_is_refused(networks, tmp_path):
    with pytest.raises(InputError, match=r"not the network editor"):
        checkpoint.convert("editor", ensure("tha3_face_morpher"), tmp_path / "editor.onnx")
    assert not list(tmp_path.iterdir())


def test_every_tensor_is_used(networks):
    from animators.anime.networks.body import build_editor

    weights = read_torch_archive(ensure("tha3_editor"))
    with pytest.raises(ValueError, match="unknown"):
        build_editor(weights | {"one.more": np.zeros(3, np.float32)})
    del weights["alpha_creator.0.bias"]
    with pytest.raises(ValueError, match="alpha_creator"):
        build_editor(weights)


def test_converted_once(networks, monkeypatch):
    monkeypatch.setattr(checkpoint, "convert", lambda *arguments: pytest.fail("converted again"))
    assert checkpoint.ensure_networks() == networks
    asked = []
    monkeypatch.setattr(checkpoint, "convert", lambda *arguments: asked.append(arguments))
    monkeypatch.setattr(checkpoint, "CONVERTER_VERSION", checkpoint.CONVERTER_VERSION + 1)
    checkpoint.ensure_networks()
    assert len(asked) == len(networks)


def test_missing_onnx_package_is_said(networks, tmp_path, monkeypatch):
    monkeypatch.delitem(sys.modules, "animators.anime.networks.body", raising=False)
    monkeypatch.delitem(sys.modules, "animators.anime.networks.face", raising=False)
    monkeypatch.delitem(sys.modules, "animators.anime.networks.graph", raising=False)
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(MissingError, match="pip install onnx"):
        checkpoint.convert("editor", ensure("tha3_editor"), tmp_path / "editor.onnx")


def test_what_the_engine_lacks_is_known_beforehand(networks, tmp_path, monkeypatch):
    assert checkpoint.missing() is None
    monkeypatch.setitem(sys.modules, "onnx", None)
    assert checkpoint.missing() is None  # the converted networks are there
    monkeypatch.setenv("BELCANTO_WEIGHTS_DIR", str(tmp_path))
    assert "pip install onnx" in str(checkpoint.missing())
    monkeypatch.undo()
    monkeypatch.setenv("BELCANTO_WEIGHTS_DIR", str(tmp_path))
    assert checkpoint.missing() is None  # checkpoints come when they are needed
