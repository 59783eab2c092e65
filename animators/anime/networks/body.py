"""The two large networks that turn head and body: the rotator at half the size, the editor at the whole of it."""

from __future__ import annotations

from collections.abc import Mapping

from onnx import ModelProto

from animators.anime.networks.graph import Graph
from core.contracts import FloatArray

IMAGE_SIDE = 512
HALF_SIDE = 256
ROTATION_PARAMETERS = 6
_LEAK = 0.1
_ROTATOR_CHANNELS = (64, 128, 256, 512)
_EDITOR_CHANNELS = (32, 64, 128, 256)
_RESIDUAL_BLOCKS = 6


def build_rotator(weights: Mapping[str, FloatArray]) -> ModelProto:
    """Inputs `image` (1, 4, 512, 512), `pose` (1, 6). Outputs `warped` (1, 4, 256, 256), `change` (1, 2, 256, 256)."""
    graph, side, channels = Graph(weights, _LEAK), HALF_SIDE, _ROTATOR_CHANNELS
    name = "encoder_decoder"
    small = graph.node("AveragePool", ["image"], "image.half", kernel_shape=[2, 2], strides=[2, 2])
    planes = graph.planes("pose", "pose.planes", ROTATION_PARAMETERS, side)
    value = graph.node("Concat", [small, planes], "image.posed", axis=1)
    value = graph.block(value, f"{name}.downsample_blocks.0", (4 + ROTATION_PARAMETERS, channels[0]), 7)
    for level in range(1, len(channels)):
        value = graph.block(value, f"{name}.downsample_blocks.{level}", (channels[level - 1], channels[level]), 4)
    for block in range(_RESIDUAL_BLOCKS):
        value = graph.residual(value, f"{name}.bottleneck_blocks.{block}", channels[-1])
    for level, pair in enumerate(zip(channels[:0:-1], channels[-2::-1], strict=True)):
        doubled = graph.doubled(value, f"{name}.doubled.{level}")
        value = graph.block(doubled, f"{name}.upsample_blocks.{level}.1", pair, 3)
    change = graph.head(value, "grid_change_creator", (channels[0], 2), "change", None)
    graph.warped(small, change, "warped", side)
    # The third output of the published network, a picture painted outright, is not used by the next one.
    graph.expect("direct_creator.0.weight", (4, channels[0], 3, 3))
    graph.expect("direct_creator.0.bias", (4,))
    inputs = {"image": [1, 4, IMAGE_SIDE, IMAGE_SIDE], "pose": [1, ROTATION_PARAMETERS]}
    return graph.finish("rotator", inputs, {"warped": [1, 4, side, side], "change": [1, 2, side, side]})


def build_editor(weights: Mapping[str, FloatArray]) -> ModelProto:
    """Inputs `image` (1, 4, 512, 512), `pose` (1, 6), and the rotator's `warped` and `half_change` (1, 4 and 2, 256, 256).

    Outputs `change` (1, 2, 512, 512), `alpha` (1, 4, ...) in [0, 1] and `colour` (1, 4, ...) in [-1, 1].
    """
    graph, side, channels = Graph(weights, _LEAK), IMAGE_SIDE, _EDITOR_CHANNELS
    scales = graph.number("whole.scales", [1, 1, 2, 2])
    half_pixel = {"mode": "linear", "coordinate_transformation_mode": "half_pixel"}
    warped = graph.node("Resize", ["warped", "", scales], "warped.whole", **half_pixel)
    moved = graph.node("Resize", ["half_change", "", scales], "change.whole", **half_pixel)
    planes = graph.planes("pose", "pose.planes", ROTATION_PARAMETERS, side)
    value = graph.node("Concat", ["image", warped, moved, planes], "image.posed", axis=1)
    value = graph.block(value, "body.downsample_blocks.0", (2 * 4 + 2 + ROTATION_PARAMETERS, channels[0]), 3)
    skips = [value]
    for level in range(1, len(channels)):
        value = graph.block(value, f"body.downsample_blocks.{level}", (channels[level - 1], channels[level]), 4)
        skips.append(value)
    for block in range(_RESIDUAL_BLOCKS):
        value = graph.residual(value, f"body.bottleneck_blocks.{block}", channels[-1])
    for level, (wide, narrow) in enumerate(zip(channels[:0:-1], channels[-2::-1], strict=True)):
        doubled = graph.doubled(value, f"body.doubled.{level}")
        joined = graph.node("Concat", [doubled, skips[-2 - level]], f"body.joined.{level}", axis=1)
        value = graph.block(joined, f"body.upsample_blocks.{level}", (wide + narrow, narrow), 3)
    added = graph.head(value, "grid_change_creator", (channels[0], 2), "change.added", None)
    graph.node("Add", [moved, added], "change")
    graph.head(value, "alpha_creator", (channels[0], 4), "alpha", "Sigmoid")
    graph.head(value, "color_change_creator", (channels[0], 4), "colour", "Tanh")
    half = [1, HALF_SIDE, HALF_SIDE]
    inputs = {
        "image": [1, 4, side, side],
        "pose": [1, ROTATION_PARAMETERS],
        "warped": [1, 4, *half[1:]],
        "half_change": [1, 2, *half[1:]],
    }
    outputs = {name: [1, count, side, side] for name, count in (("change", 2), ("alpha", 4), ("colour", 4))}
    return graph.finish("editor", inputs, outputs)
