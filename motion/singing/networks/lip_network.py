"""The lips' network: from what is heard to what the mouth does, 50 times a second."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True)
class LipNetworkShape:
    """Sizes of a `LipNetwork`; its safetensors file carries them as JSON under `shape`.

    encoder_channels: of the speech encoder's vectors, 0 for a network that hears the log-mel alone. mel_channels: log-mel values
    a row. outputs: curves, the last of them the closure. width: channels inside. kernel: taps of every block's convolution.
    dilations: of the blocks, in order. causal: output k sees input rows up to k + `look_ahead` only, else as many on both sides.
    base_channels: so many of the encoder's values, the first of a row, are heard by the linear base alone; 0: there is none.
    base_kernel: rows that the base sees at once.
    """

    encoder_channels: int = 512
    mel_channels: int = 160
    outputs: int = 16
    width: int = 112
    kernel: int = 5
    dilations: tuple[int, ...] = (1, 2, 4, 8)
    causal: bool = False
    look_ahead: int = 0
    base_channels: int = 0
    base_kernel: int = 5


class Block(nn.Module):
    """x + pointwise(gelu(dilated convolution(x))): (B, W, T) -> (B, W, T), zeros beyond both ends."""

    def __init__(self, width: int, kernel: int, dilation: int, causal: bool, dropout: float) -> None:
        super().__init__()
        reach = dilation * (kernel - 1)
        self.padding = (reach, 0) if causal else (reach // 2, reach // 2)
        self.dilated = nn.Conv1d(width, width, kernel, dilation=dilation)
        self.pointwise = nn.Conv1d(width, width, 1)
        self.dropout = nn.Dropout(dropout)

    def forward(self, hidden: Tensor) -> Tensor:
        """See the class."""
        change = functional.gelu(self.dilated(functional.pad(hidden, self.padding)))
        out: Tensor = hidden + self.dropout(self.pointwise(change))
        return out


class LipNetwork(nn.Module):
    """Normalise -> (pointwise of the encoder's vectors + 3 taps over the log-mel) -> gelu -> residual blocks -> gelu ->
    pointwise; plus the linear base, where there is one.

    Input (B, T, encoder_channels + mel_channels) float32 at 50 Hz. Output (B, T, outputs): all but the last on the normal scale
    of
    the curves (`curve_mean`, `curve_scale` give them their units), the last the logit of "the lips are closed".

    A temporal convolutional network in the sense of Bai, Kolter & Koltun (2018), with residual dilated blocks. Exact GELU.
    """

    def __init__(self, shape: LipNetworkShape, dropout: float = 0.0, input_dropout: float = 0.0) -> None:
        super().__init__()
        self.shape = shape
        inputs = shape.encoder_channels + shape.mel_channels
        self.input_mean: Tensor
        self.input_scale: Tensor
        self.curve_mean: Tensor
        self.curve_scale: Tensor
        self.register_buffer("input_mean", torch.zeros(inputs))
        self.register_buffer("input_scale", torch.ones(inputs))
        self.register_buffer("curve_mean", torch.zeros(shape.outputs - 1))
        self.register_buffer("curve_scale", torch.ones(shape.outputs - 1))
        network_channels = shape.encoder_channels - shape.base_channels
        self.encoder_in = nn.Conv1d(network_channels, shape.width, 1) if network_channels else None
        self.mel_in = nn.Conv1d(shape.mel_channels, shape.width, 3)
        self.input_dropout, self.dropout = nn.Dropout(input_dropout), nn.Dropout(dropout)
        self.blocks = nn.ModuleList(
            Block(shape.width, shape.kernel, dilation, shape.causal, dropout) for dilation in shape.dilations
        )
        self.head = nn.Conv1d(shape.width, shape.outputs, 1)
        if shape.base_channels:  # solved, not trained: see `with_base`
            self.base_weight: Tensor
            self.base_bias: Tensor
            self.register_buffer("base_weight", torch.zeros(shape.outputs, shape.base_channels, shape.base_kernel))
            self.register_buffer("base_bias", torch.zeros(shape.outputs))

    def forward(self, rows: Tensor) -> Tensor:
        """See the class."""
        heard = ((rows - self.input_mean) / self.input_scale).transpose(1, 2)
        if self.shape.look_ahead:
            heard = functional.pad(heard[..., self.shape.look_ahead :], (0, self.shape.look_ahead))
        shape = self.shape
        sizes = [shape.base_channels, shape.encoder_channels - shape.base_channels, shape.mel_channels]
        base, vectors, mel = heard.split(sizes, dim=1)
        hidden = self.mel_in(functional.pad(mel, (2, 0) if self.shape.causal else (1, 1)))
        if self.encoder_in is not None:
            hidden = hidden + self.encoder_in(self.input_dropout(vectors))
        hidden = self.dropout(functional.gelu(hidden))
        for block in self.blocks:
            hidden = block(hidden)
        out: Tensor = self.head(functional.gelu(hidden))
        if shape.base_channels:
            out = out + functional.conv1d(base, self.base_weight, self.base_bias, padding=shape.base_kernel // 2)
        return out.transpose(1, 2)

    @torch.no_grad()
    def curves(self, rows: Tensor) -> Tensor:
        """(T, outputs) in the curves' own units, the last the probability of a closure, for rows (T, C) of one sound."""
        out = self.eval()(rows[None].float())[0]
        return torch.cat([out[:, :-1] * self.curve_scale + self.curve_mean, torch.sigmoid(out[:, -1:])], dim=1)
