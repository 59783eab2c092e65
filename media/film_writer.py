"""Writes films: frames go through a pipe into ffmpeg, the sound comes from the user's own song file."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from core.contracts import ByteArray
from core.errors import InputError
from core.file_lock import try_lock
from core.film_tags import ENGINES
from core.finishing import finisher, publish
from core.output_files import left_parts, new_part
from core.timebase import frame_count
from media import ffmpeg_args
from media.ffmpeg_args import FilmSettings
from media.ffmpeg_run import Ffmpeg, FfmpegError, ffmpeg_path, last_line
from media.headroom import headroom_of
from media.sound_reader import excerpt_duration_s, probe_audio

AI_COMMENT = "AI-generated: this performance was animated from a still picture by Belcanto."
DUBBED_COMMENT = "AI-generated: in this film lips were changed by Belcanto, so that they say another sound."
MOVED_COMMENT = "AI-generated: in this film a face was moved by Belcanto, so that it does what a person in another film does."
FILLED_COMMENT = "AI-generated: in this film missing pictures were made by Belcanto from the last ones before them."
COMPARED_COMMENT = "AI-generated: in this film Belcanto shows performances that it animated beside the film that moved them."
DRAWN_COMMENT = "In this film every picture was drawn again by Belcanto."
#: IPTC's term for a mix of captured and generated media.
DIGITAL_SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
#: Of a film that was only edited.
EDITED_SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/humanEdits"
DIGITAL_SOURCE_TYPE_KEY = "Iptc4xmpExt:DigitalSourceType"
#: The pipe's size where the system lets us ask: with the usual 64 KiB the renderer would wait for the encoder in every frame.
PIPE_BYTES = 1 << 20


class FilmWriter:
    """A film in the making, used in a `with` block and fed by `write`.

    The film gets its name only when the block ends well. Until then it lies beside it under a short name that ends in `.part`,
    and nothing is left of it after an error, a cancellation or Ctrl+C; what a killed run leaves is removed when the same film is
    begun again.

    duration_s: length of the excerpt and so of the sound. frames: how many frames are expected.
    """

    def __init__(
        self,
        path: Path,
        size: tuple[int, int],
        fps: float,
        song: Path | None,
        start_s: float = 0.0,
        duration_s: float | None = None,
        title: str | None = None,
        settings: FilmSettings | None = None,
        tags: Mapping[str, str] | None = None,
        comment: str = AI_COMMENT,
        subtitles: Path | None = None,
    ) -> None:
        """path: the MP4 to be. size: (width, height) of the frames in pixels, even numbers. fps: frames per second.

        song: the file whose sound is heard, from `start_s` on for `duration_s`, or up to its end where that is None; a film
        without one is silent, and must be told its duration.
        title: for the metadata; the film's file name if None. tags: more metadata.
        comment: what the metadata say of how the film came about. subtitles: a SubRip file, which becomes a track of the film.
        Raises InputError where the song can't be read or the excerpt is too short, ValueError for an odd size.
        """
        width, height = size
        if width < 2 or height < 2 or width % 2 or height % 2:
            raise ValueError(f"Frames of {width} x {height} px can't be encoded; both numbers must be even.")
        self.path = path
        told = {"title": path.stem if title is None else title, "comment": comment, DIGITAL_SOURCE_TYPE_KEY: DIGITAL_SOURCE_TYPE}
        job = job_of(song, size, fps, start_s, duration_s, {**told, **(tags or {})})
        self._job = replace(job, subtitles=subtitles)
        self.duration_s = self._job.duration_s
        self.frames = frame_count(self.duration_s, fps)
        self.written = 0
        self._shape = (height, width, 3)
        self._engines = tuple((tags or {}).get(ENGINES, "").split())
        by = finisher()
        self._marker = None if by is None else by.marker(width, height)
        self._settings = settings or FilmSettings()
        self._part: Path | None = None
        self._held = -1
        self._run: Ffmpeg | None = None

    def __enter__(self) -> Self:
        remove_left_parts(self.path)
        try:
            self._held, self._part = new_part(self.path)
        except OSError as error:
            raise self._unwritable(error.strerror or str(error)) from error
        try:
            hold(self._held)
            self._run = Ffmpeg(self._arguments(self._part), feeds=True)
            widen(self._run.stdin.fileno())
            # Only who writes films loads numba, which takes its time.
            from media.film_colours import planes_of, to_film_colours

            self._planes, self._convert = planes_of(*self._shape[:2]), to_film_colours
        except BaseException:
            self._discard()
            raise
        return self

    def _arguments(self, target: Path) -> list[str]:
        """What ffmpeg is told to write the film at `target`."""
        return ffmpeg_args.film_arguments(ffmpeg_path(), target, self._job, self._settings)

    def write(self, frame: ByteArray) -> None:
        """Append one frame (height, width, 3) uint8 RGB. Raises InputError where the film can't be written any further."""
        if self._run is None:
            raise RuntimeError("Frames are written inside the writer's with block.")
        if frame.shape != self._shape or frame.dtype != np.uint8:
            raise ValueError(f"A frame {frame.shape} {frame.dtype} was given; {self._shape} uint8 is expected.")
        self._convert(np.ascontiguousarray(frame), self._planes)
        if self._marker is not None:
            height, width, _ = self._shape
            self._marker.mark(self._planes[: height * width].reshape(height, width))
        rest = self._planes.data
        try:
            while rest:
                rest = rest[self._run.stdin.write(rest) :]
        except BrokenPipeError as error:
            raise self._failure() from error
        self.written += 1

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            if error is None:
                self._finish()
        finally:
            self._discard()

    def _finish(self) -> None:
        assert self._run is not None and self._part is not None
        if abs(self.written - self.frames) > 1:
            raise ValueError(f"{self.written} frames were written; {self.frames} belong to {self.duration_s:.3f} s of sound.")
        try:
            self._run.stdin.close()
            self._run.wait()
        except (BrokenPipeError, FfmpegError) as error:
            raise self._failure() from error
        try:
            publish(self._part, self.path, self._engines)
        except OSError as error:
            raise self._unwritable(error.strerror or str(error)) from error
        self._part = None

    def _discard(self) -> None:
        """End ffmpeg and remove the unfinished film, if there still is one."""
        with ExitStack() as left:  # each is done, whatever another one raises
            if self._part is not None:
                left.callback(self._part.unlink, missing_ok=True)
            if self._held >= 0:
                left.callback(os.close, self._held)
            if self._run is not None:
                left.callback(self._run.kill)
            self._run, self._held, self._part = None, -1, None

    def _failure(self) -> InputError:
        """What to say when ffmpeg gave up."""
        assert self._run is not None
        try:
            self._run.wait()
            reason = "the encoder ended too early"
        except FfmpegError as error:
            reason = "the disk is full" if error.no_space else last_line(error.log)
        return self._unwritable(reason)

    def _unwritable(self, reason: str) -> InputError:
        return InputError("media.film_unwritable", path=self.path, reason=reason)


