"""`belcanto sync`: measures how far a film's sound and lips are apart, and writes the film with both in step."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from core.contracts import Progress, silent
from core.errors import InputError
from core.messages import Message
from core.output_files import check_output, give_usual_rights, new_part
from faces.tracking.film_tracking import track_faces
from faces.tracking.tracks import FaceTrack
from media.ffmpeg_run import FfmpegError, ffmpeg_path, last_line, read_from
from media.film_source import FilmSource
from media.media import open_film
from media.sync_args import shifted_sound_arguments
from pipeline.film_sync import IN_STEP_S, SoundOffset, measured_offset

FILM_SUFFIX = ".mp4"
#: How much of a film is looked at: lips that speak for so long leave no doubt.
LOOKED_AT_S = 60.0


@dataclass(frozen=True)
class SyncReport:
    """What was measured, and the film that was written; None where none was wanted, or nothing had to be mended."""

    offset: SoundOffset
    out: Path | None
    notes: tuple[Message, ...]

    def as_json(self) -> dict[str, object]:
        """The fields as JSON values, the notes as English sentences."""
        out = None if self.out is None else str(self.out)
        return {**self.offset.as_json(), "out": out, "notes": [str(note) for note in self.notes]}


def sync_film(film: Path, out: Path | None, face: int | None = None, progress: Progress = silent) -> SyncReport:
    """Measure a film and, where `out` is given and the sound is surely out of step, write it with its sound moved.

    The pictures are copied as they are. face: number of the face that speaks, by how long and large it is seen; None: the one
    that agrees best with the sound. Raises InputError where the film can't be read, has no sound or no face, MissingError where
    weights can't be had.
    """
    if out is not None:
        check_output(out, FILM_SUFFIX, (film,))
    source = open_film(film, duration_s=LOOKED_AT_S)
    if not source.has_sound:
        raise InputError("media.film_without_sound", name=film.name)
    offset = offset_of(source, face, progress)
    notes = [*source.notes, offset.note()]
    wanted = out is not None and offset.certain and abs(offset.offset_s) > IN_STEP_S
    if wanted:
        assert out is not None
        write_shifted(film, out, offset.offset_s, source.sound_channels)
    return SyncReport(offset, out if wanted else None, tuple(notes))


def offset_of(source: FilmSource, face: int | None, progress: Progress = silent) -> SoundOffset:
    """Track the film's faces and measure the one that is meant. Raises as `sync_film`."""
    with TemporaryDirectory(prefix="belcanto-sync-") as name:
        folder = Path(name)
        faces = track_faces(source.frames(), source.fps, source.width, source.height, source.count, folder, progress)
        tracks = chosen(faces.tracks, face)
        sound = source.write_sound(folder / "sound.wav")
        offsets = [measured_offset(sound, track, source.fps, progress) for track in tracks]
        return max(offsets, key=lambda offset: (offset.certainty, offset.agreement, offset.seen_s))


def chosen(tracks: tuple[FaceTrack, ...], face: int | None) -> list[FaceTrack]:
    """The face of that number, or all. Raises InputError where there is none."""
    if not tracks:
        raise InputError("pipeline.film_without_faces")
    if face is None:
        return list(tracks)
    found = [track for track in tracks if track.number == face]
    if not found:
        raise InputError("pipeline.film_without_that_face", number=face, count=len(tracks))
    return found


def write_shifted(film: Path, out: Path, offset_s: float, channels: int) -> None:
    """Write the film with its sound moved earlier by `offset_s`, or later where that is below 0.

    Raises InputError where it can't be written: a film's pictures may be coded in a way that MP4 does not hold.
    """
    try:
        descriptor, part = new_part(out)
    except OSError as error:
        raise InputError("media.film_unwritable", path=out, reason=error.strerror) from error
    try:
        os.close(descriptor)
        with read_from(shifted_sound_arguments(ffmpeg_path(), film, part, offset_s, channels)) as run:
            run.wait()
        give_usual_rights(part)
        part.replace(out)
    except FfmpegError as error:
        raise InputError("media.film_unwritable", path=out, reason=last_line(error.log)) from error
    except OSError as error:
        raise InputError("media.film_unwritable", path=out, reason=error.strerror) from error
    finally:
        part.unlink(missing_ok=True)
