"""Coefficients become pictures: the renderer's core, an iterator whose memory does not grow with the film.

What depends on the portrait alone (feature volume, canonical key points) is computed once; a frame costs its key points, the flow
they make, and the decoder.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from core.contracts import ByteArray, FloatArray
from neural.device import choose_nvidia
from sadtalker_runner.networks.generator import Generator
from sadtalker_runner.networks.geometry import HeadMotion, bins_to_degrees, move_keypoints
from sadtalker_runner.networks.keypoint_detector import KeypointDetector
from sadtalker_runner.networks.mapping_net import MappingNet
from sadtalker_runner.settings import RenderSettings

DTYPES = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}


@dataclass(frozen=True)
class FrameCoefficients:
    """What some successive frames show.

    semantics: (B, C, 27) float32, a window of coefficients for each frame. rotation_deg: (B, 3) yaw, pitch, roll of the head in
    degrees, in the place of what the coefficients say; not a number, or None: as they say.
    """

    semantics: FloatArray
    rotation_deg: FloatArray | None = None


#: Draws frames (H, W, 3) uint8 of one portrait for key points (B, K, 3).
Drawer = Callable[[Tensor], Iterator[ByteArray]]


class Backend(Protocol):
    """Draws frames; it keeps nothing of a film, so several may be drawn in turn."""

    def opened(self, picture: Tensor, source: Tensor) -> Drawer:
        """What draws the portrait (1, 3, H, W) in [0, 1] with its key points (1, K, 3)."""
        ...


class FaceRenderer:
    """SadTalker's renderer with its networks on their device, for any number of films, also at once.

    It takes the generator over and changes it.
    """

    def __init__(
        self, generator: Generator, keypoints: KeypointDetector, mapping: MappingNet, settings: RenderSettings | None = None
    ) -> None:
        """Raises `core.errors.InputError` where a graphics card is asked for and there is none."""
        self.settings = settings or RenderSettings()
        self.device = choose_nvidia(self.settings.device)
        self._keypoints = keypoints.to(self.device)
        self._mapping = mapping.to(self.device)
        self._backend = backend_for(generator, self.settings, self.device)

    def frames(
        self, picture: ByteArray, source: FloatArray, film: Iterable[FrameCoefficients], batch_frames: int | None = None
    ) -> Iterator[ByteArray]:
        """Yield the frames (H, W, 3) uint8 RGB of a film.

        picture: (H, W, 3) uint8 RGB, 256 or 512 pixels wide and high. source: (C, 27), the portrait's own window. film: the
        frames' coefficients in stretches of any length; no more of them are taken than the yielded frames need.
        """
        with torch.inference_mode():
            image = torch.from_numpy(picture.copy()).to(self.device).permute(2, 0, 1)[None].float() / 255
            canonical = self._keypoints(image)
            own = move_keypoints(canonical, self._mapping(self._tensor(source[None])))
            draw = self._backend.opened(image, own)
        for stretch in batched(film, batch_frames or self.settings.batch_frames):
            # Entered anew for every frame: the mode must not reach into whoever takes the frames.
            with torch.inference_mode():
                motion = self._mapping(self._tensor(stretch.semantics))
                frames = draw(move_keypoints(canonical, turned(motion, stretch.rotation_deg)))
            for _ in range(len(stretch.semantics)):
                with torch.inference_mode():
                    frame = next(frames)
                yield frame

    def _tensor(self, array: FloatArray) -> Tensor:
        """A float32 array on the device."""
        return torch.from_numpy(np.ascontiguousarray(array, np.float32)).to(self.device)


def turned(motion: HeadMotion, rotation_deg: FloatArray | None) -> HeadMotion:
    """`motion` with angles replaced by `rotation_deg` (B, 3): yaw, pitch, roll in degrees; not a number, or None, leaves them."""
    if rotation_deg is None:
        return motion
    given = torch.from_numpy(np.ascontiguousarray(rotation_deg, np.float32)).to(motion.yaw.device).T
    own = (motion.yaw, motion.pitch, motion.roll)
    yaw, pitch, roll = (
        torch.where(angle.isnan(), bins_to_degrees(logits), angle) for angle, logits in zip(given, own, strict=True)
    )
    return replace(motion, yaw=yaw, pitch=pitch, roll=roll)


def batched(film: Iterable[FrameCoefficients], batch_frames: int) -> Iterator[FrameCoefficients]:
    """The same frames in stretches of at most `batch_frames`, cut within the stretches of `film`."""
    for stretch in film:
        for first in range(0, len(stretch.semantics), batch_frames):
            taken = slice(first, first + batch_frames)
            rotation = None if stretch.rotation_deg is None else stretch.rotation_deg[taken]
            yield FrameCoefficients(stretch.semantics[taken], rotation)


def backend_for(generator: Generator, settings: RenderSettings, device: torch.device) -> Backend:
    """What draws on `device`."""
    if device.type == "cpu":
        return CpuBackend(generator)
    precision = "float16" if settings.precision == "auto" else settings.precision
    return BatchBackend(generator, device, DTYPES[precision], settings.batch_frames, settings.compile)


class CpuBackend:
    """One frame at a time by `cpu.generator`."""

    def __init__(self, generator: Generator) -> None:
        from sadtalker_runner.cpu.generator import CpuGenerator  # compiles its kernels when it is loaded

        self._generator = CpuGenerator(generator)

    def opened(self, picture: Tensor, source: Tensor) -> Drawer:
        """See `Backend`."""
        appearance = self._generator.appearance(picture)

        def draw(driving: Tensor) -> Iterator[ByteArray]:
            for keypoints in driving:
                yield as_bytes(self._generator.frame(appearance, keypoints, source[0])).numpy()

        return draw


class BatchBackend:
    """Whole batches by the network itself, in the precision and memory layout that a graphics card likes.

    Key points and coordinates stay float32. A batch that is not full is filled up with its last frame, so that the compiled code
    meets one shape only.
    """

    def __init__(self, generator: Generator, device: torch.device, dtype: torch.dtype, batch_frames: int, compiled: bool) -> None:
        from sadtalker_runner.folding import fold_spectral_norms

        fold_spectral_norms(generator)
        self._generator = generator.to(device=device, dtype=dtype)
        for parameter in generator.parameters():
            if parameter.ndim in (4, 5):
                layout = torch.channels_last if parameter.ndim == 4 else torch.channels_last_3d
                parameter.data = parameter.data.contiguous(memory_format=layout)
        self._dtype = dtype
        self._batch_frames = batch_frames
        self._step = torch.compile(self._frames, dynamic=False) if compiled else self._frames

    def opened(self, picture: Tensor, source: Tensor) -> Drawer:
        """See `Backend`."""
        volume = self._generator.appearance(picture.to(self._dtype))
        compressed = self._generator.dense_motion_network.compressed(volume)

        def draw(driving: Tensor) -> Iterator[ByteArray]:
            count = len(driving)
            missing = self._batch_frames - count
            if missing > 0:
                driving = torch.cat([driving, driving[-1:].expand(missing, -1, -1)])
            frames = self._step(volume, compressed, driving, source.expand(len(driving), -1, -1))
            yield from frames[:count].cpu().numpy()

        return draw

    def _frames(self, volume: Tensor, compressed: Tensor, driving: Tensor, source: Tensor) -> Tensor:
        """Frames (B, H, W, 3) uint8."""
        network = self._generator.dense_motion_network
        motion = network.weigh(network.evidence(compressed, driving, source), driving, source)
        return as_bytes(self._generator.draw(volume, motion).permute(0, 2, 3, 1)).contiguous()


def as_bytes(frame: Tensor) -> Tensor:
    """Values in [0, 1] as uint8, rounded."""
    return (frame.float() * 255).round_().to(torch.uint8)
