"""The decoder of a trained network as an ONNX graph: the arithmetic of `networks/decoder.py`, without torch.

Positions, saliency and style are each frame's own and come in from outside, so that a long sound can be decoded in blocks.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from core.contracts import FloatArray
from motion.emotion.model_file import DeitalkModel
from motion.emotion.networks.shape import KERNEL
from neural.onnx_graph import OnnxGraph

FEATURES, POSITIONS, STYLE, INTENSITY, CURVES = "features", "positions", "style", "intensity", "curves"
_OPERATOR_SET = 20


def build_decoder(model: DeitalkModel) -> bytes:
    """The checked ONNX model: (T, features) as the encoder gives them, (T, features) positions, (T, styles) and
    (T, intensity_width) the saliency times each frame's vector -> `curves` (T, outputs) in the rig's own units.

    Beyond both ends the network hears zeros, as in training. Networks without positions or intensity lack those inputs.
    """
    shape, graph = model.facts.shape, _Graph(model.tensors)
    inputs: dict[str, list[int | str]] = {FEATURES: ["frames", shape.features], STYLE: ["frames", shape.styles]}
    hidden = graph.node("Sub", [FEATURES, graph.tensor("feature_mean")], "features.moved")
    hidden = graph.node("Div", [hidden, graph.tensor("feature_scale")], "features.scaled")
    if shape.switches.positions:
        inputs[POSITIONS] = ["frames", shape.features]
        hidden = graph.node("Add", [hidden, POSITIONS], "features.placed")
    beside = graph.columns(graph.linear(STYLE, "decoder.style"), "style")
    if shape.switches.intensity:
        inputs[INTENSITY] = ["frames", shape.intensity_width]
        beside = graph.node("Concat", [beside, graph.columns(INTENSITY, "intensity")], "beside", axis=1)
    hidden = graph.columns(hidden, "heard")
    for number, dilation in enumerate(shape.dilations):
        layer = f"decoder.layers.{number}.convolution"
        joined = graph.node("Concat", [hidden, beside], f"{layer}.joined", axis=1)
        weights, pad = [graph.tensor(f"{layer}.weight"), graph.tensor(f"{layer}.bias")], (KERNEL - 1) // 2 * dilation
        told = graph.node("Conv", [joined, *weights], f"{layer}.told", pads=[pad, pad], dilations=[dilation])
        hidden = graph.node("Relu", [told], f"{layer}.out")
    rows = graph.node("Transpose", [graph.one(hidden, "decoder.hidden")], "decoder.rows", perm=[1, 0])
    scaled = graph.node("Mul", [graph.linear(rows, "decoder.curves"), graph.tensor("curve_scale")], "curves.scaled")
    graph.node("Add", [scaled, graph.tensor("curve_mean")], CURVES)
    content: bytes = graph.model("deitalk", inputs, {CURVES: ["frames", shape.outputs]}, _OPERATOR_SET).SerializeToString()
    return content


class _Graph(OnnxGraph):
    """The graph with the trained tensors at hand."""

    def __init__(self, tensors: Mapping[str, FloatArray]) -> None:
        super().__init__()
        self.tensors = tensors

    def tensor(self, name: str, transpose: bool = False) -> str:
        """A trained tensor as a constant."""
        return self.constant(name, self.tensors[name].T if transpose else self.tensors[name], np.float32)

    def linear(self, source: str, layer: str) -> str:
        """A linear layer over the last axis."""
        value = self.node("MatMul", [source, self.tensor(f"{layer}.weight", transpose=True)], f"{layer}.product")
        return self.node("Add", [value, self.tensor(f"{layer}.bias")], f"{layer}.out")

    def columns(self, source: str, name: str) -> str:
        """Rows (T, C) as a convolution takes them, (1, C, T)."""
        turned = self.node("Transpose", [source], f"{name}.turned", perm=[1, 0])
        return self.node("Unsqueeze", [turned, self.constant(f"{name}.batch", np.array([0]))], f"{name}.columns")

    def one(self, source: str, name: str) -> str:
        """The one sequence of a batch: (1, C, T) -> (C, T)."""
        return self.node("Squeeze", [source, self.constant(f"{name}.batch", np.array([0]))], f"{name}.one")
