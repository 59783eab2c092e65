"""Small pictures of the film for its report: some spread evenly, and those with the widest, the shut mouth and the shut eyes."""

from __future__ import annotations

import numpy as np

from core.contracts import ByteArray
from core.messages import Message, message, translatable
from core.timebase import frames_to_seconds
from metrics.aperture import aperture
from metrics.blinks import eye_opening
from metrics.contact_sheet import shrink, spread_indices
from metrics.film_view import View

CELL_PX = 220
#: How many frames of each remarkable kind are kept, and how far apart they must lie, in frames.
KEPT = 2
APART = 12
#: The remarkable kinds.
MOUTH_WIDEST, MOUTH_SHUT = translatable("mouth widest"), translatable("mouth shut")
EYES_SHUT = translatable("eyes shut most")


class Thumbnails:
    """Keeps a fixed number of small pictures, whatever the film's length."""

    def __init__(self, frames: int, spread: int) -> None:
        """frames: number of frames expected. spread: how many are kept at even distances."""
        self.wanted = set(spread_indices(frames, spread))
        self.even: dict[int, ByteArray] = {}
        self.kinds: dict[Message, Remarkable] = {name: Remarkable() for name in (MOUTH_WIDEST, MOUTH_SHUT, EYES_SHUT)}

    def see(self, view: View) -> None:
        """Take the next frame."""
        if view.index in self.wanted:
            self.even[view.index] = shrink(view.frame, CELL_PX)
        if view.face is None:
            return
        mouth, eyes = aperture(view.face.landmarks), eye_opening(view.face.landmarks)
        self.kinds[MOUTH_WIDEST].offer(mouth, view)
        self.kinds[MOUTH_SHUT].offer(-mouth, view)
        self.kinds[EYES_SHUT].offer(-eyes, view)

    def pictures(self, fps: float) -> list[tuple[ByteArray, Message]]:
        """All kept pictures (H, W, 3) uint8 with their times: the spread ones, then the remarkable ones with their names."""
        found = [(picture, moment(index, fps)) for index, picture in sorted(self.even.items())]
        for name, kind in self.kinds.items():
            for _, index, picture in kind.kept:
                found.append((picture, message("metrics.remarkable_frame", moment=moment(index, fps), what=name)))
        return found


def moment(frame: int, fps: float) -> Message:
    """When a frame is seen, and which it is."""
    return message("metrics.frame", time=frames_to_seconds(frame, fps), number=frame)


class Remarkable:
    """The frames with the highest scores that lie apart from each other."""

    def __init__(self) -> None:
        self.kept: list[tuple[float, int, ByteArray]] = []

    def offer(self, score: float, view: View) -> None:
        """Keep the frame where it beats one that is kept; of neighbours only the best stays."""
        if not np.isfinite(score) or (len(self.kept) == KEPT and score <= self.kept[-1][0]):
            return
        near = [entry for entry in self.kept if abs(entry[1] - view.index) < APART]
        if any(entry[0] >= score for entry in near):
            return
        rest = [entry for entry in self.kept if abs(entry[1] - view.index) >= APART]
        self.kept = sorted([*rest, (score, view.index, shrink(view.frame, CELL_PX))], key=lambda entry: -entry[0])[:KEPT]
