"""How well a published network thinks that lips and sound go together: LSE-C and LSE-D, the figures of papers on lip sync.

Chung & Zisserman, "Out of time: automated lip sync in the wild" (ACCV 2016 workshops): SyncNet, whose weights its makers publish
as `syncnet_v2.model`; the two figures are those of Prajwal et al., "A Lip Sync Expert Is All You Need" (2020). LSE-D is the mean
distance of lips and sound at the best offset (the less, the better), LSE-C by how much it is less than the median of all offsets
(the more, the better). They go along with what people say hardly at all (-0.16 and -0.27 in one comparison), so nothing here is
judged by them. The weights are no part of the project: a file that you have is named.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from scipy.fft import dct
from torch import Tensor, nn

from core.contracts import ByteArray, FloatArray
from faces.tracking.tracks import FaceTrack
from media.media import read_audio_blocks
from neural.network_files import load_exactly, read_tensors

#: What it knows: 25 pictures of this side a second, five at a time, beside twenty rows of thirteen cepstra, 100 a second.
SYNC_FPS, SIDE_PX, WINDOW_FRAMES, WINDOW_ROWS, ROWS_A_FRAME, CEPSTRA = 25.0, 224, 5, 20, 4, 13
RATE_HZ = 16_000
#: Offsets that are tried either way, in frames.
MOST_SHIFT = 15
#: How far the crop goes beyond the face's box, in its half side.
AROUND = 0.4
#: Windows that go through the network at a time.
BATCH = 20


@dataclass(frozen=True)
class LipSyncError:
    """lse_d: distance at the best offset. lse_c: its lead over the usual one. offset_frames: above 0 where the sound is early."""

    lse_d: float
    lse_c: float
    offset_frames: int


class SyncNet(nn.Module):
    """Five pictures (B, 3, 5, 224, 224), 0..255, blue first, and cepstra (B, 1, 13, 20) to a place (B, 1024) each."""

    def __init__(self) -> None:
        super().__init__()
        self.netcnnaud = nn.Sequential(
            *norm(nn.Conv2d(1, 64, 3, padding=1), 64),
            nn.MaxPool2d(1, 1),
            *norm(nn.Conv2d(64, 192, 3, padding=1), 192),
            nn.MaxPool2d(3, (1, 2)),
            *norm(nn.Conv2d(192, 384, 3, padding=1), 384),
            *norm(nn.Conv2d(384, 256, 3, padding=1), 256),
            *norm(nn.Conv2d(256, 256, 3, padding=1), 256),
            nn.MaxPool2d(3, 2),
            *norm(nn.Conv2d(256, 512, (5, 4)), 512),
        )
        self.netcnnlip = nn.Sequential(
            *norm(nn.Conv3d(3, 96, (5, 7, 7), (1, 2, 2)), 96),
            nn.MaxPool3d((1, 3, 3), (1, 2, 2)),
            *norm(nn.Conv3d(96, 256, (1, 5, 5), (1, 2, 2), (0, 1, 1)), 256),
            nn.MaxPool3d((1, 3, 3), (1, 2, 2), (0, 1, 1)),
            *norm(nn.Conv3d(256, 256, (1, 3, 3), padding=(0, 1, 1)), 256),
            *norm(nn.Conv3d(256, 256, (1, 3, 3), padding=(0, 1, 1)), 256),
            *norm(nn.Conv3d(256, 256, (1, 3, 3), padding=(0, 1, 1)), 256),
            nn.MaxPool3d((1, 3, 3), (1, 2, 2)),
            *norm(nn.Conv3d(256, 512, (1, 6, 6)), 512),
        )
        self.netfcaud, self.netfclip = last_layers(), last_layers()

    def lips(self, pictures: Tensor) -> Tensor:
        """(B, 1024) of pictures."""
        return self.netfclip(self.netcnnlip(pictures).flatten(1))

    def sound(self, cepstra: Tensor) -> Tensor:
        """(B, 1024) of cepstra."""
        return self.netfcaud(self.netcnnaud(cepstra).flatten(1))


def norm(convolution: nn.Module, channels: int) -> tuple[nn.Module, nn.Module, nn.Module]:
    """A convolution with its norm and its ReLU."""
    kind = nn.BatchNorm3d if isinstance(convolution, nn.Conv3d) else nn.BatchNorm2d
    return convolution, kind(channels), nn.ReLU()


def last_layers() -> nn.Sequential:
    """From what was seen or heard to its place."""
    return nn.Sequential(nn.Linear(512, 512), nn.BatchNorm1d(512), nn.ReLU(), nn.Linear(512, 1024))


def read_syncnet(path: Path) -> SyncNet:
    """The network of a file, in evaluation mode. Raises MissingError where it is another one; nothing in it is run."""
    network = SyncNet()
    tensors: Mapping[str, Tensor] = read_tensors(path)
    counters = {name: value for name, value in network.state_dict().items() if name.endswith("num_batches_tracked")}
    load_exactly(network, {**counters, **tensors}, path)
    return network.eval()


def cepstra(samples: FloatArray) -> FloatArray:
    """(N, 13) cepstra of a sound (n,) in [-1, 1] at `RATE_HZ`, every 10 ms, as the network learned them.

    Windows of 25 ms without a taper, emphasis of 0.97, 26 triangles on the mel scale of a transform of 512, the first number the
    logarithm of the energy, the others lifted by 22: what the Python program of that name for speech features does.
    """
    signal = np.round(samples.astype(np.float64) * 32767)
    signal = np.append(signal[:1], signal[1:] - 0.97 * signal[:-1])
    length, step, points, triangles = round(0.025 * RATE_HZ), round(0.01 * RATE_HZ), 512, 26
    count = 1 if len(signal) <= length else 1 + -(-(len(signal) - length) // step)
    signal = np.pad(signal, (0, max(0, (count - 1) * step + length - len(signal))))
    windows = np.lib.stride_tricks.sliding_window_view(signal, length)[::step][:count]
    power = np.abs(np.fft.rfft(windows, points)) ** 2 / points
    energy = power.sum(axis=1)
    bands = power @ mel_triangles(points, triangles).T
    floor = np.finfo(float).eps
    found = dct(np.log(np.where(bands == 0, floor, bands)), type=2, axis=1, norm="ortho")[:, :CEPSTRA]
    found *= 1 + 11 * np.sin(np.pi * np.arange(CEPSTRA) / 22)
    found[:, 0] = np.log(np.where(energy == 0, floor, energy))
    return found.astype(np.float32)


def mel_triangles(points: int, count: int) -> FloatArray:
    """(count, points / 2 + 1) triangles between 0 and half the rate, as far apart on the mel scale each."""
    highest = 2595 * np.log10(1 + RATE_HZ / 2 / 700)
    edges_hz = 700 * (10 ** (np.linspace(0, highest, count + 2) / 2595) - 1)
    edges = np.floor((points + 1) * edges_hz / RATE_HZ)
    at = np.arange(points // 2 + 1)
    rise = (at - edges[:-2, None]) / np.maximum(edges[1:-1] - edges[:-2], 1)[:, None]
    fall = (edges[2:, None] - at) / np.maximum(edges[2:] - edges[1:-1], 1)[:, None]
    inside = (at >= edges[:-2, None]) & (at < edges[2:, None])
    return np.where(inside, np.where(at < edges[1:-1, None], rise, fall), 0.0)


def face_crop(frame: ByteArray, landmarks: FloatArray) -> ByteArray:
    """(224, 224, 3) the face as the network knows it, blue first; what lies outside of the frame is grey."""
    low, high = landmarks[:, :2].min(axis=0), landmarks[:, :2].max(axis=0)
    (x, y), half = (low + high) / 2, float((high - low).max()) / 2
    side, left, top = 2 * half * (1 + AROUND), x - half * (1 + AROUND), y - half
    scale = SIDE_PX / side
    matrix = np.array([[scale, 0, -left * scale], [0, scale, -top * scale]])
    cut = cv2.warpAffine(frame, matrix, (SIDE_PX, SIDE_PX), flags=cv2.INTER_AREA, borderValue=(110, 110, 110))
    return np.ascontiguousarray(cut[..., ::-1])


def crops_of(frames: Iterable[ByteArray], track: FaceTrack, fps: float) -> Iterator[ByteArray]:
    """Crops of the face at 25 frames a second, from the first frame on as long as it is there without a gap."""
    given = 0
    for number, frame in enumerate(frames):
        if not track.clear(number):
            return
        while given / SYNC_FPS < (number + 1) / fps:
            yield face_crop(frame, np.asarray(track.landmarks[number]))
            given += 1


def lip_sync_error(
    network: SyncNet, frames: Iterable[ByteArray], track: FaceTrack, fps: float, sound: Path
) -> LipSyncError | None:
    """The figures of a film's face, over its beginning in which it is clear; None where that is too short.

    frames: (H, W, 3) uint8 RGB at `fps`. sound: a file that begins with them.
    """
    heard = cepstra(np.concatenate([block[:, 0] for block in read_audio_blocks(sound, RATE_HZ, 1, 1 << 16)] or [np.zeros(0)]))
    lips = list(lip_places(network, crops_of(frames, track, fps)))
    count = min(len(lips), (len(heard) - WINDOW_ROWS) // ROWS_A_FRAME + 1)
    if count < 2 * MOST_SHIFT:
        return None
    windows = np.stack([heard[number * ROWS_A_FRAME :][:WINDOW_ROWS].T for number in range(count)])[:, None]
    with torch.inference_mode():
        sounds = torch.cat([network.sound(torch.from_numpy(windows[first : first + BATCH])) for first in range(0, count, BATCH)])
    return error_between(np.stack(lips[:count]), sounds.numpy())


def lip_places(network: SyncNet, crops: Iterator[ByteArray]) -> Iterator[FloatArray]:
    """(1024,) of every five pictures in turn, one after the other."""
    held: list[ByteArray] = []
    for crop in crops:
        held.append(crop)
        if len(held) == WINDOW_FRAMES + BATCH - 1:
            yield from places_of(network, held)
            held = held[1 - WINDOW_FRAMES :]
    yield from places_of(network, held)


def places_of(network: SyncNet, crops: list[ByteArray]) -> Iterator[FloatArray]:
    """Of all fives among these pictures."""
    if len(crops) < WINDOW_FRAMES:
        return
    pictures = torch.from_numpy(np.stack(crops).transpose(3, 0, 1, 2).astype(np.float32))
    fives = pictures.unfold(1, WINDOW_FRAMES, 1).permute(1, 0, 4, 2, 3)
    with torch.inference_mode():
        yield from network.lips(fives.contiguous()).numpy()


def error_between(lips: FloatArray, sounds: FloatArray) -> LipSyncError:
    """The figures of places (T, 1024) of lips and sounds, every offset within `MOST_SHIFT` tried."""
    padded = np.pad(sounds, ((MOST_SHIFT, MOST_SHIFT), (0, 0)))
    usual = np.array(
        [np.linalg.norm(lips - padded[shift : shift + len(lips)] + 1e-6, axis=1).mean() for shift in range(2 * MOST_SHIFT + 1)]
    )
    best = int(usual.argmin())
    return LipSyncError(float(usual[best]), float(np.median(usual) - usual[best]), MOST_SHIFT - best)
