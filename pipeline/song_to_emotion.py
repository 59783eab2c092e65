"""A song in, the emotion that a film of it would have out: the automatic curve that a person can start editing from."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path

from core.contracts import Emotion, Progress, silent
from core.messages import Message
from core.timebase import frames_to_seconds
from pipeline.cache import CacheSettings, StageCache
from pipeline.film_settings import SongToVideoSettings
from pipeline.input_files import check_input
from pipeline.run import Run
from pipeline.stages import Stages
from pipeline.steps import decode_song, find_emotion, separate_voice, vocals_alone, vocals_in_song


@dataclass(frozen=True)
class EmotionReport:
    """The emotion that a film of the song would have, its length, and notes for the user."""

    song: str
    duration_s: float
    emotion: Emotion
    seconds: dict[str, float]
    cached_stages: tuple[str, ...]
    notes: tuple[Message, ...] = field(default=())

    def as_json(self) -> dict[str, object]:
        """The fields as JSON values, the notes as English sentences."""
        return {**asdict(self), "notes": [str(note) for note in self.notes]}


def song_to_emotion(
    song: Path,
    voice: Path | None = None,
    settings: SongToVideoSettings | None = None,
    progress: Progress = silent,
    stages: Stages | None = None,
    cache: StageCache | None = None,
) -> EmotionReport:
    """The emotion of the film that `settings` would make of `song`; nothing is drawn.

    voice: the voice alone, starting with the song; where there is none it is taken out of the song. Of the settings, fps, the
    excerpt, seed, expressiveness, style and intensity_points count; `lips` changes nothing here, but what was separated and heard
    is kept in the cache, where a film of the same song, part and lips finds it.
    Raises `InputError` where an input can't be used, `MissingError` where a weight or a package is missing.
    """
    settings, stages = settings or SongToVideoSettings(), stages or Stages()
    check_input(song, "song")
    if voice is not None:
        check_input(voice, "voice")
    with ExitStack() as release:
        run = Run(cache or StageCache(CacheSettings.from_environment()), progress, release)
        excerpt = decode_song(run, song, settings)
        if voice is None:
            vocals = vocals_in_song(excerpt, separate_voice(run, excerpt, settings, stages), settings, stages)
        else:
            vocals = vocals_alone(decode_song(run, voice, settings).mix, excerpt.mix, excerpt.frames, settings)
        emotion = find_emotion(run, vocals, stages.motion_source(settings), stages)
        length_s = frames_to_seconds(excerpt.frames, settings.fps)
        return EmotionReport(str(song), length_s, emotion, run.timings(), tuple(run.cached_stages), tuple(run.notes))
