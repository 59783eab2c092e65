"""The card of the SadTalker engine."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from core.contracts import HeadRenderer, Portrait
from core.driving import Driving
from core.engine_card import Box, EngineCard, EngineSettings, Note, Sound
from core.errors import InputError
from core.messages import Message, message
from core.options import N_
from core.stage_cost import StageCost
from neural.network_files import NEURAL_INSTALL
from sadtalker_runner.options import MOTION, SadTalkerOptions

if TYPE_CHECKING:
    from sadtalker_runner.settings import SadTalkerSettings

#: Without and with a graphics card, and how much more the larger of its two sizes takes.
ON_PROCESSOR, ON_CARD = StageCost(15.0, 100.0), StageCost(20.0, 2.0)
LARGE_SIZE, LARGE_FACTOR = 512, 4.0


def settings_of(settings: EngineSettings) -> SadTalkerSettings:
    """The film's settings in the room's own words."""
    from sadtalker_runner.settings import RenderSettings, SadTalkerSettings

    options = settings.own(SadTalkerOptions)
    film = options.pose if isinstance(options.pose, Path) else None
    head = "film" if film is not None else options.pose
    return SadTalkerSettings(
        size=cast(Any, options.size),
        preprocess=cast(Any, options.preprocess),
        still=settings.head_motion == 0 and head == MOTION,
        expression_scale=settings.expressiveness,
        head=cast(Any, head),
        head_scale=1.0 if head == MOTION else settings.head_motion,
        pose_style=options.pose_style,
        pose_film=film,
        yaw_deg=options.yaw_deg,
        pitch_deg=options.pitch_deg,
        roll_deg=options.roll_deg,
        seed=settings.seed,
        render=RenderSettings(device=cast(Any, settings.device)),
    )


def make(settings: EngineSettings, sound: Sound, note: Note) -> HeadRenderer:
    """See `EngineCard.make`: the head's square, moved by the voice."""
    from sadtalker_runner.runner import SadTalkerRenderer

    if sound.voice is None:
        raise RuntimeError("SadTalker hears the voice, and was given none.")
    if settings.style != "auto" or settings.intensity_points:
        note(message("sadtalker_runner.feels_nothing"))
    return SadTalkerRenderer(settings_of(settings), sound.voice)


def driven(settings: EngineSettings, driving: Driving, sound: Sound, note: Note) -> HeadRenderer:
    """See `EngineCard.driven`: the head's square, moved by a film, and where a sound moves the lips, by the voice in it.

    Raises InputError where somebody else than the film is to move the head.
    """
    from sadtalker_runner.driver import tells_parts_apart
    from sadtalker_runner.runner import SadTalkerRenderer
    from sadtalker_runner.settings import EXPRESSION_SCALE_LIMITS

    own = settings_of(settings)
    if own.head != MOTION:
        raise InputError("sadtalker_runner.pose_beside_driver")
    if driving.sounding_lips and sound.voice is None:
        raise RuntimeError("SadTalker hears the voice, and was given none.")
    if not driving.sounding_lips and tells_parts_apart(driving.strength):
        note(message("sadtalker_runner.face_follows_whole"))
    scale = min(EXPRESSION_SCALE_LIMITS[1], own.expression_scale * driving.strength.lips)
    told = replace(own, still=False, expression_scale=scale)
    return SadTalkerRenderer(told, sound.voice if driving.sounding_lips else None, driving)


def missing(settings: EngineSettings) -> Message | None:
    """See `EngineCard.missing`."""
    from sadtalker_runner import runner

    return runner.missing(settings_of(settings))


def head_alone(settings: EngineSettings) -> bool:
    """See `EngineCard.head_alone`."""
    return settings.own(SadTalkerOptions).preprocess == "crop"


def head_box(portrait: Portrait, settings: EngineSettings) -> Box:
    """See `EngineCard.head_box`."""
    from sadtalker_runner.runner import crop_box

    return crop_box(portrait, settings_of(settings))


def cost(settings: EngineSettings, card: bool) -> StageCost:
    """See `EngineCard.cost`."""
    found = ON_CARD if card and settings.device != "cpu" else ON_PROCESSOR
    return found.scaled(1.0, LARGE_FACTOR if settings.own(SadTalkerOptions).size == LARGE_SIZE else 1.0)


def needs(settings: EngineSettings) -> dict[str, Any]:
    """See `EngineCard.needs`: each size and each way with the picture has weights of its own."""
    options = settings.own(SadTalkerOptions)
    return {"size": options.size, "preprocess": options.preprocess}


def cost_words(settings: EngineSettings) -> tuple[str, ...]:
    """See `EngineCard.cost_words`."""
    return (str(settings.own(SadTalkerOptions).size),)


SADTALKER = EngineCard(
    "sadtalker",
    N_("SadTalker: learned from people"),
    "sadtalker_runner",
    make,
    draws_head=True,
    options=SadTalkerOptions,
    install=NEURAL_INSTALL,
    hears=True,
    frames_are_cheap=False,
    on_torch=True,
    credit=N_("SadTalker by Wenxuan Zhang and others, Apache-2.0"),
    head_alone=head_alone,
    head_box=head_box,
    missing=missing,
    cost=cost,
    needs=needs,
    cost_words=cost_words,
    driven=driven,
)
