"""A preview: three seconds of a film as it will be, made small and quickly, to be seen before the film is ordered.

The whole part of the song is heard and performed as for the film, so that the frames are the film's own; only they are few.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from core.contracts import FloatArray, Motion, Performance
from core.film_stages import DECODE
from core.messages import message
from core.timebase import frame_count, frames_to_seconds
from media.sound_excerpt import write_excerpt
from pipeline.film_settings import PREVIEW_HEIGHT, PREVIEW_S, SongToVideoSettings
from pipeline.run import Run
from pipeline.steps import SongExcerpt, Vocals, jaw_opens


def shown_small(settings: SongToVideoSettings) -> SongToVideoSettings:
    """The settings of the film as a preview is drawn by them: the same, but for the height."""
    return replace(settings, height=min(settings.height or PREVIEW_HEIGHT, PREVIEW_HEIGHT)) if settings.preview else settings


def shown_s(duration_s: float, settings: SongToVideoSettings) -> float:
    """Seconds of a part of that length that are drawn."""
    return min(duration_s, PREVIEW_S) if settings.preview else duration_s


def cut_to_preview(
    run: Run, excerpt: SongExcerpt, vocals: Vocals, performance: Performance
) -> tuple[SongExcerpt, Vocals, Performance]:
    """What of the film is shown: the sound, the voice and the performance of the seconds in which most is sung."""
    motion = performance.motion
    count = min(frame_count(PREVIEW_S, motion.fps), len(motion))
    sung = jaw_opens(motion) if performance.sung is None else performance.sung
    first = fullest(sung, count)
    offset_s, duration_s = frames_to_seconds(first, motion.fps), min(frames_to_seconds(count, motion.fps), excerpt.duration_s)
    begin_s = excerpt.start_s + offset_s
    code = "pipeline.preview_of_all" if count == len(motion) else "pipeline.preview_where_most_is_sung"
    run.note(message(code, start=begin_s, stop=begin_s + duration_s))
    shown = Performance(cut_motion(motion, first, count), notes=performance.notes)
    vocals = cut_voice(run, vocals, offset_s, duration_s)
    lyrics = None if excerpt.lyrics is None else excerpt.lyrics.shifted(-offset_s, duration_s)
    return replace(excerpt, start_s=begin_s, duration_s=duration_s, frames=count, lyrics=lyrics), vocals, shown


def fullest(sung: FloatArray, count: int) -> int:
    """Where the run of `count` frames begins in which most is sung, the first of equals; sung (T,): how much of each frame is."""
    whole = np.concatenate([[0.0], np.cumsum(np.round(np.asarray(sung, np.float64), 3))])
    return int(np.argmax(np.round(whole[count:] - whole[: len(whole) - count], 3)))


def cut_motion(motion: Motion, first: int, count: int) -> Motion:
    """`count` frames of a motion, from the frame `first` on."""
    shown = slice(first, first + count)
    return Motion(
        motion.fps,
        motion.blendshapes[shown],
        motion.rotation_deg[shown],
        motion.translation[shown],
        motion.gaze_deg[shown],
        motion.intensity[shown],
    )


def cut_voice(run: Run, vocals: Vocals, offset_s: float, duration_s: float) -> Vocals:
    """The voice of the seconds that are shown, for those who draw by ear; none where nobody had to find it."""
    voice = vocals.sound.voice
    if voice is None:
        return vocals

    def make(folder: Path) -> None:
        write_excerpt(voice, folder / "voice.wav", offset_s, duration_s)

    part = {"voice_from_s": offset_s, "duration_s": duration_s}
    folder, _ = run.cached(DECODE, "1", vocals.digests, part, make)
    return replace(vocals, sound=replace(vocals.sound, voice=folder / "voice.wav"))
