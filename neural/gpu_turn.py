"""One film at a time on a graphics card: every process that wants it waits its turn, and one that is killed gives it back.

Two films at once on one card take longer than one after the other, and may not fit its memory. The turn is a lock of the
operating system on a file, one for each card, in a folder that all processes of the machine's user share. A CPU needs no turn.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from core.contracts import ByteArray, Motion, Portrait, Progress, Renderer, Separator, Stems, silent
from core.errors import InputError
from core.file_lock import EntryLock
from core.frame_stream import closing_frames
from neural.device import choose_device

if TYPE_CHECKING:
    import torch

DIR_VARIABLE = "BELCANTO_GPU_LOCK_DIR"
STAGE = "waiting for the graphics card"


def user_suffix() -> str:
    """What tells one user's folder from another's where they share the one for temporary files."""
    return f"-{os.getuid()}" if hasattr(os, "getuid") else ""


@dataclass(frozen=True)
class GpuTurnSettings:
    """Where the turns are kept."""

    #: folder of the lock files; made where missing.
    folder: Path = field(default_factory=lambda: Path(tempfile.gettempdir()) / f"belcanto{user_suffix()}")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> GpuTurnSettings:
        """`BELCANTO_GPU_LOCK_DIR` where it is set."""
        folder = environment.get(DIR_VARIABLE)
        return cls(Path(folder)) if folder else cls()


@contextmanager
def turn(card: str, waiting: Callable[[], None], settings: GpuTurnSettings | None = None) -> Iterator[None]:
    """Hold the card of that name alone while the block runs; `waiting` is called a few times a second until then, and may raise.

    A process must not ask again for what it holds: it would wait for itself. Raises InputError where the folder can't be used.
    """
    with EntryLock(lock_file(card, settings or GpuTurnSettings.from_environment())) as lock:
        lock.own(waiting)
        yield


def lock_file(card: str, settings: GpuTurnSettings) -> Path:
    """The file on which the turns of a card are held. Raises InputError where it can't be written."""
    path = settings.folder / f"gpu-{re.sub(r'[^A-Za-z0-9-]', '_', card)}"
    try:
        settings.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch()
    except OSError as error:
        raise InputError(
            "neural.turn_folder_unusable", folder=settings.folder, reason=error.strerror, variable=DIR_VARIABLE
        ) from error
    return path


@contextmanager
def device_turn(device: torch.device, waiting: Callable[[], None]) -> Iterator[None]:
    """A turn on torch's device, at once where that is no NVIDIA card. At its end torch's store of memory on the card is freed."""
    if device.type != "cuda":
        yield
        return
    import torch

    card = str(torch.cuda.get_device_properties(device).uuid)  # the same whichever cards CUDA_VISIBLE_DEVICES shows
    with turn(card, waiting):
        try:
            yield
        finally:
            torch.cuda.empty_cache()


class RendererInTurn:
    """A `Renderer` that another one makes and draws in its turn on the device: from the first frame asked for to the last."""

    def __init__(self, make: Callable[[], Renderer], device: torch.device) -> None:
        self.make, self.device = make, device

    def frames(self, portrait: Portrait, motion: Motion, progress: Progress = silent) -> Iterator[ByteArray]:
        """See `Renderer`; raises what the making raises."""
        with device_turn(self.device, lambda: progress(STAGE, 0, len(motion))):
            progress(STAGE, 0, len(motion))
            drawn = self.make().frames(portrait, motion, progress)
            with closing_frames(drawn):
                yield from drawn
            del drawn  # with all that it holds on the card


class SeparatorInTurn:
    """A `Separator` whose work another one does on the graphics card, in its turn."""

    def __init__(self, separator: Separator) -> None:
        self.separator = separator

    def separate(self, mix: Path, out_dir: Path, progress: Progress = silent) -> Stems:
        """See `Separator`."""
        with device_turn(choose_device("cuda"), lambda: progress(STAGE, 0, 0)):
            return self.separator.separate(mix, out_dir, progress)
