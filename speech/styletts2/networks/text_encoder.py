"""Phonemes to what the decoder hears of them: convolutions, then a recurrent layer. Source: StyleTTS 2's public code."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from speech.styletts2.networks.blocks import SLOPE, two_ways


class ChannelNorm(nn.Module):
    """A layer norm over the channels of (B, C, T)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.gamma, self.beta = nn.Parameter(torch.ones(channels)), nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        """Of the same shape."""
        return F.layer_norm(x.transpose(1, 2), self.gamma.shape, self.gamma, self.beta).transpose(1, 2)


class TextEncoder(nn.Module):
    """The acoustic text encoder."""

    def __init__(self, symbols: int, channels: int, kernel: int, layers: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(symbols, channels)
        self.cnn = nn.ModuleList(
            nn.Sequential(nn.Conv1d(channels, channels, kernel, padding=kernel // 2), ChannelNorm(channels), nn.LeakyReLU(SLOPE))
            for _ in range(layers)
        )
        self.lstm = two_ways(channels, channels)

    def forward(self, tokens: Tensor) -> Tensor:
        """(B, C, N) of tokens (B, N)."""
        x = self.embedding(tokens).transpose(1, 2)
        for layer in self.cnn:
            x = layer(x)
        return self.lstm(x.transpose(1, 2))[0].transpose(1, 2)
