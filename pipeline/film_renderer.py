"""The renderer of a film: the engine's own, and around it what the settings ask for besides, the same for every engine."""

from __future__ import annotations

from typing import Literal, cast

from core.contracts import HeadRenderer, Portrait, Progress, Renderer, silent
from core.engine_card import EngineCard, Note, Sound
from core.errors import InputError
from core.messages import message
from filters.frame_rate import WEIGHT_NAME as RIFE_WEIGHT
from filters.frame_rate import FrameInterpolator, FrameRatePlan, FrameRateSettings, InterpolatedRenderer, plan_frame_rate
from filters.restore import WEIGHT_NAME as GFPGAN_WEIGHT
from neural.device import choose_device
from neural.gpu_turn import RendererInTurn
from pipeline.engines import opened
from pipeline.film_settings import InBetweenChoice, SongToVideoSettings
from pipeline.restored_renderer import RestoredRenderer
from weights.fetch import ensure_all

METHODS: dict[InBetweenChoice, Literal["auto", "motion", "interpolation"]] = {
    "auto": "auto",
    "drawn": "motion",
    "interpolated": "interpolation",
}


def make_film_renderer(engine: EngineCard, settings: SongToVideoSettings, sound: Sound, note: Note) -> Renderer:
    """The renderer of one film. note: takes what the user is to be told, before the work and after it.

    Networks that work on a graphics card are loaded when the first frame is asked for, in their turn on it. Raises `InputError`
    and `MissingError` like `check_renderer`.
    """
    plan = frame_rate_plan(engine, settings)
    if plan.step > 1:
        note(plan.reason)
    elif settings.in_between == "interpolated":
        note(message("pipeline.all_frames_drawn", fps=settings.fps))

    def make() -> Renderer:
        renderer = whole_pictures(engine, settings, sound, note)
        if settings.restore > 0 and not engine.draws_head:
            renderer = RestoredRenderer(renderer, settings, note)
        if plan.step > 1:
            renderer = InterpolatedRenderer(renderer, FrameInterpolator(plan.step, frame_rate_settings(settings)))
        return renderer

    if not needs_torch(engine, settings):
        return make()
    device = choose_device(settings.device)
    return RendererInTurn(make, device) if device.type == "cuda" else make()


def whole_pictures(engine: EngineCard, settings: SongToVideoSettings, sound: Sound, note: Note) -> Renderer:
    """The engine's renderer; one of heads with its squares, restored where that is asked for, put back into the whole picture."""
    with opened(engine):
        made = engine.make(settings, sound, note)
    if not engine.draws_head:
        return cast(Renderer, made)
    from pipeline.head_film import make_head_renderer  # which needs torch

    return make_head_renderer(cast(HeadRenderer, made), settings, note)


def view_of(engine: EngineCard, portrait: Portrait, settings: SongToVideoSettings) -> Portrait:
    """The part of the portrait that the film shows: all of it, or the head's square alone."""
    if not engine.head_alone(settings):
        return portrait
    from pipeline.head_film import head_alone

    with opened(engine):
        return head_alone(portrait, engine.head_box(portrait, settings), settings.height)


def check_renderer(engine: EngineCard, settings: SongToVideoSettings, progress: Progress = silent) -> None:
    """Bring the networks that the film needs besides the engine's, before the song is taken apart for nothing.

    progress: called with (name, bytes done, bytes in all) while something is fetched. Raises `InputError` where faces of drawings
    are to be restored or the device is not there, `MissingError` where torch or a network can't be had.
    """
    if settings.restore > 0 and engine.drawn:
        raise InputError("pipeline.restoring_knows_humans_alone", name=engine.name)
    if needs_torch(engine, settings) or settings.device == "cuda":
        choose_device(settings.device)
    wanted = [GFPGAN_WEIGHT] if settings.restore > 0 else []
    wanted += [RIFE_WEIGHT] if frame_rate_plan(engine, settings).step > 1 else []
    ensure_all(wanted, progress)


def needs_torch(engine: EngineCard, settings: SongToVideoSettings) -> bool:
    """Whether any network of the film's frames runs by torch."""
    return engine.on_torch or settings.restore > 0 or frame_rate_plan(engine, settings).step > 1


def frame_rate_settings(settings: SongToVideoSettings) -> FrameRateSettings:
    """The frame rate's settings in its own words."""
    return FrameRateSettings(method=METHODS[settings.in_between], device=settings.device)


def frame_rate_plan(engine: EngineCard, settings: SongToVideoSettings) -> FrameRatePlan:
    """Which of the film's frames the engine draws."""
    return plan_frame_rate(settings.fps, engine.frames_are_cheap, frame_rate_settings(settings))
