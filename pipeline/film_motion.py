"""What the face does in a finished film, as a motion file: as it was performed to the song, or as it is seen in the film."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from core.contracts import Progress, silent
from core.messages import Message
from core.output_files import check_free_space
from pipeline.cache import CacheSettings, StageCache
from pipeline.film_settings import SongToVideoSettings
from pipeline.film_to_motion import film_to_motion
from pipeline.head_export import head_settings, performance
from pipeline.input_files import check_input
from pipeline.motion_file import check_motion_file, row_bytes, write_motion_file
from pipeline.run import Run
from pipeline.stages import Stages
from pipeline.transfer_settings import FollowSettings


def write_film_motion(
    film: Path, song: Path | None, out: Path, settings: SongToVideoSettings, progress: Progress = silent
) -> tuple[int, float, tuple[Message, ...]]:
    """Write the motion into `out` in Live Link Face's columns; returns its frames, their rate, and what is to be told.

    song: of a film that sings one, with its settings: what was heard for the film is found in the stages' cache, and the motion
    is exactly the film's. None: the film's face is followed. Raises `InputError`, `MissingError`.
    """
    if song is None:
        report = film_to_motion(film, out, FollowSettings(absolute=True), progress)
        return report.frames, report.fps, report.notes
    check_input(song, "song")
    check_motion_file(out, (song, film))
    with ExitStack() as release:
        run = Run(StageCache(CacheSettings.from_environment()), progress, release)
        motion = performance(run, song, head_settings(settings), Stages())
        if motion is None:
            raise RuntimeError("A song that is there has a performance.")
        check_free_space(out.parent, row_bytes(out) * len(motion))
        write_motion_file(out, motion)
        return len(motion), motion.fps, tuple(run.notes)
