"""A song in, its phrases out: where the singer begins and rests, so that a part of the song need not begin amid a word."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from core.contracts import Progress, silent
from core.film_stages import MOTION
from motion.singing.settings import SingingSettings
from motion.singing.source import SungMotion
from pipeline.cache import CacheSettings, StageCache
from pipeline.film_settings import SongToVideoSettings
from pipeline.input_files import check_input
from pipeline.run import Run
from pipeline.stages import Stages, opened
from pipeline.steps import decode_song, keep_of, separate_voice, vocals_in_song


def song_to_phrases(
    song: Path, progress: Progress = silent, stages: Stages | None = None, cache: StageCache | None = None
) -> list[tuple[float, float]]:
    """Start and end in seconds of every phrase of the song; none where nobody sings.

    What was separated and heard is kept where a film of the whole song finds it. Raises `InputError` where the song can't be
    used, `MissingError` where a weight or a package is missing.
    """
    settings, stages = SongToVideoSettings(), stages or Stages()
    check_input(song, "song")
    with ExitStack() as release:
        run = Run(cache or StageCache(CacheSettings.from_environment()), progress, release)
        excerpt = decode_song(run, song, settings)
        vocals = vocals_in_song(excerpt, separate_voice(run, excerpt, settings, stages), settings, stages)
        source = SungMotion(SingingSettings())
        with run.stage(MOTION) as heard, opened():
            return source.phrases(vocals.sound, keep_of(run, vocals, source, stages), heard)
