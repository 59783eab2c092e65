"""A film and a sound in, the film with lips that say the sound out: the whole way, read top to bottom in `dub`."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from core.contracts import DrivingSound, Progress, silent
from core.film_stages import FRAMES
from core.messages import Message
from core.output_files import check_free_space, check_output
from faces.tracking.tracks import FilmFaces
from lipsync.card import LipsCard
from media.film_source import FilmSource
from pipeline.cache import CacheSettings, StageCache
from pipeline.dub_frames import Dubbing, NewLips, draw_dubbed
from pipeline.dub_inputs import (
    NewSound,
    ShownFilm,
    choose_faces,
    driving_settings,
    faces_as_shown,
    find_faces,
    heard_sound,
    open_parts,
    stems_of,
)
from pipeline.dub_settings import DubSettings
from pipeline.face_filters import check_face_filters
from pipeline.film_report import FilmReport, film_bytes
from pipeline.film_settings import VIDEO_SUFFIX
from pipeline.input_files import check_input
from pipeline.lips_engines import fetch_weights, lips_for
from pipeline.lone_filters import lone_size
from pipeline.run import Run, unheard
from pipeline.stages import Stages, opened
from pipeline.steps import SEPARATION_PACKAGE, Film, Vocals, film_facts, make_motion
from provenance.making import accounted


@dataclass(frozen=True)
class DubReport(FilmReport):
    """What was made. faces: how many people the film shows; dubbed: the numbers of those that got other lips."""

    faces: int = 0
    dubbed: tuple[int, ...] = ()


@accounted("dub", "film", "sound")
def dub(
    film: Path,
    sound: Path,
    video: Path,
    settings: DubSettings | None = None,
    progress: Progress = silent,
    stages: Stages | None = None,
    cache: StageCache | None = None,
    tell: Callable[[Message], None] = unheard,
    engine: LipsCard | None = None,
) -> DubReport:
    """Make `video`: the `film` with lips that say the `sound`, which may be a song, a voice, or a film with sound.

    progress: called with a stage's name (decode, faces, separate, motion, frames, mux), what is done and how much there is (0:
        unknown). What it raises, for example `Cancelled`, ends the work; nothing is left behind but finished stages in the cache.
    stages, cache, tell: see `song_to_video`. engine: an engine of lips in the place of the one that the settings name.
    Raises `InputError` where an input can't be used, `MissingError` where a weight or a package is missing.
    """
    settings, stages = settings or DubSettings(), stages or Stages()
    check_files(film, sound, video, settings)
    engine = engine or lips_for(settings, settings.engine)
    with ExitStack() as release:
        run = Run(cache or StageCache(CacheSettings.from_environment()), progress, release, tell=tell)
        shown, new = open_parts(run, film, sound, settings, stages)
        check_free_space(video.parent, film_bytes(lone_size(shown.size, settings), shown.frames, shown.duration_s))
        bring_all(engine, settings, lambda _, done, total: progress(FRAMES, done, total))
        found, key = find_faces(run, shown, stages)
        faces, key = faces_as_shown(run, shown, found, key, stages)
        numbers = choose_faces(run, film, faces, settings)
        note_what_is_left(run, faces, numbers, shown.source)
        lips = say_the_same(run, shown, new, numbers, settings, stages)
        heard = heard_sound(run, shown, new, settings, stages)
        dubbing = Dubbing(shown, faces, key, lips, engine)
        made = draw_dubbed(run, dubbing, heard, video, settings.title or film.stem, settings, stages)
        return report_of(run, video, made, dubbing)


def bring_all(engine: LipsCard, settings: DubSettings, progress: Progress) -> None:
    """Fetch what the engine and the filters need. Raises `InputError` or `MissingError` where something is not to be had."""
    fetch_weights(engine, settings, progress)
    check_face_filters(settings, progress)


def check_files(film: Path, sound: Path, video: Path, settings: DubSettings) -> None:
    """Raises `InputError` where an input can't be read or the film can't be written."""
    check_input(film, "film")
    check_input(sound, "sound")
    for file, what in settings.files():
        check_input(file, what)
    check_output(video, VIDEO_SUFFIX, (film, sound))


def say_the_same(
    run: Run, shown: ShownFilm, sound: NewSound, numbers: tuple[int, ...], settings: DubSettings, stages: Stages
) -> list[NewLips]:
    """What each of these faces says where all say the whole sound: its voice, spoken or sung, taken out of it."""
    source = stages.motion_source(driving_settings(settings))
    stems = stems_of(run, sound.mix, sound.digest, settings, stages)
    run.note(*stems.notes)
    driving = DrivingSound(stems.voice, sound.mix, shown.fps, shown.frames, shut_in_rests=True)
    vocals = Vocals(driving, {"mix": sound.digest, "separation": stages.version(SEPARATION_PACKAGE)})
    performance = make_motion(run, vocals, source, stages)
    return [NewLips(number, stems.voice, performance.motion) for number in numbers]


def note_what_is_left(run: Run, faces: FilmFaces, numbers: tuple[int, ...], source: FilmSource) -> None:
    """Say where in the film these faces are left as they are, because they are not seen clearly."""
    with opened():
        from faces.tracking.track_notes import notes_about

        run.note(*notes_about(faces, numbers, source.start_s))


def report_of(run: Run, video: Path, film: Film, dubbing: Dubbing) -> DubReport:
    """What is told when the film is there."""
    return DubReport(
        **film_facts(run, str(video), film, dubbing.engine.name),
        faces=len(dubbing.faces.tracks),
        dubbed=tuple(lips.face for lips in dubbing.lips),
    )
