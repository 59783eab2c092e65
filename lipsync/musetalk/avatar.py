"""A film prepared once for many sounds: what MuseTalk's U-Net sees of each frame, kept on disk.

It lies in the cache of stages, which lists and deletes it with all else, and whose key is the film: another film, another version
of the networks or of this program, or another rule of the square is prepared anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from core.contracts import FloatArray
from core.frame_stream import closing_frames
from lipsync.card import LipsTask
from lipsync.crop_places import Places, cut
from lipsync.musetalk.checkpoint import MuseTalkNetworks
from lipsync.musetalk.crops import SIDE, CropRule
from lipsync.musetalk.runner import MuseTalk
from neural.gpu_turn import device_turn

LATENTS_NAME = "latents.npy"
#: What the U-Net sees of a frame: 16 KiB in half precision.
LATENT_SHAPE = (8, 32, 32)


@dataclass(frozen=True)
class Avatar:
    """rows: (T,) int64, where in `kept` a frame lies, -1 where nothing is drawn. kept: (N, 8, 32, 32) float16, mapped."""

    rows: npt.NDArray[np.int64]
    kept: FloatArray

    def latents(self, numbers: Sequence[int], musetalk: MuseTalk) -> Tensor:
        """(n, 8, 32, 32) of some frames, on the networks' device and in their precision."""
        found = np.ascontiguousarray(self.kept[self.rows[list(numbers)]])
        return torch.from_numpy(found).to(musetalk.device, musetalk.dtype)


def prepared(task: LipsTask, places: Places, rule: CropRule, musetalk: MuseTalk, networks: MuseTalkNetworks) -> Avatar:
    """The film's avatar as it is kept, or made now. The task must keep things, else ValueError."""
    if task.keep is None:
        raise ValueError("Nobody keeps what is prepared.")
    drawn = places.shown > 0
    choices = {
        "rule": asdict(rule),
        "vae": networks.files["vae"].sha256 if "vae" in networks.files else "",
        "precision": str(musetalk.dtype),
    }
    folder = task.keep(choices, lambda into: write_latents(into, task, places, musetalk))
    rows = np.where(drawn, np.cumsum(drawn) - 1, -1)
    return Avatar(rows, np.load(folder / LATENTS_NAME, mmap_mode="r", allow_pickle=False))


def write_latents(folder: Path, task: LipsTask, places: Places, musetalk: MuseTalk) -> None:
    """Read the film once and write what the networks see of it; one batch is in memory."""
    numbers = np.flatnonzero(places.shown > 0)
    shape = (len(numbers), *LATENT_SHAPE)
    if not len(numbers):
        np.save(folder / LATENTS_NAME, np.zeros(shape, np.float16))
        return
    kept = np.lib.format.open_memmap(folder / LATENTS_NAME, "w+", np.float16, shape)
    frames, done = task.frames(), 0
    with closing_frames(frames):
        crops = (
            cut(frame, places.boxes[number], SIDE)
            for number, frame in enumerate(frames)
            if number < len(places.shown) and places.shown[number] > 0
        )
        while batch := list(islice(crops, musetalk.batch_frames)):
            with device_turn(musetalk.device, lambda: None):
                kept[done : done + len(batch)] = musetalk.latents(np.stack(batch)).half().cpu().numpy()
            done += len(batch)
    kept.flush()
