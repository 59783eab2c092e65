"""The steps of a film, each from what it needs to what it gives; none knows the next. `pipeline/song_to_video.py` lists them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from core.contracts import (
    BLENDSHAPE_INDEX,
    ByteArray,
    DrivingSound,
    Emotion,
    Keep,
    Motion,
    MotionSource,
    Performance,
    Portrait,
    Progress,
    Renderer,
    Stems,
)
from core.engine_card import EngineCard
from core.film_stages import DECODE, FRAMES, LIPS, MOTION, MUX, SEPARATE
from core.frame_stream import closing_frames
from core.messages import message, message_from_json
from core.timebase import frame_count, frames_to_seconds
from media.headroom import headroom_notes
from media.media import FilmWriter, excerpt_duration_s, probe_audio
from media.sound_excerpt import write_excerpt
from motion.intensity import EMOTION_TAG, check_within, emotion_tag
from pipeline.cache import file_digest
from pipeline.film_marks import comment_of_film, marks_of, other_lips
from pipeline.film_settings import SongToVideoSettings
from pipeline.lyrics.lines import Lyrics
from pipeline.lyrics.showing import track_of, with_words
from pipeline.other_lips import OtherLips
from pipeline.run import Run, peak_rss_mb
from pipeline.stages import Stages, opened
from pipeline.stills import with_stills

#: Notes that say already that the mouth will stay shut.
STAYS_SHUT = ("separation.no_voice", "separation.silence")
#: A jaw that never opens by more does not sing.
LEAST_JAW = 0.03
SEPARATION_PACKAGE = "separation"


@dataclass(frozen=True)
class SongExcerpt:
    """The sound of the film.

    song: the user's own file, which people will hear; None of a silent film, which has a title. start_s, duration_s: the part of
    it that the film takes.
    mix: a sound file of just that part, which drives the face; the song itself where the film takes all of it.
    digest: SHA-256 of the song with the part, for the cache. frames: length of the film. title: the film's, where it is told
    none; else the song's file name. tags: what else the film's metadata tell of the sound.
    lyrics: its words, in seconds of the part; None: they are not shown.
    """

    song: Path | None
    start_s: float
    duration_s: float
    mix: Path
    digest: str
    frames: int
    title: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    lyrics: Lyrics | None = None


@dataclass(frozen=True)
class FilmPicture:
    """What the film shows: the engine that draws it, the part of the portrait, and the film's size (width, height) in pixels."""

    engine: EngineCard
    view: Portrait
    size: tuple[int, int]


@dataclass(frozen=True)
class Film:
    """What was written."""

    frames: int
    fps: float
    width: int
    height: int

    @property
    def duration_s(self) -> float:
        """Length of the pictures in seconds."""
        return frames_to_seconds(self.frames, self.fps)


def decode_song(run: Run, song: Path, settings: SongToVideoSettings) -> SongExcerpt:
    """Decode the song and find the part that the film takes."""
    with run.stage(DECODE) as progress:
        duration_s = excerpt_duration_s(song, settings.start_s, settings.duration_s)
        if settings.duration_s is not None and settings.duration_s > duration_s + 0.5 / settings.fps:
            run.note(message("pipeline.song_ends_early", name=song.name, length=duration_s))
        check_within(settings.intensity_points, duration_s, settings.fps)
        digest, mix = file_digest(song), song
        if settings.is_excerpt:
            part = {"start_s": settings.start_s, "duration_s": duration_s}

            def make(folder: Path) -> None:
                write_excerpt(song, folder / "mix.wav", settings.start_s, duration_s, progress)

            folder, digest = run.cached(DECODE, "1", {"song": digest}, part, make)
            mix = folder / "mix.wav"
        return SongExcerpt(song, settings.start_s, duration_s, mix, digest, frame_count(duration_s, settings.fps))


def separate_voice(run: Run, excerpt: SongExcerpt, settings: SongToVideoSettings, stages: Stages) -> Stems:
    """The voice and the accompaniment."""
    with run.stage(SEPARATE) as progress:

        def make(folder: Path) -> None:
            stems = stages.separator(settings).separate(excerpt.mix, folder, progress)
            (folder / "stems.json").write_text(stems_to_json(stems, folder), encoding="utf-8")

        folder, _ = run.cached(SEPARATE, stages.version(SEPARATION_PACKAGE), {"mix": excerpt.digest}, {}, make)
        stems = stems_from_json((folder / "stems.json").read_text(encoding="utf-8"), folder)
        run.note(*stems.notes)
        return stems


@dataclass(frozen=True)
class Vocals:
    """The sound that drives the film's motion. digests: of what it was made from, by name, for the cache."""

    sound: DrivingSound
    digests: Mapping[str, str]


def vocals_in_song(excerpt: SongExcerpt, stems: Stems | None, settings: SongToVideoSettings, stages: Stages) -> Vocals:
    """The voice that was taken out of the mix; none where nobody needs it."""
    voice = stems.voice if stems is not None else None
    digests = {"mix": excerpt.digest, "separation": stages.version(SEPARATION_PACKAGE)}
    return Vocals(DrivingSound(voice, excerpt.mix, settings.fps, excerpt.frames, excerpt.start_s), digests)


def vocals_alone(voice: Path, song: Path, frames: int, settings: SongToVideoSettings) -> Vocals:
    """A voice that stands in a file of its own."""
    digests = {"voice": file_digest(voice), "mix": file_digest(song)}
    return Vocals(DrivingSound(voice, song, settings.fps, frames, settings.start_s, alone=True), digests)


