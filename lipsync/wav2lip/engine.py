"""The card of Wav2Lip and LipGAN: the user names the file of weights, and its structure tells which of the two it is."""

from __future__ import annotations

from importlib.util import find_spec
from typing import cast

from core.contracts import FrameFilter
from core.engine_card import Note
from core.messages import Message, message
from core.options import N_
from core.stage_cost import StageCost
from lipsync.card import LipsCard, LipsSettings, LipsTask
from lipsync.wav2lip.options import Wav2LipOptions
from neural.device import DeviceChoice
from neural.network_files import NEURAL_INSTALL

#: Without and with a graphics card.
ON_PROCESSOR, ON_CARD = StageCost(4.0, 2.0, 0.3), StageCost(8.0, 0.2, 0.3)


def make(settings: LipsSettings, task: LipsTask, note: Note) -> FrameFilter:
    """See `LipsCard.make`. Raises InputError where the file can't be read, or is another network's."""
    from lipsync.wav2lip.runner import wav2lip_filter

    file = settings.own(Wav2LipOptions).wav2lip_file
    if file is None:
        raise RuntimeError("Wav2Lip was given no weights; its card says so before.")
    return wav2lip_filter(file, cast(DeviceChoice, settings.device), task, note)


def missing(settings: LipsSettings) -> Message | None:
    """See `LipsCard.missing`."""
    if settings.own(Wav2LipOptions).wav2lip_file is None:
        return message("lipsync.wav2lip.no_file_named")
    if find_spec("torch") is None:
        return message("neural.no_torch", command=NEURAL_INSTALL)
    return None


WAV2LIP = LipsCard(
    name="wav2lip",
    title=N_("Wav2Lip or LipGAN"),
    package="lipsync.wav2lip",
    make=make,
    options=Wav2LipOptions,
    own_weights=lambda settings: settings.own(Wav2LipOptions).wav2lip_file,
    install=NEURAL_INSTALL,
    on_torch=True,
    credit=N_("Wav2Lip and LipGAN by K R Prajwal, Rudrabha Mukhopadhyay and others"),
    missing=missing,
    cost=lambda settings, card: ON_CARD if card and settings.device != "cpu" else ON_PROCESSOR,
)
