"""Which style suits a sentence: denoised out of chance by a transformer that sees the sentence, and a given voice.

Sources: StyleTTS 2's public code; Karras et al., "Elucidating the Design Space of Diffusion-Based Generative Models" (2022),
whose schedule and scales these are; the sampler is DPM-Solver-2 with chance added at each step ("ADPM2").
"""

from __future__ import annotations

import math
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from speech.styletts2.networks.blocks import AdaLayerNorm
from speech.styletts2.networks.decoder import Chance

HEADS = 8
#: The noise from the first to the last step, and how the steps lie between.
MOST_NOISE, LEAST_NOISE, BEND = 3.0, 0.0001, 9.0


class LastPart(nn.Module):
    """The last linear layer of an attention, under the name that the files have for it."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.to_out = nn.Linear(inputs, outputs)


class Attention(nn.Module):
    """Self-attention after a norm; style: of the voice, 0: there is none."""

    def __init__(self, channels: int, inner: int, style: int) -> None:
        super().__init__()
        self.norm, self.norm_context = (AdaLayerNorm(style, channels) if style else nn.LayerNorm(channels) for _ in range(2))
        self.to_q, self.to_kv = nn.Linear(channels, inner, bias=False), nn.Linear(channels, 2 * inner, bias=False)
        self.attention = LastPart(inner, channels)

    def forward(self, x: Tensor, style: tuple[Tensor, ...]) -> Tensor:
        """Of the same shape (B, N, C)."""
        query, (key, value) = self.to_q(self.norm(x, *style)), self.to_kv(self.norm_context(x, *style)).chunk(2, dim=-1)
        split = [each.unflatten(-1, (HEADS, -1)).transpose(1, 2) for each in (query, key, value)]
        seen = F.scaled_dot_product_attention(*split).transpose(1, 2).flatten(2)
        return self.attention.to_out(seen)


class Block(nn.Module):
    """One layer of the transformer."""

    def __init__(self, channels: int, inner: int, wide: int, style: int) -> None:
        super().__init__()
        self.attention = Attention(channels, inner, style)
        self.feed_forward = nn.Sequential(nn.Linear(channels, wide), nn.GELU(), nn.Linear(wide, channels))

    def forward(self, x: Tensor, style: tuple[Tensor, ...]) -> Tensor:
        """Of the same shape (B, N, C)."""
        x = self.attention(x, style) + x
        return self.feed_forward(x) + x


class Waves(nn.Module):
    """How much noise there is, as learned waves."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.weights = nn.Parameter(torch.zeros(count))

    def forward(self, told: Tensor) -> Tensor:
        """(B, 2 count + 1) of (B,)."""
        angles = 2 * math.pi * told[:, None] * self.weights
        return torch.cat([told[:, None], angles.sin(), angles.cos()], dim=-1)


class Places(nn.Module):
    """What stands in the sentence's place where it is left out, under the name that the files have for it."""

    def __init__(self, longest: int, channels: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(longest, channels)


class StyleTransformer(nn.Module):
    """Takes noise out of a style (both parts of it, 2 S channels)."""

    def __init__(self, channels: int, text: int, style: int, inner: int, wide: int, layers: int, longest: int) -> None:
        """style: channels of a voice's style that it is given; 0: it knows one voice alone."""
        super().__init__()
        both = channels + text
        self.blocks = nn.ModuleList(Block(both, inner, wide, style) for _ in range(layers))
        self.to_out = nn.Sequential(nn.Identity(), nn.Conv1d(both, channels, 1))
        self.to_mapping = nn.Sequential(nn.Linear(both, both), nn.GELU(), nn.Linear(both, both), nn.GELU())
        self.to_time = nn.Sequential(nn.Sequential(Waves(channels // 2), nn.Linear(channels + 1, both)), nn.GELU())
        if style:
            self.to_features = nn.Sequential(nn.Linear(style, both), nn.GELU())
        self.fixed_embedding = Places(longest, text)

    def forward(self, noisy: Tensor, told: Tensor, text: Tensor, voice: Tensor | None, guidance: float) -> Tensor:
        """(B, channels). noisy: (B, channels). told: (B,) how noisy. text: (B, N, text). voice: (B, style).

        guidance: 1: the sentence as it is; more: what it changes, exaggerated.
        """
        seen = self._run(noisy, told, text, voice)
        if guidance == 1.0:
            return seen
        without = self._run(noisy, told, self.fixed_embedding.embedding.weight[None, : text.shape[1]].expand_as(text), voice)
        return without + (seen - without) * guidance

    def _run(self, noisy: Tensor, told: Tensor, text: Tensor, voice: Tensor | None) -> Tensor:
        mapping = self.to_time(told) if voice is None else self.to_time(told) + self.to_features(voice)
        mapping, style = self.to_mapping(mapping)[:, None], () if voice is None else (voice,)
        x = torch.cat([noisy[:, None].expand(-1, text.shape[1], -1), text], dim=-1)
        for block in self.blocks:
            x = block(x + mapping, style)
        return self.to_out(x.mean(dim=1)[:, :, None]).squeeze(-1)


def noise_levels(steps: int) -> Tensor:
    """(steps,) how much noise is left, from the most to the least."""
    share = torch.arange(steps, dtype=torch.float32) / (steps - 1)
    most, least = MOST_NOISE ** (1 / BEND), LEAST_NOISE ** (1 / BEND)
    return (most + share * (least - most)) ** BEND


def sample_style(
    network: StyleTransformer,
    text: Tensor,
    voice: Tensor | None,
    spread: float,
    steps: int,
    guidance: float,
    noise: Tensor,
    chance: Chance,
) -> Tensor:
    """(B, channels) a style for the sentence `text` (B, N, C). spread: standard deviation of the styles that it was taught on.
    noise: (B, channels) that is begun with."""

    def cleaned(x: Tensor, level: Tensor) -> Tensor:
        both = level**2 + spread**2
        told = network(x * both**-0.5, level.log().expand(len(x)) * 0.25, text, voice, guidance)
        return spread**2 / both * x + level * spread * both**-0.5 * told

    levels = noise_levels(steps)
    x = levels[0] * noise
    for level, next_level in pairwise(levels):
        added = (next_level**2 * (level**2 - next_level**2) / level**2).sqrt()
        down = (next_level**2 - added**2).sqrt()
        middle = (level + down) / 2
        halfway = x + (x - cleaned(x, level)) / level * (middle - level)
        x = x + (halfway - cleaned(halfway, middle)) / middle * (down - level)
        x = x + added * chance.normal(x.shape)
    return x
