"""Moves eyebrows that are shaded rather than drawn, of which the eyebrows' networks see only a part and fade it: the picture's
own eyebrows stay, and the skin that bears them moves, less and less up the forehead and down to the lids.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np

from animators.anime.painter import EyebrowLayers
from animators.anime.pose import PARAMETER_INDEX
from animators.anime.sampling import EXACT_PX, curve_at, draw_part, smooth, texture_at
from core.contracts import Face, FloatArray
from core.kernels import kernel

#: Landmarks of the Face Landmarker from the left to the right end of the eyebrow in the picture: its upper and lower border, and
#: the middle of the upper lid under it. The character's right eyebrow comes first.
_BROWS = (
    ([70, 63, 105, 66, 107], [46, 53, 52, 65, 55], 159),
    ([336, 296, 334, 293, 300], [285, 295, 282, 283, 276], 386),
)
_OUTER_EYES = (33, 263)
_SAMPLES = 32
#: Rise of the whole eyebrow, and of its inner end besides, in half widths of the eyebrow at each parameter's full movement.
MOVES: dict[str, tuple[float, float]] = {
    "eyebrow_raised": (0.26, 0.0), "eyebrow_happy": (0.14, -0.03), "eyebrow_lowered": (-0.16, 0.0),
    "eyebrow_serious": (-0.08, -0.05), "eyebrow_angry": (-0.06, -0.16), "eyebrow_troubled": (-0.02, 0.22),
}  # fmt: skip
#: How far up the forehead moves with it, in half widths of the eyebrow, and the part of the gap over the lid that does.
_REACH_UP, _GAP_SHARE = 2.2, 0.85
#: An eyebrow sinks by this part of that gap at most: the skin under it is pushed together.
_MOST_FALL = 0.4
_ROUNDS = 12
#: Canvas pixels that the networks must take for each of the two eyebrows; else the picture's own are moved. A flat drawing
#: measured 26 and 36, shaded faces 0 to 14 on one side.
BROWS_SEEN = 20.0


@dataclass(frozen=True)
class Brows:
    """Both eyebrows of a picture, the character's right one first; pixels of the picture.

    axis: (2,) float32: direction (x, y) from the left to the right eye. measures: (2, 5) float32: middle of the ends (x, y), half
    the width, half the thickness and the gap under it over the lid that may move. lines: (2, 32) float32: how far the
    eyebrow's middle line lies below that middle, from -1 to 1 half widths.
    """

    axis: FloatArray
    measures: FloatArray
    lines: FloatArray

    def draw(self, face: FloatArray, corner: FloatArray, pose: FloatArray) -> None:
        """Move the eyebrows in `face` (h, w, 4), whose first pixel is the picture's pixel `corner`, by a pose (12,)."""
        lifts = brow_state(pose)
        if np.abs(lifts).sum(axis=1).max() * self.measures[:, 2].max() < EXACT_PX:
            return
        reach = (1.0 + _REACH_UP) * self.measures[:, 2] + np.abs(self.lines).max()
        sides = [(-1, -1), (-1, 1), (1, -1), (1, 1)]
        around = [
            (measure[0] + across * far, measure[1] + down * far)
            for measure, far in zip(self.measures, reach, strict=True)
            for across, down in sides
        ]
        draw_part(
            face, corner, around, lambda *views: put_brows(views[0], self.axis, self.measures, self.lines, lifts, *views[1:])
        )


def brows_seen(layers: EyebrowLayers) -> float:
    """Canvas pixels that the network takes for an eyebrow, of the one of which it sees less."""
    colour = layers.eyebrow_colour[..., 3]
    cover = colour + layers.eyebrow_alpha[..., 0] * (1.0 - colour)
    middle = cover.shape[1] // 2
    return float(min(cover[:, :middle].sum(), cover[:, middle:].sum()))