def job_of(
    song: Path | None, size: tuple[int, int], fps: float, start_s: float, duration_s: float | None, metadata: Mapping[str, str]
) -> ffmpeg_args.FilmJob:
    """What ffmpeg is told. Raises InputError where the song can't be read or the excerpt is too short."""
    job = partial(ffmpeg_args.FilmJob, width=size[0], height=size[1], fps=fps, start_s=start_s, metadata=metadata)
    if song is None:
        if duration_s is None:
            raise ValueError("A silent film must be told its duration.")
        return job(song=None, song_channels=0, duration_s=duration_s)
    length_s, sound = excerpt_duration_s(song, start_s, duration_s), probe_audio(song)
    headroom = headroom_of(sound)
    return job(song=song, song_channels=sound.channels, duration_s=length_s, gain=headroom.gain, limited=headroom.limited)


def remove_left_parts(path: Path) -> None:
    """Remove what killed runs left of this film; a part that a living run still holds stays."""
    for part in left_parts(path):
        remove_left_part(part)


def remove_left_part(part: Path) -> None:
    """Remove what a killed run has left under this temporary name, unless a living one still holds it.

    On a disk without locks nobody can tell, and it stays.
    """
    with contextlib.suppress(OSError):  # gone already: nothing of ours is lost by leaving it
        descriptor = os.open(part, os.O_RDWR)
        try:
            if hold(descriptor):
                part.unlink()
        finally:
            os.close(descriptor)


def hold(descriptor: int) -> bool:
    """Mark an open part as in use, for as long as it is open; False where another run holds it, or the disk knows no locks.

    A film may be written to such a disk, too: what is lost is only the cleaning up after a killed run.
    """
    if sys.platform == "win32":  # there, an open file can't be removed anyway
        return True
    try:
        return try_lock(descriptor, alone=True)
    except OSError:
        return False


def widen(descriptor: int) -> None:
    """Make a pipe hold more, where the system can."""
    if sys.platform == "linux":
        import fcntl

        with contextlib.suppress(OSError):  # a limit of the system: slower, nothing worse
            fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
