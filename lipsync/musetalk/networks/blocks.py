"""Blocks that both the autoencoder and the U-Net of Stable Diffusion are built from.

The names of the submodules (`norm1`, `conv1`, `to_q`, ...) are those of the published state dictionaries.
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn


class ResidualBlock(nn.Module):
    """Twice (norm, SiLU, convolution 3x3), added to the input: (B, in, H, W) -> (B, out, H, W).

    Where the block knows of time, the time's embedding (1 or B, `time_width`) is added between the two.
    """

    def __init__(self, channels_in: int, channels_out: int, groups: int, eps: float, time_width: int = 0) -> None:
        super().__init__()
        self.norm1 = nn.GroupNorm(groups, channels_in, eps=eps)
        self.conv1 = nn.Conv2d(channels_in, channels_out, 3, padding=1)
        self.time_emb_proj = nn.Linear(time_width, channels_out) if time_width else None
        self.norm2 = nn.GroupNorm(groups, channels_out, eps=eps)
        self.conv2 = nn.Conv2d(channels_out, channels_out, 3, padding=1)
        self.conv_shortcut = nn.Conv2d(channels_in, channels_out, 1) if channels_in != channels_out else None

    def forward(self, x: Tensor, time: Tensor | None = None) -> Tensor:
        """See the class. time: needed where the block was made with a `time_width`."""
        inner = self.conv1(F.silu(self.norm1(x)))
        if self.time_emb_proj is not None and time is not None:
            inner = inner + self.time_emb_proj(F.silu(time))[:, :, None, None]
        inner = self.conv2(F.silu(self.norm2(inner)))
        own: Tensor = x if self.conv_shortcut is None else self.conv_shortcut(x)
        return own + inner


class Halving(nn.Module):
    """Convolution of step 2: (B, C, H, W) -> (B, C, H/2, W/2).

    centred: zeros around the picture, as the U-Net has it; else to the right and below alone, as the autoencoder has it.
    """

    def __init__(self, channels: int, centred: bool) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, stride=2, padding=1 if centred else 0)
        self.centred = centred

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        halved: Tensor = self.conv(x if self.centred else F.pad(x, (0, 1, 0, 1)))
        return halved


class Doubling(nn.Module):
    """Each pixel doubled, convolution 3x3: (B, C, H, W) -> (B, C, 2H, 2W)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        doubled: Tensor = self.conv(F.interpolate(x, scale_factor=2.0, mode="nearest"))
        return doubled


def pixels_as_rows(x: Tensor) -> Tensor:
    """(B, C, H, W) -> (B, H W, C), as attention reads a picture."""
    return x.flatten(2).transpose(1, 2)


def rows_as_pixels(rows: Tensor, like: Tensor) -> Tensor:
    """(B, H W, C) -> (B, C, H, W), the size of `like`; laid out channel by channel.

    On a processor torch's group norm is a hundred times less exact where the channels of a pixel lie together.
    """
    return rows.transpose(1, 2).contiguous().view(len(like), rows.shape[2], *like.shape[2:])


def split_heads(rows: Tensor, heads: int) -> Tensor:
    """(B, N, C) -> (B, heads, N, C / heads)."""
    return rows.unflatten(2, (heads, -1)).transpose(1, 2)


def attend(query: Tensor, key: Tensor, value: Tensor, heads: int) -> Tensor:
    """What each row of `query` (B, N, C) takes from `value` (B, M, C) by its likeness to `key` (B, M, C): (B, N, C)."""
    found = F.scaled_dot_product_attention(split_heads(query, heads), split_heads(key, heads), split_heads(value, heads))
    return found.transpose(1, 2).flatten(2)
