"""`belcanto compare`: a driving film, the portrait, and what up to four engines made of them, beside each other and in step."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from core import film_tags
from core.contracts import ByteArray, Progress, silent
from core.errors import InputError
from core.film_stages import DECODE, FRAMES, MUX
from core.frame_stream import FrameCount, closing_frames
from core.messages import Message
from core.output_files import check_free_space, check_output
from core.timebase import frame_count, frames_to_seconds
from drawing.side_by_side import Cell, Sheet, ground_of, lay_out, sheets
from media.boxed_pictures import load_given_picture
from media.film_opening import open_film
from media.film_reader import probe_video
from media.film_source import Damage, FilmSource
from media.film_writer import COMPARED_COMMENT, FilmWriter
from media.sound_mix import write_padded
from pipeline.cache import CacheSettings, StageCache, file_digest
from pipeline.compare_settings import MOST_FILMS, CompareSettings
from pipeline.dub_inputs import own_sound, part_digest
from pipeline.engine_list import ENGINES
from pipeline.film_report import FilmReport, film_bytes
from pipeline.film_settings import VIDEO_SUFFIX
from pipeline.input_files import check_input
from pipeline.lips_list import LIPS
from pipeline.run import Run, unheard
from pipeline.stages import Stages
from pipeline.steps import Film, film_facts, write_frames
from provenance.making import accounted

DRIVER, PORTRAIT = "Driving film", "Portrait"
#: Frames a second of what is written at most.
MOST_FPS = 60.0


@dataclass(frozen=True)
class CompareReport(FilmReport):
    """What was made. names: what stands above each film, the driver's first."""

    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Shown:
    """One cell. pictures: gives those of so many frames at a rate, as large as the cell. size: (width, height) of its own."""

    name: str
    size: tuple[int, int]
    pictures: Callable[[Cell, float, int], Iterator[ByteArray]]


@accounted("compare", "driving", "films", "portrait")
def compare_films(
    driving: Path,
    films: Sequence[Path],
    video: Path,
    portrait: Path | None = None,
    settings: CompareSettings | None = None,
    progress: Progress = silent,
    stages: Stages | None = None,
    cache: StageCache | None = None,
    tell: Callable[[Message], None] = unheard,
    title: str | None = None,
    titles: Sequence[str] = (),
) -> CompareReport:
    """Make `video`: the driving film, the portrait and one to four films side by side, each named, with the driver's sound.

    Where the driver has none, that of the first film which has one is heard. A film that ends early holds its last picture.
    progress: called with a stage's name (decode, frames, mux), what is done and how much there is. stages, cache, tell: see
    `song_to_video`. title: for the metadata. titles: what films are called whose metadata name no engine; else their files'
    names. Raises `InputError` where a file can't be used, or films are none or too many.
    """
    settings, stages = settings or CompareSettings(), stages or Stages()
    check_files(driving, films, video, portrait)
    with ExitStack() as release:
        run = Run(cache or StageCache(CacheSettings.from_environment()), progress, release, tell=tell)
        with run.stage(DECODE):
            sources = [open_film(driving, settings.start_s), *(open_film(film) for film in films)]
            run.note(*(note for source in sources for note in source.notes))
            fps = min(sources[0].fps, MOST_FPS)
            frames = length_of(sources, fps, settings)
            sound = sound_of(run, sources, frames_to_seconds(frames, fps), stages)
        damage = Damage()
        shown = cells_of(sources, names_of(films, titles), portrait, damage)
        sheet = lay_out([each.size for each in shown], settings.height)
        size = sheet.width, sheet.height
        check_free_space(video.parent, film_bytes(size, frames, frames_to_seconds(frames, fps)))
        film = draw_sheets(run, shown, sheet, (fps, frames), sound, video, title or driving.stem)
        run.note(*damage.notes())
        return CompareReport(**film_facts(run, str(video), film, ""), names=tuple(each.name for each in shown))


def check_files(driving: Path, films: Sequence[Path], video: Path, portrait: Path | None) -> None:
    """Raises `InputError` where an input can't be read, films are none or too many, or the film can't be written."""
    if not 1 <= len(films) <= MOST_FILMS:
        raise InputError("pipeline.compare_so_many_films", most=MOST_FILMS)
    check_input(driving, "driving film")
    for film in films:
        check_input(film, "film")
    if portrait is not None:
        check_input(portrait, "portrait")
    check_output(video, VIDEO_SUFFIX, tuple(each for each in (driving, portrait, *films) if each is not None))


def length_of(sources: Sequence[FilmSource], fps: float, settings: CompareSettings) -> int:
    """Frames of the result: of the longest film, or of as much as is wanted."""
    longest_s = max(source.duration_s for source in sources)
    return max(1, frame_count(min(longest_s, settings.duration_s or longest_s), fps))


