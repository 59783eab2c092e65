"""Text laid out in time, with pitch and loudness, to sound: by HiFi-GAN's generator, or one that ends in an inverse STFT.

Sources: StyleTTS 2's public code; Kong et al., "HiFi-GAN" (2020); Kaneko et al., "iSTFTNet" (2022); the harmonic source after
Wang et al., "Neural source-filter waveform models" (2019), the snake after Ziyin et al. (2020).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from speech.styletts2.networks.blocks import AdaIN1d, StyledBlock

RATE_HZ = 24_000
#: Facts of the published networks.
INNER, TEXT_PASSED_ON, HARMONICS = 1024, 64, 9
KERNELS, DILATIONS, SOURCE_KERNEL, LAST_SOURCE_KERNEL = (3, 7, 11), (1, 3, 5), 7, 11
SINE, VOICED_NOISE, LEAST_HZ = 0.1, 0.003, 10.0
ISTFT_SLOPE, ISTFT_LAST_SLOPE = 0.1, 0.01


@dataclass(frozen=True)
class Chance:
    """Random numbers that can be repeated. generator: None: there is no chance, all are 0."""

    generator: torch.Generator | None

    def normal(self, shape: Sequence[int]) -> Tensor:
        """Of mean 0 and variance 1."""
        return torch.zeros(*shape) if self.generator is None else torch.randn(*shape, generator=self.generator)

    def uniform(self, shape: Sequence[int]) -> Tensor:
        """From 0 to 1."""
        return torch.zeros(*shape) if self.generator is None else torch.rand(*shape, generator=self.generator)


def snake(x: Tensor, alpha: Tensor) -> Tensor:
    """x + sin²(αx) / α."""
    return x + torch.sin(alpha * x).square() / alpha


class SnakeBlock(nn.Module):
    """Three pairs of styled convolutions, the first of each with holes."""

    def __init__(self, channels: int, kernel: int, style: int) -> None:
        super().__init__()
        wide = [nn.Conv1d(channels, channels, kernel, dilation=holes, padding=holes * (kernel // 2)) for holes in DILATIONS]
        self.convs1 = nn.ModuleList(wide)
        self.convs2 = nn.ModuleList(nn.Conv1d(channels, channels, kernel, padding=kernel // 2) for _ in DILATIONS)
        self.adain1, self.adain2 = (nn.ModuleList(AdaIN1d(style, channels) for _ in DILATIONS) for _ in range(2))
        self.alpha1, self.alpha2 = (
            nn.ParameterList(nn.Parameter(torch.ones(1, channels, 1)) for _ in DILATIONS) for _ in range(2)
        )

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        """Of the same shape (B, C, T)."""
        for k in range(len(DILATIONS)):
            y = self.convs1[k](snake(self.adain1[k](x, style), self.alpha1[k]))
            x = x + self.convs2[k](snake(self.adain2[k](y, style), self.alpha2[k]))
        return x


class HarmonicSource(nn.Module):
    """The voice's tone as a sum of sines, with a little noise; noise alone where there is no tone."""

    def __init__(self, scale: int) -> None:
        """scale: samples of a value of the pitch."""
        super().__init__()
        self.scale = scale
        self.l_linear = nn.Linear(HARMONICS, 1)

    def forward(self, pitch_hz: Tensor, chance: Chance) -> Tensor:
        """(B, T * scale) of pitch (B, T) in Hz."""
        pitch = pitch_hz[:, :, None].repeat_interleave(self.scale, dim=1)
        turns = (pitch * torch.arange(1, HARMONICS + 1) / RATE_HZ) % 1
        begin = chance.uniform((len(pitch), HARMONICS))
        begin[:, 0] = 0
        turns[:, 0] = turns[:, 0] + begin
        slow = F.interpolate(turns.transpose(1, 2), scale_factor=1 / self.scale, mode="linear")
        phase = 2 * math.pi * slow.cumsum(dim=2)
        sines = SINE * torch.sin(F.interpolate(phase * self.scale, scale_factor=self.scale, mode="linear")).transpose(1, 2)
        voiced = (pitch > LEAST_HZ).float()
        noise = (voiced * VOICED_NOISE + (1 - voiced) * SINE / 3) * chance.normal(sines.shape)
        return torch.tanh(self.l_linear(sines * voiced + noise)).squeeze(-1)


