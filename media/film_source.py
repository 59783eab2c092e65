"""A film as source: its pictures at one rate with a known count, upright and in square pixels, and its sound in step.

    film = open_film(path)                    # media/film_opening.py
    for frame in film.frames(): ...           # again and again, from the first or from any other one
    film.write_sound(folder / "sound.wav")

Whatever the file is like, what comes out is of one kind: a varying frame rate becomes constant by the pictures' own times,
rotated films stand upright, other than square pixels become square, interlaced ones whole, high dynamic range BT.709. A film with
an odd number of rows or columns gets its last one twice, since only films of even sizes can be written, and no row that is seen
is given up for that.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import numpy as np
import soundfile

from core.contracts import ByteArray
from core.errors import InputError
from core.messages import Message, message
from media import film_source_args
from media.ffmpeg_args import FILM_CHANNELS, FILM_SAMPLE_RATE_HZ
from media.ffmpeg_run import Ffmpeg, FfmpegError, ffmpeg_path, last_line, read_from
from media.film_reader import unreadable_film
from media.film_source_args import Pictures
from media.media_files import ACCEPTED_FILMS

#: Samples of the sound that are decoded at a time.
BLOCK_SAMPLES = 10 * FILM_SAMPLE_RATE_HZ
#: A WAV file ends at 4 GiB: sounds longer than this, in seconds, become RF64.
LONGEST_WAV_S = 3 * 3600
#: How many times are named in one note.
MOST_TIMES = 5
#: Damage within so many seconds is told once.
ONE_DAMAGE_S = 1.0


class Damage:
    """Where a film turned out to be damaged while its frames were read; `notes` tells it afterwards."""

    def __init__(self) -> None:
        self.times_s: list[float] = []

    def add(self, time_s: float) -> None:
        """Something could not be decoded around that time of the film."""
        if not self.times_s or time_s - self.times_s[-1] >= ONE_DAMAGE_S:
            self.times_s.append(time_s)

    def notes(self) -> list[Message]:
        """A sentence with the times; none where nothing was damaged."""
        if not self.times_s:
            return []
        return [message("media.film_damaged_at", times=[clock(time_s) for time_s in self.times_s[:MOST_TIMES]])]


@dataclass(frozen=True)
class FilmSource:
    """A film, or a part of one, as frames. Nothing is held open by it.

    start_s: of the first frame, counted from the film's first. fps: of its frames, all equally long. width, height: in pixels,
    even. count: of its frames; exactly as many are read, a missing one shows the one before it. sound_channels: 0 where it has no
    sound. notes: what was done so that it is so. begin_s: of the first frame in the file's own time. shown: (width, height)
    before rows were doubled. seekable: whether reading may begin anywhere in the file.
    """

    path: Path
    start_s: float
    fps: float
    width: int
    height: int
    count: int
    sound_channels: int
    notes: tuple[Message, ...]
    pictures: Pictures = field(repr=False)
    begin_s: float = field(repr=False)
    shown: tuple[int, int] = field(repr=False)
    seekable: bool = field(repr=False)

    @property
    def duration_s(self) -> float:
        """Of all frames."""
        return float(self.count / self.pictures.rate)

    @property
    def has_sound(self) -> bool:
        """Whether `write_sound` has something to write."""
        return self.sound_channels > 0

    def frames(self, first: int = 0, count: int | None = None, damage: Damage | None = None) -> Generator[ByteArray]:
        """Yield `count` frames from number `first` on, by default up to the last one, (height, width, 3) uint8 RGB.

        Each is an array of its own. Closing the iterator early ends ffmpeg. damage: is told where the film is damaged.
        Raises InputError where not one picture can be decoded from there on.
        """
        wanted = self.count - first if count is None else min(count, self.count - first)
        begin_s = self.begin_s + float(first / self.pictures.rate)
        arguments = film_source_args.read_film_arguments(
            ffmpeg_path(), self.path, self.pictures, begin_s, self.shown, self.seekable
        )
        with Ffmpeg(arguments) as run:
            frame: ByteArray | None = None
            told = 0
            for index in range(max(0, wanted)):
                following = self._next(run.stdout)
                if following is None and frame is None:
                    raise self._unreadable(run)
                if damage is not None and run.log_bytes > told:
                    told = run.log_bytes
                    damage.add(float((first + index) / self.pictures.rate))
                frame = following if following is not None else np.array(frame)
                yield frame

    def _next(self, stream: IO[bytes]) -> ByteArray | None:
        """The next frame; None at the end."""
        columns, rows = self.shown
        if (columns, rows) == (self.width, self.height):
            frame = np.empty((rows, columns, 3), np.uint8)
            return frame if read_whole(stream, frame) else None
        frame = np.empty((self.height, self.width, 3), np.uint8)
        shown = np.empty((rows, columns, 3), np.uint8)
        if not read_whole(stream, shown):
            return None
        frame[:rows, :columns] = shown
        frame[:, columns:] = frame[:, columns - 1 : columns]
        frame[rows:] = frame[rows - 1 : rows]
        return frame

    def _unreadable(self, run: Ffmpeg) -> InputError:
        """What to say when no picture came."""
        try:
            run.wait()
        except FfmpegError as error:
            return InputError(unreadable_film(self.path, error))
        reason = last_line(run.log())
        return InputError("media.film_unreadable", name=self.path.name, reason=reason, accepted=ACCEPTED_FILMS)

    def write_sound(self, target: Path) -> Path:
        """Write the film's sound as a WAV (16 bit, 48 kHz, stereo) that begins with the first frame and lasts as long as all.

        Gives back `target`. Raises InputError where the film has no sound, or where it can't be decoded.
        """
        if not self.has_sound:
            raise InputError("media.film_without_sound", name=self.path.name)
        samples = round(self.count * FILM_SAMPLE_RATE_HZ / self.pictures.rate)
        arguments = film_source_args.film_sound_arguments(ffmpeg_path(), self.path, self.sound_channels, self.begin_s, samples)
        form = "RF64" if self.duration_s > LONGEST_WAV_S else "WAV"
        sound = soundfile.SoundFile(str(target), "w", FILM_SAMPLE_RATE_HZ, FILM_CHANNELS, subtype="PCM_16", format=form)
        try:
            with sound, read_from(arguments) as run:
                while block := run.stdout.read(BLOCK_SAMPLES * FILM_CHANNELS * 2):
                    sound.write(np.frombuffer(block, "<i2").reshape(-1, FILM_CHANNELS))
        except FfmpegError as error:
            target.unlink(missing_ok=True)
            raise InputError(unreadable_film(self.path, error)) from error
        return target


def read_whole(stream: IO[bytes], frame: ByteArray) -> bool:
    """Fill a frame with the next bytes; False where there are too few."""
    rest = frame.data.cast("B")
    while rest:
        taken = stream.readinto(rest)  # type: ignore[attr-defined]
        if not taken:
            return False
        rest = rest[taken:]
    return True


def clock(time_s: float) -> str:
    """A time as people read it in a player: 0:07, 12:30, 1:02:03."""
    minutes, seconds = divmod(int(time_s), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"
