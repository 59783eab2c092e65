"""Spleeter's U-Nets as one ONNX graph, from the magnitude of a mix to the masks of its stems.

Source: Hennequin, Khlif, Voituret, Moussallam, "Spleeter: a fast and efficient music source separation tool with pre-trained
models", JOSS 2020; the U-Net after Jansson et al., "Singing voice separation with deep U-Net convolutional networks", ISMIR 2017.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from onnx import ModelProto

from core.contracts import FloatArray
from neural.onnx_graph import OnnxGraph
from separation.networks.layers import (
    LEAK,
    LEVELS,
    MASK_EPSILON,
    SAME_PADDING,
    TWO_STEMS,
    StemNetwork,
    kernel_of,
    layer_name,
    norm_of,
)
from separation.settings import CHANNELS, NETWORK_BINS, SEGMENT_FRAMES

INPUT_NAME = "magnitude"
OUTPUT_NAME = "masks"

_OPERATOR_SET = 17
#: In ONNX's order: top, left, bottom, right.
_SAME_PADS = [SAME_PADDING[0], SAME_PADDING[0], SAME_PADDING[1], SAME_PADDING[1]]


def build_unet_model(
    weights: Mapping[str, FloatArray], frames: int = SEGMENT_FRAMES, network: StemNetwork = TWO_STEMS
) -> ModelProto:
    """The checked ONNX model: input `magnitude` (1, 2, 512, 1024) >= 0 (channels, frames, bins), output `masks` in [0, 1]: the
    same shape for each stem but the last, one after the other along the axis of the channels. All masks add up to one.

    weights: tensors by their checkpoint names and in TensorFlow's axis order, as `checkpoint.load_checkpoint` gives them.
    frames: another number of frames, a multiple of 64; the network is fully convolutional, but it was trained on 512.
    """
    graph = _Graph(weights)
    logits = [_unet(graph, stem, network.elu) for stem in range(len(network.stems))]
    masks = _masks(graph, _estimates(graph, logits, network))
    graph.node("Identity", [masks], OUTPUT_NAME)
    shape: list[int | str] = [1, CHANNELS, frames, NETWORK_BINS]
    masks_shape = [1, CHANNELS * (len(network.stems) - 1), frames, NETWORK_BINS]
    return graph.model(network.name, {INPUT_NAME: shape}, {OUTPUT_NAME: masks_shape}, _OPERATOR_SET)


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


def _unet(graph: _Graph, stem: int, elu: bool) -> str:
    """The U-Net of one stem up to its logits: 6 x [convolution, norm, leaky ReLU or ELU], 6 x [transposed convolution, ReLU or
    ELU, norm, join the skip]; the skips are taken before the norm, and the innermost one goes to the decoder as it is."""
    value = INPUT_NAME
    skips = []
    for level in range(LEVELS):
        layer = layer_name("conv2d", (LEVELS + 1) * stem + level)
        skips.append(graph.convolution("Conv", value, layer, strides=[2, 2], pads=_SAME_PADS))
        norm = layer_name("batch_normalization", 2 * LEVELS * stem + level)
        if level < LEVELS - 1:
            scaled = graph.batch_norm(skips[-1], norm)
            bend: dict[str, float] = {} if elu else {"alpha": LEAK}
            value = graph.node("Elu" if elu else "LeakyRelu", [scaled], f"{norm}/bent", **bend)
    value = skips.pop()
    for level in range(LEVELS):
        layer = layer_name("conv2d_transpose", LEVELS * stem + level)
        raised = graph.convolution("ConvTranspose", value, layer, strides=[2, 2], pads=_SAME_PADS)
        raised = graph.node("Elu" if elu else "Relu", [raised], f"{layer}/bent")
        value = graph.batch_norm(raised, layer_name("batch_normalization", 2 * LEVELS * stem + LEVELS + level))
        if skips:
            value = graph.node("Concat", [skips.pop(), value], f"{layer}/joined", axis=1)
    layer = layer_name("conv2d", (LEVELS + 1) * stem + LEVELS)
    return graph.convolution("Conv", value, layer, dilations=[2, 2], pads=[3, 3, 3, 3])


def _estimates(graph: _Graph, logits: Sequence[str], network: StemNetwork) -> list[str]:
    """The magnitude of each stem: the part of the mix that a sigmoid, or the softmax over all stems, makes of its logits."""
    if network.softmax:
        parts = [f"{stem}_part" for stem in network.stems]
        axis = graph.constant("stem_axis", [1], np.int64)
        layers = [graph.node("Unsqueeze", [each, axis], f"{each}/layer") for each in logits]
        shared = graph.node("Softmax", [graph.node("Concat", layers, "logits", axis=1)], "shared", axis=1)
        for stem, part in enumerate(parts):
            number = graph.constant(f"{part}/number", stem, np.int64)
            graph.node("Gather", [shared, number], part, axis=1)
    else:
        parts = [graph.node("Sigmoid", [each], f"{each}/sigmoid") for each in logits]
    return [graph.node("Mul", [part, INPUT_NAME], f"{stem}_estimate") for part, stem in zip(parts, network.stems, strict=True)]


def _masks(graph: _Graph, estimates: Sequence[str]) -> str:
    """Wiener-like masks of all stems but the last: a squared estimate over all of them, with Spleeter's guard against 0 / 0."""
    powers = [graph.node("Mul", [each, each], f"{each}/power") for each in estimates]
    whole_guard = graph.number("mask_epsilon", MASK_EPSILON)
    share_of_guard = graph.number("share_of_mask_epsilon", MASK_EPSILON / len(estimates))
    denominator = graph.node("Add", [graph.node("Sum", powers, "power"), whole_guard], "power_guarded")
    masks = []
    for power in powers[:-1]:
        numerator = graph.node("Add", [power, share_of_guard], f"{power}_guarded")
        masks.append(graph.node("Div", [numerator, denominator], f"{power}/mask"))
    return graph.node("Concat", masks, "mask_layers", axis=1)
