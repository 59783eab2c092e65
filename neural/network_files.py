"""Brings a published network file into a network of ours: exactly, or with a sentence that says what does not fit."""

from __future__ import annotations

import pickle  # only its error, pickles are read by weights_only  # nosec B403
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import MissingError
from core.places import NEURAL_PINS, call_of, pip_install

if TYPE_CHECKING:
    from torch import Tensor, nn

#: What torch raises for a file that is damaged or none of its own.
UNREADABLE = (
    pickle.UnpicklingError, RuntimeError, EOFError, OSError, ValueError, LookupError, AttributeError, TypeError, AssertionError,
    struct.error,
)  # fmt: skip
NEURAL_INSTALL = pip_install("torch", NEURAL_PINS)


def read_tensors(path: Path, entry: str | None = None) -> dict[str, Tensor]:
    """The tensors of a torch file, by key; those under the key `entry` where one is named. Nothing in the file is run.

    Raises MissingError where the file is no such file, or holds anything but tensors.
    """
    import torch

    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except UNREADABLE as error:
        reason = str(error).partition("\n")[0].rstrip(".")[:120]
        raise MissingError("neural.model_unreadable", name=path.name, reason=reason, remedy=refetch(path)) from error
    if entry is not None and isinstance(content, Mapping):
        content = content.get(entry)
    if not isinstance(content, Mapping) or not all(isinstance(tensor, torch.Tensor) for tensor in content.values()):
        where = f" under '{entry}'" if entry is not None else ""
        raise MissingError("neural.model_without_tensors", name=path.name, where=where, remedy=refetch(path))
    return dict(content)


def load_exactly(network: nn.Module, tensors: Mapping[str, Tensor], path: Path) -> None:
    """Give a network its tensors; every key and every shape must be the same. Raises MissingError with the first that is not."""
    own = network.state_dict()
    wrong = [f"'{key}' is missing" for key in own if key not in tensors]
    wrong += [f"'{key}' is not part of the network" for key in tensors if key not in own]
    wrong += [
        f"'{key}' has the shape {tuple(tensors[key].shape)} where {tuple(own[key].shape)} is expected"
        for key in own
        if key in tensors and tensors[key].shape != own[key].shape
    ]
    if wrong:
        more = f", and {len(wrong) - 1} more of its {len(tensors)} tensors don't fit" if len(wrong) > 1 else ""
        raise MissingError("neural.model_not_the_expected", name=path.name, wrong=wrong[0], more=more, remedy=refetch(path))
    network.load_state_dict(dict(tensors), strict=True)


def refetch(path: Path) -> str:
    """The sentence that says how to mend a model file."""
    return f"Remove {path} and run the command again, or check it with `{call_of('weights')} verify`."