def sound_of(run: Run, sources: Sequence[FilmSource], duration_s: float, stages: Stages) -> Path | None:
    """A file of what is heard, as long as the result; None where no film has sound."""
    source = next((source for source in sources if source.has_sound), None)
    if source is None:
        return None
    digest = part_digest(file_digest(source.path), source)
    sound = own_sound(run, source, digest, stages)

    def make(folder: Path) -> None:
        write_padded(folder / "padded.wav", sound, duration_s)

    return run.cached(DECODE, "1", {"film": digest}, {"padded_s": duration_s}, make)[0] / "padded.wav"


def names_of(films: Sequence[Path], titles: Sequence[str]) -> list[str]:
    """What each film is called: by the engines that drew it, or else by its title; where two are alike, by both."""
    own = [titles[i] if i < len(titles) and titles[i] else film.stem for i, film in enumerate(films)]
    engines = [engine_words(film) for film in films]
    names = [by_engine or title for by_engine, title in zip(engines, own, strict=True)]
    alike = {name for name in names if names.count(name) > 1}
    return [f"{name} ({title})" if name in alike and title != name else name for name, title in zip(names, own, strict=True)]


def engine_words(film: Path) -> str:
    """The engines that the film's metadata name, as forms call them, such as "Mesh + MuseTalk"; empty where they name none."""
    titles = {card.name: card.title for card in LIPS} | {card.name: card.title for card in ENGINES}
    known = {name: title.partition(":")[0] for name, title in titles.items()}
    told = probe_video(film).metadata.get(film_tags.ENGINES, "").split()
    return " + ".join(known.get(name, name) for name in told)


def cells_of(sources: Sequence[FilmSource], names: Sequence[str], portrait: Path | None, damage: Damage) -> list[Shown]:
    """What is shown, in its order: the driver, the portrait, the films."""

    def of_film(source: FilmSource, name: str) -> Shown:
        return Shown(name, (source.width, source.height), lambda cell, fps, count: in_step(source, cell, fps, count, damage))

    cells = [of_film(source, name) for source, name in zip(sources, [DRIVER, *names], strict=True)]
    if portrait is not None:
        image = load_given_picture(portrait).image
        still = Shown(PORTRAIT, (image.shape[1], image.shape[0]), lambda cell, fps, count: standing(image, cell, count))
        cells.insert(1, still)
    return cells


def in_step(source: FilmSource, cell: Cell, fps: float, count: int, damage: Damage) -> Iterator[ByteArray]:
    """The film's picture at the time of each of `count` frames, as large as the cell; behind its end, its last one."""
    wanted = 0
    picture: ByteArray | None = None
    with closing_frames(frames := source.frames(damage=damage)):
        for number, frame in enumerate(frames):
            ends_s = (number + 1) / source.fps
            if wanted >= count:
                return
            if (wanted + 0.5) / fps >= ends_s and number + 1 < source.count:
                continue  # of a faster film not every picture is shown
            picture = fitted(frame, cell)
            while wanted < count and (wanted + 0.5) / fps < ends_s:
                yield picture
                wanted += 1
    if picture is None:
        raise RuntimeError("A film without a frame was opened.")
    for _ in range(wanted, count):
        yield picture


def standing(image: ByteArray, cell: Cell, count: int) -> Iterator[ByteArray]:
    """The picture, again and again."""
    picture = fitted(image, cell)
    for _ in range(count):
        yield picture


def fitted(picture: ByteArray, cell: Cell) -> ByteArray:
    """The picture (H, W, 3) as large as the cell."""
    shrinks = picture.shape[0] > cell.height
    how = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(picture, (cell.width, cell.height), interpolation=how), np.uint8)


def draw_sheets(
    run: Run, shown: Sequence[Shown], sheet: Sheet, rate: tuple[float, int], sound: Path | None, video: Path, title: str
) -> Film:
    """Write the film. rate: frames a second, and how many."""
    fps, count = rate
    size = sheet.width, sheet.height
    with ExitStack() as film:
        with run.stage(FRAMES) as progress:
            told = FrameCount(progress, FRAMES, count)
            streams = [each.pictures(cell, fps, count) for each, cell in zip(shown, sheet.cells, strict=True)]
            film.enter_context(closing_frames(*streams))
            frames = told.counted(sheets(sheet, ground_of(sheet, [each.name for each in shown]), streams))
            film.enter_context(closing_frames(frames))
            writer = FilmWriter(
                video, size, fps, sound, duration_s=frames_to_seconds(count, fps), title=title, comment=COMPARED_COMMENT
            )
            write_frames(frames, film.enter_context(writer), count, lambda *_: None)
        with run.stage(MUX):
            film.close()
    return Film(count, fps, *size)
