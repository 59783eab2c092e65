"""The renderer of a film: the engine's own, and around it what the settings ask for besides, the same for every engine."""

from __future__ import annotations

from collections.abc import Callable

from pipeline.contracts import Renderer
from pipeline.engines import Engine, Sound
from pipeline.film_settings import InBetweenChoice, SongToVideoSettings
from pipeline.frame_rate import FrameInterpolator, FrameRateSettings, InterpolatedRenderer, plan_frame_rate

METHODS: dict[InBetweenChoice, str] = {"auto": "auto", "drawn": "motion", "interpolated": "interpolation"}


def make_film_renderer(engine: Engine, settings: SongToVideoSettings, sound: Sound, note: Callable[[str], None]) -> Renderer:
    """The renderer of one film. note: takes sentences for the user.

    Raises `MissingError` where a package or a weight is missing.
    """
    renderer = engine.make(settings, sound)
    rate = FrameRateSettings(method=METHODS[settings.in_between], device=settings.device)  # type: ignore[arg-type]
    plan = plan_frame_rate(settings.fps, engine.frames_are_cheap, rate)
    if plan.step == 1:
        return renderer
    note(plan.reason)
    return InterpolatedRenderer(renderer, FrameInterpolator(plan.step, rate))
