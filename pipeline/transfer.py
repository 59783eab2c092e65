"""A driving film and a portrait in, a film out in which the portrait does what the person does: read it in `transfer`."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from core.contracts import DrivingSound, Motion, Performance, Progress, silent
from core.driving import Driving
from core.engine_card import EngineCard, Sound
from core.errors import InputError
from core.film_stages import DECODE, PORTRAIT
from core.messages import Message, message
from core.output_files import check_free_space, check_output
from media.film_loop import loop_length
from media.sound_reader import excerpt_duration_s
from motion.lips_of import with_lips_of
from pipeline.cache import CacheSettings, StageCache
from pipeline.driving_film import open_driving, rate_of, read_film, report_facts
from pipeline.dub_inputs import SAME_LENGTH_S, NewSound, ShownFilm, own_sound, part_of_sound
from pipeline.engines import check_engine
from pipeline.film_renderer import check_renderer, make_film_renderer
from pipeline.film_report import FilmReport, film_bytes
from pipeline.film_settings import VIDEO_SUFFIX, SongToVideoSettings
from pipeline.input_files import check_input
from pipeline.run import Run, unheard
from pipeline.song_to_video import film_picture
from pipeline.stages import Stages
from pipeline.steps import SongExcerpt, Vocals, draw_film, film_facts, make_motion, separate_voice, vocals_in_song
from pipeline.transfer_film import is_film, transfer_to_film
from pipeline.transfer_settings import DRIVING, TransferSettings
from provenance.making import accounted


@dataclass(frozen=True)
class TransferReport(FilmReport):
    """What was made. driving_face: whose face was followed; faces: how many people the driving film shows; seen: the share of the
    film's frames in which that face could be followed."""

    driving_face: int = 1
    faces: int = 1
    seen: float = 1.0


@accounted("transfer", "portrait", "driving")
def transfer(
    portrait: Path,
    driving: Path,
    video: Path,
    settings: TransferSettings | None = None,
    progress: Progress = silent,
    stages: Stages | None = None,
    cache: StageCache | None = None,
    tell: Callable[[Message], None] = unheard,
) -> TransferReport:
    """Make the film `video` of the `portrait`, a picture or a film, doing what a person does in the film `driving`.

    progress: called with a stage's name (decode, portrait, faces, separate, motion, frames, lips, mux), what is done and how much
        there is (0: unknown). What it raises, for example `Cancelled`, ends the work; nothing is left behind but finished stages
        in the cache.
    stages, cache, tell: see `song_to_video`.
    Raises `InputError` where an input can't be used, `MissingError` where a weight or a package is missing.
    """
    settings, stages = settings or TransferSettings(), stages or Stages()
    check_files(portrait, driving, video, settings)
    if is_film(portrait):
        return transfer_to_film(portrait, driving, video, settings, progress, stages, cache, tell)
    check_engine(settings.film)
    with ExitStack() as release:
        run = Run(cache or StageCache(CacheSettings.from_environment()), progress, release, tell=tell)
        sound_s = sound_length(settings)
        shown = open_driving(run, driving, settings, sound_s)
        film = replace(settings.film, fps=rate_of(shown.source, settings))
        sound, length_s = open_sound(run, shown, sound_s, settings, stages)
        picture = film_picture(run, portrait, film, stages)
        check_renderer(picture.engine, film, lambda _, done, total: progress(PORTRAIT, done, total))
        driver = read_film(run, shown, settings, stages)
        timeline = driver.timeline(length_s, film.fps, settings.loop_kind)
        check_free_space(video.parent, film_bytes(picture.size, timeline.frames, length_s))
        excerpt = heard(sound, shown, length_s, timeline.frames, settings)
        motion = driver.motion(None if picture.engine.drawn else picture.view.face, settings, timeline)
        motion, voice = speaking(run, excerpt, motion, film, settings, stages)
        sounding = settings.lips == "sound" and film.lips_engine is None
        engine = following(picture.engine, driver.driving(settings, timeline, sounding))
        renderer = make_film_renderer(engine, film, Sound(voice), run.note)
        drawn = draw_film(run, excerpt, picture, Performance(motion), renderer, video, film)
        return TransferReport(**film_facts(run, str(video), drawn, engine.name), **report_facts(driver))


