"""The card of MuseTalk."""

from __future__ import annotations

from importlib.util import find_spec
from typing import cast

from core.contracts import FrameFilter
from core.engine_card import Note
from core.messages import Message, message
from core.options import N_
from core.stage_cost import StageCost
from lipsync.card import LipsCard, LipsSettings, LipsTask
from lipsync.musetalk.options import V10, MuseTalkOptions
from neural.device import CardChoice
from neural.network_files import NEURAL_INSTALL

#: The file that draws, in whose place a user may name another.
UNET = "musetalk_v15_unet"
#: Without and with a graphics card.
ON_PROCESSOR, ON_CARD = StageCost(30.0, 120.0), StageCost(20.0, 1.0, 0.3)


def make(settings: LipsSettings, task: LipsTask, note: Note) -> FrameFilter:
    """See `LipsCard.make`. Raises MissingError or InputError where weights are not there or don't fit."""
    from lipsync.musetalk.lips import musetalk_filter

    return musetalk_filter(settings.own(MuseTalkOptions), cast(CardChoice, settings.device), task, note)


def missing(settings: LipsSettings) -> Message | None:
    """See `LipsCard.missing`; the weights of version 1.5 are fetched."""
    options = settings.own(MuseTalkOptions)
    if options.musetalk_version == V10 and options.musetalk_file is None:
        return message("lipsync.musetalk.no_file_of_older_version")
    if find_spec("torch") is None or find_spec("safetensors") is None:
        return message("neural.no_torch", command=NEURAL_INSTALL)
    return None


def replaced(settings: LipsSettings) -> tuple[str, ...]:
    """See `LipsCard.replaced`."""
    return () if settings.own(MuseTalkOptions).musetalk_file is None else (UNET,)


MUSETALK = LipsCard(
    name="musetalk",
    title=N_("MuseTalk"),
    package="lipsync.musetalk",
    make=make,
    options=MuseTalkOptions,
    install=NEURAL_INSTALL,
    weights=(UNET, "sd_vae_ft_mse", "whisper_tiny"),
    replaced=replaced,
    own_weights=lambda settings: settings.own(MuseTalkOptions).musetalk_file,
    on_torch=True,
    credit=N_("MuseTalk by Yue Zhang and others, Stable Diffusion's autoencoder, and Whisper by OpenAI"),
    missing=missing,
    cost=lambda settings, card: ON_CARD if card and settings.device != "cpu" else ON_PROCESSOR,
)