def make_motion(run: Run, vocals: Vocals, source: MotionSource, stages: Stages) -> Performance:
    """The motion of the film; what was excerpt is kept, so that another performance of the same song is quick."""
    with run.stage(MOTION) as progress, opened():
        performance = source.perform(vocals.sound, keep_of(run, vocals, source, stages), progress)
        run.note(*performance.notes)
        if source.hears and not jaw_opens(performance.motion).any() and not any(note.code in STAYS_SHUT for note in run.notes):
            run.note(message("pipeline.no_singing_heard"))
        progress(MOTION, 1, 1)
        return performance


def jaw_opens(motion: Motion) -> np.ndarray:
    """Whether the mouth opens, in each frame (T,)."""
    return np.asarray(motion.blendshapes[:, BLENDSHAPE_INDEX["jawOpen"]] > LEAST_JAW)


def find_emotion(run: Run, vocals: Vocals, source: MotionSource, stages: Stages) -> Emotion:
    """The emotion of the performance alone. Raises RuntimeError for a source that knows none."""
    with run.stage(MOTION) as progress, opened():
        emotion = source.emotion(vocals.sound, keep_of(run, vocals, source, stages), progress)
        if emotion is None:
            raise RuntimeError(f"Motion from {source.room} tells no emotion.")
        progress(MOTION, 1, 1)
        return emotion


def keep_of(run: Run, vocals: Vocals, source: MotionSource, stages: Stages) -> Keep:
    """Keeps a source's work by all that it depends on: the sound, the film's frames, and what the source itself names."""
    sound = vocals.sound

    def keep(choices: Mapping[str, object], make: Callable[[Path], None]) -> Path:
        depends = {"fps": sound.fps, "frames": sound.frames, **choices}
        folder, _ = run.cached(MOTION, stages.version(source.room), vocals.digests, depends, make)
        return folder

    return keep


def draw_film(
    run: Run,
    excerpt: SongExcerpt,
    picture: FilmPicture,
    performance: Performance,
    renderer: Renderer,
    video: Path,
    settings: SongToVideoSettings,
) -> Film:
    """Draw the frames one by one into the film, and give it the song's own sound."""
    if excerpt.song is not None:
        run.note(*headroom_notes(probe_audio(excerpt.song)))
    told = film_told(excerpt, picture, performance, settings)
    with ExitStack() as film:
        stage = FRAMES
        if isinstance(renderer, OtherLips):
            with run.stage(FRAMES) as progress:
                film.enter_context(renderer.drawn(picture.view, performance.motion, video, progress))
            stage = LIPS
        with run.stage(stage) as progress:
            drawn = renderer.frames(picture.view, performance.motion, progress)
            worded = with_words(run, drawn, excerpt.lyrics, settings, settings.fps)
            frames = with_stills(worded, run.still)
            film.enter_context(closing_frames(drawn, worded, frames))
            told["subtitles"] = track_of(excerpt.lyrics, settings, film)
            writer = FilmWriter(video, picture.size, settings.fps, excerpt.song, **told)
            count = write_frames(frames, film.enter_context(writer), excerpt.frames, progress)
        with run.stage(MUX):
            film.close()
    return Film(count, settings.fps, *picture.size)


def film_told(
    excerpt: SongExcerpt, picture: FilmPicture, performance: Performance, settings: SongToVideoSettings
) -> dict[str, Any]:
    """What a `FilmWriter` is told of a film's sound and of how it came about."""
    named = None if excerpt.song is None else excerpt.song.stem
    title = next((each for each in (settings.title, excerpt.title, named) if each is not None), None)
    tags = {**excerpt.tags, **film_tags(performance, marks_of(picture.engine, other_lips(settings)))}
    comment = comment_of_film(picture.engine, settings)
    return {
        "start_s": excerpt.start_s,
        "duration_s": excerpt.duration_s,
        "title": title,
        "tags": tags,
        "comment": comment,
    }


def film_facts(run: Run, video: str, film: Film, engine: str) -> dict[str, Any]:
    """What a `FilmReport` tells of every film: of itself, and of how its run went."""
    return {
        "video": video,
        "duration_s": film.duration_s,
        "frames": film.frames,
        "fps": film.fps,
        "width": film.width,
        "height": film.height,
        "engine": engine,
        "seconds": run.timings(),
        "peak_rss_mb": peak_rss_mb(),
        "cached_stages": tuple(run.cached_stages),
        "notes": tuple(run.notes),
    }


def film_tags(performance: Performance, marks: Mapping[str, str]) -> dict[str, str]:
    """The film's metadata besides its title and its mark: the emotion in effect, and whose work the engine is."""
    return {**({} if performance.emotion is None else {EMOTION_TAG: emotion_tag(performance.emotion)}), **marks}


def write_frames(frames: Iterator[ByteArray], writer: FilmWriter, expected: int, progress: Progress) -> int:
    """Give every frame to the writer; says how many there were, which must be as many as expected."""
    count = 0
    for frame in frames:
        writer.write(frame)
        count += 1
        progress(FRAMES, count, expected)
    if count != expected:
        raise RuntimeError(f"The renderer gave {count} frames where {expected} were asked for.")
    return count


def stems_to_json(stems: Stems, folder: Path) -> str:
    """The record of stems that lie in `folder`."""
    return json.dumps(
        {
            "voice": stems.voice.relative_to(folder).as_posix(),
            "accompaniment": stems.accompaniment.relative_to(folder).as_posix(),
            "duration_s": stems.duration_s,
            "voice_share": stems.voice_share,
            "notes": [note.as_json() for note in stems.notes],
        }
    )


def stems_from_json(text: str, folder: Path) -> Stems:
    """The record again, wherever `folder` lies now."""
    values = json.loads(text)
    return Stems(
        voice=folder / values["voice"],
        accompaniment=folder / values["accompaniment"],
        duration_s=values["duration_s"],
        voice_share=values["voice_share"],
        notes=tuple(message_from_json(note) for note in values["notes"]),
    )
