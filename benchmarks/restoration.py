"""How fast faces are restored, squares pasted back and frames interpolated, and what steadying and pasting are worth.

`python -m benchmarks.restoration [--portrait FILE] [--parts gfpgan paste rife jitter seam] [--device auto] [--json]`.
Weights of chance stand in for the networks' own: what they compute costs the same. Every figure of worth stands beside its
control: the same frames unsteadied, and the square pasted as a plain rectangle.
"""

from __future__ import annotations

import argparse
import importlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from benchmarks.ending import ends_in_words
from benchmarks.machine import print_figures
from core.contracts import ByteArray, Portrait
from faces.faces import FaceFinder, choose_face
from media.pictures import load_picture
from metrics.seam import edges

PARTS = ("gfpgan", "paste", "rife", "jitter", "seam")
FPS = 25.0
#: Side of the picture and of the square in it, in pixels.
PICTURE_PX, SQUARE_PX = 512, 256
#: The square around the portrait's face, as parts of the picture: (left, top, right, bottom).
SQUARE_PART = (0.15, 0.04, 0.86, 0.75)
#: What the restorer of chance draws into every frame, and the tone of the dragged square, in levels of 255.
NOISE_LEVELS, TONE_LEVELS = 20.0, 8.0


@dataclass(frozen=True)
class Figure:
    """One line of the result: its value with the unit, and that of its control where it has one."""

    name: str
    value: float
    unit: str
    control: float | None = None

    def sentence(self) -> str:
        """The line for a person."""
        beside = "" if self.control is None else f" (control: {self.control:.3g} {self.unit})"
        return f"{self.name}: {self.value:.3g} {self.unit}{beside}"


def measure(portrait_path: Path, parts: Sequence[str], device: str, repeats: int) -> list[Figure]:
    """The figures of the parts named. Raises `InputError` where the picture has no face or the device is not there."""
    portrait = load_portrait(portrait_path)
    makers: dict[str, Callable[[], list[Figure]]] = {
        "gfpgan": lambda: measure_gfpgan(device, repeats),
        "paste": lambda: measure_paste(portrait, device, repeats),
        "rife": lambda: measure_rife(device, repeats),
        "jitter": lambda: [measure_jitter(portrait.image, device)],
        "seam": lambda: [measure_seam(portrait)],
    }
    return [figure for part in parts for figure in makers[part]()]


def load_portrait(path: Path) -> Portrait:
    """The portrait, 512 px high and wide, with its face."""
    image = cv2.resize(load_picture(path).image, (PICTURE_PX, PICTURE_PX), interpolation=cv2.INTER_AREA)
    with FaceFinder() as finder:
        return Portrait(image, choose_face(finder.find(image), None, (PICTURE_PX, PICTURE_PX)))


def seconds_of(work: Callable[[], object], repeats: int, device: Any) -> float:
    """Wall time of one call in seconds, the shortest of several after one to warm up; work on a graphics card is waited for."""
    import torch

    shortest = float("inf")
    for _ in range(repeats + 1):
        begin_s = time.perf_counter()
        work()
        if device.type == "cuda":
            torch.cuda.synchronize()
        shortest = min(shortest, time.perf_counter() - begin_s)
    return shortest


def measure_gfpgan(device_choice: str, repeats: int) -> list[Figure]:
    """Faces a second through GFPGAN, by batch and precision."""
    import torch

    gfpgan = importlib.import_module("filters.networks.gfpgan")
    device = importlib.import_module("neural.device").choose_device(device_choice)
    network = gfpgan.channels_last(gfpgan.Gfpgan().eval().to(device))
    cases = [(1, torch.float32)]
    if device.type == "cuda":
        cases = [(batch, dtype) for dtype in (torch.float32, torch.bfloat16) for batch in (1, 8, 16)]
    figures = []
    for batch, dtype in cases:
        faces = torch.rand(batch, 3, 512, 512, device=device).to(dtype, memory_format=torch.channels_last)
        run = partial(network.to(dtype), faces)
        with torch.inference_mode():
            seconds = seconds_of(run, repeats, device)
        name = f"GFPGAN, batch {batch}, {str(dtype).removeprefix('torch.')}, {device}"
        figures.append(Figure(name, seconds / batch, "s a face"))
    return figures


def measure_paste(portrait: Portrait, device_choice: str, repeats: int) -> list[Figure]:
    """Seconds a frame for paste-back, by either way."""
    pasting = importlib.import_module("filters.paste_back")
    device = importlib.import_module("neural.device").choose_device(device_choice)
    figures = []
    for way, where in (("cpu", "CPU"), ("torch", f"torch on {device}")):
        settings = pasting.PasteBackSettings(way=way, device=device.type)
        paster = pasting.PasteBack(portrait, placement(), FPS, settings)
        squares = [dragged(portrait, 3.0)] * 10

        def run(paster: Any = paster, squares: list[ByteArray] = squares) -> None:
            for _ in paster.apply(iter(squares)):
                pass

        seconds = seconds_of(run, repeats, device)
        figures.append(Figure(f"Paste-back of a {SQUARE_PX} px square, {where}", seconds / 10, "s a frame"))
    return figures


def measure_rife(device_choice: str, repeats: int) -> list[Figure]:
    """Seconds a frame for RIFE, by size."""
    import torch

    device = importlib.import_module("neural.device").choose_device(device_choice)
    network = importlib.import_module("filters.networks.rife").Rife().eval().to(device)
    figures = []
    for side_px in (256, 512) if device.type == "cpu" else (256, 512, 1024):
        pair = [torch.rand(1, 3, side_px, side_px, device=device) for _ in range(2)]
        with torch.inference_mode():
            seconds = seconds_of(partial(network, *pair), repeats, device)
        figures.append(Figure(f"RIFE, {side_px} px, {device}", seconds, "s a frame"))
    return figures


