"""Restores the face in every frame by GFPGAN 1.4: sharp eyes, teeth and skin from a soft or small face. Made for a graphics card.

The face is laid as the network knows it (`restore_pose`), restored in batches, steadied over time (`restore_steady`), and what
was added is put back under a soft mask of the face (`restore_face`); every other pixel of the frame stays as it is. A frame whose
face is not found, or whose result is no face, passes unrestored, is counted, and is told.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Literal, TypeVar

from core.contracts import ByteArray, Face, FloatArray, Progress, silent
from core.filter_card import FaceInFilm
from core.frame_stream import closing_frames, read_ahead
from core.messages import Message, message
from filters.restore_face import at_scale, face_mask, grey_of, grown, likeness, put_back, sampled, to_bytes, to_tensor
from filters.restore_pose import Posed, posed_frames, poses_of_film, steadied
from filters.restore_steady import DetailSteadier, SteadySettings
from neural.device import DeviceChoice, PrecisionChoice, choose_device, choose_dtype
from neural.gpu_turn import device_turn
from neural.network_files import load_exactly, read_tensors
from weights.fetch import ensure

if TYPE_CHECKING:
    import torch
    from torch import Tensor

WEIGHT_NAME, WEIGHT_ENTRY = "gfpgan_14", "params_ema"
STAGE = "restore"
#: What a face took on two CPU cores that had nothing else to do (`python -m benchmarks.restoration`), for the sentence
#: before the work.
CPU_SECONDS_A_FRAME = 6.0

Item = TypeVar("Item")
#: Faces (N, 3, 512, 512) in [-1, 1], aligned, to restored ones.
Network = Callable[["Tensor"], "Tensor"]


@dataclass(frozen=True)
class RestoreSettings:
    """How faces are restored."""

    #: share of the restored face in the frame, 0 to 1; 0 leaves every frame alone.
    strength: float = 0.8
    #: how many times the frames grow first, so that a small face has room for its detail.
    scale: Literal[1, 2, 4] = 1
    #: how what is added is steadied over time.
    steady: SteadySettings = field(default_factory=SteadySettings)
    #: time in seconds (sigma) over which the face's place is smoothed; 0 takes it as found.
    pose_smoothing_s: float = 0.06
    #: least correlation of the restored face with the one that went in, both seen coarsely, for it to count as restored, -1 to 1.
    least_likeness: float = 0.6
    #: frames in one pass of the network on a graphics card; a CPU takes one at a time.
    batch_frames: int = 8
    #: where the network runs.
    device: DeviceChoice = "auto"
    #: precision of the network's inside; the picture itself is float32 always.
    precision: PrecisionChoice = "auto"

    def __post_init__(self) -> None:
        if not (0 <= self.strength <= 1 and -1 <= self.least_likeness <= 1):
            raise ValueError("strength must be from 0 to 1, and least_likeness from -1 to 1.")
        if self.scale not in (1, 2, 4) or self.batch_frames < 1 or not self.pose_smoothing_s >= 0:
            raise ValueError("scale must be 1, 2 or 4, batch_frames at least 1, and pose_smoothing_s not negative.")


@dataclass
class RestorationReport:
    """What became of the frames of one film: how many were restored, had no face, or had a result that was no face."""

    restored: int = 0
    without_face: int = 0
    failed: int = 0
    device: str = ""
    seconds: float = 0.0

    @property
    def frames(self) -> int:
        """All frames."""
        return self.restored + self.without_face + self.failed

    def notes(self) -> tuple[Message, ...]:
        """For the film's notes."""
        notes = []
        if self.without_face:
            notes.append(message("filters.frames_without_face", count=self.without_face, all=self.frames))
        if self.failed:
            notes.append(message("filters.frames_restored_to_no_face", count=self.failed, all=self.frames))
        if self.device == "cpu" and self.restored + self.failed:
            each_s = self.seconds / (self.restored + self.failed)
            notes.append(message("filters.restoring_took", seconds=each_s))
        return tuple(notes)


def cpu_notice(frames: int) -> Message:
    """What to say before faces are restored without a graphics card."""
    minutes = max(1, round(frames * CPU_SECONDS_A_FRAME / 60))
    return message("filters.restoring_will_take", seconds=CPU_SECONDS_A_FRAME, minutes=minutes, count=frames)


@dataclass(frozen=True)
class Pass:
    """A frame that has been through the network.

    base: (1, 3, H, W) in [0, 1]. matrix: (2, 3), takes its pixels to the aligned square. mask: (128, 128) float32 in [0, 1], the
    face there. aligned, restored: (3, 512, 512), the face before and after, about [0, 1].
    """

    base: Tensor
    matrix: FloatArray
    mask: FloatArray
    aligned: Tensor
    restored: Tensor


