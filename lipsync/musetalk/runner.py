"""Crops of a face and the sound become the same crops with lips that say the sound: MuseTalk's networks on their device.

    musetalk = MuseTalk(read_networks())
    heard = musetalk.hear(sound)                                    # 16 kHz, mono
    for crop in musetalk.lips(crops, frame_features(heard, frames, fps)):
        ...

The whole square comes back, not the lips alone: its upper half is the network's copy of what it was given. What is put back into
the frame, and how it is blended, is the caller's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from core.contracts import ByteArray, FloatArray
from lipsync.musetalk.checkpoint import MuseTalkNetworks
from lipsync.musetalk.crops import SIDE
from lipsync.musetalk.networks.vae import SCALE
from lipsync.musetalk.networks.whisper_encoder import WhisperEncoder
from lipsync.musetalk.settings import MuseTalkSettings
from lipsync.musetalk.sound import FEATURES, LAYERS, WIDTH, mel_windows, order_of_rows, row_count
from neural.device import choose_dtype, choose_nvidia

Number = TypeVar("Number", bound=np.number[Any])
#: A black pixel, as the networks see it.
BLACK = -1.0


class MuseTalk:
    """MuseTalk's networks on their device, for any number of films. It takes the networks over: they are moved, and halved on a
    card. May be asked from one thread at a time."""

    def __init__(self, networks: MuseTalkNetworks, settings: MuseTalkSettings | None = None) -> None:
        """Raises InputError where a card, or half precision, is asked for and there is none."""
        settings = settings or MuseTalkSettings()
        self.device = choose_nvidia(settings.device)
        # their numbers stay within float16, in which the published program runs them, too
        self.dtype = choose_dtype(self.device, settings.precision, wide_range=False)
        self.batch_frames = settings.frames_at_once(on_card=self.device.type == "cuda")
        self._unet = networks.unet.to(self.device, self.dtype)
        self._vae = networks.vae.to(self.device, self.dtype)
        self._whisper = networks.whisper.to(self.device, self.dtype)
        self._order = torch.from_numpy(order_of_rows()).to(self.device)

    def hear(self, sound: FloatArray) -> FloatArray:
        """What Whisper's layers hear, (rows, 5, 384) float32, 50 rows a second; 380 KB for each second.

        sound: (n,) float32 in [-1, 1], mono, 16 kHz. It is heard in windows of 30 s that know nothing of one another, as
        published.
        """
        return rows_heard(self._whisper, sound)

    def lips(self, crops: Iterable[ByteArray], features: Iterable[FloatArray]) -> Iterator[ByteArray]:
        """Yield each crop, (256, 256, 3) uint8 RGB, with the lips of its features; memory does not grow with the film.

        crops: (256, 256, 3) uint8 RGB each, as `CropBox.cut` gives them. features: (50, 384) each, as `frame_features` gives
        them; as many. No more than a batch is taken ahead. Raises ValueError where sizes or numbers differ.
        """
        pairs = zip(crops, features, strict=True)
        while batch := list(islice(pairs, self.batch_frames)):
            faces = stacked((crop for crop, _ in batch), (SIDE, SIDE, 3), np.uint8)
            sound = stacked((each for _, each in batch), (FEATURES, WIDTH), np.floating)
            yield from self.drawn(self.latents(faces), sound)

    def latents(self, crops: ByteArray) -> Tensor:
        """(N, 8, 32, 32), on the device, what the U-Net sees of crops (N, 256, 256, 3) uint8; the same for every sound."""
        with torch.inference_mode():
            # by channels, not by pixels: see `rows_as_pixels`
            faces = torch.from_numpy(crops).to(self.device).permute(0, 3, 1, 2).contiguous()
            return self.encoded(faces.float() / 127.5 - 1.0)

    def drawn(self, latents: Tensor, features: FloatArray) -> ByteArray:
        """(N, 256, 256, 3) uint8, drawn from `latents` (N, 8, 32, 32) for features (N, 50, 384)."""
        with torch.inference_mode():
            pictures = self.decoded(latents, torch.from_numpy(features).to(self.device, torch.float32))
            return as_bytes(pictures).permute(0, 2, 3, 1).cpu().numpy()

    def encoded(self, faces: Tensor) -> Tensor:
        """Latents (N, 8, 32, 32) of faces (N, 3, 256, 256) in [-1, 1]: of the upper half alone, and of the whole.

        The same every time: the published program draws from the distribution of which this is the mean.
        """
        means, _ = self._vae.encode(torch.cat([lower_half_black(faces), faces]).to(self.dtype))
        return torch.cat((means * SCALE).chunk(2), dim=1)

    def decoded(self, latents: Tensor, features: Tensor) -> Tensor:
        """Faces (N, 3, 256, 256), in about [-1, 1], from latents (N, 8, 32, 32) and features (N, 50, 384)."""
        sound = (features + self._order).to(self.dtype)
        return self._vae.decode(self._unet(latents.to(self.dtype), sound) / SCALE)


def rows_heard(whisper: WhisperEncoder, sound: FloatArray) -> FloatArray:
    """See `MuseTalk.hear`; the network works where it is, and in its precision."""
    weight = next(whisper.parameters())
    heard = [np.zeros((0, LAYERS, WIDTH), np.float32)]
    for window in mel_windows(sound):
        with torch.inference_mode():
            rows = whisper(torch.from_numpy(window)[None].to(weight.device, weight.dtype))[0]
            heard.append(rows.float().cpu().numpy())
    return np.concatenate(heard)[: row_count(len(sound))]


def lower_half_black(faces: Tensor) -> Tensor:
    """A copy of faces (N, 3, side, side) in [-1, 1] whose lower half is black, so that the network can't copy the old mouth."""
    masked = faces.clone()
    masked[:, :, faces.shape[2] // 2 :] = BLACK
    return masked


def as_bytes(pictures: Tensor) -> Tensor:
    """Values in [-1, 1], cut off beyond, as uint8, rounded."""
    return (pictures.float() * 127.5 + 127.5).round_().clamp_(0, 255).to(torch.uint8)


def stacked(arrays: Iterable[npt.NDArray[Number]], shape: tuple[int, ...], kind: type[Number]) -> npt.NDArray[Number]:
    """(N, *shape) the arrays of a batch. Raises ValueError where one has another shape, or numbers of another kind."""
    batch = np.stack(list(arrays))
    if batch.shape[1:] != shape or not np.issubdtype(batch.dtype, kind):
        raise ValueError(f"{shape} of {kind.__name__} is expected, not {batch.shape[1:]} of {batch.dtype}.")
    return batch
