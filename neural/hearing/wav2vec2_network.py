"""wav2vec 2.0 base under torch, by the published names, for training on what it hears; `wav2vec2_graph.py` is the same without.

Source: Baevski et al., "wav2vec 2.0: A Framework for Self-Supervised Learning of Speech Representations", NeurIPS 2020; the
layout of `facebook/wav2vec2-base`: group norm after the first convolution, no biases there, norms behind attention and
feed-forward.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from neural.hearing.wav2vec2_shape import BASE, CONVOLUTIONS, EPSILON, Wav2vec2Shape


class Wav2vec2Network(nn.Module):
    """Sound (B, n) at 16 kHz of zero mean and unit variance, n from 400 -> a list of (B, T, width): the outputs after 0 (what
    goes into the first layer) to all layers; T = (n - 400) // 320 + 1."""

    def __init__(self, shape: Wav2vec2Shape = BASE) -> None:
        super().__init__()
        self.masked_spec_embed = nn.Parameter(torch.zeros(shape.width))
        self.feature_extractor = _Convolutions(shape)
        self.feature_projection = _Projection(shape)
        self.encoder = _Encoder(shape)

    def forward(self, sound: Tensor) -> list[Tensor]:
        """See the class."""
        return cast(list[Tensor], self.encoder(self.feature_projection(self.feature_extractor(sound))))

    def trained_rest(self) -> Iterator[nn.Parameter]:
        """What learns where the network is trained further: all but the convolutions over the sound, which are frozen, and the
        token of masked steps, which nothing hears."""
        self.requires_grad_(False)
        for part in (self.feature_projection, self.encoder):
            yield from part.requires_grad_(True).parameters()


class _Convolutions(nn.Module):
    """(B, n) -> (B, T, filters)."""

    def __init__(self, shape: Wav2vec2Shape) -> None:
        super().__init__()
        self.conv_layers = nn.ModuleList(_Convolution(shape.filters, index) for index in range(len(CONVOLUTIONS)))

    def forward(self, sound: Tensor) -> Tensor:
        value = sound.unsqueeze(1)
        for layer in self.conv_layers:
            value = layer(value)
        return value.transpose(1, 2)


class _Convolution(nn.Module):
    def __init__(self, filters: int, index: int) -> None:
        super().__init__()
        kernel, stride = CONVOLUTIONS[index]
        self.conv = nn.Conv1d(filters if index else 1, filters, kernel, stride, bias=False)
        self.layer_norm = nn.Identity() if index else nn.GroupNorm(filters, filters, EPSILON)

    def forward(self, value: Tensor) -> Tensor:
        return functional.gelu(self.layer_norm(self.conv(value)))


class _Projection(nn.Module):
    def __init__(self, shape: Wav2vec2Shape) -> None:
        super().__init__()
        self.layer_norm = nn.LayerNorm(shape.filters, EPSILON)
        self.projection = nn.Linear(shape.filters, shape.width)

    def forward(self, value: Tensor) -> Tensor:
        return cast(Tensor, self.projection(self.layer_norm(value)))


class _Encoder(nn.Module):
    """Positions by a convolution over the steps, a norm, and the transformer's layers."""

    def __init__(self, shape: Wav2vec2Shape) -> None:
        super().__init__()
        self.pos_conv_embed = _Positions(shape)
        self.layer_norm = nn.LayerNorm(shape.width, EPSILON)
        self.layers = nn.ModuleList(_Layer(shape) for _ in range(shape.layers))

    def forward(self, value: Tensor) -> list[Tensor]:
        outputs = [self.layer_norm(value + self.pos_conv_embed(value))]
        for layer in self.layers:
            outputs.append(layer(outputs[-1]))
        return outputs


class _Positions(nn.Module):
    def __init__(self, shape: Wav2vec2Shape) -> None:
        super().__init__()
        self.conv = _NormedConvolution(shape)

    def forward(self, value: Tensor) -> Tensor:
        return functional.gelu(self.conv(value.transpose(1, 2))).transpose(1, 2)


class _NormedConvolution(nn.Module):
    """A grouped convolution whose weights are a direction and, for every place of the kernel, a length. The even kernel makes a
    step too many, which is dropped at the end."""

    def __init__(self, shape: Wav2vec2Shape) -> None:
        super().__init__()
        self.groups, self.padding = shape.position_groups, shape.position_kernel // 2
        size = (shape.width, shape.width // shape.position_groups, shape.position_kernel)
        self.weight_g = nn.Parameter(torch.ones(1, 1, shape.position_kernel))
        self.weight_v = nn.Parameter(torch.randn(size) / (size[1] * size[2]) ** 0.5)
        self.bias = nn.Parameter(torch.zeros(shape.width))

    def forward(self, value: Tensor) -> Tensor:
        weight = self.weight_v * (self.weight_g / self.weight_v.norm(dim=(0, 1), keepdim=True))
        value = functional.conv1d(value, weight, self.bias, padding=self.padding, groups=self.groups)
        return value[:, :, :-1] if self.weight_v.shape[2] % 2 == 0 else value


class _Layer(nn.Module):
    def __init__(self, shape: Wav2vec2Shape) -> None:
        super().__init__()
        self.attention = _Attention(shape)
        self.layer_norm = nn.LayerNorm(shape.width, EPSILON)
        self.feed_forward = _FeedForward(shape)
        self.final_layer_norm = nn.LayerNorm(shape.width, EPSILON)

    def forward(self, value: Tensor) -> Tensor:
        value = self.layer_norm(value + self.attention(value))
        return cast(Tensor, self.final_layer_norm(value + self.feed_forward(value)))


class _Attention(nn.Module):
    def __init__(self, shape: Wav2vec2Shape) -> None:
        super().__init__()
        self.heads = shape.heads
        self.k_proj, self.v_proj, self.q_proj, self.out_proj = (nn.Linear(shape.width, shape.width) for _ in range(4))

    def forward(self, value: Tensor) -> Tensor:
        query, key, content = (
            part(value).unflatten(2, (self.heads, -1)).transpose(1, 2) for part in (self.q_proj, self.k_proj, self.v_proj)
        )
        mixed = functional.scaled_dot_product_attention(query, key, content)
        return cast(Tensor, self.out_proj(mixed.transpose(1, 2).flatten(2)))


class _FeedForward(nn.Module):
    def __init__(self, shape: Wav2vec2Shape) -> None:
        super().__init__()
        self.intermediate_dense = nn.Linear(shape.width, shape.inner)
        self.output_dense = nn.Linear(shape.inner, shape.width)

    def forward(self, value: Tensor) -> Tensor:
        return cast(Tensor, self.output_dense(functional.gelu(self.intermediate_dense(value))))
