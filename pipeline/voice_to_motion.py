"""A voice in, a motion file out: in Live Link Face's columns, in a MetaHuman's curves, or as glTF."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path

from core.contracts import Emotion, Progress, silent
from core.messages import Message
from core.output_files import check_free_space
from pipeline.cache import CacheSettings, StageCache
from pipeline.film_settings import SongToVideoSettings
from pipeline.input_files import check_input
from pipeline.motion_file import MotionFileSettings, check_motion_file, row_bytes, write_motion_file
from pipeline.run import Run
from pipeline.stages import Stages
from pipeline.steps import decode_song, make_motion, vocals_alone


@dataclass(frozen=True)
class MotionReport:
    """What was written: the file, its length in frames and seconds, its rate, notes for the user, the emotion in effect."""

    motion: str
    frames: int
    duration_s: float
    fps: float
    seconds: dict[str, float]
    notes: tuple[Message, ...] = field(default=())
    emotion: Emotion | None = None

    def as_json(self) -> dict[str, object]:
        """The fields as JSON values, the notes as English sentences."""
        return {**asdict(self), "notes": [str(note) for note in self.notes]}


def voice_to_motion(
    voice: Path,
    song: Path | None,
    out: Path,
    settings: SongToVideoSettings | None = None,
    progress: Progress = silent,
    stages: Stages | None = None,
    file: MotionFileSettings | None = None,
) -> MotionReport:
    """Write the motion that the sound file `voice` drives into `out`; the head follows `song`, or the voice where there is none.

    Both files start together; the motion is as long as the voice. file: whose curves are written (see `pipeline.motion_file`).
    Of the settings, fps, seed, expressiveness, head_motion, lips, style and intensity_points count.
    Raises `InputError` where an input can't be used, `MissingError` where a package is missing.
    """
    settings, stages = settings or SongToVideoSettings(), stages or Stages()
    check_input(voice, "voice")
    if song is not None:
        check_input(song, "song")
    check_motion_file(out, (voice, song or voice), file)
    with ExitStack() as release:
        run = Run(StageCache(CacheSettings.from_environment()), progress, release)
        excerpt = decode_song(run, voice, settings)
        check_free_space(out.parent, row_bytes(out, file) * excerpt.frames)
        vocals = vocals_alone(voice, song or voice, excerpt.frames, settings)
        performance = make_motion(run, vocals, stages.motion_source(settings), stages)
        motion = performance.motion
        write_motion_file(out, motion, file)
        return MotionReport(
            str(out), len(motion), len(motion) / motion.fps, motion.fps, run.timings(), tuple(run.notes), performance.emotion
        )
