"""A voice in, a motion file in Live Link Face's columns out."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path

from core.contracts import Emotion, Progress, silent
from core.messages import Message
from core.output_files import check_free_space, check_output
from motion.files.motion_csv import write_motion_csv
from pipeline.cache import CacheSettings, StageCache
from pipeline.film_settings import SongToVideoSettings
from pipeline.input_files import check_input
from pipeline.run import Run
from pipeline.stages import Stages
from pipeline.steps import decode_song, make_motion, vocals_alone

MOTION_SUFFIX = ".csv"
#: Sixty-odd numbers of ten digits.
BYTES_PER_ROW = 900


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
) -> MotionReport:
    """Write the motion that the sound file `voice` drives into `out`; the head follows `song`, or the voice where there is none.

    Both files start together; the motion is as long as the voice. Of the settings, fps, seed, expressiveness, head_motion, lips,
    style and intensity_points count.
    Raises `InputError` where an input can't be used, `MissingError` where a package is missing.
    """
    settings, stages = settings or SongToVideoSettings(), stages or Stages()
    check_input(voice, "voice")
    if song is not None:
        check_input(song, "song")
    check_output(out, MOTION_SUFFIX, (voice, song or voice))
    with ExitStack() as release:
        run = Run(StageCache(CacheSettings.from_environment()), progress, release)
        excerpt = decode_song(run, voice, settings)
        check_free_space(out.parent, BYTES_PER_ROW * excerpt.frames)
        vocals = vocals_alone(voice, song or voice, excerpt.frames, settings)
        performance = make_motion(run, vocals, stages.motion_source(settings), stages)
        motion = performance.motion
        write_motion_csv(out, motion)
        return MotionReport(
            str(out), len(motion), len(motion) / motion.fps, motion.fps, run.timings(), tuple(run.notes), performance.emotion
        )
