"""The blocks that Talking Head Anime 3 is built from, written as ONNX nodes.

Source: Pramook Khungurn, "Talking Head(?) Anime from a Single Image 3: Now the Body Too" (2022), the variant `separable_float`:
every wide convolution is a depthwise one followed by a pointwise one (Howard et al., "MobileNets", 2017).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from onnx import ModelProto

from core.contracts import FloatArray
from neural.onnx_graph import OnnxGraph

_OPERATOR_SET = 17
_NORM_EPSILON = 1e-5


class Graph(OnnxGraph):
    """The graph with the checkpoint's weights at hand, each known by its name there.

    Every weight is asked for with the shape that it must have; what was never asked for is named by `finish`.
    """

    def __init__(self, weights: Mapping[str, FloatArray], leak: float) -> None:
        """leak: slope of the non-linearity below zero; 0 is the plain ReLU."""
        super().__init__()
        self._weights = weights
        self._leak = leak
        self._unused = set(weights)

    def weight(self, name: str, shape: tuple[int, ...]) -> str:
        """The checkpoint's tensor as a constant. Raises ValueError where it is missing or of another shape."""
        self.expect(name, shape)
        return self.number(name, self._weights[name])

    def expect(self, name: str, shape: tuple[int, ...]) -> None:
        """Check a tensor of the checkpoint that the graph does without. Raises ValueError where it is missing or of another
        shape.
        """
        if name not in self._weights:
            raise ValueError(f"the tensor {name} is missing")
        if self._weights[name].shape != shape:
            raise ValueError(f"the tensor {name} has shape {self._weights[name].shape} instead of {shape}")
        self._unused.discard(name)

    def number(self, name: str, value: npt.ArrayLike) -> str:
        """A constant of float32."""
        return self.constant(name, value, np.float32)

    def finish(self, name: str, inputs: Mapping[str, Sequence[int]], outputs: Mapping[str, Sequence[int]]) -> ModelProto:
        """The checked model with float32 inputs and outputs of those shapes. Raises ValueError where a weight was not used."""
        if self._unused:
            raise ValueError(f"{len(self._unused)} tensors are unknown, {min(self._unused)} among them")
        return self.model(name, inputs, outputs, _OPERATOR_SET)

    def separable(self, source: str, layer: str, channels: tuple[int, int], kernel: int, operator: str = "Conv") -> str:
        """Depthwise convolution of that kernel and pointwise convolution; kernel 4 halves the sides, or doubles them where the
        operator is ConvTranspose."""
        inputs, outputs = channels
        depthwise = self.weight(f"{layer}.0.weight", (inputs, 1, kernel, kernel))
        pad = (kernel - 1) // 2
        stride = 2 if kernel == 4 else 1
        wide = self.node(
            operator,
            [source, depthwise],
            f"{layer}.0",
            group=inputs,
            pads=[pad] * 4,
            strides=[stride, stride],
            kernel_shape=[kernel] * 2,
        )
        return self.node("Conv", [wide, self.weight(f"{layer}.1.weight", (outputs, inputs, 1, 1))], f"{layer}.1")

    def norm(self, source: str, layer: str, channels: int) -> str:
        """Instance normalisation with a learnt scale and offset per channel."""
        scale, offset = self.weight(f"{layer}.weight", (channels,)), self.weight(f"{layer}.bias", (channels,))
        return self.node("InstanceNormalization", [source, scale, offset], layer, epsilon=_NORM_EPSILON)

    def activated(self, source: str, name: str) -> str:
        """The non-linearity of this network."""
        if self._leak == 0:
            return self.node("Relu", [source], f"{name}.active")
        return self.node("LeakyRelu", [source], f"{name}.active", alpha=self._leak)

    def block(self, source: str, layer: str, channels: tuple[int, int], kernel: int, operator: str = "Conv") -> str:
        """Separable convolution, normalisation, non-linearity."""
        value = self.separable(source, layer, channels, kernel, operator)
        return self.activated(self.norm(value, f"{layer}.2", channels[1]), layer)

    def residual(self, source: str, layer: str, channels: int) -> str:
        """x + norm(conv(relu(norm(conv(x)))))."""
        path = f"{layer}.resnet_path"
        value = self.norm(self.separable(source, f"{path}.0", (channels, channels), 3), f"{path}.1", channels)
        value = self.separable(self.activated(value, f"{path}.2"), f"{path}.3", (channels, channels), 3)
        return self.node("Add", [source, self.norm(value, f"{path}.4", channels)], layer)

    def doubled(self, source: str, name: str) -> str:
        """Twice the sides, every value repeated."""
        sizes = self.number(f"{name}.scales", [1, 1, 2, 2])
        return self.node(
            "Resize", [source, "", sizes], name, mode="nearest", nearest_mode="floor", coordinate_transformation_mode="asymmetric"
        )

    def planes(self, pose: str, name: str, parameters: int, side: int) -> str:
        """A pose (1, parameters) as constant planes (1, parameters, side, side)."""
        tall = self.node("Reshape", [pose, self.constant(f"{name}.tall", [1, parameters, 1, 1], np.int64)], f"{name}.reshaped")
        return self.node("Expand", [tall, self.constant(f"{name}.wide", [1, parameters, side, side], np.int64)], name)

    def head(self, source: str, layer: str, channels: tuple[int, int], output: str, squash: str | None) -> str:
        """A plain 3 x 3 convolution that makes an output: with bias and `squash` (Tanh, Sigmoid), or bare for a warp."""
        inputs, outputs = channels
        prefix = f"{layer}.0" if squash else layer
        operands = [source, self.weight(f"{prefix}.weight", (outputs, inputs, 3, 3))]
        if squash:
            operands.append(self.weight(f"{prefix}.bias", (outputs,)))
        value = self.node("Conv", operands, f"{output}.plain" if squash else output, pads=[1, 1, 1, 1])
        return self.node(squash, [value], output) if squash else value

    def warped(self, image: str, change: str, output: str, side: int) -> str:
        """The image (1, C, side, side) sampled at each place moved by `change` (1, 2, side, side), in half sides, borders
        repeated.
        """
        moved = self.node("Transpose", [change], f"{output}.moved", perm=[0, 2, 3, 1])
        grid = self.node("Add", [self.number(f"{output}.base", base_grid(side)[None]), moved], f"{output}.grid")
        return self.node("GridSample", [image, grid], output, mode="bilinear", padding_mode="border", align_corners=0)


def base_grid(side: int) -> FloatArray:
    """Where each pixel's middle lies: (side, side, 2) x and y, the picture's borders at -1 and 1."""
    middles = ((2 * np.arange(side, dtype=np.float64) + 1) / side - 1).astype(np.float32)
    x, y = np.meshgrid(middles, middles)
    return np.stack([x, y], axis=-1)
