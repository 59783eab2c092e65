"""A picture greets: three seconds, small and silent, in which it blinks, turns its head and comes back, to be played in a loop.

It shows whether the right face was found and how well it moves, before any song is chosen.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import numpy as np

from core.blendshapes import BLENDSHAPE_INDEX, BLENDSHAPE_NAMES
from core.contracts import FloatArray, Motion, Performance, Progress
from core.engine_card import Sound
from core.film_stages import PORTRAIT
from core.messages import Message
from core.output_files import check_output
from core.timebase import frame_count
from pipeline.cache import CacheSettings, StageCache
from pipeline.film_renderer import check_renderer, make_film_renderer
from pipeline.film_report import FilmReport
from pipeline.film_settings import PREVIEW_S, VIDEO_SUFFIX, SongToVideoSettings
from pipeline.input_files import check_input
from pipeline.preview import shown_small
from pipeline.run import Run, unheard
from pipeline.song_to_video import film_picture, report_of
from pipeline.stages import Stages
from pipeline.steps import SongExcerpt, draw_film
from provenance.making import accounted

#: Frames a second: enough for slow turns, and few enough to be drawn while somebody waits.
FPS = 15.0
#: How far it turns and nods, in degrees, and how strongly it smiles.
TURN_DEG, NOD_DEG, SMILE = 11.0, 3.0, 0.3
#: When it blinks, in seconds, and how long half a blink takes.
BLINKS_S, HALF_BLINK_S = (0.55, 2.1), 0.12


@accounted("greet", "portrait")
def greet(
    portrait: Path,
    video: Path,
    settings: SongToVideoSettings,
    progress: Progress,
    cache: StageCache | None = None,
    tell: Callable[[Message], None] = unheard,
) -> FilmReport:
    """Make the film `video`, without sound, of the `portrait` greeting; of the settings, which face and which engine count.

    Raises `InputError` where the picture can't be used, `MissingError` where a weight or a package is missing.
    """
    settings = shown_small(replace(settings, preview=True, fps=FPS))
    check_input(portrait, "portrait")
    check_output(video, VIDEO_SUFFIX, (portrait,))
    with ExitStack() as release:
        run = Run(cache or StageCache(CacheSettings.from_environment()), progress, release, tell=tell)
        picture = film_picture(run, portrait, settings, Stages())
        check_renderer(picture.engine, settings, lambda _, done, total: progress(PORTRAIT, done, total))
        motion = greeting_motion(settings.fps)
        silence = SongExcerpt(None, 0.0, len(motion) / motion.fps, portrait, "", len(motion), title=settings.title)
        renderer = make_film_renderer(picture.engine, settings, Sound(None), run.note)
        film = draw_film(run, silence, picture, Performance(motion), renderer, video, settings)
        return report_of(run, video, film, picture.engine.name, None)


def greeting_motion(fps: float) -> Motion:
    """The motion, `PREVIEW_S` long: all curves end where they begin, and as steep."""
    times = np.arange(frame_count(PREVIEW_S, fps)) / fps
    round_once = 2 * np.pi * times / PREVIEW_S
    shapes = np.zeros((len(times), len(BLENDSHAPE_NAMES)), np.float32)
    smile = SMILE * (1 - np.cos(round_once)) / 2
    lids = np.max([blink(times, at_s) for at_s in BLINKS_S], axis=0)
    for side in ("Left", "Right"):
        shapes[:, BLENDSHAPE_INDEX[f"mouthSmile{side}"]] = smile
        shapes[:, BLENDSHAPE_INDEX[f"eyeBlink{side}"]] = lids
    yaw, pitch = TURN_DEG * np.sin(round_once), NOD_DEG * np.sin(2 * round_once) / 2
    rotation = np.stack([yaw, pitch, 0.2 * yaw], axis=1).astype(np.float32)
    still = np.zeros((len(times), 3), np.float32)
    return Motion(fps, shapes, rotation, still, still[:, :2], still[:, 0])


def blink(times: FloatArray, at_s: float) -> FloatArray:
    """(T,) how shut the lids are, 0 to 1, of one blink that is deepest at `at_s`; times in seconds."""
    return np.asarray(np.cos(np.clip((times - at_s) / HALF_BLINK_S, -1, 1) * np.pi / 2) ** 2)
