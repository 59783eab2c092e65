"""A driving film and another film in, that film out with one face in it doing what the driver does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from core.contracts import ByteArray, Progress
from core.driving import Driving, FaceFilm
from core.engine_card import EngineCard, Sound
from core.errors import InputError, MissingError
from core.film_stages import FRAMES, MUX
from core.frame_stream import FrameCount, closing_frames
from core.messages import Message, message
from core.options import declared_options
from core.output_files import check_free_space
from core.timebase import frame_count, frames_to_seconds
from faces.tracking.tracks import FaceTrack
from media.file_kinds import HEAD_BYTES, kind_of
from media.film_writer import MOVED_COMMENT, FilmWriter
from media.headroom import headroom_notes
from media.sound_reader import probe_audio
from pipeline.cache import CacheSettings, StageCache
from pipeline.driving_film import Driver, chosen_driver, open_driving, read_film, report_facts
from pipeline.dub_inputs import ShownFilm, find_faces, own_sound
from pipeline.engine_list import AUTO, ENGINES, engine_named
from pipeline.engines import lacking
from pipeline.film_marks import marks_of, with_weights
from pipeline.film_report import film_bytes
from pipeline.film_settings import SongToVideoSettings
from pipeline.lone_filters import lone_size, with_lone_filters
from pipeline.run import Run
from pipeline.stages import Stages, opened
from pipeline.steps import Film, film_facts, write_frames
from pipeline.transfer_settings import DRIVING, FollowSettings, TransferSettings
from provenance.making import accounted

if TYPE_CHECKING:
    from pipeline.transfer import TransferReport

#: Options of pictures that mean something where a film takes the picture's place; those of the engine come to them.
OF_FILMS = frozenset({"engine", "face", "device", "look", "look_scale", "label"})
#: A film that is longer than the other by less ends without a word.
SAME_LENGTH_S = 0.1


def is_film(path: Path) -> bool:
    """Whether the file is a film, by its first bytes."""
    with path.open("rb") as file:
        kind = kind_of(file.read(HEAD_BYTES))
    return kind is not None and kind.family == "film"


@accounted("transfer", "film", "driving")
def transfer_to_film(
    film: Path,
    driving: Path,
    video: Path,
    settings: TransferSettings,
    progress: Progress,
    stages: Stages,
    cache: StageCache | None,
    tell: Callable[[Message], None],
) -> TransferReport:
    """Make `video`: the `film` in which one face does what a person does in `driving`; see `pipeline/transfer.py`.

    It has the film's own rate and size, and ends with the shorter of the two. Raises `InputError` and `MissingError`.
    """
    from pipeline.transfer import TransferReport

    engine = engine_of_films(settings)
    with ExitStack() as release:
        run = Run(cache or StageCache(CacheSettings.from_environment()), progress, release, tell=tell)
        moved = open_driving(run, film, FollowSettings())
        shown = open_driving(run, driving, settings)
        track = moved_face(run, moved, settings, stages)
        driver = read_film(run, shown, settings, stages)
        length_s = common_length(run, moved, shown)
        timeline = driver.timeline(length_s, moved.fps)
        check_free_space(video.parent, film_bytes(lone_size(moved.size, settings.film), timeline.frames, length_s))
        drawn = moved_frames(moved, track, timeline.frames, engine, driver.driving(settings, timeline, False), settings, run)
        made = write_film(run, drawn, moved, timeline.frames, heard_file(run, driver, settings, stages), video, settings, engine)
        return TransferReport(**film_facts(run, str(video), made, engine.name), **report_facts(driver))


def engine_of_films(settings: TransferSettings) -> EngineCard:
    """The engine that moves a face in a film. Raises `InputError` where that can't be done as asked, `MissingError`."""
    able = [card for card in ENGINES if card.driven_film is not None]
    if not able or (settings.film.engine != AUTO and engine_named(settings.film.engine) not in able):
        raise InputError("pipeline.engine_moves_pictures_alone", list=[card.name for card in able])
    engine = able[0] if settings.film.engine == AUTO else engine_named(settings.film.engine)
    if settings.lips == "sound":
        raise InputError("pipeline.films_are_dubbed_afterwards")
    if settings.sound_file is not None:
        raise InputError("pipeline.films_keep_sound")
    given, usual = settings.film.as_json(), SongToVideoSettings().as_json()
    own = {each for each in given if given[each] != usual[each]} - OF_FILMS - {"title"}
    own -= {each.name for each in declared_options(engine.options)}
    if own or settings.fps is not None:
        raise InputError("pipeline.options_of_pictures", options=sorted(own) or ["fps"])
    if (lack := lacking(engine, replace(settings.film, engine=engine.name))) is not None:
        raise MissingError(lack)
    return engine


