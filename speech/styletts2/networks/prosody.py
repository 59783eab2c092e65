"""How long each phoneme lasts, how high the voice is and how loud, in a style. Source: StyleTTS 2's public code."""

from __future__ import annotations

from torch import Tensor, nn

from speech.styletts2.networks.blocks import AdaLayerNorm, StyledBlock, beside, two_ways


class DurationEncoder(nn.Module):
    """Recurrent layers and styled norms by turns."""

    def __init__(self, channels: int, style: int, layers: int) -> None:
        super().__init__()
        parts = [(two_ways(channels + style, channels), AdaLayerNorm(style, channels)) for _ in range(layers)]
        self.lstms = nn.ModuleList(part for pair in parts for part in pair)

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        """(B, N, C + S) of (B, N, C)."""
        x = beside(x, style)
        for layer in self.lstms:
            x = beside(layer(x, style), style) if isinstance(layer, AdaLayerNorm) else layer(x)[0]
        return x


class Projection(nn.Module):
    """A linear layer under the name that the files have for it."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.linear_layer = nn.Linear(inputs, outputs)

    def forward(self, x: Tensor) -> Tensor:
        """(..., outputs)."""
        return self.linear_layer(x)


class ProsodyPredictor(nn.Module):
    """Durations from the phonemes, then pitch and loudness of every moment."""

    def __init__(self, channels: int, style: int, layers: int, longest: int) -> None:
        super().__init__()
        self.text_encoder = DurationEncoder(channels, style, layers)
        self.lstm = two_ways(channels + style, channels)
        self.duration_proj = Projection(channels, longest)
        self.shared = two_ways(channels + style, channels)
        self.F0, self.N = (self._curve(channels, style) for _ in range(2))
        self.F0_proj, self.N_proj = (nn.Conv1d(channels // 2, 1, 1) for _ in range(2))

    @staticmethod
    def _curve(channels: int, style: int) -> nn.ModuleList:
        half = channels // 2
        blocks = (StyledBlock(channels, channels, style), StyledBlock(channels, half, style, upsample=True))
        return nn.ModuleList([*blocks, StyledBlock(half, half, style)])

    def durations(self, encoded: Tensor) -> Tensor:
        """(B, N) moments that each phoneme lasts, not yet whole numbers, of what `text_encoder` gives."""
        return self.duration_proj(self.lstm(encoded)[0]).sigmoid().sum(dim=-1)

    def curves(self, moments: Tensor, style: Tensor) -> tuple[Tensor, Tensor]:
        """Pitch in Hz and loudness (B, 2 T) of the encoded text laid out over the moments (B, T, C + S)."""
        shared = self.shared(moments)[0].transpose(1, 2)
        pitch = loudness = shared
        for block in self.F0:
            pitch = block(pitch, style)
        for block in self.N:
            loudness = block(loudness, style)
        return self.F0_proj(pitch).squeeze(1), self.N_proj(loudness).squeeze(1)
