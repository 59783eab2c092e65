"""A song and a portrait in, a film out: the whole way, read top to bottom in `song_to_video`."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from core.contracts import Emotion, MotionSource, Performance, Progress, Stems, silent
from core.engine_card import Sound
from core.film_stages import PORTRAIT
from core.messages import Message
from core.output_files import check_free_space, check_output
from core.timebase import frame_count
from pipeline.cache import CacheSettings, StageCache
from pipeline.chunks.film import draw_in_chunks, is_divided
from pipeline.chunks.settings import ExecutorSettings
from pipeline.engines import check_engine, check_sings
from pipeline.film_renderer import check_renderer, engine_of, make_film_renderer, view_of
from pipeline.film_report import FilmReport, film_bytes
from pipeline.film_settings import VIDEO_SUFFIX, SongToVideoSettings
from pipeline.filter_chain import chain_of, size_of
from pipeline.input_files import check_input
from pipeline.lyrics.finding import find_lyrics, hear_voice, part_of
from pipeline.lyrics.settings import AUTO
from pipeline.motion_file import METAHUMAN_SUFFIXES, OF_METAHUMANS, write_motion_file
from pipeline.portrait_step import find_portrait
from pipeline.preview import cut_to_preview, shown_s, shown_small
from pipeline.run import Run, unheard
from pipeline.stages import Stages
from pipeline.steps import (
    Film,
    FilmPicture,
    SongExcerpt,
    Vocals,
    decode_song,
    draw_film,
    film_facts,
    make_motion,
    separate_voice,
    vocals_in_song,
)
from provenance.making import accounted


@accounted("sing", "portrait", "song")
def song_to_video(
    portrait: Path,
    song: Path,
    video: Path,
    settings: SongToVideoSettings | None = None,
    progress: Progress = silent,
    stages: Stages | None = None,
    cache: StageCache | None = None,
    tell: Callable[[Message], None] = unheard,
    still: Path | None = None,
    metahuman: Path | None = None,
    executor: ExecutorSettings | None = None,
) -> FilmReport:
    """Make the film `video` of the `portrait` singing the `song`.

    progress: called with a stage's name (decode, portrait, separate, motion, frames, mux), what is done and how much there is (0:
        unknown). What it raises, for example `Cancelled`, ends the work; nothing is left behind but finished stages in the cache.
    stages: makers of the exchangeable stages; the program's own where none are given.
    cache: where finished stages are kept; by default the folder that the environment names.
    tell: called with each of the report's notes as soon as it is known, some of them before long work.
    still: a JPEG that shows the newest frame while frames are drawn, and is gone afterwards.
    metahuman: a CSV or JSON file that gets the performance as a MetaHuman's curves.
    executor: who draws the frames; by default whom the environment names.
    Raises `InputError` where an input can't be used, `MissingError` where a weight or a package is missing.
    """
    settings, stages = shown_small(settings or SongToVideoSettings()), stages or Stages()
    executor = executor or ExecutorSettings.from_environment()
    check_files(portrait, song, video, settings)
    check_beside(metahuman, (portrait, song))
    check_sings(settings)
    check_engine(settings)
    with ExitStack() as release:
        run = Run(cache or StageCache(CacheSettings.from_environment()), progress, release, tell=tell, still=still)
        excerpt = decode_song(run, song, settings)
        picture = film_picture(run, portrait, settings, stages)
        length_s = shown_s(excerpt.duration_s, settings)
        check_free_space(video.parent, film_bytes(picture.size, frame_count(length_s, settings.fps), length_s))
        check_renderer(picture.engine, settings, lambda _, done, total: progress(PORTRAIT, done, total))
        source = stages.motion_source(settings)
        stems = separate_voice(run, excerpt, settings, stages) if needs_voice(source, picture, settings) else None
        excerpt = with_lyrics(run, excerpt, stems, settings, stages)
        vocals = vocals_in_song(excerpt, stems, settings, stages)
        performance = make_motion(run, vocals, source, stages)
        if settings.preview:
            excerpt, vocals, performance = cut_to_preview(run, excerpt, vocals, performance)
        film = drawn(run, excerpt, picture, performance, vocals, video, settings, executor, stages)
        if metahuman is not None:
            write_motion_file(metahuman, performance.motion, OF_METAHUMANS)
        return report_of(run, video, film, picture.engine.name, performance.emotion)


def drawn(
    run: Run,
    excerpt: SongExcerpt,
    picture: FilmPicture,
    performance: Performance,
    vocals: Vocals,
    video: Path,
    settings: SongToVideoSettings,
    executor: ExecutorSettings,
    stages: Stages,
) -> Film:
    """The film, in chunks by several who draw, or in one piece here."""
    if is_divided(run, picture, settings, executor):
        return draw_in_chunks(run, excerpt, picture, performance, video, settings, executor, stages)
    sound = Sound(vocals.sound.voice, vocals.sound.phonemes)
    renderer = make_film_renderer(picture.engine, settings, sound, run.note)
    return draw_film(run, excerpt, picture, performance, renderer, video, settings)


def needs_voice(source: MotionSource, picture: FilmPicture, settings: SongToVideoSettings) -> bool:
    """Whether somebody listens to the voice alone."""
    return source.hears or picture.engine.hears or settings.lips_engine is not None or settings.shows_words


def with_lyrics(
    run: Run, excerpt: SongExcerpt, stems: Stems | None, settings: SongToVideoSettings, stages: Stages
) -> SongExcerpt:
    """The excerpt with its words, where the film shows them. Raises `InputError` where there are none."""
    if not settings.shows_words or stems is None:
        return excerpt
    voice, length_s, language = stems.voice, excerpt.duration_s, settings.lyrics_language
    part = part_of(excerpt, settings.is_excerpt)
    lyrics = find_lyrics(run, settings.lyrics or AUTO, part, lambda: hear_voice(run, voice, length_s, language, stages))
    return replace(excerpt, lyrics=lyrics)


def check_files(portrait: Path, song: Path, video: Path, settings: SongToVideoSettings) -> None:
    """Raises `InputError` where an input can't be read or the film can't be written."""
    check_input(portrait, "portrait")
    check_input(song, "song")
    for file, what in settings.files():
        check_input(file, what)
    check_output(video, VIDEO_SUFFIX, (portrait, song))


def check_beside(metahuman: Path | None, inputs: tuple[Path, ...]) -> None:
    """Raises `InputError` where the file of a MetaHuman's curves can't be written."""
    if metahuman is not None:
        check_output(metahuman, METAHUMAN_SUFFIXES, inputs)


def film_picture(run: Run, portrait: Path, settings: SongToVideoSettings, stages: Stages) -> FilmPicture:
    """The engine, what it shows of the portrait, and the size of what the filters make of its frames."""
    whole, engine = find_portrait(run, portrait, settings)
    engine = engine_of(engine, stages, settings)
    view = view_of(engine, whole, settings)
    return FilmPicture(engine, view, size_of(chain_of(engine, settings), view, settings))


def report_of(run: Run, video: Path, film: Film, engine: str, emotion: Emotion | None) -> FilmReport:
    """What is told when the film is there."""
    return FilmReport(**film_facts(run, str(video), film, engine), emotion=emotion)
