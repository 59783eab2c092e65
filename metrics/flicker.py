"""Does the face flicker? Brightness that jumps to and fro from frame to frame in patches of skin that are laid still."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace

import numpy as np

from core.messages import translatable
from metrics.film_view import Scene, View
from metrics.head_regions import skin_patches
from metrics.registry import Metric, Watched, WithControls

#: Brightness of the control alternates by this part.
CONTROL_STRENGTH = 0.02


@dataclass(frozen=True)
class Flicker:
    """Root mean square of the part of brightness that alternates from frame to frame, in levels of 255; None under 3 frames.

    typical: of the median patch. worst: of the 95th percentile of the patches. together: of the mean over all patches, which is
    a pumping of the whole face. patches: how many.
    """

    typical: float | None
    worst: float | None
    together: float | None
    patches: int


class FlickerObserver:
    """Holds each frame's patches against the mean of the frames before and after.

    That second difference is nil for steady and for evenly growing light, and small for movement, which the laying-still of the
    head has mostly taken out; what is left jumps. A sway of +-a from frame to frame reads a.
    """

    def __init__(self, layout: np.ndarray) -> None:
        """layout: (478, 2), the reference's points in the head square."""
        self.patches = skin_patches(layout)
        self.last: deque[np.ndarray] = deque(maxlen=3)
        self.squares = np.zeros(len(self.patches))
        self.together = 0.0
        self.count = 0

    def see(self, view: View) -> None:
        """Take the next frame; one without a face breaks the row."""
        if view.head is None:
            self.last.clear()
            return
        head = view.head
        self.last.append(np.array([head[rows, columns].mean() for rows, columns in self.patches]))
        if len(self.last) == 3:
            before, at, after = self.last
            jump = 0.5 * (at - 0.5 * (before + after))
            self.squares += jump**2
            self.together += float(jump.mean()) ** 2
            self.count += 1

    def result(self) -> Flicker:
        """The figures of all frames seen."""
        if self.count == 0 or not self.patches:
            return Flicker(None, None, None, len(self.patches))
        rms = np.sqrt(self.squares / self.count)
        together = float(np.sqrt(self.together / self.count))
        return Flicker(float(np.median(rms)), float(np.percentile(rms, 95)), together, len(rms))


def flickering(view: View) -> View:
    """The control: each second frame 2% lighter, the others 2% darker."""
    if view.head is None:
        return view
    return replace(view, head=view.head * np.float32(1 + CONTROL_STRENGTH * (-1) ** view.index))


def watch(scene: Scene) -> Watched[Flicker]:
    """The observer of the film's flicker, and its controls."""
    return Watched(lambda: FlickerObserver(scene.layout), flickering, translatable("frames 2% lighter and darker in turn"))


FLICKER = Metric[WithControls[Flicker]]("flicker", translatable("Flicker"), 90, watch)