class FaceRestorer:
    """A `FrameFilter` for the frames of one face. What happened stands in `report` when the frames have been taken."""

    def __init__(
        self,
        fps: float,
        settings: RestoreSettings | None = None,
        face: Face | FaceInFilm | None = None,
        network: Network | None = None,
    ) -> None:
        """fps: of the frames. face: the one meant, in the frames' pixels, where they show several, or all that is known of it in
        a film; frames in which nothing is known pass as they are and are not counted. network: in GFPGAN's place.

        Raises MissingError where torch or the weights are missing, InputError where the device is.
        """
        self.fps, self.face = fps, face
        self.settings = settings or RestoreSettings()
        self.report = RestorationReport()
        self._device = choose_device(self.settings.device)
        self._dtype = choose_dtype(self._device, self.settings.precision, wide_range=True)
        #: whether frames pass in batches, and the next ones are made ready meanwhile.
        self._at_once = self._device.type == "cuda"
        self._network = network
        if network is None and self.settings.strength > 0:
            self._network = load_gfpgan(self._device, self._dtype)

    def apply(self, frames: Iterator[ByteArray], progress: Progress = silent) -> Iterator[ByteArray]:
        """Yield as many frames as come in, (H, W, 3) uint8, `scale` times as large; `progress` counts, of an unknown total of 0.

        Held are two batches and the frames over which the face's place is smoothed, so memory does not grow with the film. On a
        graphics card the faces of the next batch are drawn and found while it restores this one.
        """
        self.report = RestorationReport(device=self._device.type)
        self._steadier = DetailSteadier(self.settings.steady)
        done, size = 0, self.settings.batch_frames if self._at_once else 1
        posed = self._posed(frames)
        if self._at_once:
            posed = read_ahead(posed, size)
        with closing_frames(posed):
            for batch in batched(posed, size):
                for frame in self._restore(batch):
                    done += 1
                    yield frame
                    progress(STAGE, done, 0)

    @property
    def device_type(self) -> str:
        """Where the network works: cpu, cuda or mps."""
        return self._device.type

    def _posed(self, frames: Iterator[ByteArray]) -> Iterator[Posed]:
        if self.settings.strength == 0:
            yield from (Posed(frame.copy(), None, None) for frame in frames)
            return
        sigma_frames = self.settings.pose_smoothing_s * self.fps
        if isinstance(self.face, FaceInFilm):
            yield from poses_of_film(frames, self.face, sigma_frames)
            return
        found = posed_frames(frames, self.fps, self.face)
        posed = steadied(found, sigma_frames)
        with closing_frames(found, posed):
            yield from posed

    def _restore(self, batch: list[Posed]) -> Iterator[ByteArray]:
        """The frames of a batch, restored where there is a face."""
        begin_s = time.perf_counter()
        passes = iter(self._passes([each for each in batch if each.matrix is not None]))
        self.report.seconds += time.perf_counter() - begin_s
        for each in batch:
            begin_s = time.perf_counter()
            frame = None
            if each.begins:
                self._steadier.reset()
            if each.matrix is not None:
                frame = self._paste(next(passes))
            elif self.settings.strength > 0 and not isinstance(self.face, FaceInFilm):
                self.report.without_face += 1
            if frame is None:
                self._steadier.reset()
                frame = to_bytes(grown(to_tensor(each.frame, self._device), self.settings.scale))
            self.report.seconds += time.perf_counter() - begin_s
            yield frame

    def _passes(self, batch: list[Posed]) -> list[Pass]:
        """All frames of the batch, each with a face, through the network at once."""
        import torch

        if not batch:
            return []
        assert self._network is not None
        scale = self.settings.scale
        with torch.inference_mode():
            bases = [grown(to_tensor(each.frame, self._device), scale) for each in batch]
            matrices = [at_scale(each.matrix, scale) for each in batch if each.matrix is not None]
            aligned = torch.cat([sampled(base, matrix) for base, matrix in zip(bases, matrices, strict=True)])
            inside = (aligned * 2 - 1).to(self._dtype, memory_format=torch.channels_last)
            restored = (self._network(inside).float() + 1) / 2
        masks = [
            face_mask((each.landmarks + 0.5) * scale - 0.5, matrix)
            for each, matrix in zip(batch, matrices, strict=True)
            if each.landmarks is not None
        ]
        return [Pass(*parts) for parts in zip(bases, matrices, masks, aligned, restored, strict=True)]

    def _paste(self, passed: Pass) -> ByteArray | None:
        """One frame with its restored face; None where that is no face."""
        import torch

        with torch.inference_mode():
            if likeness(passed.aligned, passed.restored, passed.mask) < self.settings.least_likeness:
                self.report.failed += 1
                return None
            self.report.restored += 1
            detail = self._steadier.steady(grey_of(passed.aligned), passed.restored.clamp(0, 1) - passed.aligned)
            added = put_back(detail, passed.mask, passed.matrix, passed.base.shape[-2:])
            return to_bytes(passed.base + self.settings.strength * added)


def load_gfpgan(device: torch.device, dtype: torch.dtype) -> Network:
    """The network with its published weights. Raises MissingError where the file can't be had or is not the one."""
    from filters.networks.gfpgan import Gfpgan, channels_last

    path = ensure(WEIGHT_NAME)
    network = Gfpgan()
    load_exactly(network, read_tensors(path, WEIGHT_ENTRY), path)
    return channels_last(network.eval().to(device, dtype))


def network_in_turn(settings: RestoreSettings) -> Network:
    """The network for a film in which others work too: on a graphics card it waits its turn with every batch.

    Raises as `load_gfpgan`, and InputError where the device is not there.
    """
    device = choose_device(settings.device)
    with device_turn(device, lambda: None):
        network = load_gfpgan(device, choose_dtype(device, settings.precision, wide_range=True))

    def restore(faces: Tensor) -> Tensor:
        with device_turn(device, lambda: None):
            return network(faces)

    return restore


def batched(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """The items in lists of `size`, the last one maybe shorter."""
    source = iter(items)
    while batch := list(islice(source, size)):
        yield batch
