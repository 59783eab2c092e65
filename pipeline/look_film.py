"""`belcanto look`: a finished film drawn again in a look, with its own sound, or one frame of it as SVG."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from core.contracts import Progress, silent
from core.errors import InputError
from core.frame_stream import closing_frames
from core.messages import Message
from core.output_files import check_output
from media.film_opening import open_film
from media.film_reader import probe_video
from media.film_writer import DRAWN_COMMENT
from pipeline.cache import CacheSettings, StageCache
from pipeline.film_again import open_again, write_film_again
from pipeline.film_report import FilmReport
from pipeline.film_settings import VIDEO_SUFFIX
from pipeline.input_files import check_input
from pipeline.lone_filters import lone_size, lone_works, with_lone_filters
from pipeline.look_settings import LookFilmSettings
from pipeline.run import Run, unheard
from pipeline.stages import Stages, opened
from pipeline.steps import film_facts
from provenance.making import accounted

SVG_SUFFIX = ".svg"
#: Frames before a single one that its drawing is steadied by.
WARM_UP_FRAMES = 12


@accounted("look", "film")
def look_film(
    film: Path,
    video: Path,
    settings: LookFilmSettings,
    progress: Progress = silent,
    stages: Stages | None = None,
    cache: StageCache | None = None,
    tell: Callable[[Message], None] = unheard,
    title: str | None = None,
) -> FilmReport:
    """Make `video`: the `film`, or its part, with every frame drawn again, and its own sound where it has one.

    progress: called with a stage's name (decode, frames, mux), what is done and how much there is. stages, cache, tell: see
    `song_to_video`. title: for the metadata; the film's file name if None. Raises `InputError` where the film can't be used or no
    look is chosen, `MissingError` where a weight or a package is missing.
    """
    check_input(film, "film")
    check_output(video, VIDEO_SUFFIX, (film,))
    check_asked(settings)
    stages = stages or Stages()
    with ExitStack() as release:
        run = Run(cache or StageCache(CacheSettings.from_environment()), progress, release, tell=tell)
        part, size_of = (settings.start_s, settings.duration_s), lambda size: lone_size(size, settings)
        source, sound, size = open_again(run, film, video, part, stages, size_of)
        redrawn = lambda frames, count, kept: with_lone_filters(frames, settings, count.alive, kept)  # noqa: E731
        told = {"title": title or film.stem, "comment": comment_of(film)}
        made = write_film_again(run, source, sound, video, size, redrawn, **told)
        return FilmReport(**film_facts(run, str(video), made, ""))


def check_asked(settings: LookFilmSettings) -> None:
    """Raises `InputError` where nothing would be changed."""
    if all(work.make(settings) is None for work in lone_works()):
        raise InputError("pipeline.no_look")


def comment_of(film: Path) -> str:
    """What the metadata say: that it was drawn, behind what the film itself says of how it came about by this program."""
    own = probe_video(film).metadata.get("comment", "")
    if own.endswith(DRAWN_COMMENT):
        return own
    return f"{own} {DRAWN_COMMENT}" if own.startswith("AI-generated") else DRAWN_COMMENT


def write_svg(film: Path, svg: Path, at_s: float, settings: LookFilmSettings) -> Path:
    """Write the frame that is seen at a second of the film as SVG, as it is drawn in the film's course. Raises as `look_film`."""
    check_input(film, "film")
    check_output(svg, SVG_SUFFIX, (film,))
    drawing = next((work.as_svg for work in lone_works() if work.as_svg is not None and work.make(settings) is not None), None)
    if drawing is None:
        raise InputError("pipeline.no_look")
    whole = open_film(film)
    number = min(whole.count - 1, int(at_s * whole.fps))
    first = max(0, number - WARM_UP_FRAMES)
    with opened(), closing_frames(frames := whole.frames(first, number - first + 1)):
        text = drawing(settings, frames)
    try:
        svg.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError("pipeline.svg_unwritable", path=svg, reason=error.strerror) from error
    return svg
