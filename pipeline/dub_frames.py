"""The last step of dubbing: the film's frames pass one filter of lips for each person, and go straight into the new film."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from core.contracts import ByteArray, FrameFilter, Keep, Motion
from core.film_stages import FRAMES, MUX
from core.frame_stream import FrameCount, closing_frames
from faces.tracking.tracks import FilmFaces
from lipsync.card import LipsCard, LipsTask
from media.film_loop import looped_frames
from media.film_source import Damage
from media.film_writer import DUBBED_COMMENT, FilmWriter
from media.headroom import headroom_notes
from media.sound_reader import probe_audio
from pipeline.avatars import LIPS, AvatarFacts
from pipeline.dub_inputs import NewSound, ShownFilm
from pipeline.dub_settings import DubSettings
from pipeline.face_filters import with_face_filters
from pipeline.film_marks import marks_of, with_weights
from pipeline.lone_filters import lone_size, with_lone_filters
from pipeline.run import Run
from pipeline.stages import Stages, opened
from pipeline.steps import Film, jaw_opens, write_frames


@dataclass(frozen=True)
class NewLips:
    """What one person says: the face's number, a sound file of the voice, and the motion that it drives, frame by frame."""

    face: int
    voice: Path
    motion: Motion


@dataclass(frozen=True)
class Dubbing:
    """All that the frames are made of. key: of the faces in the cache."""

    shown: ShownFilm
    faces: FilmFaces
    key: str
    lips: Sequence[NewLips]
    engine: LipsCard


def draw_dubbed(
    run: Run, dubbing: Dubbing, heard: NewSound, video: Path, title: str, settings: DubSettings, stages: Stages
) -> Film:
    """Write the film with its new lips and its new sound."""
    run.note(*headroom_notes(probe_audio(heard.file)))
    shown, damage, size = dubbing.shown, Damage(), lone_size(dubbing.shown.size, settings)
    with ExitStack() as film:
        with run.stage(FRAMES) as progress:
            progress(FRAMES, 0, shown.frames)
            count = FrameCount(progress, FRAMES, shown.frames)
            frames = count.counted(dubbed_frames(run, dubbing, damage, settings, stages, count.alive))
            film.enter_context(closing_frames(frames))
            writer = FilmWriter(
                video,
                size,
                shown.fps,
                heard.file,
                heard.start_s,
                min(heard.duration_s, shown.duration_s),
                title=title,
                tags=marks_of(dubbing.engine),
                comment=comment_of(dubbing.engine, settings),
            )
            written = write_frames(frames, film.enter_context(writer), shown.frames, lambda *_: None)
        with run.stage(MUX):
            film.close()
    run.note(*damage.notes())
    return Film(written, shown.fps, *size)


def comment_of(engine: LipsCard, settings: DubSettings) -> str:
    """What the film's metadata say of how it came about, with the SHA-256 of weights that the user named."""
    return with_weights(DUBBED_COMMENT, engine.own_weights(settings))


def dubbed_frames(
    run: Run, dubbing: Dubbing, damage: Damage, settings: DubSettings, stages: Stages, alive: Callable[[str, int, int], None]
) -> Iterator[ByteArray]:
    """The film's frames through one filter for each person, then a look and the label."""
    shown = dubbing.shown
    with ExitStack() as streams:

        def kept(frames: Iterator[ByteArray]) -> Iterator[ByteArray]:
            streams.enter_context(closing_frames(frames))
            return frames

        frames = kept(looped_frames(shown.source, shown.frames, shown.loop, damage))
        for lips in dubbing.lips:
            with opened(dubbing.engine.install):
                frames = kept(lips_filter(run, dubbing, lips, settings, stages).apply(frames, alive))
        if settings.fill and dubbing.lips:  # where nobody who is seen speaks, nobody is there to go on speaking
            with opened():
                frames = kept(without_gaps(run, dubbing, frames, alive))
        tracks = [dubbing.faces.tracks[lips.face - 1] for lips in dubbing.lips]
        frames = with_face_filters(frames, settings, dubbing.faces, tracks, run.note, alive, kept)
        yield from with_lone_filters(frames, settings, alive, kept)


def without_gaps(
    run: Run, dubbing: Dubbing, frames: Iterator[ByteArray], alive: Callable[[str, int, int], None]
) -> Iterator[ByteArray]:
    """The frames with the pictures that are missing made, and a note about them; the face of the first person goes on speaking.

    The film is looked through once before.
    """
    from pipeline.film_fill import filled_frames, find_missing, notes_about_gaps

    shown, motion = dubbing.shown, dubbing.lips[0].motion

    def watched() -> Iterator[ByteArray]:
        with closing_frames(film := looped_frames(shown.source, shown.frames, shown.loop)):
            for frame in film:
                alive(FRAMES, 0, shown.frames)
                yield frame

    gaps = find_missing(watched(), shown.fps, jaw_opens(motion))
    run.note(*notes_about_gaps(gaps, shown.fps, shown.source.start_s))
    return filled_frames(frames, gaps, motion)


def lips_filter(run: Run, dubbing: Dubbing, lips: NewLips, settings: DubSettings, stages: Stages) -> FrameFilter:
    """The filter that gives one person other lips."""
    shown = dubbing.shown

    def frames() -> Iterator[ByteArray]:
        return looped_frames(shown.source, shown.frames, shown.loop)

    track = dubbing.faces.tracks[lips.face - 1]
    keep = keep_of_person(run, dubbing, lips.face, stages)
    task = LipsTask(dubbing.faces, track, lips.motion, lips.voice, frames, keep)
    return dubbing.engine.make(settings, task, run.note)


def keep_of_person(run: Run, dubbing: Dubbing, face: int, stages: Stages) -> Keep:
    """Keeps what an engine makes of a person in this film, whatever is said."""
    inputs = {"film": dubbing.shown.digest, "faces": dubbing.key}
    package, shown = dubbing.engine.package, dubbing.shown
    facts = AvatarFacts(shown.source.path.name, face, dubbing.engine.name, round(shown.frames / shown.fps, 3))

    def keep(choices: Mapping[str, object], make: Callable[[Path], None]) -> Path:
        def make_and_tell(folder: Path) -> None:
            make(folder)
            facts.write(folder)

        chosen = {"face": face, "engine": package, **choices}
        return run.cached(LIPS, stages.version(package), inputs, chosen, make_and_tell)[0]

    return keep
