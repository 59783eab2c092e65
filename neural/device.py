"""Where torch works and how precisely: one place that decides for every stage that runs a network by torch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from core.errors import InputError, MissingError
from neural.network_files import NEURAL_INSTALL

if TYPE_CHECKING:
    import torch

#: What a person may ask for: `auto` takes a graphics card where there is one.
CardChoice = Literal["auto", "cpu", "cuda"]
#: Where torch can work, Apple's cards too; `auto` takes a card where torch sees one.
DeviceChoice = Literal["auto", "cpu", "cuda", "mps"]
#: `auto` takes half precision on an NVIDIA card, and float32 elsewhere.
PrecisionChoice = Literal["auto", "float32", "half"]


def choose_device(choice: DeviceChoice = "auto") -> torch.device:
    """The device to work on. Raises InputError where the named one is not there, MissingError where torch is not."""
    try:
        import torch
    except ImportError as error:
        raise MissingError("neural.no_torch", command=NEURAL_INSTALL) from error
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if choice == "auto":
        return torch.device(next(name for name, is_there in there.items() if is_there))
    if not there.get(choice, False):
        usable = ", ".join(name for name, is_there in there.items() if is_there)
        raise InputError("neural.device_not_here", device=choice, devices=usable)
    return torch.device(choice)


def choose_nvidia(choice: CardChoice = "auto") -> torch.device:
    """As `choose_device`, for networks that were tried on NVIDIA's cards alone: without one `auto` is the processor."""
    if choice != "auto":
        return choose_device(choice)
    found = choose_device("auto")
    return found if found.type == "cuda" else choose_device("cpu")


def choose_dtype(device: torch.device, choice: PrecisionChoice, wide_range: bool) -> torch.dtype:
    """The number type of a network's inside on that device.

    wide_range: the network's numbers may outgrow float16 (65504): bfloat16 is taken, and where the card does not compute in that,
    float16 only if half precision was asked for. Other networks get float16, which has three more bits.
    Raises InputError where half precision is asked for and the device has none.
    """
    import torch

    if device.type != "cuda" or choice == "float32":
        if choice == "half":
            raise InputError("neural.half_precision_needs_a_card", device=device.type)
        return torch.float32
    if not wide_range:
        return torch.float16
    if torch.cuda.is_bf16_supported(including_emulation=False):
        return torch.bfloat16
    return torch.float16 if choice == "half" else torch.float32
