"""A network's saliency as people see and edit it: 0 where it is lowest in the sound, 1 where it is highest.

The cosine that the network knows has no scale of its own: which values are low differs from network to network and voice to
voice, and a great part of them may be negative. So it is shown between two of its percentiles, and key points go the same way
back: what somebody asks for lies within what the network has learned from, and the curve that is shown, given back as key points,
asks for the same face.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.contracts import FloatArray

#: Percentiles that are shown as 0 and 1.
ENDS = (2.0, 98.0)
#: The least distance of the two: a sound that feels the same throughout is shown as flat.
LEAST_SPAN = 0.3


@dataclass(frozen=True)
class StrengthScale:
    """The saliencies that are shown as 0 and as 1."""

    low: float
    high: float

    @classmethod
    def of(cls, saliency: FloatArray) -> StrengthScale:
        """The scale of one sound's saliency (T,), T at least 1; around its middle where it is nearly flat."""
        low, high = (float(end) for end in np.percentile(saliency, ENDS))
        middle, half = (low + high) / 2, max(high - low, LEAST_SPAN) / 2
        return cls(middle - half, middle + half)

    def shown(self, saliency: FloatArray) -> FloatArray:
        """(T,) in [0, 1]; what lies beyond an end is shown as that end."""
        share: FloatArray = np.clip((saliency - self.low) / (self.high - self.low), 0.0, 1.0)
        return share.astype(np.float32)

    def saliency(self, shown: FloatArray) -> FloatArray:
        """The saliency (T,) that is shown as this, in [0, 1]."""
        told: FloatArray = self.low + shown * (self.high - self.low)
        return told.astype(np.float32)
