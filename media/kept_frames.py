"""Frames that are drawn once and read several times: kept without loss in a file beside the film that is made of them.

    with KeptFrames(film, (width, height), fps) as kept:
        for frame in drawn:
            kept.add(frame)
        for frame in kept.frames(): ...       # again and again

The file is one of the film's own parts (`core/output_files.py`): it goes with the block, and what a killed run leaves is removed
when the same film is begun again.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import numpy as np

from core.contracts import ByteArray
from core.errors import InputError
from core.output_files import new_part
from media.ffmpeg_args import file_url, frame_rate, global_arguments, input_arguments, raw_frames_arguments
from media.ffmpeg_run import Ffmpeg, FfmpegError, ffmpeg_path, last_line
from media.film_source import read_whole
from media.film_writer import hold, remove_left_parts, widen

#: About how many bytes a pixel of a drawn frame takes, of which much stands still.
BYTES_A_PIXEL = 0.4


def keep_arguments(ffmpeg: str, target: Path, size: tuple[int, int], fps: float) -> list[str]:
    """Take RGB frames from stdin; write them without loss, as quickly as can be."""
    return [
        *global_arguments(ffmpeg),
        *raw_frames_arguments(*size, frame_rate(fps), "pipe:0"),
        *["-c:v", "libx264rgb", "-preset", "ultrafast", "-qp", "0", "-threads", "2", "-f", "matroska", "-y", file_url(target)],
    ]


def kept_arguments(ffmpeg: str, source: Path) -> list[str]:
    """Give the frames again, RGB, on stdout."""
    return [
        *global_arguments(ffmpeg),
        *input_arguments(source),
        *["-map", "0:v:0", "-fps_mode", "passthrough", "-f", "rawvideo", "-pix_fmt", "rgb24", "pipe:1"],
    ]


class KeptFrames:
    """See the module. In a `with` block: first all frames are added, then they are read."""

    def __init__(self, film: Path, size: tuple[int, int], fps: float) -> None:
        """film: beside which they are kept. size: (width, height) of a frame in pixels."""
        self._film, self._fps = film, fps
        self._shape = (size[1], size[0], 3)
        self._count = 0
        self._held, self._part = -1, film
        self._run: Ffmpeg | None = None

    def __enter__(self) -> KeptFrames:
        """Raises InputError where nothing can be written there."""
        remove_left_parts(self._film)
        try:
            self._held, self._part = new_part(self._film)
        except OSError as error:
            raise self._unwritable(error.strerror or str(error)) from error
        hold(self._held)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._run is not None:
            self._run.kill()
        self._part.unlink(missing_ok=True)
        os.close(self._held)

    def __len__(self) -> int:
        return self._count

    def add(self, frame: ByteArray) -> None:
        """Keep one more frame (H, W, 3) uint8 RGB. Raises InputError where it can't be written."""
        if frame.shape != self._shape or frame.dtype != np.uint8:
            raise ValueError(f"A frame {frame.shape} {frame.dtype} was given; {self._shape} uint8 is expected.")
        if self._run is None:
            size = self._shape[1], self._shape[0]
            self._run = Ffmpeg(keep_arguments(ffmpeg_path(), self._part, size, self._fps), feeds=True)
            widen(self._run.stdin.fileno())
        rest = np.ascontiguousarray(frame).data.cast("B")
        try:
            while rest:
                rest = rest[self._run.stdin.write(rest) :]
        except BrokenPipeError as error:
            raise self._failure(self._run) from error
        self._count += 1

    def end(self) -> None:
        """All frames were added. Raises InputError where they could not be written."""
        if self._run is None:
            return
        self._run.stdin.close()
        try:
            self._run.wait()
        except FfmpegError as error:
            raise self._failure(self._run) from error
        finally:
            self._run.kill()
            self._run = None

    def frames(self) -> Iterator[ByteArray]:
        """The frames, each an array of its own; whoever stops early closes the iterator."""
        with Ffmpeg(kept_arguments(ffmpeg_path(), self._part)) as run:
            for _ in range(self._count):
                frame = np.empty(self._shape, np.uint8)
                if not read_whole(run.stdout, frame):
                    raise RuntimeError(f"Frames that were kept can't be read again: {last_line(run.log())}")
                yield frame

    def _failure(self, run: Ffmpeg) -> InputError:
        """What to say when ffmpeg ended before its time."""
        return self._unwritable(last_line(run.log()))

    def _unwritable(self, reason: str) -> InputError:
        return InputError("media.film_unwritable", path=self._film, reason=reason)
