"""How long a whole film of SadTalker takes, part by part: drawn, its face restored by GFPGAN, and put back into the picture.

`metrics.benchmarks.sadtalker` runs it on a graphics card. Weights are made up, and what they draw is no face, in which nothing
would be restored. So every drawn square is exchanged for the portrait's own square, swaying, before the restorer sees it; and the
restorer is told to keep whatever its network makes. The work is that of a real film.
"""

from __future__ import annotations

import importlib
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np

from pipeline.contracts import ByteArray, Portrait

#: How often the card is asked how busy it is, in milliseconds; it answers for the sixth of a second or so before.
ASK_EVERY_MS = 100
SWAY_PX = 3.0


@dataclass(frozen=True)
class FilmTimes:
    """Wall times of one film.

    seconds: from the first frame asked for to the last one got. stages: seconds of it spent in each stage alone, by name.
    busy_share: how much of the time the card worked, 0 to 1, as its driver tells; None where it does not tell.
    """

    frames: int
    seconds: float
    stages: dict[str, float]
    restored: int
    busy_share: float | None


@dataclass
class StageClock:
    """Time spent inside the stages of a chain of iterators: what one takes from the one before it is not counted twice."""

    inclusive: dict[str, float] = field(default_factory=dict)

    def timed(self, name: str, frames: Iterator[ByteArray]) -> Iterator[ByteArray]:
        """The same frames; the time in which they come is added up under `name`. Stages are named in the chain's order."""
        self.inclusive[name] = 0.0  # at once, not with the first frame: the last stage of a chain runs first
        return self._timed(name, frames)

    def _timed(self, name: str, frames: Iterator[ByteArray]) -> Iterator[ByteArray]:
        while True:
            begin_s = time.perf_counter()
            frame = next(frames, None)
            self.inclusive[name] += time.perf_counter() - begin_s
            if frame is None:
                return
            yield frame

    def exclusive(self) -> dict[str, float]:
        """Seconds in each stage alone."""
        names, totals = list(self.inclusive), [0.0, *self.inclusive.values()]
        return {name: after - before for name, before, after in zip(names, totals[:-1], totals[1:], strict=True)}


class BusyMeter:
    """Asks the driver of NVIDIA's first visible card how busy it is, in a `with` block; `share` is the mean."""

    def __init__(self, card: str | None) -> None:
        """card: its name for nvidia-smi, such as `GPU-...`; None: there is none, and nothing is asked."""
        self._card = card
        self._answers: list[float] = []
        self._program: subprocess.Popen[str] | None = None

    def __enter__(self) -> BusyMeter:
        if self._card is not None:
            query = ["--query-gpu=utilization.gpu", "--format=csv,noheader,nounits", "-lms", str(ASK_EVERY_MS), "-i", self._card]
            try:
                self._program = subprocess.Popen(
                    ["nvidia-smi", *query], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
                )
            except OSError:
                return self  # no such program: the share stays unknown, and the benchmark says so
            threading.Thread(target=self._listen, args=(self._program,), daemon=True).start()
        return self

    def _listen(self, program: subprocess.Popen[str]) -> None:
        for line in program.stdout or ():
            if line.strip().isdigit():
                self._answers.append(int(line) / 100)

    def __exit__(self, *_: object) -> None:
        if self._program is not None:
            self._program.terminate()
            self._program.wait()

    @property
    def share(self) -> float | None:
        """Mean of the answers, 0 to 1; None where there are none."""
        return float(np.mean(self._answers)) if self._answers else None


def swaying_squares(square: ByteArray) -> Iterator[ByteArray]:
    """A square (S, S, 3) that moves by some pixels from frame to frame, without end."""
    size, index = len(square), 0
    while True:
        shift = np.array([[1, 0, SWAY_PX * np.sin(index / 3)], [0, 1, SWAY_PX * np.sin(index / 4)]])
        yield np.asarray(cv2.warpAffine(square, shift, (size, size), borderMode=cv2.BORDER_REPLICATE), np.uint8)
        index += 1