def moved_face(run: Run, moved: ShownFilm, settings: TransferSettings, stages: Stages) -> FaceTrack:
    """Whose face is moved: the one of that number, or the one that is seen most. Raises `InputError`."""
    faces, _ = find_faces(run, moved, stages)
    number = chosen_driver(run, moved.source.path.name, faces, settings.film.face)
    return faces.tracks[number - 1]


def common_length(run: Run, moved: ShownFilm, shown: ShownFilm) -> float:
    """Seconds that both films last; which of them is longer is noted."""
    lengths = moved.source.duration_s, shown.source.duration_s
    length_s = min(lengths)
    if max(lengths) > length_s + SAME_LENGTH_S:
        longer = (moved, shown)[lengths.index(max(lengths))]
        run.note(message("pipeline.films_of_two_lengths", name=longer.source.path.name, longer=max(lengths), length=length_s))
    return min(length_s, frames_to_seconds(moved.source.count, moved.fps))


def moved_frames(
    moved: ShownFilm, track: FaceTrack, count: int, engine: EngineCard, driving: Driving, settings: TransferSettings, run: Run
) -> Callable[[Progress], Iterator[ByteArray]]:
    """Opens the film's frames with the face moved."""
    source, make = moved.source, engine.driven_film
    assert make is not None

    def frames() -> Iterator[ByteArray]:
        return source.frames(0, count)

    film = FaceFilm(moved.fps, count, source.width, source.height, frames, track.face)

    def opened_frames(progress: Progress) -> Iterator[ByteArray]:
        with opened(engine.install):
            chosen = replace(settings.film, engine=engine.name, fps=moved.fps)
            return make(chosen, driving, film, Sound(None), run.note).apply(frames(), progress)

    return opened_frames


def heard_file(run: Run, driver: Driver, settings: TransferSettings, stages: Stages) -> Path | None:
    """The driving film's sound, if it is heard and there."""
    if settings.sound != DRIVING:
        return None
    if not driver.source.has_sound:
        run.note(message("pipeline.driving_film_is_silent"))
        return None
    return own_sound(run, driver.source, driver.digest, stages)


def write_film(
    run: Run,
    drawn: Callable[[Progress], Iterator[ByteArray]],
    moved: ShownFilm,
    count: int,
    heard: Path | None,
    video: Path,
    settings: TransferSettings,
    engine: EngineCard,
) -> Film:
    """Write the frames and the sound."""
    if heard is not None:
        run.note(*headroom_notes(probe_audio(heard)))
    title = settings.title or moved.source.path.stem
    comment = with_weights(MOVED_COMMENT, *engine.own_weights(settings.film))
    length_s, size = frames_to_seconds(count, moved.fps), lone_size(moved.size, settings.film)
    with ExitStack() as film:
        with run.stage(FRAMES) as progress:
            alive = FrameCount(progress, FRAMES, count).alive

            def kept(frames: Iterator[ByteArray]) -> Iterator[ByteArray]:
                film.enter_context(closing_frames(frames))
                return frames

            frames = with_lone_filters(kept(drawn(alive)), settings.film, alive, kept)
            writer = FilmWriter(video, size, moved.fps, heard, 0.0, length_s, title, tags=marks_of(engine), comment=comment)
            written = write_frames(frames, film.enter_context(writer), frame_count(length_s, moved.fps), progress)
        with run.stage(MUX):
            film.close()
    return Film(written, moved.fps, *size)
