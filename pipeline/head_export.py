"""A portrait's own head as a file that can be seen from all sides, and what it does: sing, follow a motion file, nothing."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from core.contracts import Motion, Portrait, Progress, silent
from core.errors import InputError
from core.film_stages import FRAMES
from core.messages import Message
from core.output_files import check_free_space, check_output
from media.glb import GLB_SUFFIX
from motion.files.any_file import read_motion
from pipeline.cache import CacheSettings, StageCache
from pipeline.engine_list import AUTO, for_photos
from pipeline.film_settings import SongToVideoSettings
from pipeline.film_to_motion import film_to_motion
from pipeline.input_files import check_input
from pipeline.portrait_step import find_portrait
from pipeline.run import Run, unheard
from pipeline.stages import Stages, load_module, opened
from pipeline.steps import decode_song, make_motion, separate_voice, vocals_in_song
from pipeline.transfer_settings import FollowSettings

#: What a head takes without its performance, and a frame of that: 52 shapes and the turns of four bones.
HEAD_BYTES, FRAME_BYTES = 6_000_000, 320


@dataclass(frozen=True)
class HeadReport:
    """What was written: the file and its bytes; frames, seconds and rate of what it performs; notes for the user."""

    head: str
    size_bytes: int
    frames: int
    duration_s: float
    fps: float
    seconds: dict[str, float]
    notes: tuple[Message, ...] = field(default=())

    def as_json(self) -> dict[str, object]:
        """The fields as JSON values, the notes as English sentences."""
        return {**asdict(self), "notes": [str(note) for note in self.notes]}


def export_head(
    portrait: Path,
    out: Path,
    song: Path | None = None,
    settings: SongToVideoSettings | None = None,
    progress: Progress = silent,
    stages: Stages | None = None,
    cache: StageCache | None = None,
    tell: Callable[[Message], None] = unheard,
) -> HeadReport:
    """Write the head of `portrait` into the GLB file `out`, and with it what it does: sing the song, follow the settings' motion
    file (for the part of the song, where both are given), or nothing.

    The head is the mesh engine's, whatever engine draws films of it; what was separated and heard for such a film is taken from
    the cache. Raises `InputError` where an input can't be used, `MissingError` where a weight or a package is missing.
    """
    settings, stages = head_settings(settings or SongToVideoSettings()), stages or Stages()
    check_files(portrait, out, song, settings)
    with ExitStack() as release:
        run = Run(cache or StageCache(CacheSettings.from_environment()), progress, release, tell=tell)
        found, engine = find_portrait(run, portrait, settings)
        if engine.drawn:
            raise InputError("pipeline.head_of_a_drawing")
        moved = performance(run, song, settings, stages)
        frames, fps = (len(moved), moved.fps) if moved is not None else (0, settings.fps)
        check_free_space(out.parent, HEAD_BYTES + FRAME_BYTES * frames)
        size_bytes = write(run, found, moved, out)
        return HeadReport(str(out), size_bytes, frames, frames / fps, fps, run.timings(), tuple(run.notes))


def export_head_of_film(
    portrait: Path, film: Path, out: Path, settings: SongToVideoSettings, progress: Progress = silent
) -> HeadReport:
    """The same for a head that does what the face of a finished `film` of the portrait is seen to do. Raises as `export_head`."""
    with TemporaryDirectory(prefix="belcanto-head-") as name:
        motion = Path(name) / "motion.csv"
        seen = film_to_motion(film, motion, FollowSettings(), progress)
        report = export_head(portrait, out, None, replace(settings, motion_csv=motion), progress)
        return replace(report, notes=(*seen.notes, *report.notes))


def head_settings(settings: SongToVideoSettings) -> SongToVideoSettings:
    """The film's settings as far as they are about the head and its movement; drawn characters are left to their own engine."""
    engine = AUTO if settings.engine == AUTO else for_photos().name
    return replace(SongToVideoSettings(), **{name: getattr(settings, name) for name in ABOUT_HEADS}, engine=engine)


#: Options of a film that change its head or how that moves.
ABOUT_HEADS = (
    *("fps", "seed", "expressiveness", "head_motion", "lips", "style", "intensity_points", "performance", "performance_model"),
    *("device", "motion_csv", "start_s", "duration_s", "face", "allow_animals"),
)


def check_files(portrait: Path, out: Path, song: Path | None, settings: SongToVideoSettings) -> None:
    """Raises `InputError` where an input can't be read or the head can't be written."""
    check_input(portrait, "portrait")
    if song is not None:
        check_input(song, "song")
    for file, what in settings.files():
        check_input(file, what)
    check_output(out, GLB_SUFFIX, (portrait, *([song] if song is not None else [])))


def performance(run: Run, song: Path | None, settings: SongToVideoSettings, stages: Stages) -> Motion | None:
    """What the head does; None where it does nothing."""
    if song is None:
        if settings.motion_csv is None:
            return None
        recorded, notes = read_motion(settings.motion_csv)
        run.note(*notes)
        return recorded
    excerpt = decode_song(run, song, settings)
    source = stages.motion_source(settings)
    stems = separate_voice(run, excerpt, settings, stages) if source.hears else None
    return make_motion(run, vocals_in_song(excerpt, stems, settings, stages), source, stages).motion


def write(run: Run, portrait: Portrait, motion: Motion | None, out: Path) -> int:
    """Fit the head and write it; the file's bytes."""
    with run.stage(FRAMES) as progress, opened():
        progress(FRAMES, 0, 1)
        size_bytes: int = load_module("animators.mesh.solid.head_glb").write_head(portrait, motion, out)
        progress(FRAMES, 1, 1)
        return size_bytes
