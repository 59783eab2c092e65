"""The first steps of dubbing: the part of the film that is shown, its faces, and the sound that it gets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from core.contracts import Stems
from core.errors import InputError
from core.film_stages import DECODE, FACES, SEPARATE
from core.messages import message
from core.timebase import frame_count, frames_to_seconds
from faces.tracking.tracks import FaceState, FaceTrack, FilmFaces
from media.film_loop import LoopKind, loop_index, loop_length
from media.film_opening import open_film
from media.film_source import FilmSource
from media.sound_excerpt import write_excerpt
from media.sound_mix import write_mix
from media.sound_reader import excerpt_duration_s
from pipeline.cache import file_digest
from pipeline.dub_option_kinds import ALL, face_numbers
from pipeline.dub_settings import DubSettings
from pipeline.film_settings import SongToVideoSettings
from pipeline.run import Run
from pipeline.stages import Stages, opened
from pipeline.steps import SEPARATION_PACKAGE, stems_from_json, stems_to_json

TRACKING_PACKAGE, MEDIA_PACKAGE = "faces", "media"
#: A film that is still for longer than the sound by less than this ends with the sound all the same.
SAME_LENGTH_S = 0.1


@dataclass(frozen=True)
class ShownFilm:
    """The film as the result shows it.

    source: the part of the film. digest: of the film with the part, for the cache. loop: what is done behind the part's end.
    frames: of the result; they are more than the source has only where it is looped.
    """

    source: FilmSource
    digest: str
    loop: LoopKind
    frames: int

    @property
    def fps(self) -> float:
        """Frames a second."""
        return self.source.fps

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.source.width, self.source.height

    @property
    def duration_s(self) -> float:
        """Length of the result in seconds."""
        return frames_to_seconds(self.frames, self.fps)


@dataclass(frozen=True)
class NewSound:
    """The sound that the film gets.

    file: what people will hear of it, from `start_s` on. duration_s: how much of it is heard. mix: a sound file of just that
    part, which drives the lips. digest: of the part, for the cache.
    """

    file: Path
    duration_s: float
    mix: Path
    digest: str
    start_s: float = 0.0

    @property
    def heard_alone(self) -> Path:
        """A file that begins with what is heard."""
        return self.mix if self.start_s > 0 else self.file


def open_parts(run: Run, film: Path, sound: Path, settings: DubSettings, stages: Stages) -> tuple[ShownFilm, NewSound]:
    """Look at film and sound, and settle how much of either is taken.

    A film dubbed with its own sound gets that of the part that is shown, in step with it, unless the settings name a part of the
    sound; another sound begins at its beginning, or where that part does. Raises `InputError` where one of them can't be used.
    """
    with run.stage(DECODE):
        source, digest = open_part(film, settings.start_s, settings.duration_s)
        if sound.samefile(film) and not settings.names_part_of_sound:
            sound = own_sound(run, source, digest, stages)
        sound_s = excerpt_duration_s(sound, settings.sound_start_s, settings.sound_duration_s)
        ends_early = settings.keep_background == 0 and sound_s < source.duration_s - SAME_LENGTH_S
        if ends_early and numbers_hold_for_any_part(settings):
            source = open_film(film, settings.start_s, sound_s)
        wanted = frame_count(sound_s, source.fps)
        frames = wanted if ends_early else max(source.count, loop_length(source.count, wanted, settings.loop))
        run.note(*source.notes)
        shown = ShownFilm(source, part_digest(digest, source), settings.loop, frames)
        if sound_s > shown.duration_s + SAME_LENGTH_S:
            run.note(message("pipeline.sound_is_cut", sound=sound_s, film=shown.duration_s))
        return shown, part_of_sound(run, sound, settings.sound_start_s, sound_s, shown.duration_s)


def open_part(film: Path, start_s: float, duration_s: float | None) -> tuple[FilmSource, str]:
    """The part of the film, with the digest of the whole. Raises `InputError` where it can't be used, or is a single picture."""
    digest = file_digest(film)
    source = open_film(film, start_s, duration_s)
    if source.count < 2:
        raise InputError("pipeline.film_of_one_frame", name=film.name)
    return source, digest


def numbers_hold_for_any_part(settings: DubSettings) -> bool:
    """Whether no face is named by its number, which it has in the whole part of the film that the settings name."""
    return settings.face is None or settings.face == ALL


def part_digest(digest: str, source: FilmSource) -> str:
    """The film's digest with the part of it."""
    return f"{digest} {source.start_s:.6f} {source.count}"


def own_sound(run: Run, source: FilmSource, digest: str, stages: Stages) -> Path:
    """The sound of the part of the film, as a file that begins with its first frame. Raises `InputError` where there is none."""

    def make(folder: Path) -> None:
        source.write_sound(folder / "sound.wav")

    part = {"start_s": source.start_s, "count": source.count}
    return run.cached(DECODE, stages.version(MEDIA_PACKAGE), {"film": digest}, part, make)[0] / "sound.wav"


def part_of_sound(run: Run, sound: Path, start_s: float, sound_s: float, film_s: float) -> NewSound:
    """The sound from `start_s` on, as far as it is heard. sound_s: how much of it there is from there on."""
    digest, heard_s = file_digest(sound), min(sound_s, film_s)
    if start_s == 0 and heard_s > excerpt_duration_s(sound) - SAME_LENGTH_S:
        return NewSound(sound, heard_s, sound, digest)

    def make(folder: Path) -> None:
        write_excerpt(sound, folder / "mix.wav", start_s, heard_s)

    folder, key = run.cached(DECODE, "1", {"song": digest}, {"start_s": start_s, "duration_s": heard_s}, make)
    return NewSound(sound, heard_s, folder / "mix.wav", key, start_s)


