"""Spleeter's U-Nets in torch, for a graphics card: the same layers as the ONNX graph of `unet`, with the same tensors."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from core.contracts import FloatArray
from separation.networks import layers
from separation.networks.layers import TWO_STEMS, StemNetwork


class TorchUnets:
    """Magnitude of a mix to the masks of its stems, on torch's device, in float32."""

    def __init__(self, weights: Mapping[str, FloatArray], device: torch.device, network: StemNetwork = TWO_STEMS) -> None:
        """weights: tensors by their checkpoint names and in TensorFlow's axis order (`checkpoint.load_checkpoint`)."""
        self.device, self.network = device, network
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

    def masks(self, magnitudes: Tensor) -> Tensor:
        """Masks in [0, 1] of all stems but the last (N, stems - 1, 2, frames, 1024), for magnitudes (N, 2, frames, 1024) of the
        mix; frames: a multiple of 64. All masks add up to one."""
        stems = range(len(self.network.stems))
        with torch.inference_mode(), whole_float32():
            logits = torch.stack([self._logits(stem, magnitudes) for stem in stems], dim=1)
            parts = torch.softmax(logits, dim=1) if self.network.softmax else torch.sigmoid(logits)
            powers = (parts * magnitudes[:, None]).square()
            guard = layers.MASK_EPSILON
            return (powers[:, :-1] + guard / len(stems)) / (powers.sum(dim=1, keepdim=True) + guard)

    def _logits(self, stem: int, magnitudes: Tensor) -> Tensor:
        """The U-Net of one stem up to its logits; see `unet._unet` for the order of the layers."""
        levels = layers.LEVELS
        before, after = layers.SAME_PADDING
        value, skips = magnitudes, []
        for level in range(levels):
            name = layers.layer_name("conv2d", (levels + 1) * stem + level)
            padded = functional.pad(value, (before, after, before, after))
            skips.append(functional.conv2d(padded, *self._convolution(name), stride=2))
            if level < levels - 1:
                scaled = self._norm(skips[-1], 2 * levels * stem + level)
                value = functional.elu(scaled) if self.network.elu else functional.leaky_relu(scaled, layers.LEAK)
        value = skips.pop()
        for level in range(levels):
            name = layers.layer_name("conv2d_transpose", levels * stem + level)
            raised = functional.conv_transpose2d(value, *self._convolution(name), stride=2)
            raised = raised[..., before:-after, before:-after]
            bent = functional.elu(raised) if self.network.elu else torch.relu(raised)
            value = self._norm(bent, (2 * stem + 1) * levels + level)
            if skips:
                value = torch.cat([skips.pop(), value], dim=1)
        name = layers.layer_name("conv2d", (levels + 1) * stem + levels)
        return functional.conv2d(value, *self._convolution(name), dilation=2, padding=3)

    def _convolution(self, layer: str) -> tuple[Tensor, Tensor]:
        return self._tensors[f"{layer}/kernel"], self._tensors[f"{layer}/bias"]

    def _norm(self, value: Tensor, number: int) -> Tensor:
        layer = layers.layer_name("batch_normalization", number)
        return value * self._tensors[f"{layer}/scale"] + self._tensors[f"{layer}/offset"]


def whole_float32() -> AbstractContextManager[None]:
    """While it is entered, cuDNN's convolutions compute in float32 to the last bit: TF32, its habit, keeps ten bits."""
    flags: AbstractContextManager[None] = torch.backends.cudnn.flags(enabled=True, benchmark=False, allow_tf32=False)
    return flags
