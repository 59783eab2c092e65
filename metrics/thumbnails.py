"""Small pictures of the film for its report: some spread evenly, and those with the widest, the shut mouth and the shut eyes."""

from __future__ import annotations

import numpy as np

from core.contracts import ByteArray
from metrics.aperture import aperture
from metrics.blinks import eye_opening
from metrics.contact_sheet import grid, shrink, spread_indices, time_label
from metrics.film_view import View

CELL_PX = 220
#: How many frames of each remarkable kind are kept, and how far apart they must lie, in frames.
KEPT = 2
APART = 12


class Thumbnails:
    """Keeps a fixed number of small pictures, whatever the film's length."""

    def __init__(self, frames: int, spread: int) -> None:
        """frames: number of frames expected. spread: how many are kept at even distances."""
        self.wanted = set(spread_indices(frames, spread))
        self.even: dict[int, ByteArray] = {}
        self.kinds: dict[str, Remarkable] = {name: Remarkable() for name in ("mouth widest", "mouth shut", "eyes shut most")}

    def see(self, view: View) -> None:
        """Take the next frame."""
        if view.index in self.wanted:
            self.even[view.index] = shrink(view.frame, CELL_PX)
        if view.face is None:
            return
        mouth, eyes = aperture(view.face.landmarks), eye_opening(view.face.landmarks)
        self.kinds["mouth widest"].offer(mouth, view)
        self.kinds["mouth shut"].offer(-mouth, view)
        self.kinds["eyes shut most"].offer(-eyes, view)

    def sheet(self, fps: float, columns: int = 6) -> ByteArray:
        """All kept pictures with their times, (H, W, 3) uint8: the spread ones, then the remarkable ones with their names."""
        rows = [(picture, time_label(index, fps)) for index, picture in sorted(self.even.items())]
        for name, kind in self.kinds.items():
            rows += [(picture, time_label(index, fps, name)) for _, index, picture in kind.kept]
        return grid([picture for picture, _ in rows], [label for _, label in rows], columns)


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
