"""Networks whose eyes say how alike two pictures look: the layers of VGG-19, or the levels of MuseTalk's own autoencoder.

Simonyan and Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition" (2015); as a loss: Johnson et al.,
"Perceptual Losses for Real-Time Style Transfer" (ECCV 2016). Keys are those of the weights that torchvision publishes.
"""

from __future__ import annotations

from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lipsync.musetalk.networks.vae import Vae

#: Convolutions of the blocks of VGG-19, and their channels; what is seen is what each block's first one gives.
BLOCKS, CHANNELS = (2, 2, 4, 4, 4), (64, 128, 256, 512, 512)
#: Means and spreads of the pictures it learned from, in 0..1.
MEANS, SPREADS = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class Vgg19(nn.Module):
    """Pictures (B, 3, H, W) in [-1, 1], 16 px or more a side, to what five layers see of them, from fine to coarse."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        self.seen_at: list[int] = []
        before = 3
        for number, (count, channels) in enumerate(zip(BLOCKS, CHANNELS, strict=True)):
            if number:
                layers.append(nn.MaxPool2d(2))
            for place in range(count):
                layers += [nn.Conv2d(before, channels, 3, padding=1), nn.ReLU()]
                before = channels
                if place == 0:
                    self.seen_at.append(len(layers) - 1)
        # beyond the last that is seen nothing is computed; the file holds its weights, so they have their place
        self.features = nn.Sequential(*layers, nn.MaxPool2d(2))
        self.register_buffer("means", torch.tensor(MEANS)[:, None, None], persistent=False)
        self.register_buffer("spreads", torch.tensor(SPREADS)[:, None, None], persistent=False)

    def forward(self, pictures: Tensor) -> list[Tensor]:
        """See the class."""
        x = ((pictures + 1) / 2 - cast(Tensor, self.means)) / cast(Tensor, self.spreads)
        seen = []
        for number, layer in enumerate(list(self.features)[: self.seen_at[-1] + 1]):
            x = layer(x)
            if number in self.seen_at:
                seen.append(x)
        return seen


class EncoderEyes(nn.Module):
    """The same by the levels of an autoencoder's encoder, for whoever has no weights of VGG-19: each level's channels at unit
    length in every place, as their sizes differ from level to level."""

    def __init__(self, vae: Vae) -> None:
        super().__init__()
        self.encoder = vae.encoder

    def forward(self, pictures: Tensor) -> list[Tensor]:
        """See the class."""
        x = self.encoder.conv_in(pictures)
        seen = []
        for level in self.encoder.down_blocks:
            x = level(x)
            seen.append(F.normalize(x))
        return seen
