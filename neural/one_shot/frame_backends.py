"""Who draws frames with a generator: the processor one at a time, or a graphics card whole batches.

What depends on the portrait alone (its feature volume) is computed once; a frame costs the flow that its key points make, and the
decoder.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal, Protocol

import torch
from torch import Tensor

from core.contracts import ByteArray
from neural.one_shot.generator import Generator

#: Of the generator's numbers; `auto` is float16 on a graphics card, float32 on a CPU, which knows no other here.
Precision = Literal["auto", "float32", "float16", "bfloat16"]
DTYPES = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}
#: Draws frames (H, W, 3) uint8 of one portrait for key points (B, K, 3).
Drawer = Callable[[Tensor], Iterator[ByteArray]]


class Backend(Protocol):
    """Draws frames; it keeps nothing of a film, so several may be drawn in turn."""

    def opened(self, picture: Tensor, source: Tensor) -> Drawer:
        """What draws the portrait (1, 3, H, W) in [0, 1] with its key points (1, K, 3)."""
        ...


def backend_for(
    generator: Generator, device: torch.device, precision: Precision = "auto", batch_frames: int = 8, compiled: bool = True
) -> Backend:
    """What draws on `device`. It takes the generator over and changes it.

    batch_frames: frames that a graphics card renders at once. compiled: whether its code is compiled first.
    """
    if device.type == "cpu":
        return CpuBackend(generator)
    kind = "float16" if precision == "auto" else precision
    return BatchBackend(generator, device, DTYPES[kind], batch_frames, compiled)


class CpuBackend:
    """One frame at a time by `cpu.generator`."""

    def __init__(self, generator: Generator) -> None:
        from neural.one_shot.cpu.generator import CpuGenerator  # compiles its kernels when it is loaded

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
        from neural.one_shot.folding import fold_spectral_norms

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
