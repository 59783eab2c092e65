"""The card of the AdaSR engine: the user names the file of its weights, and a driving film moves the head."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import cast

from animators.adasr.options import AdaSROptions
from core.contracts import HeadRenderer, Portrait, Renderer
from core.driving import Driving
from core.engine_card import Box, EngineCard, EngineSettings, Note, Sound
from core.errors import InputError
from core.messages import Message, message
from core.options import N_
from core.stage_cost import StageCost
from neural.device import CardChoice
from neural.network_files import NEURAL_INSTALL

#: Without and with a graphics card.
ON_PROCESSOR, ON_CARD = StageCost(20.0, 300.0), StageCost(25.0, 8.0)
FOLLOWS_FILMS = message("animators.adasr.follows_films_alone")


def make(settings: EngineSettings, sound: Sound, note: Note) -> Renderer | HeadRenderer:
    """See `EngineCard.make`: no song moves this engine. Raises InputError."""
    raise InputError(FOLLOWS_FILMS)


def driven(settings: EngineSettings, driving: Driving, sound: Sound, note: Note) -> HeadRenderer:
    """See `EngineCard.driven`. Raises InputError where a sound is to move the lips, or the file of weights can't be used."""
    if driving.sounding_lips:
        raise InputError("animators.adasr.no_lips_from_sound")
    file = settings.own(AdaSROptions).adasr_file
    if file is None:
        raise RuntimeError("AdaSR was given no weights; its card says so before.")
    from animators.adasr.checkpoint import read_adasr
    from animators.adasr.following import tells_parts_apart
    from animators.adasr.runner import AdaSRRenderer

    networks = read_adasr(file)
    note(message("animators.adasr.drawn_by", name=file.name, sha256=networks.sha256))
    if tells_parts_apart(driving.strength):
        note(message("animators.adasr.parts_by_place"))
    return AdaSRRenderer(networks, driving, cast(CardChoice, settings.device))


def missing(settings: EngineSettings) -> Message | None:
    """See `EngineCard.missing`."""
    if settings.own(AdaSROptions).adasr_file is None:
        return message("animators.adasr.no_file_named")
    if find_spec("torch") is None:
        return message("neural.no_torch", command=NEURAL_INSTALL)
    return None


def head_box(portrait: Portrait, settings: EngineSettings) -> Box:
    """See `EngineCard.head_box`."""
    from faces.head_crop import head_crop

    return head_crop(portrait.face).box


def own_weights(settings: EngineSettings) -> tuple[Path, ...]:
    """See `EngineCard.own_weights`."""
    file = settings.own(AdaSROptions).adasr_file
    return () if file is None else (file,)


ADASR = EngineCard(
    "adasr",
    N_("AdaSR: follows a film"),
    "animators.adasr",
    make,
    draws_head=True,
    options=AdaSROptions,
    install=NEURAL_INSTALL,
    frames_are_cheap=False,
    on_torch=True,
    credit=N_("AdaSR-TalkingHead by Luchuan Song and others, after face-vid2vid by Ting-Chun Wang and others"),
    head_box=head_box,
    missing=missing,
    cost=lambda settings, card: ON_CARD if card and settings.device != "cpu" else ON_PROCESSOR,
    driven=driven,
    sings=False,
    own_weights=own_weights,
)
