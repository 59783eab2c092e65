"""The steps of a film, each from what it needs to what it gives; none knows the next. `pipeline/song_to_video.py` lists them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from core.contracts import BLENDSHAPE_INDEX, ByteArray, Motion, Portrait, Progress, Renderer, Stems
from core.frame_stream import closing_frames
from core.messages import message, message_from_json
from core.timebase import frame_count, frames_to_seconds
from faces.upright import turned_back
from filters.label import Label
from media.headroom import headroom_notes
from media.media import FilmWriter, excerpt_duration_s, probe_audio
from media.sound_excerpt import write_excerpt
from motion.files.motion_csv import fit_motion, read_motion_csv
from motion.intensity import EMOTION_TAG, Emotion, check_within, emotion_tag
from pipeline.cache import file_digest
from pipeline.film_settings import SongToVideoSettings
from pipeline.run import Run
from pipeline.stages import Stages, StoredMotionSource

#: MP4's own name for those who made it possible; players show it.
CREDIT_TAG = "copyright"
DECODE, SEPARATE, MOTION, FRAMES, MUX = "decode", "separate", "motion", "frames", "mux"
#: How the sentences about a missing voice end.
#: Notes that say already that the mouth will stay shut.
STAYS_SHUT = ("separation.no_voice", "separation.silence")
#: A jaw that never opens by more does not sing.
LEAST_JAW = 0.03
SEPARATION_PACKAGE, MOTION_PACKAGE = "separation", "motion.singing"


@dataclass(frozen=True)
class SongExcerpt:
    """The sound of the film.

    song: the user's own file, which people will hear; start_s, duration_s: the part of it that the film takes.
    mix: a sound file of just that part, which drives the face; the song itself where the film takes all of it.
    digest: SHA-256 of the song with the part, for the cache. frames: length of the film.
    """

    song: Path
    start_s: float
    duration_s: float
    mix: Path
    digest: str
    frames: int


@dataclass(frozen=True)
class Performance:
    """A motion, and the emotion behind it; None where the motion came from a file."""

    motion: Motion
    emotion: Emotion | None = None


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
    """Where the voice of the film is heard. digests: of what it was made from, by name, for the cache.

    alone: the voice is a recording of its own, not taken out of the mix.
    """

    voice: Path
    mix: Path
    digests: Mapping[str, str]
    frames: int
    alone: bool = False


def vocals_in_song(excerpt: SongExcerpt, stems: Stems, stages: Stages) -> Vocals:
    """The voice that was taken out of the mix."""
    digests = {"mix": excerpt.digest, "separation": stages.version(SEPARATION_PACKAGE)}
    return Vocals(stems.voice, excerpt.mix, digests, excerpt.frames)


def vocals_alone(voice: Path, song: Path, frames: int) -> Vocals:
    """A voice that stands in a file of its own."""
    return Vocals(voice, song, {"voice": file_digest(voice), "mix": file_digest(song)}, frames, alone=True)


def make_motion(run: Run, vocals: Vocals, settings: SongToVideoSettings, stages: Stages) -> Performance:
    """The motion that the song asks for; what was heard is kept, so that another performance of the same song is quick."""
    with run.stage(MOTION) as progress:
        source, folder = _analysed(run, vocals, settings, stages, progress)
        performance = Performance(source.perform(folder), source.emotion(folder))
        if not mouth_opens(performance.motion) and not any(note.code in STAYS_SHUT for note in run.notes):
            run.note(message("pipeline.no_singing_heard"))
        progress(MOTION, 1, 1)
        return performance


def mouth_opens(motion: Motion) -> bool:
    """Whether the mouth opens at all."""
    return bool((motion.blendshapes[:, BLENDSHAPE_INDEX["jawOpen"]] > LEAST_JAW).any())


def find_emotion(run: Run, vocals: Vocals, settings: SongToVideoSettings, stages: Stages) -> Emotion:
    """The emotion of the performance alone."""
    with run.stage(MOTION) as progress:
        source, folder = _analysed(run, vocals, settings, stages, progress)
        emotion = source.emotion(folder)
        progress(MOTION, 1, 1)
        return emotion


def _analysed(
    run: Run, vocals: Vocals, settings: SongToVideoSettings, stages: Stages, progress: Progress
) -> tuple[StoredMotionSource, Path]:
    """Analyse, or take the analysis from the cache; it does not depend on how the song is performed."""
    source = stages.motion_source(settings)

    def make(folder: Path) -> None:
        source.analyse(vocals.voice, vocals.mix, settings.fps, vocals.frames, folder, progress, vocals.alone)

    film = {"fps": settings.fps, "frames": vocals.frames, "lips": settings.lips}
    folder, _ = run.cached(MOTION, stages.version(MOTION_PACKAGE), vocals.digests, film, make)
    return source, folder


def motion_from_file(run: Run, excerpt: SongExcerpt, path: Path, settings: SongToVideoSettings) -> Performance:
    """The motion that a Live Link Face file holds, whose first row belongs to the song's first moment."""
    with run.stage(MOTION) as progress:
        recorded, notes = read_motion_csv(path)
        motion, fit_notes = fit_motion(recorded, settings.fps, excerpt.frames, excerpt.start_s)
        run.note(*notes, *fit_notes)
        progress(MOTION, 1, 1)
        return Performance(motion)


def draw_film(
    run: Run,
    excerpt: SongExcerpt,
    portrait: Portrait,
    performance: Performance,
    renderer: Renderer,
    video: Path,
    settings: SongToVideoSettings,
    credit: str = "",
) -> Film:
    """Draw the frames one by one into the film, and give it the song's own sound; `credit` names the engine's makers in it."""
    turned = portrait.turned if settings.turn_back else 0
    height, width = portrait.image.shape[:2] if turned % 2 == 0 else portrait.image.shape[1::-1]
    run.note(*headroom_notes(probe_audio(excerpt.song)))
    with ExitStack() as film:
        with run.stage(FRAMES) as progress:
            frames = renderer.frames(portrait, performance.motion, progress)
            film.enter_context(closing_frames(frames))
            if turned:
                frames = turned_back(frames, turned)
            if settings.label:
                frames = Label().apply(frames)
            title = settings.title if settings.title is not None else excerpt.song.stem
            writer = film.enter_context(
                FilmWriter(
                    video,
                    (width, height),
                    settings.fps,
                    excerpt.song,
                    title=title,
                    start_s=excerpt.start_s,
                    duration_s=excerpt.duration_s,
                    tags=film_tags(performance, credit),
                )
            )
            count = write_frames(frames, writer, excerpt.frames, progress)
        with run.stage(MUX):
            film.close()
    return Film(count, settings.fps, width, height)


def film_tags(performance: Performance, credit: str) -> dict[str, str]:
    """The film's metadata besides its title and its mark: the emotion in effect, and whose work the engine is."""
    tags = {} if performance.emotion is None else {EMOTION_TAG: emotion_tag(performance.emotion)}
    return {**tags, CREDIT_TAG: credit} if credit else tags


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
