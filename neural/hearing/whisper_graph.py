"""Whisper's encoder as an ONNX graph: log-mel in, 50 feature vectors a second out, after any of its layers.

Source: Radford et al., "Robust Speech Recognition via Large-Scale Weak Supervision", ICML 2023; OpenAI Whisper,
`whisper/model.py`. The number of frames is free, for the positions are cut to its length; and every layer's output can be asked
for.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from onnx import ModelProto, TensorProto

from neural.onnx_graph import OnnxGraph

INPUT_NAME = "log_mel"
CHANNELS = 512
LAYERS = 6
HEADS = 8
#: Longest window, in feature vectors: 30 s.
POSITIONS = 1500
_INNER_CHANNELS = 2048
_MEL_BANDS = 80
_OPERATOR_SET = 20
_EPSILON = 1e-5


def output_name(layer: int) -> str:
    """Name of the output after so many layers: 0 are convolutions and positions; the last one's has its closing norm."""
    return f"layer_{layer}"


def expected_shapes() -> dict[str, tuple[int, ...]]:
    """Shape of every variable of the encoder by its name in the CTranslate2 file."""
    shapes: dict[str, tuple[int, ...]] = {
        "encoder/conv1/weight": (CHANNELS, _MEL_BANDS, 3),
        "encoder/conv1/bias": (CHANNELS,),
        "encoder/conv2/weight": (CHANNELS, CHANNELS, 3),
        "encoder/conv2/bias": (CHANNELS,),
        "encoder/position_encodings/encodings": (POSITIONS, CHANNELS),
        "encoder/num_heads": (),
    }
    norms = ["encoder/layer_norm"]
    for layer in range(LAYERS):
        base = f"encoder/layer_{layer}"
        norms += [f"{base}/self_attention/layer_norm", f"{base}/ffn/layer_norm"]
        for part, outputs, inputs in (
            ("self_attention/linear_0", 3 * CHANNELS, CHANNELS),
            ("self_attention/linear_1", CHANNELS, CHANNELS),
            ("ffn/linear_0", _INNER_CHANNELS, CHANNELS),
            ("ffn/linear_1", CHANNELS, _INNER_CHANNELS),
        ):
            shapes[f"{base}/{part}/weight"], shapes[f"{base}/{part}/bias"] = (outputs, inputs), (outputs,)
    for norm in norms:
        shapes[f"{norm}/gamma"] = shapes[f"{norm}/beta"] = (CHANNELS,)
    return shapes


def build_encoder_model(variables: Mapping[str, npt.NDArray[Any]], top_layer: int = LAYERS) -> ModelProto:
    """The checked ONNX model: input `log_mel` (1, 80, 2 T) float32 on Whisper's scale, outputs `layer_0` to `layer_<top_layer>`,
    each (T, 512) float32, T up to 1500.

    variables: as `expected_shapes` says. They are kept in the type they come in; the arithmetic is float32.
    top_layer: the highest layer that is built, 0 to 6; onnxruntime computes all that is there.
    """
    graph = _Graph(variables)
    value = _stem(graph)
    for layer in range(top_layer):
        base = f"encoder/layer_{layer}"
        value = graph.node("Add", [value, _attention(graph, value, base)], f"{base}/attended")
        value = graph.node("Add", [value, _feed_forward(graph, value, base)], f"{base}/out")
        if layer < LAYERS - 1:
            graph.node("Identity", [value], output_name(layer + 1))
    if top_layer == LAYERS:
        graph.node("Identity", [graph.norm(value, "encoder/layer_norm")], output_name(LAYERS))
    outputs: dict[str, list[int | str]] = {output_name(layer): ["frames", CHANNELS] for layer in range(top_layer + 1)}
    return graph.model("whisper_base_encoder", {INPUT_NAME: [1, _MEL_BANDS, "mel_frames"]}, outputs, _OPERATOR_SET)


