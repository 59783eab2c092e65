"""Spleeter's two U-Nets as one ONNX graph, from the magnitude of a mix to the mask of its voice.

Source: Hennequin, Khlif, Voituret, Moussallam, "Spleeter: a fast and efficient music source separation tool with pre-trained
models", JOSS 2020; the U-Net after Jansson et al., "Singing voice separation with deep U-Net convolutional networks", ISMIR 2017.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from onnx import ModelProto

from core.contracts import FloatArray
from neural.onnx_graph import OnnxGraph
from separation.networks.layers import LEAK, LEVELS, MASK_EPSILON, SAME_PADDING, STEM_NAMES, kernel_of, layer_name, norm_of
from separation.settings import CHANNELS, NETWORK_BINS, SEGMENT_FRAMES

INPUT_NAME = "magnitude"
OUTPUT_NAME = "voice_mask"

_OPERATOR_SET = 17
#: In ONNX's order: top, left, bottom, right.
_SAME_PADS = [SAME_PADDING[0], SAME_PADDING[0], SAME_PADDING[1], SAME_PADDING[1]]


def build_unet_model(weights: Mapping[str, FloatArray], frames: int = SEGMENT_FRAMES) -> ModelProto:
    """The checked ONNX model: input `magnitude` (1, 2, 512, 1024) >= 0 (channels, frames, bins), output `voice_mask`, the same
    shape, in [0, 1]. The accompaniment's mask is one minus it.

    weights: tensors by their checkpoint names and in TensorFlow's axis order, as `checkpoint.load_checkpoint` gives them.
    frames: another number of frames, a multiple of 64; the network is fully convolutional, but it was trained on 512.
    """
    graph = _Graph(weights)
    estimates = [_unet(graph, stem) for stem in range(len(STEM_NAMES))]
    mask = _voice_mask(graph, *estimates)
    shape: list[int | str] = [1, CHANNELS, frames, NETWORK_BINS]
    graph.node("Identity", [mask], OUTPUT_NAME)
    return graph.model("spleeter_2stems", {INPUT_NAME: shape}, {OUTPUT_NAME: shape}, _OPERATOR_SET)


class _Graph(OnnxGraph):
    """The graph with the checkpoint's weights at hand."""

    def __init__(self, weights: Mapping[str, FloatArray]) -> None:
        super().__init__()
        self.weights = weights

    def number(self, name: str, value: npt.ArrayLike) -> str:
        """A constant of float32, with one axis at least."""
        return self.constant(name, np.atleast_1d(np.asarray(value)), np.float32)

    def convolution(self, operator: str, source: str, layer: str, **attributes: Any) -> str:
        """(Transposed) convolution."""
        kernel = self.number(f"{layer}/kernel", kernel_of(self.weights, layer))
        bias = self.number(f"{layer}/bias", self.weights[f"{layer}/bias"])
        return self.node(operator, [source, kernel, bias], f"{layer}/out", **attributes)

    def batch_norm(self, source: str, layer: str) -> str:
        """Normalisation by the statistics of the training, as one multiplication and one addition per channel."""
        scale, offset = norm_of(self.weights, layer)
        scaled = self.node("Mul", [source, self.number(f"{layer}/scale", scale)], f"{layer}/scaled")
        return self.node("Add", [scaled, self.number(f"{layer}/offset", offset)], f"{layer}/out")


def _unet(graph: _Graph, stem: int) -> str:
    """The U-Net of one stem: 6 x [convolution, norm, leaky ReLU], 6 x [transposed convolution, ReLU, norm, join the skip],
    sigmoid; the skips are taken before the norm, and the innermost one goes to the decoder as it is."""
    value = INPUT_NAME
    skips = []
    for level in range(LEVELS):
        layer = layer_name("conv2d", (LEVELS + 1) * stem + level)
        skips.append(graph.convolution("Conv", value, layer, strides=[2, 2], pads=_SAME_PADS))
        norm = layer_name("batch_normalization", 2 * LEVELS * stem + level)
        if level < LEVELS - 1:
            value = graph.node("LeakyRelu", [graph.batch_norm(skips[-1], norm)], f"{norm}/leaky", alpha=LEAK)
    value = skips.pop()
    for level in range(LEVELS):
        layer = layer_name("conv2d_transpose", LEVELS * stem + level)
        raised = graph.convolution("ConvTranspose", value, layer, strides=[2, 2], pads=_SAME_PADS)
        raised = graph.node("Relu", [raised], f"{layer}/relu")
        value = graph.batch_norm(raised, layer_name("batch_normalization", 2 * LEVELS * stem + LEVELS + level))
        if skips:
            value = graph.node("Concat", [skips.pop(), value], f"{layer}/joined", axis=1)
    layer = layer_name("conv2d", (LEVELS + 1) * stem + LEVELS)
    value = graph.convolution("Conv", value, layer, dilations=[2, 2], pads=[3, 3, 3, 3])
    value = graph.node("Sigmoid", [value], f"{layer}/sigmoid")
    return graph.node("Mul", [value, INPUT_NAME], f"{STEM_NAMES[stem]}_estimate")


def _voice_mask(graph: _Graph, voice: str, accompaniment: str) -> str:
    """Wiener-like mask of the voice: its squared estimate over the sum of both, with Spleeter's guard against 0 / 0."""
    voice_power = graph.node("Mul", [voice, voice], "vocals_power")
    accompaniment_power = graph.node("Mul", [accompaniment, accompaniment], "accompaniment_power")
    total = graph.node("Add", [voice_power, accompaniment_power], "power")
    whole_guard = graph.number("mask_epsilon", MASK_EPSILON)
    half_guard = graph.number("half_mask_epsilon", MASK_EPSILON / 2)
    numerator = graph.node("Add", [voice_power, half_guard], "vocals_power_guarded")
    denominator = graph.node("Add", [total, whole_guard], "power_guarded")
    return graph.node("Div", [numerator, denominator], "mask")
