"""`belcanto sync`: measures how far a film's sound and lips are apart, and writes the film with both in step."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from core.contracts import Progress, silent
from core.errors import InputError
from core.film_stages import MUX
from core.finishing import publish
from core.messages import Message, message
from core.output_files import check_output, new_part
from faces.tracking.film_tracking import track_faces
from faces.tracking.tracks import FaceTrack
from media.ffmpeg_run import FfmpegError, ffmpeg_path, last_line, read_from
from media.film_source import FilmSource
from media.media import open_film
from media.sync_args import shifted_sound_arguments
from pipeline.film_sync import SoundOffset, measured_offset
from pipeline.sync_settings import LOOKED_AT_S, SyncSettings
from provenance.making import accounted

FILM_SUFFIX = ".mp4"


@dataclass(frozen=True)
class SyncReport:
    """What was measured; None where the settings say how far the sound is moved. out: the film that was written; None where none
    was wanted, or nothing had to be mended. moved_s: by how much earlier its sound is heard."""

    offset: SoundOffset | None
    out: Path | None
    notes: tuple[Message, ...]
    moved_s: float = 0.0

    def as_json(self) -> dict[str, object]:
        """The fields as JSON values, the notes as English sentences."""
        measured = {} if self.offset is None else self.offset.as_json()
        out = None if self.out is None else str(self.out)
        return {**measured, "out": out, "moved_s": self.moved_s, "notes": [str(note) for note in self.notes]}


@accounted("sync", "film")
def sync_film(film: Path, out: Path | None, settings: SyncSettings | None = None, progress: Progress = silent) -> SyncReport:
    """Measure a film and, where `out` is given and the sound is surely out of step, write it with its sound moved.

    The pictures are copied as they are. Where the settings say how late the sound is, that is taken for granted. progress: called
    with a stage's name (faces, listen, mux), what is done and how much there is. Raises InputError where the film can't be read,
    has no sound or no face, MissingError where weights can't be had.
    """
    settings = settings or SyncSettings()
    if out is not None:
        check_output(out, FILM_SUFFIX, (film,))
    source = open_film(film, duration_s=LOOKED_AT_S)
    if not source.has_sound:
        raise InputError("media.film_without_sound", name=film.name)
    offset = offset_of(source, settings.face, progress) if settings.offset_ms is None else None
    notes = [] if offset is None else [*source.notes, offset.note()]
    moved_s = settings.offset_ms / 1000 if settings.offset_ms is not None else moved_by(offset)
    if out is None or not moved_s:
        return SyncReport(offset, None, tuple(notes))
    progress(MUX, 0, 1)
    write_shifted(film, out, moved_s, source.sound_channels)
    progress(MUX, 1, 1)
    said = message("pipeline.sync_moved_earlier" if moved_s > 0 else "pipeline.sync_moved_later", ms=round(1000 * abs(moved_s)))
    return SyncReport(offset, out, (*notes, said), moved_s)


def moved_by(offset: SoundOffset | None) -> float:
    """By how many seconds the sound has to come earlier; 0 where it is in step, or nobody can tell."""
    return offset.offset_s if offset is not None and offset.certain and not offset.in_step else 0.0


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
        publish(part, out)
    except FfmpegError as error:
        raise InputError("media.film_unwritable", path=out, reason=last_line(error.log)) from error
    except OSError as error:
        raise InputError("media.film_unwritable", path=out, reason=error.strerror) from error
    finally:
        part.unlink(missing_ok=True)
