"""A network that holds just the tensors of a published file: names, shapes and types are compared, and nothing is copied."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TypeVar

import torch
from torch import Tensor, nn

Network = TypeVar("Network", bound=nn.Module)


@lru_cache(maxsize=32)
def skeleton(make: Callable[[], nn.Module]) -> dict[str, Tensor]:
    """Names, shapes and types of a network's state, without its memory."""
    with torch.device("meta"):
        return dict(make().state_dict())


def filled(make: Callable[[], Network], state: dict[str, Tensor]) -> Network:
    """A network in evaluation mode that holds the tensors of `state` themselves, no copies."""
    with torch.device("meta"):
        network = make()
    network.load_state_dict(state, strict=True, assign=True)
    return network.eval().requires_grad_(False)


def shapes_and_types(state: Mapping[str, Tensor]) -> dict[str, object]:
    """Shape and type of each tensor, by its name."""
    return {str(key): (tuple(value.shape), value.dtype) for key, value in state.items()}


def difference(expected: Mapping[str, object], found: Mapping[str, object]) -> str | None:
    """In what a file's shapes and types differ from those that are expected, with an example; None: in nothing."""
    missing = [key for key in expected if key not in found]
    unknown = [key for key in found if key not in expected]
    other = [key for key in expected if key in found and found[key] != expected[key]]
    if missing:
        return f"{len(missing)} of its {len(expected)} tensors are missing, such as '{missing[0]}'"
    if unknown:
        return f"{len(unknown)} of its tensors are unknown, such as '{unknown[0]}'"
    if other:
        return f"'{other[0]}' is {described(found[other[0]])} where {described(expected[other[0]])} is expected"
    return None


def described(entry: object) -> str:
    """A tensor's shape and type, in words."""
    shape, kind = entry if isinstance(entry, tuple) else ((), entry)
    return f"{' x '.join(map(str, shape)) or 'one number'} {str(kind).removeprefix('torch.')}"
