"""`belcanto caption`: words under a finished film, heard in its sound or given, in its pictures, as a track, or both."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from core.contracts import Progress, silent
from core.errors import InputError
from core.messages import Message
from core.output_files import check_output
from media.film_reader import probe_video
from media.film_source import FilmSource
from media.film_writer import DIGITAL_SOURCE_TYPE_KEY, EDITED_SOURCE_TYPE
from pipeline.cache import CacheSettings, StageCache
from pipeline.film_again import open_again, write_film_again
from pipeline.film_report import FilmReport
from pipeline.film_settings import VIDEO_SUFFIX
from pipeline.input_files import check_input
from pipeline.lyrics.aligning import HeardVoice, align
from pipeline.lyrics.finding import SoundPart, within_part
from pipeline.lyrics.lines import Lyrics
from pipeline.lyrics.reading import parse_lyrics
from pipeline.lyrics.settings import AUTO, CaptionSettings
from pipeline.lyrics.showing import track_of, with_words
from pipeline.lyrics.song_to_lyrics import lyrics_of
from pipeline.run import Run, unheard
from pipeline.stages import Stages
from pipeline.steps import film_facts
from provenance.making import accounted


@accounted("caption", "film")
def caption_film(
    film: Path,
    video: Path,
    settings: CaptionSettings,
    progress: Progress = silent,
    stages: Stages | None = None,
    cache: StageCache | None = None,
    tell: Callable[[Message], None] = unheard,
    title: str | None = None,
) -> FilmReport:
    """Make `video`: the `film`, or its part, with words under it and its own sound.

    progress, stages, cache, tell: see `song_to_video`. title: for the metadata; the film's file name if None. Raises `InputError`
    where the film can't be used or has no words, `MissingError` where a weight or a package is missing.
    """
    check_input(film, "film")
    check_output(video, VIDEO_SUFFIX, (film,))
    stages = stages or Stages()
    with ExitStack() as release:
        run = Run(cache or StageCache(CacheSettings.from_environment()), progress, release, tell=tell)
        source, sound, size = open_again(run, film, video, (settings.start_s, settings.duration_s), stages)
        lyrics = words_of_film(run, film, source, settings, stages)
        redrawn = lambda frames, _, kept: kept(with_words(run, frames, lyrics, settings.shown, source.fps))  # noqa: E731
        told = {"title": title or film.stem, "subtitles": track_of(lyrics, settings.shown, release), **marks_of(film)}
        made = write_film_again(run, source, sound, video, size, redrawn, **told)
        return FilmReport(**film_facts(run, str(video), made, ""))


def marks_of(film: Path) -> dict[str, Any]:
    """What the metadata say of how the film came about: what the film says itself; words don't make it an AI's work."""
    own = probe_video(film).metadata
    return {
        "comment": own.get("comment", ""),
        "tags": {DIGITAL_SOURCE_TYPE_KEY: own.get(DIGITAL_SOURCE_TYPE_KEY, EDITED_SOURCE_TYPE)},
    }


def words_of_film(run: Run, film: Path, source: FilmSource, settings: CaptionSettings, stages: Stages) -> Lyrics:
    """The words in seconds from the part's beginning. Raises `InputError`, also where a film without sound is told no times."""
    if source.has_sound:
        return lyrics_of(run, film, settings, stages)[0]
    whole = settings.start_s == 0 and settings.duration_s is None
    part = SoundPart(film.name, settings.start_s, source.duration_s, whole)
    lines = () if settings.words == AUTO else within_part(parse_lyrics(settings.words), part)
    if settings.words == AUTO or any(line.start_s is None or line.end_s is None for line in lines):
        raise InputError("pipeline.lyrics.silent_film", name=film.name)
    found = align(lines, HeardVoice((), (), source.duration_s)).lyrics.shifted(0.0, source.duration_s)
    if not found.lines:
        raise InputError("pipeline.lyrics.none_in_part", name=film.name)
    return found