def time_film(
    sitter: Portrait, size: int, fps: float, drawn: Callable[[ByteArray], Iterator[ByteArray]], restoring: Any, device: Any
) -> FilmTimes:
    """Make one film, all its parts running at once as in a real one; its frames are dropped.

    drawn: gives the film's squares for the portrait's own (size, size, 3). restoring: GFPGAN, or what stands in for it: faces
    (N, 3, 512, 512) in [-1, 1] to faces. device: torch's, where restoring and putting back take place.
    """
    crop = importlib.import_module("sadtalker_runner.head_crop").head_crop(sitter.face)
    restore = importlib.import_module("pipeline.restore")
    pasting = importlib.import_module("pipeline.paste_back")
    square = crop.cut(sitter.image, size)
    scale = next((scale for scale in (1, 2, 4) if scale * size >= crop.width), 4)
    settings = restore.RestoreSettings(strength=1.0, scale=scale, least_likeness=-1.0, device=device.type)
    restorer = restore.FaceRestorer(fps, settings, network=restoring)
    placement = pasting.Placement.of_box(*crop.box, size)
    paster = pasting.PasteBack(sitter, placement, fps, pasting.PasteBackSettings(device=device.type))
    clock = StageClock()
    squares = clock.timed("drawing", drawn(square))
    exchanged = (own for _, own in zip(squares, swaying_squares(square), strict=False))
    restored = clock.timed("restoring", restorer.apply(exchanged))
    pictures = clock.timed("putting back", paster.apply(restored))
    with BusyMeter(card_name(device)) as meter:
        begin_s = time.perf_counter()
        frames = sum(1 for _ in pictures)
        seconds = time.perf_counter() - begin_s
    return FilmTimes(frames, seconds, clock.exclusive(), restorer.report.restored, meter.share)


def reference_times(networks: Any, size: int, frames: int, device: Any) -> dict[str, float]:
    """Seconds a frame of what we are compared with, on `device`, in float32 and eagerly, every frame alone.

    The published structure computes the portrait's features anew with each frame; beside it the same networks with them kept.
    networks: with generator, keypoints and mapping; copies are used.
    """
    torch, geometry = importlib.import_module("torch"), importlib.import_module("sadtalker_runner.networks.geometry")
    copy = importlib.import_module("copy")
    generator, keypoints, mapping = (
        copy.deepcopy(part).to(device) for part in (networks.generator, networks.keypoints, networks.mapping)
    )
    portrait = torch.rand(1, 3, size, size, device=device)
    windows = torch.randn(frames + 1, mapping_inputs(mapping), 27, device=device)

    def seconds_of(draw: Callable[[Any], Any]) -> float:
        draw(windows[-1])  # not counted: it brings code and memory into place
        synchronise(device)
        begin_s = time.perf_counter()
        for window in windows[:-1]:
            draw(window).cpu()
        synchronise(device)
        return (time.perf_counter() - begin_s) / frames

    with torch.inference_mode():
        canonical = keypoints(portrait)
        own = geometry.move_keypoints(canonical, mapping(windows[:1]))
        volume = generator.appearance(portrait)

        def published(window: Any) -> Any:
            return generator(portrait, geometry.move_keypoints(canonical, mapping(window[None])), own)

        def kept(window: Any) -> Any:
            driving = geometry.move_keypoints(canonical, mapping(window[None]))
            return generator.draw(volume, generator.dense_motion_network(volume, driving, own))

        return {"the published structure": seconds_of(published), "portrait's features kept": seconds_of(kept)}


def mapping_inputs(mapping: Any) -> int:
    """Coefficients that a mapping network takes."""
    return int(next(mapping.parameters()).shape[1])


def synchronise(device: Any) -> None:
    """Wait until the card has done what it was given."""
    if device.type == "cuda":
        importlib.import_module("torch").cuda.synchronize()


def card_name(device: Any) -> str | None:
    """What nvidia-smi calls torch's first card; None where torch works elsewhere or does not tell."""
    if device.type != "cuda":
        return None
    identity = getattr(importlib.import_module("torch").cuda.get_device_properties(0), "uuid", None)
    return f"GPU-{identity}" if identity is not None else None
