"""Spleeter's two U-Nets in torch, for a graphics card: the same layers as the ONNX graph of `unet`, with the same tensors."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from core.contracts import FloatArray
from separation.networks import layers


class TorchUnets:
    """Magnitude of a mix to the mask of its voice, on torch's device, in float32."""

    def __init__(self, weights: Mapping[str, FloatArray], device: torch.device) -> None:
        """weights: tensors by their checkpoint names and in TensorFlow's axis order (`checkpoint.load_checkpoint`)."""
        self.device = device
        self._tensors: dict[str, Tensor] = {}
        for name, value in weights.items():
            layer, _, part = name.rpartition("/")
            if part == "kernel":
                self._keep(name, layers.kernel_of(weights, layer))
            elif part == "bias":
                self._keep(name, value)
            elif part == "gamma":
                scale, offset = layers.norm_of(weights, layer)
                self._keep(f"{layer}/scale", scale)
                self._keep(f"{layer}/offset", offset)

    def _keep(self, name: str, value: FloatArray) -> None:
        self._tensors[name] = torch.from_numpy(np.array(value, np.float32)).to(self.device)

    def voice_masks(self, magnitudes: Tensor) -> Tensor:
        """Masks of the voice (N, 2, frames, 1024) in [0, 1] for magnitudes of the same shape; frames: a multiple of 64."""
        with torch.inference_mode(), whole_float32():
            voice, accompaniment = (self._estimate(stem, magnitudes).square() for stem in range(len(layers.STEM_NAMES)))
            return (voice + layers.MASK_EPSILON / 2) / (voice + accompaniment + layers.MASK_EPSILON)

    def _estimate(self, stem: int, magnitudes: Tensor) -> Tensor:
        """The magnitude of one stem; see `unet._unet` for the order of the layers."""
        levels = layers.LEVELS
        before, after = layers.SAME_PADDING
        value, skips = magnitudes, []
        for level in range(levels):
            name = layers.layer_name("conv2d", (levels + 1) * stem + level)
            padded = functional.pad(value, (before, after, before, after))
            skips.append(functional.conv2d(padded, *self._convolution(name), stride=2))
            if level < levels - 1:
                value = functional.leaky_relu(self._norm(skips[-1], 2 * levels * stem + level), layers.LEAK)
        value = skips.pop()
        for level in range(levels):
            name = layers.layer_name("conv2d_transpose", levels * stem + level)
            raised = functional.conv_transpose2d(value, *self._convolution(name), stride=2)
            value = self._norm(torch.relu(raised[..., before:-after, before:-after]), (2 * stem + 1) * levels + level)
            if skips:
                value = torch.cat([skips.pop(), value], dim=1)
        name = layers.layer_name("conv2d", (levels + 1) * stem + levels)
        value = functional.conv2d(value, *self._convolution(name), dilation=2, padding=3)
        return torch.sigmoid(value) * magnitudes

    def _convolution(self, layer: str) -> tuple[Tensor, Tensor]:
        return self._tensors[f"{layer}/kernel"], self._tensors[f"{layer}/bias"]

    def _norm(self, value: Tensor, number: int) -> Tensor:
        layer = layers.layer_name("batch_normalization", number)
        return value * self._tensors[f"{layer}/scale"] + self._tensors[f"{layer}/offset"]


def whole_float32() -> AbstractContextManager[None]:
    """While it is entered, cuDNN's convolutions compute in float32 to the last bit: TF32, its habit, keeps ten bits."""
    flags: AbstractContextManager[None] = torch.backends.cudnn.flags(enabled=True, benchmark=False, allow_tf32=False)
    return flags
