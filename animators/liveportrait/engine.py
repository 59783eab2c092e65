"""The card of the LivePortrait engine."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, cast

from animators.liveportrait.files import PARTS, folder_of, found_files
from animators.liveportrait.options import LivePortraitOptions
from core.contracts import FrameFilter, HeadRenderer, Portrait
from core.driving import Driving, FaceFilm
from core.engine_card import Box, EngineCard, EngineSettings, Note, Sound
from core.errors import InputError
from core.messages import Message, message
from core.options import N_
from core.stage_cost import StageCost
from neural.device import CardChoice, choose_nvidia
from neural.gpu_turn import device_turn
from neural.network_files import NEURAL_INSTALL

if TYPE_CHECKING:
    from animators.liveportrait.drawing import LivePortrait

#: Without and with a graphics card.
ON_PROCESSOR, ON_CARD = StageCost(15.0, 75.0), StageCost(40.0, 0.5)
PACKAGES = ("torch", "safetensors")


def make(settings: EngineSettings, sound: Sound, note: Note) -> HeadRenderer:
    """See `EngineCard.make`: the head's square, moved by a motion. Raises MissingError where the fit of shapes is not there."""
    from animators.liveportrait.fit_file import fit_of
    from animators.liveportrait.sung import SungRenderer

    options = settings.own(LivePortraitOptions)
    check_no_retargeting(options)
    liveportrait = opened(settings)
    return SungRenderer(liveportrait, fit_of(options.liveportrait_folder, liveportrait.files), options)


def driven(settings: EngineSettings, driving: Driving, sound: Sound, note: Note) -> HeadRenderer:
    """See `EngineCard.driven`: the head's square, moved by a driving film."""
    from animators.liveportrait.fit_file import fit_of
    from animators.liveportrait.runner import DrivenRenderer

    options, fit = settings.own(LivePortraitOptions), None
    if driving.sounding_lips and options.lip_retargeting:
        raise InputError("animators.liveportrait.lips_follow_sound")
    liveportrait = opened(settings)
    if driving.sounding_lips:
        fit = fit_of(options.liveportrait_folder, liveportrait.files)
    return DrivenRenderer(liveportrait, driving, options, fit)


def driven_film(settings: EngineSettings, driving: Driving, source: FaceFilm, sound: Sound, note: Note) -> FrameFilter:
    """See `EngineCard.driven_film`."""
    from animators.liveportrait.source_film import DrivenFilm

    if driving.sounding_lips:
        raise InputError("animators.liveportrait.film_hears_nothing")
    # a film's filters take their turns on a graphics card themselves; a portrait's renderer is made in one
    with device_turn(choose_nvidia(cast(CardChoice, settings.device)), lambda: None):
        liveportrait = opened(settings, batch_frames=1)
    return DrivenFilm(liveportrait, driving, source, settings.own(LivePortraitOptions))


def opened(settings: EngineSettings, batch_frames: int = 4) -> LivePortrait:
    """The networks on their device. Raises MissingError or InputError where files are not there or don't fit."""
    from animators.liveportrait.checkpoint import read_networks
    from animators.liveportrait.drawing import LivePortrait

    networks = read_networks(settings.own(LivePortraitOptions).liveportrait_folder)
    return LivePortrait(networks, cast(CardChoice, settings.device), batch_frames)


def check_no_retargeting(options: LivePortraitOptions) -> None:
    """Raises InputError where eyes or lips are to open as a driver's, and no driver moves them."""
    if options.eye_retargeting or options.lip_retargeting:
        raise InputError("animators.liveportrait.retargeting_without_driver")


def missing(settings: EngineSettings) -> Message | None:
    """See `EngineCard.missing`."""
    if any(find_spec(name) is None for name in PACKAGES):
        return message("neural.no_torch", command=NEURAL_INSTALL)
    folder = folder_of(settings.own(LivePortraitOptions).liveportrait_folder)
    lacking = [part for part in PARTS if part not in found_files(folder)]
    return message("animators.liveportrait.no_files", parts=lacking, folder=folder) if lacking else None


def lacks_to_sing(settings: EngineSettings) -> Message | None:
    """See `EngineCard.lacks_to_sing`: the fit of shapes."""
    from animators.liveportrait.fit_file import lacking_fit

    return lacking_fit(settings.own(LivePortraitOptions).liveportrait_folder)


def own_weights(settings: EngineSettings) -> tuple[Path, ...]:
    """See `EngineCard.own_weights`: the makers tell no SHA-256, so a film tells which files drew it."""
    return tuple(found_files(folder_of(settings.own(LivePortraitOptions).liveportrait_folder)).values())


def head_box(portrait: Portrait, settings: EngineSettings) -> Box:
    """See `EngineCard.head_box`."""
    from animators.liveportrait.crops import portrait_crop

    return portrait_crop(portrait.face).box


def cost(settings: EngineSettings, card: bool) -> StageCost:
    """See `EngineCard.cost`."""
    return ON_CARD if card and settings.device != "cpu" else ON_PROCESSOR


LIVEPORTRAIT = EngineCard(
    "liveportrait",
    N_("LivePortrait: learned from films of people"),
    "animators.liveportrait",
    make,
    draws_head=True,
    options=LivePortraitOptions,
    install=NEURAL_INSTALL,
    frames_are_cheap=False,
    on_torch=True,
    credit=N_("LivePortrait by Jianzhu Guo and others, Kuaishou Technology, MIT"),
    head_box=head_box,
    missing=missing,
    cost=cost,
    driven=driven,
    driven_film=driven_film,
    lacks_to_sing=lacks_to_sing,
    own_weights=own_weights,
)