def swaying(picture: ByteArray, frames: int) -> Iterator[ByteArray]:
    """The picture, softened, turned and moved a little further in each frame."""
    soft = cv2.GaussianBlur(picture, (0, 0), 1.5)
    for index in range(frames):
        turn = cv2.getRotationMatrix2D((PICTURE_PX / 2, 0.6 * PICTURE_PX), 1.5 * np.sin(index / 3), 1)
        turn[0, 2] += 3 * np.sin(index / 2)
        yield cv2.warpAffine(soft, turn, (PICTURE_PX, PICTURE_PX), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)


def measure_jitter(picture: ByteArray, device_choice: str, frames: int = 12) -> Figure:
    """What jumps to and fro in the face under a restorer that draws anew in every frame, in levels; control: unsteadied."""
    import torch

    restoring = importlib.import_module("filters.restore")
    given = list(swaying(picture, frames))
    jumps = []
    for strength in (restoring.SteadySettings().strength, 0.0):
        chance = torch.Generator().manual_seed(0)

        def restless(faces: Any, chance: Any = chance) -> Any:
            noise = torch.randn(len(faces), 3, 128, 128, generator=chance).to(faces.device, faces.dtype)
            return faces + torch.nn.functional.interpolate(noise, size=512, mode="bilinear") * (NOISE_LEVELS / 127.5)

        settings = restoring.RestoreSettings(
            strength=1.0, steady=restoring.SteadySettings(strength=strength), device=device_choice, precision="float32"
        )
        shown = list(restoring.FaceRestorer(FPS, settings, network=restless).apply(iter(given)))
        added = np.stack([frame.astype(np.float32) - plain for frame, plain in zip(shown, given, strict=True)])
        touched = np.abs(added).max(axis=(0, 3)) > NOISE_LEVELS / 2
        second = added[5:-1] - (added[4:-2] + added[6:]) / 2
        jumps.append(float(np.sqrt(np.mean(second[:, touched] ** 2))))
    return Figure("Jitter of restored skin", jumps[0], "levels", jumps[1])


def placement() -> Any:
    """The square of `SQUARE_PART` in the picture."""
    box = [round(part * PICTURE_PX) for part in SQUARE_PART]
    return importlib.import_module("filters.paste_back").Placement.of_box(*box, SQUARE_PX)


def dragged(portrait: Portrait, turn_deg: float) -> ByteArray:
    """The portrait's square as a network may draw it: turned as a whole, and lighter."""
    left, top, right, bottom = (round(part * PICTURE_PX) for part in SQUARE_PART)
    square = cv2.resize(portrait.image[top:bottom, left:right], (SQUARE_PX, SQUARE_PX), interpolation=cv2.INTER_AREA)
    turn = cv2.getRotationMatrix2D((SQUARE_PX / 2, SQUARE_PX), turn_deg, 1)
    turned = cv2.warpAffine(square, turn, (SQUARE_PX, SQUARE_PX), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.clip(turned.astype(np.float32) + TONE_LEVELS, 0, 255).astype(np.uint8)


def measure_seam(portrait: Portrait) -> Figure:
    """Edges along the square's border that the portrait has nowhere near, in parts of its own; control: a plain rectangle."""
    left, top, right, bottom = (round(part * PICTURE_PX) for part in SQUARE_PART)
    pasting = importlib.import_module("filters.paste_back")
    paster = pasting.PasteBack(portrait, placement(), FPS, pasting.PasteBackSettings(way="cpu"))
    own = edges(cv2.cvtColor(portrait.image, cv2.COLOR_RGB2GRAY).astype(np.float32))
    known = cv2.dilate(own, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (7, 7)))
    inside = np.zeros(own.shape, np.uint8)
    inside[top:bottom, left:right] = 1
    band = (cv2.dilate(inside, np.ones((13, 13))) > 0) & (cv2.erode(inside, np.ones((13, 13))) == 0)
    seams = []
    for turn_deg in (-5.0, 5.0):
        square = dragged(portrait, turn_deg)
        rectangle = portrait.image.copy()
        rectangle[top:bottom, left:right] = cv2.resize(square, (right - left, bottom - top), interpolation=cv2.INTER_CUBIC)
        *_, pasted = paster.apply(iter([square] * 3))
        shown = [edges(cv2.cvtColor(each, cv2.COLOR_RGB2GRAY).astype(np.float32)) for each in (pasted, rectangle)]
        seams.append([float(np.maximum(each - known, 0)[band].mean() / own[band].mean()) for each in shown])
    mean = np.mean(seams, axis=0)
    return Figure("Seam of the pasted square", float(mean[0]), "of the picture's own edges", float(mean[1]))


@ends_in_words()
def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; see the module."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.restoration", description=__doc__)
    root = Path(__file__).resolve().parents[1]
    parser.add_argument("--portrait", type=Path, default=root / "demo" / "portrait.jpg", help="picture with one face")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS), help="what is measured")
    parser.add_argument("--device", choices=("auto", "cpu", "cuda", "mps"), default="auto", help="where torch works")
    parser.add_argument("--repeats", type=int, default=3, help="runs of which the quickest counts")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args(arguments)
    print_figures(lambda: measure(options.portrait, options.parts, options.device, max(1, options.repeats)), options.json)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
