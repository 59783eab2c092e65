"""A song or a talk in, its words with their times out: the whole way, read top to bottom in `song_to_lyrics`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.contracts import Progress, silent
from core.messages import Message
from core.output_files import check_output
from pipeline.cache import CacheSettings, StageCache
from pipeline.film_settings import SongToVideoSettings
from pipeline.input_files import check_input
from pipeline.lyrics.finding import find_lyrics, hear_voice, part_of
from pipeline.lyrics.lines import Lyrics
from pipeline.lyrics.settings import LyricsSettings
from pipeline.lyrics.writing import WRITERS, write_lyrics
from pipeline.run import Run, unheard
from pipeline.stages import Stages
from pipeline.steps import SongExcerpt, decode_song, separate_voice


@dataclass(frozen=True)
class LyricsReport:
    """lyrics: in seconds of the whole sound. files: that were written. seconds, cached_stages, notes: see `FilmReport`."""

    lyrics: Lyrics
    files: tuple[str, ...]
    duration_s: float
    seconds: dict[str, float]
    cached_stages: tuple[str, ...]
    notes: tuple[Message, ...]

    def as_json(self) -> dict[str, Any]:
        """The fields as JSON values, the notes as English sentences."""
        return {**vars(self), "lyrics": self.lyrics.as_json(), "notes": [str(note) for note in self.notes]}


def song_to_lyrics(
    song: Path,
    files: Sequence[Path],
    settings: LyricsSettings | None = None,
    voice: Path | None = None,
    progress: Progress = silent,
    stages: Stages | None = None,
    cache: StageCache | None = None,
    tell: Callable[[Message], None] = unheard,
) -> LyricsReport:
    """Write the words of the `song` with their times to each of the `files`, as its name ends: .lrc, .srt, .vtt, .txt.

    voice: the voice alone, starting with the song; without one it is taken out of the song. progress, stages, cache, tell: see
    `song_to_video`. Raises `InputError` where an input can't be used or nobody is heard, `MissingError` where a part is missing.
    """
    settings, stages = settings or LyricsSettings(), stages or Stages()
    check_input(song, "song")
    if voice is not None:
        check_input(voice, "voice")
    for file in files:
        check_output(file, tuple(WRITERS), (song,))
    with ExitStack() as release:
        run = Run(cache or StageCache(CacheSettings.from_environment()), progress, release, tell=tell)
        found, excerpt = lyrics_of(run, song, settings, stages, voice)
        lyrics = found.shifted(excerpt.start_s)
        for file in files:
            write_lyrics(file, lyrics)
        names, length_s = tuple(map(str, files)), excerpt.duration_s
        return LyricsReport(lyrics, names, length_s, run.timings(), tuple(run.cached_stages), tuple(run.notes))


def lyrics_of(
    run: Run, song: Path, settings: LyricsSettings, stages: Stages, voice: Path | None = None
) -> tuple[Lyrics, SongExcerpt]:
    """The words of the part of a sound, in seconds from the part's beginning, and the part. Raises as `find_lyrics`."""
    film = SongToVideoSettings(start_s=settings.start_s, duration_s=settings.duration_s)
    excerpt = decode_song(run, song, film)

    def alone() -> Path:
        return separate_voice(run, excerpt, film, stages).voice if voice is None else decode_song(run, voice, film).mix

    part = part_of(excerpt, film.is_excerpt)
    hear = lambda: hear_voice(run, alone(), excerpt.duration_s, settings.language, stages)  # noqa: E731
    return find_lyrics(run, settings.words, part, hear), excerpt
