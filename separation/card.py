"""The separation's network on a graphics card, and whether there is one. Torch is loaded only where a card's driver is there."""

from __future__ import annotations

import ctypes
import importlib.util
import sys
from typing import get_args

import numpy as np

from core.contracts import FloatArray
from core.errors import InputError, MissingError
from core.places import NEURAL_PINS, pip_install
from neural.device import CardChoice
from separation.checkpoint import NetworkFiles, load_checkpoint, two_stems

DRIVER = "nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1"
INSTALL = pip_install("torch", NEURAL_PINS)


def takes_card(choice: CardChoice) -> bool:
    """Whether the network runs on a graphics card.

    Raises InputError for a choice that is none of those accepted, or where a card is asked for and there is none; MissingError
    where one is asked for and torch is not installed.
    """
    if choice not in get_args(CardChoice):
        raise InputError("separation.no_such_device", name=choice, list=list(get_args(CardChoice)))
    if choice == "cpu":
        return False
    if importlib.util.find_spec("torch") is None:
        if choice == "cuda":
            raise MissingError("separation.no_torch", command=INSTALL)
        return False
    if has_driver() and torch_sees_card():
        return True
    if choice == "cuda":
        raise InputError("separation.no_card")
    return False


def has_driver() -> bool:
    """Whether NVIDIA's driver can be loaded: quickly told, where torch takes seconds and much memory to say no."""
    try:
        ctypes.CDLL(DRIVER)
    except OSError:
        return False
    return True


def torch_sees_card() -> bool:
    """Whether torch can compute on a card."""
    import torch

    return torch.cuda.is_available()


class CardNetwork:
    """See `separation.spleeter.MaskNetwork`; the published network in torch."""

    def __init__(self, device: str, threads: int, segments: int, files: NetworkFiles | None = None) -> None:
        """device: torch's name of it. files: the checkpoint; None: that of two stems.

        Raises MissingError where the weights are missing, InputError where they are others.
        """
        import torch

        from separation.networks.torch_unet import TorchUnets

        self.threads, self.segments = threads, segments
        files = files or two_stems()
        self._network = TorchUnets(load_checkpoint(files), torch.device(device), files.network)

    def masks(self, magnitudes: FloatArray) -> FloatArray:
        """See `MaskNetwork`."""
        import torch

        given = torch.from_numpy(magnitudes).to(self._network.device)
        return np.asarray(self._network.masks(given).cpu().numpy())