class _Graph(OnnxGraph):
    """The graph with the checkpoint's variables at hand."""

    def __init__(self, variables: Mapping[str, npt.NDArray[Any]]) -> None:
        super().__init__()
        self.variables = variables

    def variable(self, name: str, transpose: bool = False) -> str:
        """A variable of the checkpoint as float32; onnxruntime widens it once, when the graph is loaded."""
        value = self.variables[name]
        stored = self.constant(f"{name}/stored", value.T if transpose else value)
        return self.node("Cast", [stored], name, to=TensorProto.FLOAT)

    def convolution(self, source: str, layer: str, stride: int) -> str:
        inputs = [source, self.variable(f"{layer}/weight"), self.variable(f"{layer}/bias")]
        value = self.node("Conv", inputs, f"{layer}/out", pads=[1, 1], strides=[stride])
        return self.node("Gelu", [value], f"{layer}/gelu")

    def linear(self, source: str, layer: str) -> str:
        value = self.node("MatMul", [source, self.variable(f"{layer}/weight", transpose=True)], f"{layer}/product")
        return self.node("Add", [value, self.variable(f"{layer}/bias")], f"{layer}/out")

    def norm(self, source: str, layer: str) -> str:
        inputs = [source, self.variable(f"{layer}/gamma"), self.variable(f"{layer}/beta")]
        return self.node("LayerNormalization", inputs, f"{layer}/out", axis=-1, epsilon=_EPSILON)


def _stem(graph: _Graph) -> str:
    """Two convolutions with GELU, the second halving the rate, plus sinusoidal positions: (1, 80, 2 T) -> (T, 512)."""
    value = graph.convolution(INPUT_NAME, "encoder/conv1", 1)
    value = graph.convolution(value, "encoder/conv2", 2)
    value = graph.node("Transpose", [value], "stem/turned", perm=[0, 2, 1])
    value = graph.node("Squeeze", [value, graph.constant("first_axis", np.array([0]))], "stem/frames")
    length = graph.node("Shape", [value], "stem/length", start=0, end=1)
    all_positions = graph.variable("encoder/position_encodings/encodings")
    cut = [all_positions, graph.constant("no_frames", np.array([0])), length]
    positions = graph.node("Slice", cut, "stem/positions")
    return graph.node("Add", [value, positions], output_name(0))


def _attention(graph: _Graph, value: str, base: str) -> str:
    """Norm, self-attention with 8 heads of 64 channels, projection. The file joins query, key and value in one matrix."""
    base = f"{base}/self_attention"
    joined = graph.linear(graph.norm(value, f"{base}/layer_norm"), f"{base}/linear_0")
    heads = graph.constant(f"{base}/head_shape", np.array([-1, 3, HEADS, CHANNELS // HEADS]))
    joined = graph.node("Reshape", [joined, heads], f"{base}/heads")
    joined = graph.node("Transpose", [joined], f"{base}/by_head", perm=[1, 2, 0, 3])
    query, key, content = (
        graph.node("Gather", [joined, graph.constant(f"{base}/{name}_index", np.array(index))], f"{base}/{name}", axis=0)
        for index, name in enumerate(("query", "key", "content"))
    )
    scale = graph.constant(f"{base}/scale", np.float32((CHANNELS // HEADS) ** -0.5))
    query = graph.node("Mul", [query, scale], f"{base}/scaled_query")
    key = graph.node("Transpose", [key], f"{base}/turned_key", perm=[0, 2, 1])
    weights = graph.node("Softmax", [graph.node("MatMul", [query, key], f"{base}/scores")], f"{base}/weights", axis=-1)
    mixed = graph.node("MatMul", [weights, content], f"{base}/mixed")
    mixed = graph.node("Transpose", [mixed], f"{base}/mixed_by_frame", perm=[1, 0, 2])
    flat = graph.constant(f"{base}/flat_shape", np.array([-1, CHANNELS]))
    return graph.linear(graph.node("Reshape", [mixed, flat], f"{base}/mixed_flat"), f"{base}/linear_1")


def _feed_forward(graph: _Graph, value: str, base: str) -> str:
    """Norm, linear to 2048 channels, GELU, linear back."""
    inner = graph.linear(graph.norm(value, f"{base}/ffn/layer_norm"), f"{base}/ffn/linear_0")
    return graph.linear(graph.node("Gelu", [inner], f"{base}/ffn/gelu"), f"{base}/ffn/linear_1")
