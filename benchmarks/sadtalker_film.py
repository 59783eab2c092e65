"""How long a whole film of SadTalker takes, each stage alone and all at once: drawn, its face restored by GFPGAN, and put back.

`benchmarks.sadtalker` runs it on a graphics card. Weights are made up, and what they draw is no face, in which nothing
would be restored. So every drawn square is exchanged for the portrait's own square, swaying, before the restorer sees it; and the
restorer is told to keep whatever its network makes. The work is that of a real film.
"""

from __future__ import annotations

import importlib
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import cv2
import numpy as np

from core.contracts import ByteArray, Portrait, Square

#: How often the card is asked how busy it is, in milliseconds; it answers for the sixth of a second or so before.
ASK_EVERY_MS = 100
#: How far the square sways, and after how many frames it comes back.
SWAY_PX, SWAYS = 3.0, 64


@dataclass(frozen=True)
class FilmTimes:
    """Wall times of one film.

    seconds: from the first frame asked for to the last one got, all stages at work as in a real film. stages: seconds that each
    stage takes alone for as many frames, by name. busy_share: how much of the film's time the card worked, 0 to 1, as its driver
    tells; None where it does not tell.
    """

    frames: int
    seconds: float
    stages: dict[str, float]
    restored: int
    busy_share: float | None


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
                self._program = subprocess.Popen(  # the driver's program, wherever the machine has it  # nosec B607
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


def swaying_squares(square: ByteArray, frames: int) -> Iterator[ByteArray]:
    """A square (S, S, 3) that moves by some pixels from frame to frame; every `SWAYS` frames the same."""
    size = len(square)
    turns = np.arange(SWAYS) * 2 * np.pi / SWAYS
    shifts = [np.array([[1, 0, SWAY_PX * np.sin(4 * turn)], [0, 1, SWAY_PX * np.sin(3 * turn)]]) for turn in turns]
    moved = [cv2.warpAffine(square, shift, (size, size), borderMode=cv2.BORDER_REPLICATE).astype(np.uint8) for shift in shifts]
    return (moved[index % SWAYS] for index in range(frames))


def seconds_of(frames: Iterator[ByteArray]) -> tuple[int, float]:
    """How many frames come, and in how many seconds."""
    begin_s = time.perf_counter()
    count = sum(1 for _ in frames)
    return count, time.perf_counter() - begin_s


def time_film(
    portrait: Portrait, size: int, fps: float, drawn: Callable[[ByteArray], Iterator[ByteArray]], restoring: Any, device: Any
) -> FilmTimes:
    """Make one film, its stages first alone and then at once as in a real one; the frames are dropped.

    drawn: gives the film's squares for the portrait's own (size, size, 3). restoring: GFPGAN, or what stands in for it: faces
    (N, 3, 512, 512) in [-1, 1] to faces. device: torch's, where restoring and putting back take place.
    """
    crop = importlib.import_module("faces.head_crop").head_crop(portrait.face)
    restore = importlib.import_module("filters.restore")
    pasting = importlib.import_module("filters.paste_back")
    square = crop.cut(portrait.image, size)
    scale = importlib.import_module("filters.restoration").growth(Square(crop.box, size))
    settings = restore.RestoreSettings(strength=1.0, scale=scale, least_likeness=-1.0, device=device.type)
    restorer = restore.FaceRestorer(fps, settings, network=restoring)
    placement = pasting.Placement.of_box(*crop.box, size)
    paster = pasting.PasteBack(portrait, placement, fps, pasting.PasteBackSettings(device=device.type))
    frames, drawing_s = seconds_of(drawn(square))
    _, restoring_s = seconds_of(restorer.apply(swaying_squares(square, frames)))
    large = crop.cut(portrait.image, scale * size)
    _, pasting_s = seconds_of(paster.apply(swaying_squares(large, frames)))
    stages = {"drawing": drawing_s, "restoring": restoring_s, "putting back": pasting_s}
    exchanged = (own for _, own in zip(drawn(square), swaying_squares(square, frames), strict=True))
    ahead = ahead_on_a_card(device)
    with BusyMeter(card_name(device)) as meter:
        done, seconds = seconds_of(paster.apply(ahead(restorer.apply(ahead(exchanged)))))
    return FilmTimes(done, seconds, stages, restorer.report.restored, meter.share)


def ahead_on_a_card(device: Any) -> Callable[[Iterator[ByteArray]], Iterator[ByteArray]]:
    """What the product puts between two stages: on a graphics card a thread that works ahead."""
    if device.type != "cuda":
        return lambda frames: frames
    stream, chain = importlib.import_module("core.frame_stream"), importlib.import_module("pipeline.filter_chain")
    return partial(stream.read_ahead, ahead=chain.AHEAD_FRAMES)


def reference_times(networks: Any, size: int, frames: int, device: Any) -> dict[str, float]:
    """Seconds a frame of what we are compared with, on `device`, in float32 and eagerly, every frame alone.

    The published structure computes the portrait's features anew with each frame; beside it the same networks with them kept.
    networks: with generator, keypoints and mapping; copies are used.
    """
    torch, geometry = importlib.import_module("torch"), importlib.import_module("neural.one_shot.geometry")
    copy = importlib.import_module("copy")
    generator, keypoints, mapping = (
        copy.deepcopy(part).to(device) for part in (networks.generator, networks.keypoints, networks.mapping)
    )
    portrait = torch.rand(1, 3, size, size, device=device)
    windows = torch.randn(frames + 1, mapping_inputs(mapping), 27, device=device)

    def seconds_a_frame(draw: Callable[[Any], Any]) -> float:
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

        return {"the published structure": seconds_a_frame(published), "portrait's features kept": seconds_a_frame(kept)}


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
