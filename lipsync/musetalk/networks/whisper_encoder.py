"""Whisper tiny's encoder, of which MuseTalk takes what every layer hears, not the last alone.

Radford and others, "Robust Speech Recognition via Large-Scale Weak Supervision" (ICML 2023). The names of the submodules are
those of the published state dictionary below `model.encoder.`.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lipsync.musetalk.networks.blocks import attend

#: Facts of the published network: mel bands, rows of a window of 30 s, width, layers, heads.
BANDS, ROWS, WIDTH, LAYERS, HEADS = 80, 1500, 384, 4, 6
#: How much wider the inside of a row's own thinking is.
WIDER = 4


class SelfAttention(nn.Module):
    """Rows (B, N, C) look at one another."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.k_proj = nn.Linear(channels, channels, bias=False)
        self.v_proj = nn.Linear(channels, channels)
        self.q_proj = nn.Linear(channels, channels)
        self.out_proj = nn.Linear(channels, channels)

    def forward(self, rows: Tensor) -> Tensor:
        """See the class."""
        found: Tensor = self.out_proj(attend(self.q_proj(rows), self.k_proj(rows), self.v_proj(rows), HEADS))
        return found


class Layer(nn.Module):
    """Attention, then each row for itself; each added to the rows (B, N, C)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.self_attn = SelfAttention(channels)
        self.self_attn_layer_norm = nn.LayerNorm(channels)
        self.fc1 = nn.Linear(channels, WIDER * channels)
        self.fc2 = nn.Linear(WIDER * channels, channels)
        self.final_layer_norm = nn.LayerNorm(channels)

    def forward(self, rows: Tensor) -> Tensor:
        """See the class."""
        rows = rows + self.self_attn(self.self_attn_layer_norm(rows))
        thought: Tensor = rows + self.fc2(F.gelu(self.fc1(self.final_layer_norm(rows))))
        return thought


class WhisperEncoder(nn.Module):
    """Log-mel spectrogram (B, 80, 3000) of 30 s -> what is heard (B, 1500, 5, 384), 50 rows a second."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv1d(BANDS, WIDTH, 3, padding=1)
        self.conv2 = nn.Conv1d(WIDTH, WIDTH, 3, stride=2, padding=1)
        self.embed_positions = nn.Embedding(ROWS, WIDTH)
        self.layers = nn.ModuleList(Layer(WIDTH) for _ in range(LAYERS))
        self.layer_norm = nn.LayerNorm(WIDTH)

    def forward(self, mel: Tensor) -> Tensor:
        """The rows before each layer, and, normalised, after the last; see the class."""
        rows = F.gelu(self.conv2(F.gelu(self.conv1(mel)))).transpose(1, 2) + self.embed_positions.weight
        heard = []
        for layer in self.layers:
            heard.append(rows)
            rows = layer(rows)
        return torch.stack([*heard, self.layer_norm(rows)], dim=2)