def find_brows(face: Face) -> Brows | None:
    """The eyebrows of a face; None where the landmarks show none (a face framed by hand)."""
    points = face.landmarks[:, :2].astype(np.float64)
    across = points[_OUTER_EYES[1]] - points[_OUTER_EYES[0]]
    if np.hypot(*across) < 6.0:
        return None
    across /= np.hypot(*across)
    down = np.array([-across[1], across[0]])
    measures, lines = [], []
    for upper, lower, lid in _BROWS:
        line, thick = (points[upper] + points[lower]) / 2, (points[lower] - points[upper]) @ down / 2
        middle, half = (line[0] + line[-1]) / 2, float((line[-1] - line[0]) @ across) / 2
        if half < 1.5:
            return None
        along, depth = (line - middle) @ across / half, (line - middle) @ down
        half_thick = max(1.0, float(thick.max()))
        gap = (float((points[lid] - middle) @ down) - float(np.interp(0.0, along, depth)) - half_thick) * _GAP_SHARE
        if gap < 1.0 or not (np.diff(along) > 0).all():
            return None
        measures.append([*middle, half, half_thick, gap])
        lines.append(np.interp(np.linspace(-1, 1, _SAMPLES), along, depth))
    return Brows(*(np.array(values, np.float32) for values in (across, measures, lines)))


def brow_state(pose: FloatArray) -> FloatArray:
    """(2, 2) float32 of a pose (12,) of the eyebrows: rise of the whole and, besides, of the inner end, in half widths, of each
    eyebrow, the character's right one first.
    """
    return np.array(
        [
            [sum(move[part] * pose[PARAMETER_INDEX[f"{name}_{side}"]] for name, move in MOVES.items()) for part in range(2)]
            for side in ("right", "left")
        ],
        np.float32,
    )


@numba.njit(cache=True, fastmath=True, inline="always")
def _lift(brow: int, x: float, y: float, measure: FloatArray, line: FloatArray, lift: FloatArray) -> float:
    """Pixels by which what lies at (x, y) from the eyebrow's middle, along and across the face, rises with the eyebrow."""
    half, thick, gap = measure[2], measure[3], measure[4]
    s = x / half
    held = min(max(s, -1.0), 1.0)
    v = y - curve_at(line, s)
    inner = (1.0 + held) / 2.0 if brow == 0 else (1.0 - held) / 2.0
    rise = max((lift[0] + lift[1] * inner) * half, -_MOST_FALL * gap)
    beside = max(abs(s) - 0.9, 0.0) / 0.45
    above = 1.0 - smooth((-v - thick) / (_REACH_UP * half))
    below = 1.0 - smooth((v - thick) / gap)
    return float(rise * np.exp(-beside * beside) * above * below)


@kernel(
    "(float32[:, :, ::1], float32[::1], float32[:, ::1], float32[:, ::1], float32[:, ::1], float32[::1], float32[:, :, :])",
    parallel=True,
    fastmath=True,
    nogil=True,
)
def put_brows(
    source: FloatArray,
    axis: FloatArray,
    measures: FloatArray,
    lines: FloatArray,
    lifts: FloatArray,
    corner: FloatArray,
    out: FloatArray,
) -> None:
    """Write the face with its eyebrows moved into `out` (h, w, 4).

    source: texture (h, w, 4) on the same pixels. axis, measures, lines: of `Brows`. lifts: of `brow_state`. corner: (2,) x and y
    of the first pixel in the picture.
    """
    for row in numba.prange(out.shape[0]):
        pixel = np.empty(4, np.float32)
        for column in range(out.shape[1]):
            px, py = corner[0] + column + 0.5, corner[1] + row + 0.5
            depth = 0.0
            for _ in range(_ROUNDS):
                total = 0.0
                for brow in range(2):
                    dx, dy = px - measures[brow, 0], py - measures[brow, 1]
                    x, y = dx * axis[0] + dy * axis[1], dy * axis[0] - dx * axis[1]
                    total += _lift(brow, x, y + depth, measures[brow], lines[brow], lifts[brow])
                last, depth = depth, total
                if abs(depth - last) < EXACT_PX:
                    break
            if abs(depth) < EXACT_PX:
                out[row, column] = source[row, column]
                continue
            texture_at(source, px - depth * axis[1] - corner[0], py + depth * axis[0] - corner[1], pixel)
            out[row, column] = pixel
