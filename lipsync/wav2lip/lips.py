"""Other lips for faces that are there: crops of a film and what is heard in, crops whose mouths say it out, in batches.

checkpoint = read_generator(Path("wav2lip_gan.pth"))
painter = LipPainter(checkpoint.network)
windows = mel_windows(spectrogram, 0, frames, fps, checkpoint.network.WINDOW_HOPS)
for crop in painter.lips(crops, windows): ...
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

import numpy as np
import torch
from torch import Tensor

from core.contracts import ByteArray, FloatArray
from lipsync.wav2lip.checkpoint import Generator
from lipsync.wav2lip.networks.expert import LipSyncExpert
from neural.device import DeviceChoice, PrecisionChoice, choose_device, choose_dtype

#: Pixels of a crop's side, and of the part that the networks draw anew.
SIDE, LOWER_HALF = 96, slice(48, None)
#: Crops that the network works on at a time: 8 keep a processor busy, a card wants more.
BATCH_ON_A_CPU, BATCH_ON_A_CARD = 8, 64


class LipPainter:
    """A generator made ready on a device: it takes the network over, and lays its numbers out as convolutions read them best."""

    def __init__(
        self, network: Generator, device: DeviceChoice = "auto", precision: PrecisionChoice = "auto", batch: int | None = None
    ) -> None:
        """precision: `auto` takes half precision on an NVIDIA card. batch: crops at a time, at least 1; None takes what suits.

        Raises InputError where the device is not here or has no half precision.
        """
        self._device = choose_device(device)
        self._dtype = choose_dtype(self._device, precision, wide_range=False)
        self._network = network.to(self._device, self._dtype).eval()
        for weight in network.parameters():
            if weight.ndim == 4:
                weight.data = weight.data.contiguous(memory_format=torch.channels_last)
        self.batch = batch or (BATCH_ON_A_CPU if self._device.type == "cpu" else BATCH_ON_A_CARD)

    def lips(self, crops: Iterable[ByteArray], windows: Iterable[FloatArray]) -> Iterator[ByteArray]:
        """The crops in turn, each (96, 96, 3) uint8 RGB, as the network draws them whole, with lips that say the sound.

        crops: faces (96, 96, 3) uint8 RGB from brow to chin. windows: what is heard with each, (1, 80, hops) as `mel_windows`
        gives them; as many as crops, else ValueError. Only one batch is in memory.
        """
        pairs = zip(crops, windows, strict=True)
        while batch := list(islice(pairs, self.batch)):
            faces = torch.from_numpy(np.stack([crop for crop, _ in batch])).to(self._device)
            sound = torch.from_numpy(np.stack([window for _, window in batch])).to(self._device, self._dtype)
            with torch.inference_mode():
                drawn = self._network(sound, seen(blue_first(faces).to(self._dtype), self._network.WHOLE_FIRST))
                levels = (drawn.float().flip(1) * 255).round_().clamp_(0, 255).to(torch.uint8)
            yield from levels.permute(0, 2, 3, 1).cpu().numpy()


def blue_first(faces: Tensor) -> Tensor:
    """Faces (B, 96, 96, 3) uint8 RGB as the networks have them: (B, 3, 96, 96) float32 in 0..1, blue first."""
    return faces.permute(0, 3, 1, 2).flip(1).float() / 255


def seen(faces: Tensor, whole_first: bool) -> Tensor:
    """What a generator sees of faces (B, 3, 96, 96): (B, 6, 96, 96), whole, and with the lower half black, in its order."""
    masked = faces.clone()
    masked[:, :, LOWER_HALF] = 0
    return torch.cat([faces, masked] if whole_first else [masked, faces], dim=1)


def agreement(expert: LipSyncExpert, crops: ByteArray, windows: FloatArray) -> FloatArray:
    """How much each five frames in turn and the sound belong together, as the expert says: (frames - 4,) float32 in 0..1.

    crops: (frames, 96, 96, 3) uint8 RGB, at 25 frames a second, at least five. windows: (frames - 4 or more, 1, 80, 16), those of
    the first frames, as `mel_windows` gives them. The expert works where it is.
    """
    device = next(expert.parameters()).device
    count = len(crops) - expert.FRAMES + 1
    mouths = blue_first(torch.from_numpy(crops).to(device))[:, :, LOWER_HALF]
    scores = []
    with torch.inference_mode():
        for first in range(0, count, BATCH_ON_A_CPU):
            starts = range(first, min(first + BATCH_ON_A_CPU, count))
            five = torch.stack([mouths[start : start + expert.FRAMES].flatten(0, 1) for start in starts])
            sound = torch.from_numpy(windows[starts.start : starts.stop]).to(device)
            heard, shown = expert(sound, five)
            scores.append((heard * shown).sum(dim=1).cpu().numpy())
    return np.concatenate(scores)