def find_faces(run: Run, shown: ShownFilm, stages: Stages) -> tuple[FilmFaces, str]:
    """The faces of the part of the film, out of the cache where they were followed before, with their key there."""
    with run.stage(FACES) as progress, opened():

        def make(folder: Path) -> None:
            stages.film_faces(shown.source, folder, progress)

        folder, key = run.cached(FACES, stages.version(TRACKING_PACKAGE), {"film": shown.digest}, {}, make)
        return FilmFaces.load(folder), key


def faces_as_shown(run: Run, shown: ShownFilm, faces: FilmFaces, key: str, stages: Stages) -> tuple[FilmFaces, str]:
    """The faces in each frame of the result, which may be shorter or longer than the part of the film."""
    if shown.frames == faces.frames:
        return faces, key
    with run.stage(FACES), opened():
        from faces.tracking.looping import looped_faces

        order = np.array([loop_index(index, faces.frames, shown.loop) for index in range(shown.frames)])

        def make(folder: Path) -> None:
            looped_faces(faces, order, folder)

        how = {"loop": shown.loop, "frames": shown.frames}
        folder, key = run.cached(FACES, stages.version(TRACKING_PACKAGE), {"faces": key}, how, make)
        return FilmFaces.load(folder), key


def choose_faces(run: Run, film: Path, faces: FilmFaces, settings: DubSettings) -> tuple[int, ...]:
    """The numbers of those that get other lips. Raises `InputError` where there is none who can."""
    if not faces.tracks:
        raise InputError("pipeline.no_face_in_film", name=film.name)
    clear, people = faces_able(faces)
    if not clear:
        raise InputError("pipeline.no_clear_face_in_film", name=film.name)
    if settings.face == ALL:
        return tuple(people)
    if settings.face is None:
        if len(people) > 1:
            run.note(message("pipeline.more_faces_in_film", number=people[0], count=len(people)))
        return (people[0],)
    return named_faces(film, faces, clear, face_numbers(settings.face))


def faces_able(faces: FilmFaces) -> tuple[list[int], list[int]]:
    """The numbers of all who can get other lips, and of those who do where everybody is meant: people, else animals."""
    clear = [track.number for track in faces.tracks if seen_clearly(track)]
    return clear, [number for number in clear if faces.tracks[number - 1].human] or clear


def named_faces(film: Path, faces: FilmFaces, clear: Sequence[int], numbers: Sequence[int]) -> tuple[int, ...]:
    """The faces of these numbers. Raises `InputError` where one is not there, or never clearly."""
    for number in numbers:
        if number > len(faces.tracks):
            raise InputError("pipeline.no_such_face_in_film", number=number, name=film.name, count=len(faces.tracks))
        if number not in clear:
            raise InputError("pipeline.face_never_clear", number=number, name=film.name)
    return tuple(numbers)


def seen_clearly(track: FaceTrack) -> bool:
    """Whether there is a frame in which the face can be given other lips."""
    return bool((track.state == FaceState.CLEAR).any())


def stems_of(run: Run, mix: Path, digest: str, settings: DubSettings, stages: Stages) -> Stems:
    """The voice and the rest of a sound, out of the cache where it was taken apart before."""
    with run.stage(SEPARATE) as progress:

        def make(folder: Path) -> None:
            stems = stages.separator(driving_settings(settings)).separate(mix, folder, progress)
            (folder / "stems.json").write_text(stems_to_json(stems, folder), encoding="utf-8")

        folder, _ = run.cached(SEPARATE, stages.version(SEPARATION_PACKAGE), {"mix": digest}, {}, make)
        return stems_from_json((folder / "stems.json").read_text(encoding="utf-8"), folder)


def driving_settings(settings: DubSettings) -> SongToVideoSettings:
    """What the makers of the stages that dubbing shares with films of portraits are told."""
    return SongToVideoSettings(seed=settings.seed, expressiveness=settings.expressiveness, device=settings.device)


def heard_sound(run: Run, shown: ShownFilm, sound: NewSound, settings: DubSettings, stages: Stages) -> NewSound:
    """What people will hear: the new sound, with the film's own music under it where that is kept."""
    if settings.keep_background == 0:
        return sound
    if not shown.source.has_sound:
        run.note(message("pipeline.film_has_no_background"))
        return sound if sound.duration_s >= shown.duration_s - SAME_LENGTH_S else with_silence(run, shown, sound)
    film_sound = own_sound(run, shown.source, shown.digest, stages)
    under = stems_of(run, film_sound, file_digest(film_sound), settings, stages).accompaniment
    return mixed(run, shown, sound, under, settings.keep_background)


def with_silence(run: Run, shown: ShownFilm, sound: NewSound) -> NewSound:
    """The sound, and silence up to the film's end."""
    return mixed(run, shown, sound, sound.mix, 0.0)


def mixed(run: Run, shown: ShownFilm, sound: NewSound, under: Path, share: float) -> NewSound:
    """The sound with another one under it, as long as the film."""
    with run.stage(DECODE) as progress:

        def make(folder: Path) -> None:
            write_mix(folder / "heard.wav", sound.heard_alone, under, share, sound.duration_s, shown.duration_s, progress)

        inputs = {"sound": sound.digest, "under": file_digest(under)}
        lengths = {"share": share, "over_s": sound.duration_s, "duration_s": shown.duration_s}
        folder, key = run.cached(DECODE, "mix 1", inputs, lengths, make)
        return replace(sound, file=folder / "heard.wav", duration_s=shown.duration_s, digest=key, start_s=0.0)
