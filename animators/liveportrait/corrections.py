"""The three small networks at work: moved key points are corrected to fit the portrait. On the processor: they are tiny."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from animators.liveportrait.checkpoint import LivePortraitNetworks
from core.contracts import FloatArray

#: A mouth that is open less than this counts as shut.
SHUT_LIPS = 0.03


@dataclass(frozen=True)
class Openness:
    """How far the portrait's eyes (left and right in the picture) and lips are open, see `crops.eyes_open` and `lips_open`."""

    eyes: tuple[float, float]
    lips: float


class Corrections:
    """Corrects the key points (T, 21, 3) of films for the portrait's own (1 or T, 21, 3); all float32."""

    def __init__(self, networks: LivePortraitNetworks) -> None:
        self._stitching, self._eyes, self._lips = networks.stitching, networks.eyes, networks.lips

    def stitched(self, portrait: FloatArray, driving: FloatArray) -> FloatArray:
        """The key points so that shoulders and background stay where they are."""
        return worked(self._stitching.stitched, as_long(portrait, driving), driving)

    def eyes(self, portrait: FloatArray, own: Openness, wanted: FloatArray) -> FloatArray:
        """(T, 21, 3) by how much key points must be shifted so that the eyes are open as far as `wanted` (T,)."""
        openness = np.column_stack([np.full(len(wanted), own.eyes[0]), np.full(len(wanted), own.eyes[1]), wanted])
        return worked(self._eyes.shift, as_long(portrait, wanted), openness)

    def lips(self, portrait: FloatArray, own: Openness, wanted: FloatArray) -> FloatArray:
        """The same of the lips."""
        openness = np.column_stack([np.full(len(wanted), own.lips), wanted])
        return worked(self._lips.shift, as_long(portrait, wanted), openness)

    def shut_lips(self, portrait: FloatArray, own: Openness) -> FloatArray:
        """(1, 21, 3) what shuts the portrait's mouth; nothing where it is shut."""
        if own.lips < SHUT_LIPS:
            return np.zeros_like(portrait[:1])
        return self.lips(portrait[:1], own, np.zeros(1))


def as_long(portrait: FloatArray, film: FloatArray) -> FloatArray:
    """The portrait's key points for each frame of a film."""
    return np.broadcast_to(portrait, (len(film), *portrait.shape[1:]))


def worked(network: Callable[[Tensor, Tensor], Tensor], *given: FloatArray) -> FloatArray:
    """What a network makes of arrays."""
    with torch.inference_mode():
        return np.asarray(network(*(torch.from_numpy(np.array(array, np.float32)) for array in given)).numpy())
