"""`belcanto fill`: a call that froze or went black in between gets the missing pictures, and keeps everything else.

Its own sound moves the face of the last good picture before each gap; lips in good pictures stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from core.contracts import ByteArray, DrivingSound, Motion, Progress, silent
from core.errors import InputError
from core.film_stages import DECODE, FRAMES, MUX
from core.frame_stream import FrameCount, closing_frames
from core.messages import Message, message
from core.output_files import check_free_space, check_output
from media.film_source import Damage, FilmSource
from media.film_writer import FILLED_COMMENT, FilmWriter
from pipeline.cache import CacheSettings, StageCache, file_digest
from pipeline.dub_inputs import driving_settings, open_part, own_sound, part_digest, stems_of
from pipeline.dub_settings import DubSettings
from pipeline.film_fill import Missing, filled_frames, find_missing, is_worth_filling, notes_about_gaps
from pipeline.film_report import FilmReport, film_bytes
from pipeline.film_settings import VIDEO_SUFFIX
from pipeline.input_files import check_input
from pipeline.run import Run, unheard
from pipeline.stages import Stages, opened
from pipeline.steps import SEPARATION_PACKAGE, Film, Vocals, film_facts, jaw_opens, make_motion, write_frames
from provenance.making import accounted

#: What makes the pictures.
ENGINE = "mesh"


@dataclass(frozen=True)
class FillReport(FilmReport):
    """What was made; `video` is empty where no picture was missing. gaps: from when to when, in seconds of the film."""

    gaps: tuple[tuple[float, float], ...] = ()


@accounted("fill", "film")
def fill_film(
    film: Path,
    video: Path,
    progress: Progress = silent,
    stages: Stages | None = None,
    cache: StageCache | None = None,
    tell: Callable[[Message], None] = unheard,
    title: str | None = None,
) -> FillReport:
    """Make `video`: the `film` with the pictures that are missing while somebody speaks. Where none is, nothing is written.

    progress: called with a stage's name (decode, separate, motion, frames, mux), what is done and how much there is. stages,
    cache, tell: see `dub`. title: for the metadata; the film's file name if None. Raises `InputError` where the film can't be
    used or has no sound, `MissingError` where a weight or a package is missing.
    """
    check_input(film, "film")
    check_output(video, VIDEO_SUFFIX, (film,))
    stages = stages or Stages()
    with ExitStack() as release:
        run = Run(cache or StageCache(CacheSettings.from_environment()), progress, release, tell=tell)
        source, digest = open_part(film, 0.0, None)
        if not source.has_sound:
            raise InputError("media.film_without_sound", name=film.name)
        run.note(*source.notes)
        check_free_space(video.parent, film_bytes((source.width, source.height), source.count, source.duration_s))
        with run.stage(DECODE) as told:
            gaps = find_missing(counted(source, told), source.fps)
        if gaps:
            motion, sound = moved_by_its_sound(run, source, part_digest(digest, source), stages)
            spoken = jaw_opens(motion)
            gaps = [gap for gap in gaps if is_worth_filling(gap, source.fps, spoken)]
        if not gaps:
            run.note(message("pipeline.no_gaps"))
            return report_of(run, source, "", ())
        run.note(*notes_about_gaps(gaps, source.fps, source.start_s))
        draw_filled(run, source, gaps, motion, sound, video, title or film.stem)
        return report_of(run, source, str(video), gaps)


def counted(source: FilmSource, progress: Progress) -> Iterator[ByteArray]:
    """The film's frames, each told of."""
    with closing_frames(frames := source.frames()):
        for index, frame in enumerate(frames, start=1):
            progress(DECODE, index, source.count)
            yield frame


def moved_by_its_sound(run: Run, source: FilmSource, digest: str, stages: Stages) -> tuple[Motion, Path]:
    """What the film's own sound makes a face do, frame by frame, and the sound."""
    settings = DubSettings()
    sound = own_sound(run, source, digest, stages)
    stems = stems_of(run, sound, file_digest(sound), settings, stages)
    driving = DrivingSound(stems.voice, sound, source.fps, source.count)
    vocals = Vocals(driving, {"mix": file_digest(sound), "separation": stages.version(SEPARATION_PACKAGE)})
    return make_motion(run, vocals, stages.motion_source(driving_settings(settings)), stages).motion, sound


def draw_filled(
    run: Run, source: FilmSource, gaps: Sequence[Missing], motion: Motion, sound: Path, video: Path, title: str
) -> None:
    """Write the film with its gaps filled and its own sound."""
    damage, size = Damage(), (source.width, source.height)
    with ExitStack() as film:
        with run.stage(FRAMES) as progress, opened():
            count = FrameCount(progress, FRAMES, source.count)
            frames = count.counted(filled_frames(source.frames(damage=damage), gaps, motion))
            film.enter_context(closing_frames(frames))
            duration_s = source.duration_s
            writer = FilmWriter(video, size, source.fps, sound, duration_s=duration_s, title=title, comment=FILLED_COMMENT)
            write_frames(frames, film.enter_context(writer), source.count, lambda *_: None)
        with run.stage(MUX):
            film.close()
    run.note(*damage.notes())


def report_of(run: Run, source: FilmSource, video: str, gaps: Sequence[Missing]) -> FillReport:
    """What is told in the end."""
    film = Film(source.count, source.fps, source.width, source.height)
    spans = tuple((round(gap.first / source.fps, 3), round(gap.end / source.fps, 3)) for gap in gaps)
    return FillReport(**film_facts(run, video, film, ENGINE), gaps=spans)
