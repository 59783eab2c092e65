"""A song and a portrait in, a film out: the whole way, read top to bottom in `song_to_video`."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from core.contracts import Progress, silent
from core.engine_card import Sound
from core.messages import Message
from core.output_files import check_free_space, check_output
from pipeline.cache import CacheSettings, StageCache
from pipeline.engines import check_engine
from pipeline.film_renderer import check_renderer, make_film_renderer, view_of
from pipeline.film_report import FilmReport, film_bytes
from pipeline.film_settings import VIDEO_SUFFIX, SongToVideoSettings
from pipeline.input_files import check_input
from pipeline.portrait_step import PORTRAIT, find_portrait
from pipeline.run import Run, peak_rss_mb, unheard
from pipeline.stages import Stages
from pipeline.steps import decode_song, draw_film, make_motion, motion_from_file, separate_voice, vocals_in_song


def song_to_video(
    portrait: Path,
    song: Path,
    video: Path,
    settings: SongToVideoSettings | None = None,
    progress: Progress = silent,
    stages: Stages | None = None,
    cache: StageCache | None = None,
    tell: Callable[[Message], None] = unheard,
) -> FilmReport:
    """Make the film `video` of the `portrait` singing the `song`.

    progress: called with a stage's name (decode, portrait, separate, motion, frames, mux), what is done and how much there is (0:
        unknown). What it raises, for example `Cancelled`, ends the work; nothing is left behind but finished stages in the cache.
    stages: makers of the exchangeable stages; the program's own where none are given.
    cache: where finished stages are kept; by default the folder that the environment names.
    tell: called with each of the report's notes as soon as it is known, some of them before long work.
    Raises `InputError` where an input can't be used, `MissingError` where a weight or a package is missing.
    """
    settings, stages = settings or SongToVideoSettings(), stages or Stages()
    check_input(portrait, "portrait")
    check_input(song, "song")
    for file, what in settings.files():
        check_input(file, what)
    check_output(video, VIDEO_SUFFIX, (portrait, song))
    check_engine(settings)
    with ExitStack() as release:
        run = Run(cache or StageCache(CacheSettings.from_environment()), progress, release, tell=tell)
        excerpt = decode_song(run, song, settings)
        whole, engine = find_portrait(run, portrait, settings)
        view = view_of(engine, whole, settings)
        check_free_space(video.parent, film_bytes(view, excerpt.frames, excerpt.duration_s))
        check_renderer(engine, settings, lambda _, done, total: progress(PORTRAIT, done, total))
        stems = separate_voice(run, excerpt, settings, stages) if settings.motion_csv is None or engine.hears else None
        if settings.motion_csv is not None:
            performance = motion_from_file(run, excerpt, settings.motion_csv, settings)
        else:
            assert stems is not None
            performance = make_motion(run, vocals_in_song(excerpt, stems, stages), settings, stages)
        sound = Sound(stems.voice if stems is not None else None)
        renderer = stages.renderer(settings) if stages.renderer else make_film_renderer(engine, settings, sound, run.note)
        film = draw_film(run, excerpt, view, performance, renderer, video, settings, engine.credit)
        return FilmReport(
            video=str(video),
            duration_s=film.duration_s,
            frames=film.frames,
            fps=film.fps,
            width=film.width,
            height=film.height,
            engine=engine.name,
            seconds=run.timings(),
            peak_rss_mb=peak_rss_mb(),
            cached_stages=tuple(run.cached_stages),
            notes=tuple(run.notes),
            emotion=performance.emotion,
        )
