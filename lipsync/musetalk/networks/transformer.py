"""The U-Net's attention: every pixel looks at the others, then at the sound, then thinks for itself.

The names of the submodules are those of the published state dictionary.
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

from lipsync.musetalk.networks.blocks import attend, pixels_as_rows, rows_as_pixels

EPS = 1e-6
#: How much wider the inside of a pixel's own thinking is.
WIDER = 4


class Attention(nn.Module):
    """Rows (B, N, C) look at a context (B, M, `context`): (B, N, C)."""

    def __init__(self, channels: int, context: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.to_q = nn.Linear(channels, channels, bias=False)
        self.to_k = nn.Linear(context, channels, bias=False)
        self.to_v = nn.Linear(context, channels, bias=False)
        self.to_out = nn.ModuleList([nn.Linear(channels, channels)])

    def forward(self, rows: Tensor, context: Tensor) -> Tensor:
        """See the class."""
        found: Tensor = self.to_out[0](attend(self.to_q(rows), self.to_k(context), self.to_v(context), self.heads))
        return found


class Gate(nn.Module):
    """(B, N, C) -> (B, N, `channels_out`): one half of a projection, let through as far as the other half opens (GELU)."""

    def __init__(self, channels_in: int, channels_out: int) -> None:
        super().__init__()
        self.proj = nn.Linear(channels_in, 2 * channels_out)

    def forward(self, rows: Tensor) -> Tensor:
        """See the class."""
        passed, opened = self.proj(rows).chunk(2, dim=-1)
        let_through: Tensor = passed * F.gelu(opened)
        return let_through


class FeedForward(nn.Module):
    """Each row for itself: (B, N, C) -> (B, N, C)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        # the published file counts a layer between the two that has no weights
        self.net = nn.ModuleList([Gate(channels, WIDER * channels), nn.Identity(), nn.Linear(WIDER * channels, channels)])

    def forward(self, rows: Tensor) -> Tensor:
        """See the class."""
        thought: Tensor = self.net[2](self.net[0](rows))
        return thought


class TransformerBlock(nn.Module):
    """Attention to the rows themselves, to the sound, and a look inwards; each added to the rows (B, N, C)."""

    def __init__(self, channels: int, sound: int, heads: int) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(channels)
        self.attn1 = Attention(channels, channels, heads)
        self.norm2 = nn.LayerNorm(channels)
        self.attn2 = Attention(channels, sound, heads)
        self.norm3 = nn.LayerNorm(channels)
        self.ff = FeedForward(channels)

    def forward(self, rows: Tensor, sound: Tensor) -> Tensor:
        """sound: (B, M, `sound`)."""
        normed = self.norm1(rows)
        rows = rows + self.attn1(normed, normed)
        rows = rows + self.attn2(self.norm2(rows), sound)
        thought: Tensor = rows + self.ff(self.norm3(rows))
        return thought


class Transformer(nn.Module):
    """The block over a picture (B, C, H, W), added to it."""

    def __init__(self, channels: int, sound: int, heads: int, groups: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(groups, channels, eps=EPS)
        self.proj_in = nn.Conv2d(channels, channels, 1)
        self.transformer_blocks = nn.ModuleList([TransformerBlock(channels, sound, heads)])
        self.proj_out = nn.Conv2d(channels, channels, 1)

    def forward(self, x: Tensor, sound: Tensor) -> Tensor:
        """See the class. sound: (B, M, `sound`)."""
        rows = self.transformer_blocks[0](pixels_as_rows(self.proj_in(self.norm(x))), sound)
        return x + self.proj_out(rows_as_pixels(rows, x))
