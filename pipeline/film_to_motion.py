"""A film in, the motion of a person's face in it out, as a file."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from core.contracts import Progress, silent
from core.messages import Message
from core.output_files import check_free_space
from pipeline.cache import CacheSettings, StageCache
from pipeline.driving_film import open_driving, rate_of, read_film, report_facts
from pipeline.input_files import check_input
from pipeline.motion_file import MotionFileSettings, check_motion_file, row_bytes, write_motion_file
from pipeline.run import Run, unheard
from pipeline.stages import Stages
from pipeline.transfer_settings import FollowSettings
from pipeline.voice_to_motion import MotionReport


@dataclass(frozen=True)
class TrackReport(MotionReport):
    """What was written. driving_face: whose face was followed; faces: how many people the film shows; seen: the share of the
    frames in which that face could be followed."""

    driving_face: int = 1
    faces: int = 1
    seen: float = 1.0


def film_to_motion(
    film: Path,
    out: Path,
    settings: FollowSettings | None = None,
    progress: Progress = silent,
    stages: Stages | None = None,
    cache: StageCache | None = None,
    tell: Callable[[Message], None] = unheard,
    file: MotionFileSettings | None = None,
) -> TrackReport:
    """Write what the face of a person in the `film` does into `out`: as it changes, or as it is, as the settings say.

    file: whose curves are written (see `pipeline.motion_file`).
    progress: called with a stage's name (decode, faces, motion), what is done and how much there is (0: unknown).
    Raises `InputError` where the film can't be used, `MissingError` where a weight or a package is missing.
    """
    settings, stages = settings or FollowSettings(), stages or Stages()
    check_input(film, "film")
    check_motion_file(out, (film,), file)
    with ExitStack() as release:
        run = Run(cache or StageCache(CacheSettings.from_environment()), progress, release, tell=tell)
        shown = open_driving(run, film, settings)
        driver = read_film(run, shown, settings, stages)
        timeline = driver.timeline(shown.source.duration_s, rate_of(shown.source, settings))
        check_free_space(out.parent, row_bytes(out, file) * timeline.frames)
        motion = driver.motion(None, settings, timeline)
        write_motion_file(out, motion, file)
        facts = (str(out), len(motion), len(motion) / motion.fps, motion.fps, run.timings(), tuple(run.notes))
        return TrackReport(*facts, **report_facts(driver))
