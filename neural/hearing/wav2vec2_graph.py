"""wav2vec 2.0 as an ONNX graph: sound in, 50 feature vectors a second out, after any of its layers.

Source: Baevski et al., "wav2vec 2.0: A Framework for Self-Supervised Learning of Speech Representations", NeurIPS 2020; the same
network as `wav2vec2_network.py`, without torch.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from onnx import ModelProto

from neural.hearing.wav2vec2_shape import BASE, CONVOLUTIONS, DIRECTION, EPSILON, LENGTH, POSITIONS, Wav2vec2Shape
from neural.onnx_graph import OnnxGraph

INPUT_NAME = "sound"
_OPERATOR_SET = 20


def output_name(layer: int) -> str:
    """Name of the output after so many layers; 0 is what goes into the first."""
    return f"layer_{layer}"


def build_wav2vec2_model(
    tensors: Mapping[str, npt.NDArray[Any]], shape: Wav2vec2Shape = BASE, top_layer: int | None = None
) -> ModelProto:
    """The checked ONNX model: input `sound` (1, 1, n) float32 at 16 kHz, of zero mean and unit variance; outputs `layer_0` to
    `layer_<top_layer>`, each (T, width) float32, T = (n - 400) // 320 + 1.

    tensors: float32, as `expected_shapes` says. top_layer: the highest layer that is built; None: all.
    """
    graph = _Graph(tensors, shape)
    top_layer = shape.layers if top_layer is None else top_layer
    value = _positions(graph, _projection(graph, _convolutions(graph)))
    value = graph.node("Identity", [graph.norm(value, "encoder.layer_norm")], output_name(0))
    for layer in range(top_layer):
        base = f"encoder.layers.{layer}"
        value = graph.node("Add", [value, _attention(graph, value, f"{base}.attention")], f"{base}.attended")
        value = graph.norm(value, f"{base}.layer_norm")
        value = graph.node("Add", [value, _feed_forward(graph, value, f"{base}.feed_forward")], f"{base}.fed")
        value = graph.node("Identity", [graph.norm(value, f"{base}.final_layer_norm")], output_name(layer + 1))
    outputs: dict[str, list[int | str]] = {output_name(layer): ["vectors", shape.width] for layer in range(top_layer + 1)}
    return graph.model("wav2vec2", {INPUT_NAME: [1, 1, "samples"]}, outputs, _OPERATOR_SET)


class _Graph(OnnxGraph):
    """The graph with the network's tensors at hand."""

    def __init__(self, tensors: Mapping[str, npt.NDArray[Any]], shape: Wav2vec2Shape) -> None:
        super().__init__()
        self.tensors, self.shape = tensors, shape

    def tensor(self, name: str, transpose: bool = False) -> str:
        """A tensor of the network as a constant."""
        return self.constant(name, self.tensors[name].T if transpose else self.tensors[name], np.float32)

    def linear(self, source: str, layer: str) -> str:
        """A linear layer over the last axis."""
        value = self.node("MatMul", [source, self.tensor(f"{layer}.weight", transpose=True)], f"{layer}.product")
        return self.node("Add", [value, self.tensor(f"{layer}.bias")], f"{layer}.out")

    def norm(self, source: str, layer: str) -> str:
        """A layer norm over the last axis."""
        inputs = [source, self.tensor(f"{layer}.weight"), self.tensor(f"{layer}.bias")]
        return self.node("LayerNormalization", inputs, f"{layer}.out", axis=-1, epsilon=EPSILON)


def _convolutions(graph: _Graph) -> str:
    """Seven convolutions with GELU; the first one's channels are each normed over time: (1, 1, n) -> (1, filters, T)."""
    value = INPUT_NAME
    for index, (_, stride) in enumerate(CONVOLUTIONS):
        base = f"feature_extractor.conv_layers.{index}"
        value = graph.node("Conv", [value, graph.tensor(f"{base}.conv.weight")], f"{base}.heard", strides=[stride])
        if index == 0:
            norm = [graph.tensor(f"{base}.layer_norm.weight"), graph.tensor(f"{base}.layer_norm.bias")]
            value = graph.node("InstanceNormalization", [value, *norm], f"{base}.normed", epsilon=EPSILON)
        value = graph.node("Gelu", [value], f"{base}.gelu")
    return value


def _projection(graph: _Graph, value: str) -> str:
    """(1, filters, T) -> (T, width)."""
    value = graph.node("Transpose", [value], "heard.turned", perm=[0, 2, 1])
    value = graph.node("Squeeze", [value, graph.constant("first_axis", np.array([0]))], "heard.vectors")
    return graph.linear(graph.norm(value, "feature_projection.layer_norm"), "feature_projection.projection")


def _positions(graph: _Graph, value: str) -> str:
    """The vectors with their places, which a grouped convolution over the steps tells; its weights are normed here."""
    direction, length = graph.tensors[DIRECTION].astype(np.float64), graph.tensors[LENGTH].astype(np.float64)
    kernel = graph.shape.position_kernel
    weight = graph.constant(
        f"{POSITIONS}.weight", direction * (length / np.sqrt(np.square(direction).sum((0, 1), keepdims=True))), np.float32
    )
    first = graph.constant("positions.axis", np.array([0]))
    turned = graph.node("Transpose", [value], "positions.turned", perm=[1, 0])
    batch = graph.node("Unsqueeze", [turned, first], "positions.batch")
    # the even kernel would make a step too many at the end
    pads, inputs = [kernel // 2, (kernel - 1) // 2], [batch, weight, graph.tensor(f"{POSITIONS}.bias")]
    told = graph.node("Conv", inputs, "positions.told", pads=pads, group=graph.shape.position_groups)
    told = graph.node("Squeeze", [graph.node("Gelu", [told], "positions.gelu"), first], "positions.one")
    return graph.node("Add", [value, graph.node("Transpose", [told], "positions.steps", perm=[1, 0])], "positions.added")


def _attention(graph: _Graph, value: str, base: str) -> str:
    """Self-attention over the window and its projection: (T, width) -> (T, width)."""
    width, heads = graph.shape.width, graph.shape.heads
    split = graph.constant(f"{base}.head_shape", np.array([-1, heads, width // heads]))
    by_head = {}
    for name, order in (("q", [1, 0, 2]), ("k", [1, 2, 0]), ("v", [1, 0, 2])):
        part = graph.node("Reshape", [graph.linear(value, f"{base}.{name}_proj"), split], f"{base}.{name}_heads")
        by_head[name] = graph.node("Transpose", [part], f"{base}.{name}_by_head", perm=order)
    scale = graph.constant(f"{base}.scale", np.float32((width // heads) ** -0.5))
    query = graph.node("Mul", [by_head["q"], scale], f"{base}.scaled")
    scores = graph.node("MatMul", [query, by_head["k"]], f"{base}.scores")
    weights = graph.node("Softmax", [scores], f"{base}.weights", axis=-1)
    mixed = graph.node("MatMul", [weights, by_head["v"]], f"{base}.mixed")
    mixed = graph.node("Transpose", [mixed], f"{base}.mixed_by_step", perm=[1, 0, 2])
    flat = graph.constant(f"{base}.flat_shape", np.array([-1, width]))
    return graph.linear(graph.node("Reshape", [mixed, flat], f"{base}.mixed_flat"), f"{base}.out_proj")


def _feed_forward(graph: _Graph, value: str, base: str) -> str:
    """Linear to the inner width, GELU, linear back."""
    inner = graph.node("Gelu", [graph.linear(value, f"{base}.intermediate_dense")], f"{base}.gelu")
    return graph.linear(inner, f"{base}.output_dense")