def check_files(portrait: Path, driving: Path, video: Path, settings: TransferSettings) -> None:
    """Raises `InputError` where an input can't be read or the film can't be written."""
    check_input(portrait, "portrait")
    check_input(driving, "driving film")
    for file, what in settings.files():
        check_input(file, what)
    if settings.names_part_of_sound and settings.sound_file is None:
        raise InputError("pipeline.part_of_no_sound_file")
    check_output(video, VIDEO_SUFFIX, (portrait, driving, *(file for file, _ in settings.files())))


def sound_length(settings: TransferSettings) -> float | None:
    """Seconds of the sound file that are heard; None where the film's length is the driver's. Raises `InputError`."""
    if settings.sound_file is None:
        return None
    return excerpt_duration_s(settings.sound_file, settings.sound_start_s, settings.sound_duration_s)


def open_sound(
    run: Run, shown: ShownFilm, sound_s: float | None, settings: TransferSettings, stages: Stages
) -> tuple[NewSound | None, float]:
    """What is heard, None for nothing, and how long the film is, in seconds. sound_s: of the sound file, if there is one.

    Raises `InputError` where the sound moves the lips and there is none.
    """
    source = shown.source
    with run.stage(DECODE):
        if settings.sound_file is None or sound_s is None:
            own = own_sound(run, source, shown.digest, stages) if settings.sound == DRIVING and source.has_sound else None
            if own is None and settings.lips == "sound":
                raise InputError("pipeline.driving_film_without_sound", name=source.path.name)
            if own is None and settings.sound == DRIVING:
                run.note(message("pipeline.driving_film_is_silent"))
            return None if own is None else part_of_sound(run, own, 0.0, source.duration_s, source.duration_s), source.duration_s
        wanted = max(1, round(sound_s * source.fps))
        longer = sound_s > source.duration_s + SAME_LENGTH_S
        length_s = sound_s if loop_length(source.count, wanted, settings.loop_kind) == wanted else source.duration_s
        if longer and settings.loop_kind == "cut":
            run.note(message("pipeline.sound_is_cut", sound=sound_s, film=source.duration_s))
        return part_of_sound(run, settings.sound_file, settings.sound_start_s, sound_s, length_s), length_s


def heard(sound: NewSound | None, shown: ShownFilm, length_s: float, frames: int, settings: TransferSettings) -> SongExcerpt:
    """The sound of the film, which may be none."""
    title = settings.title or shown.source.path.stem
    if sound is None:
        return SongExcerpt(None, 0.0, length_s, shown.source.path, shown.digest, frames, title)
    return SongExcerpt(sound.file, sound.start_s, length_s, sound.mix, sound.digest, frames, title)


def speaking(
    run: Run, excerpt: SongExcerpt, motion: Motion, film: SongToVideoSettings, settings: TransferSettings, stages: Stages
) -> tuple[Motion, Path | None]:
    """The motion with the lips of whoever moves them, and the voice that an engine may listen to; None where nobody does."""
    if settings.lips == "driving":
        return motion, None
    stems = separate_voice(run, excerpt, film, stages)
    vocals = vocals_in_song(excerpt, stems, film, stages)
    told = Vocals(DrivingSound(stems.voice, excerpt.mix, film.fps, excerpt.frames), vocals.digests)
    source = stages.motion_source(replace(film, expressiveness=settings.strength_lips))
    return with_lips_of(motion, make_motion(run, told, source, stages).motion), stems.voice


def following(engine: EngineCard, driving: Driving) -> EngineCard:
    """The engine, which follows the driving film itself where it can."""
    driven = engine.driven
    return (
        engine if driven is None else replace(engine, make=lambda settings, sound, note: driven(settings, driving, sound, note))
    )