class Generator(nn.Module):
    """What both generators share: steps that lengthen, each with the source at its length and the mean of three blocks."""

    def __init__(self, channels: int, style: int, rates: Sequence[int], source_channels: int, hop: int) -> None:
        """rates: how much each step lengthens. source_channels: of what is made of the source. hop: samples of a last moment."""
        super().__init__()
        self.rates = tuple(rates)
        self.m_source = HarmonicSource(math.prod(rates) * hop)
        self.ups, self.noise_convs = nn.ModuleList(), nn.ModuleList()
        self.noise_res, self.resblocks = nn.ModuleList(), nn.ModuleList()
        for step, rate in enumerate(rates):
            width, left, last = channels >> (step + 1), math.prod(rates[step + 1 :]), step + 1 == len(rates)
            padding = rate // 2 + rate % 2
            self.ups.append(nn.ConvTranspose1d(2 * width, width, 2 * rate, rate, padding, output_padding=rate % 2))
            sized = (1,) if last else (2 * left, left, (left + 1) // 2)
            self.noise_convs.append(nn.Conv1d(source_channels, width, *sized))
            self.noise_res.append(SnakeBlock(width, LAST_SOURCE_KERNEL if last else SOURCE_KERNEL, style))
            self.resblocks.extend(SnakeBlock(width, kernel, style) for kernel in KERNELS)

    def _active(self, x: Tensor, step: int) -> Tensor:
        """The activation before a step, the last one's after all of them."""
        raise NotImplementedError

    def _lengthened(self, x: Tensor, source: Tensor, style: Tensor) -> Tensor:
        """(B, C, T * rates) before the last convolution."""
        for step in range(len(self.rates)):
            heard = self.noise_res[step](self.noise_convs[step](source), style)
            x = self.ups[step](self._active(x, step))
            if heard.shape[-1] == x.shape[-1] + 1:  # a spectrogram has a moment more than its steps
                x = F.pad(x, (1, 0), mode="reflect")
            x = x + heard
            blocks = self.resblocks[step * len(KERNELS) : (step + 1) * len(KERNELS)]
            x = torch.stack([block(x, style) for block in blocks]).mean(dim=0)
        return self._active(x, len(self.rates))


class HifiGan(Generator):
    """Sound sample by sample."""

    def __init__(self, channels: int, style: int, rates: Sequence[int]) -> None:
        super().__init__(channels, style, rates, source_channels=1, hop=1)
        self.alphas = nn.ParameterList(nn.Parameter(torch.ones(1, channels >> step, 1)) for step in range(len(rates) + 1))
        self.conv_post = nn.Conv1d(channels >> len(rates), 1, 7, padding=3)

    def _active(self, x: Tensor, step: int) -> Tensor:
        return snake(x, self.alphas[step])

    def forward(self, x: Tensor, style: Tensor, pitch_hz: Tensor, chance: Chance) -> Tensor:
        """(B, samples) in [-1, 1]."""
        source = self.m_source(pitch_hz, chance)[:, None]
        return torch.tanh(self.conv_post(self._lengthened(x, source, style))).squeeze(1)


class IstftNet(Generator):
    """A small spectrogram, and its inverse."""

    def __init__(self, channels: int, style: int, rates: Sequence[int], window: int, hop: int) -> None:
        super().__init__(channels, style, rates, source_channels=window + 2, hop=hop)
        self.window, self.hop = window, hop
        self.conv_post = nn.Conv1d(channels >> len(rates), window + 2, 7, padding=3)

    def _active(self, x: Tensor, step: int) -> Tensor:
        return F.leaky_relu(x, ISTFT_LAST_SLOPE if step == len(self.rates) else ISTFT_SLOPE)

    def forward(self, x: Tensor, style: Tensor, pitch_hz: Tensor, chance: Chance) -> Tensor:
        """(B, samples)."""
        hann, bins = torch.hann_window(self.window), self.window // 2 + 1
        heard = torch.stft(self.m_source(pitch_hz, chance), self.window, self.hop, window=hann, return_complex=True)
        told = self.conv_post(self._lengthened(x, torch.cat([heard.abs(), heard.angle()], dim=1), style))
        spectrum = told[:, :bins].exp() * torch.exp(1j * torch.sin(told[:, bins:]))
        return torch.istft(spectrum, self.window, self.hop, window=hann)


class Decoder(nn.Module):
    """The text, its pitch and its loudness to what the generator makes sound of."""

    def __init__(self, channels: int, style: int, generator: Generator, generator_channels: int) -> None:
        super().__init__()
        self.encode = StyledBlock(channels + 2, INNER, style)
        inner = INNER + 2 + TEXT_PASSED_ON
        blocks = [StyledBlock(inner, INNER, style) for _ in range(3)]
        self.decode = nn.ModuleList([*blocks, StyledBlock(inner, generator_channels, style, upsample=True)])
        self.F0_conv, self.N_conv = (nn.Conv1d(1, 1, 3, 2, padding=1) for _ in range(2))
        self.asr_res = nn.Sequential(nn.Conv1d(channels, TEXT_PASSED_ON, 1))
        self.generator = generator

    def forward(self, text: Tensor, pitch_hz: Tensor, loudness: Tensor, style: Tensor, chance: Chance) -> Tensor:
        """(B, 600 T) at 24 kHz; text: (B, C, T) laid out in time, pitch_hz and loudness: (B, 2 T)."""
        pitch, loud = self.F0_conv(pitch_hz[:, None]), self.N_conv(loudness[:, None])
        x, passed_on = self.encode(torch.cat([text, pitch, loud], dim=1), style), self.asr_res(text)
        for block in self.decode:
            x = block(torch.cat([x, passed_on, pitch, loud], dim=1), style)
        sound: Tensor = self.generator(x, style, pitch_hz, chance)
        return sound
