from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import onnxruntime
import pytest

from core.errors import InputError, MissingError
from separation import checkpoint
from separation.networks.unet import build_unet_model
from separation.settings import NETWORK_BINS
from separation.spleeter import SpleeterNetwork
from tests.separation.written_out import random_weights, written_out_masks


def test_converted_once_beside_the_checkpoint(network, bundle_paths, monkeypatch):
    path = checkpoint.ensure_onnx()
    assert path.parent == bundle_paths[0].parent
    monkeypatch.setattr(checkpoint, "convert", lambda *paths: pytest.fail("converted again"))
    assert checkpoint.ensure_onnx() == path
    monkeypatch.setattr(checkpoint, "CONVERTER_VERSION", checkpoint.CONVERTER_VERSION + 1)
    monkeypatch.setattr(checkpoint, "convert", lambda files, newer: None)
    assert checkpoint.ensure_onnx().name != path.name


def test_failed_conversion_leaves_no_file(bundle_paths, tmp_path):
    cut = tmp_path / "cut.index"
    cut.write_bytes(bundle_paths[0].read_bytes()[:1000])
    with pytest.raises(InputError):
        checkpoint.convert(replace(checkpoint.two_stems(), index=cut), tmp_path / "network.onnx")
    assert list(tmp_path.iterdir()) == [cut]


def test_missing_onnx_package_is_said(bundle_paths, tmp_path, monkeypatch):
    monkeypatch.delitem(sys.modules, "separation.networks.unet", raising=False)
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(MissingError, match="pip install onnx"):
        checkpoint.convert(checkpoint.two_stems(), tmp_path / "network.onnx")


@pytest.mark.parametrize("damage", [lambda content: b"not a network", lambda content: content[:-100_000], lambda content: b""])
def test_damaged_network_file_is_said(network, tmp_path, damage):
    path = tmp_path / "network.onnx"
    path.write_bytes(damage(checkpoint.ensure_onnx().read_bytes()))
    with pytest.raises(InputError, match="Delete it; the next run makes it again"):
        SpleeterNetwork(path)


@pytest.mark.slow
def test_graph_against_its_definition():
    """The graph on random weights against the layers written out as sums over kernel taps."""
    generator, frames = np.random.default_rng(3), 64
    weights = random_weights(checkpoint.expected_shapes(), generator)
    magnitude = np.abs(generator.standard_normal((2, frames, NETWORK_BINS))).astype(np.float32)
    session = onnxruntime.InferenceSession(
        build_unet_model(weights, frames).SerializeToString(), providers=["CPUExecutionProvider"]
    )
    mask = session.run(None, {"magnitude": magnitude[np.newaxis]})[0][0]
    assert mask.std() > 0.05
    np.testing.assert_allclose(mask, written_out_masks(weights, magnitude, stems=2)[0], atol=2e-4)
