"""The three small networks of the face: eyebrows taken off, eyebrows put on again, eyes and mouth moved.

Each is an encoder, six blocks at an eighth of the side in which the pose comes in, and a decoder. They give what is to be painted
and where, not pictures: the picture is put together outside, at whatever size it has.
"""

from __future__ import annotations

from collections.abc import Mapping

from onnx import ModelProto

from animators.anime.networks.graph import Graph
from core.contracts import FloatArray

EYEBROW_SIDE = 128
FACE_SIDE = 192
EYEBROW_PARAMETERS = 12
FACE_PARAMETERS = 27
_CHANNELS = (64, 128, 256, 512)
_RESIDUAL_BLOCKS = 5


def build_eyebrow_decomposer(weights: Mapping[str, FloatArray]) -> ModelProto:
    """Input `image` (1, 4, 128, 128). Outputs `eyebrow_alpha`, `background_alpha` (1, 1, 128, 128) in [0, 1] and
    `eyebrow_colour`, `background_colour` (1, 4, 128, 128) in [-1, 1]."""
    graph, side = Graph(weights, leak=0.0), EYEBROW_SIDE
    feature = _body(graph, "image", 4, side, 0)
    outputs: dict[str, list[int]] = {}
    for part in ("background", "eyebrow"):
        alpha = graph.head(feature, f"{part}_layer_alpha", (64, 1), f"{part}_alpha", "Sigmoid")
        colour = graph.head(feature, f"{part}_layer_color_change", (64, 4), f"{part}_colour", "Tanh")
        outputs |= {alpha: [1, 1, side, side], colour: [1, 4, side, side]}
    return graph.finish("eyebrow_decomposer", {"image": [1, 4, side, side]}, outputs)


def build_eyebrow_combiner(weights: Mapping[str, FloatArray]) -> ModelProto:
    """Inputs `layers` (1, 8, 128, 128): background and eyebrows, RGBA each; `pose` (1, 12).

    Outputs `change` (1, 2, 128, 128), `alpha` (1, 1, ...), `colour` (1, 4, ...) of the eyebrow layer, and `cover` (1, 1, ...).
    """
    graph, side = Graph(weights, leak=0.0), EYEBROW_SIDE
    feature = _body(graph, "layers", 8, side, EYEBROW_PARAMETERS)
    layer = "morphed_eyebrow_layer"
    outputs = {
        graph.head(feature, f"{layer}_grid_change", (64, 2), "change", None): [1, 2, side, side],
        graph.head(feature, f"{layer}_alpha", (64, 1), "alpha", "Sigmoid"): [1, 1, side, side],
        graph.head(feature, f"{layer}_color_change", (64, 4), "colour", "Tanh"): [1, 4, side, side],
        graph.head(feature, "combine_alpha", (64, 1), "cover", "Sigmoid"): [1, 1, side, side],
    }
    inputs = {"layers": [1, 8, side, side], "pose": [1, EYEBROW_PARAMETERS]}
    return graph.finish("eyebrow_morphing_combiner", inputs, outputs)


def build_face_morpher(weights: Mapping[str, FloatArray]) -> ModelProto:
    """Inputs `image` (1, 4, 192, 192), `pose` (1, 27).

    Outputs `change` (1, 2, 192, 192), `alpha` (1, 1, ...), `colour` (1, 4, ...) of irises and mouth; `eye_alpha`, `eye_colour`.
    """
    graph, side = Graph(weights, leak=0.0), FACE_SIDE
    feature = _body(graph, "image", 4, side, FACE_PARAMETERS)
    outputs = {
        graph.head(feature, "iris_mouth_grid_change", (64, 2), "change", None): [1, 2, side, side],
        graph.head(feature, "iris_mouth_alpha", (64, 1), "alpha", "Sigmoid"): [1, 1, side, side],
        graph.head(feature, "iris_mouth_color_change", (64, 4), "colour", "Tanh"): [1, 4, side, side],
        graph.head(feature, "eye_alpha", (64, 1), "eye_alpha", "Sigmoid"): [1, 1, side, side],
        graph.head(feature, "eye_color_change", (64, 4), "eye_colour", "Tanh"): [1, 4, side, side],
    }
    return graph.finish("face_morpher", {"image": [1, 4, side, side], "pose": [1, FACE_PARAMETERS]}, outputs)


def _body(graph: Graph, source: str, inputs: int, side: int, parameters: int) -> str:
    """Feature (1, 64, side, side) of the image called `source`; the pose joins at the bottleneck where there is one."""
    value = graph.block(source, "body.downsample_blocks.0", (inputs, _CHANNELS[0]), 3)
    for level in range(1, len(_CHANNELS)):
        value = graph.block(value, f"body.downsample_blocks.{level}", (_CHANNELS[level - 1], _CHANNELS[level]), 4)
    deepest = _CHANNELS[-1]
    if parameters:
        planes = graph.planes("pose", "pose.planes", parameters, side // 2 ** (len(_CHANNELS) - 1))
        value = graph.node("Concat", [value, planes], "body.posed", axis=1)
    value = graph.block(value, "body.bottleneck_blocks.0", (deepest + parameters, deepest), 3)
    for block in range(1, _RESIDUAL_BLOCKS + 1):
        value = graph.residual(value, f"body.bottleneck_blocks.{block}", deepest)
    for level, channels in enumerate(zip(_CHANNELS[:0:-1], _CHANNELS[-2::-1], strict=True)):
        value = graph.block(value, f"body.upsample_blocks.{level}", channels, 4, "ConvTranspose")
    return value
