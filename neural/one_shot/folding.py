"""Norms whose statistics are fixed become part of the convolution before them: fewer passes over the data, the same result."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.utils import remove_spectral_norm

from neural.one_shot.spade import SpadeResBlock


def folded(conv: object, norm: object = None) -> tuple[Tensor, Tensor]:
    """Weight and bias, float32, of a convolution with the batch norm that follows it (evaluation mode).

    Raises TypeError for other modules, and for a norm that keeps no running statistics.
    """
    if not isinstance(conv, nn.Conv2d | nn.Conv3d):
        raise TypeError(f"A convolution is expected, not {type(conv).__name__}.")
    weight = conv.weight.detach().double()
    bias = torch.zeros(len(weight), dtype=torch.float64) if conv.bias is None else conv.bias.detach().double()
    if norm is not None:
        if not isinstance(norm, nn.BatchNorm2d | nn.BatchNorm3d) or norm.running_var is None or norm.running_mean is None:
            raise TypeError(f"A batch norm with running statistics is expected, not {type(norm).__name__}.")
        gain = norm.weight.detach().double() / (norm.running_var.double() + norm.eps).sqrt()
        weight = weight * gain.view(-1, *[1] * (weight.ndim - 1))
        bias = (bias - norm.running_mean.double()) * gain + norm.bias.detach().double()
    return weight.float(), bias.float()


def fold_spectral_norms(module: nn.Module) -> None:
    """Divide the spectrally normed weights of `module` by their norm, once and for all, instead of at every frame."""
    for block in module.modules():
        if isinstance(block, SpadeResBlock):
            for name in ("conv_0", "conv_1", "conv_s"):
                conv = getattr(block, name, None)
                if isinstance(conv, nn.Conv2d) and hasattr(conv, "weight_orig"):  # not yet folded
                    remove_spectral_norm(conv)
