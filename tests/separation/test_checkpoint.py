from __future__ import annotations

import sys

import numpy as np
import onnxruntime
import pytest

from core.errors import InputError, MissingError
from separation import checkpoint
from separation.networks.unet import build_unet_model
from separation.settings import NETWORK_BINS
from separation.spleeter import SpleeterNetwork


def test_converted_once_beside_the_checkpoint(network, bundle_paths, monkeypatch):
    path = checkpoint.ensure_onnx()
    assert path.parent == bundle_paths[0].parent
    monkeypatch.setattr(checkpoint, "convert", lambda *paths: pytest.fail("converted again"))
    assert checkpoint.ensure_onnx() == path
    monkeypatch.setattr(checkpoint, "CONVERTER_VERSION", checkpoint.CONVERTER_VERSION + 1)
    monkeypatch.setattr(checkpoint, "convert", lambda index, data, newer: None)
    assert checkpoint.ensure_onnx().name != path.name


def test_failed_conversion_leaves_no_file(bundle_paths, tmp_path):
    cut = tmp_path / "cut.index"
    cut.write_bytes(bundle_paths[0].read_bytes()[:1000])
    with pytest.raises(InputError):
        checkpoint.convert(cut, bundle_paths[1], tmp_path / "network.onnx")
    assert list(tmp_path.iterdir()) == [cut]


def test_missing_onnx_package_is_said(bundle_paths, tmp_path, monkeypatch):
    monkeypatch.delitem(sys.modules, "separation.networks.unet", raising=False)
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(MissingError, match="pip install onnx"):
        checkpoint.convert(*bundle_paths, tmp_path / "network.onnx")


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
    weights = {}
    for name, shape in checkpoint.expected_shapes().items():
        fan_in = np.prod(shape[:2]) * min(shape[2:]) if len(shape) == 4 else 4.0
        weights[name] = (generator.standard_normal(shape) / np.sqrt(fan_in)).astype(np.float32)
        if name.endswith("moving_variance"):
            weights[name] = np.abs(weights[name]) + 0.5
    magnitude = np.abs(generator.standard_normal((2, frames, NETWORK_BINS))).astype(np.float32)
    session = onnxruntime.InferenceSession(
        build_unet_model(weights, frames).SerializeToString(), providers=["CPUExecutionProvider"]
    )
    mask = session.run(None, {"magnitude": magnitude[np.newaxis]})[0][0]
    assert mask.std() > 0.05
    voice, accompaniment = (written_out_unet(weights, stem, magnitude) ** 2 for stem in (0, 1))
    np.testing.assert_allclose(mask, (voice + 5e-11) / (voice + accompaniment + 1e-10), atol=2e-4)


def written_out_unet(weights, stem, magnitude):
    """Spleeter's U-Net from its description, with einsum over the kernel's taps; (2, rows, columns) in and out."""

    def name(kind, number):
        return kind if number == 0 else f"{kind}_{number}"

    def convolve(value, layer, stride, dilation, before, after):
        kernel, bias = weights[f"{layer}/kernel"], weights[f"{layer}/bias"]
        padded = np.pad(value, ((0, 0), (before, after), (before, after)))
        rows, columns = value.shape[1] // stride, value.shape[2] // stride
        total = np.zeros((kernel.shape[3], rows, columns), np.float32)
        for y in range(kernel.shape[0]):
            for x in range(kernel.shape[1]):
                top, left = y * dilation, x * dilation
                taps = padded[:, top : top + rows * stride : stride, left : left + columns * stride : stride]
                total += np.einsum("io,iyx->oyx", kernel[y, x], taps, optimize=True)
        return total + bias[:, None, None]

    def raise_resolution(value, layer):
        kernel, bias = weights[f"{layer}/kernel"], weights[f"{layer}/bias"]
        rows, columns = value.shape[1] * 2, value.shape[2] * 2
        total = np.zeros((kernel.shape[2], rows + 3, columns + 3), np.float32)
        for y in range(5):
            for x in range(5):
                total[:, y : y + rows : 2, x : x + columns : 2] += np.einsum("oi,iyx->oyx", kernel[y, x], value, optimize=True)
        return total[:, 1:-2, 1:-2] + bias[:, None, None]

    def normalise(value, layer):
        gamma, beta, mean, variance = (
            weights[f"{layer}/{part}"][:, None, None] for part in ("gamma", "beta", "moving_mean", "moving_variance")
        )
        return gamma * (value - mean) / np.sqrt(variance + 1e-3) + beta

    value, skips = magnitude, []
    for level in range(6):
        skips.append(convolve(value, name("conv2d", 7 * stem + level), 2, 1, 1, 2))
        value = normalise(skips[-1], name("batch_normalization", 12 * stem + level))
        value = np.where(value > 0, value, 0.2 * value)
    value = skips[5]
    for level in range(6):
        value = np.maximum(raise_resolution(value, name("conv2d_transpose", 6 * stem + level)), 0)
        value = normalise(value, name("batch_normalization", 12 * stem + 6 + level))
        if level < 5:
            value = np.concatenate([skips[4 - level], value])
    logits = convolve(value, name("conv2d", 7 * stem + 6), 1, 2, 3, 3)
    return magnitude / (1 + np.exp(-logits))
