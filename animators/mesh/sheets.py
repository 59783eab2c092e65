"""A sheet of triangles with its picture: made once of a portrait, drawn in every frame.

The picture is kept two or three times as large (`drawing.magnifying`), so that it can be sampled bilinearly and stay sharp.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from animators.mesh.raster import CLEAR, MIXED, RIM, SOLID, draw_triangles, is_folded, triangle_kinds
from core.contracts import ByteArray, FloatArray
from drawing.magnifying import calm_kernel, magnified
from drawing.packed import packed
from faces.fitting.head_mesh import IntArray

#: How many times larger a sheet's picture is kept: what is small has the fewest pixels to be sharp with.
SMALL_TIMES, LARGE_TIMES = 3, 2
#: Pixels of a sheet from which it counts as large: twice as large, it fits into a processor's last cache still.
LARGE_PX = 600_000
#: Height in pixels of the rows in which triangles are drawn one beside the other.
BAND_PX = 64


class Sheet:
    """Triangles over a picture (H, W, 4) of which they show a part.

    triangles: (N, 3) int32, those alone of which something can be seen; what is near in the picture is near in the list, so that
    the processor's caches serve. texture: (V, 2) float32, each vertex's place in the magnified picture.
    """

    def __init__(
        self,
        pixels: ByteArray,
        texture_places: FloatArray,
        triangles: IntArray,
        unmoved: ByteArray,
        behind: IntArray | None = None,
    ) -> None:
        """pixels: RGB and alpha. texture_places: (V, 2) in them, at or beyond their border too: there the colours go on as
        in a mirror, and the alpha as it is on the border. unmoved: (H, W, 3), what is seen where the sheet has not moved.
        behind: (M, 3) triangles that are always drawn first; the sheet then lies over another that may move.
        """
        self.unmoved = unmoved
        left, top = (math.floor(v) - RIM for v in texture_places.min(axis=0))
        right, bottom = (math.ceil(v) + RIM + 1 for v in texture_places.max(axis=0))
        self.times = SMALL_TIMES if (right - left) * (bottom - top) < LARGE_PX else LARGE_TIMES
        self.corner = np.array([left, top], np.float32)
        places = np.asarray(texture_places - self.corner, np.float32)
        cut = _cut(pixels, left, top, right, bottom)
        alpha = np.ascontiguousarray(cut[..., 3])
        parts = [_seen(alpha, places, part) for part in (behind, triangles) if part is not None]
        self.triangles = np.concatenate([part for part, _ in parts])
        self.kinds = np.concatenate([kinds for _, kinds in parts])
        self.first = len(self.triangles) - len(parts[-1][0])
        #: opaque triangles show what is seen at rest, whatever lies behind; others only where that is at rest as well.
        self.still_from = MIXED if behind is None else SOLID
        large = magnified(cut, self.times)
        large[..., 3] = magnified(alpha, self.times, calm_kernel)
        self.picture = packed(large)
        self.texture = np.ascontiguousarray(self.times * places)
        self.upright = _turns(places, self.triangles) > 0
        self.any_order = np.arange(len(self.triangles))

    def draw(self, places: FloatArray, frame: ByteArray) -> None:
        """Draw the sheet over `frame` (H, W, 3) with its vertices at `places` (V, 3), x, y and z."""
        places = np.ascontiguousarray(places, np.float32)
        draw_triangles(
            places,
            self.texture,
            self.corner,
            self.times,
            self.triangles,
            self._order(places),
            self.kinds,
            self.still_from,
            self.picture.ravel(),
            self.picture.shape[1],
            self.unmoved,
            frame,
        )

    def _order(self, places: FloatArray) -> npt.NDArray[np.int64]:
        """In which order the triangles are drawn: any, but where the sheet has folded over itself the nearest last."""
        if not is_folded(places, self.triangles, self.first, self.upright):
            return self.any_order
        return np.argsort(-places[self.triangles, 2].sum(axis=1), kind="stable")


def _seen(alpha: ByteArray, places: FloatArray, triangles: IntArray) -> tuple[IntArray, ByteArray]:
    """The triangles that show something of a picture with this alpha, by rows of it, and their kinds."""
    kinds = triangle_kinds(alpha, places, triangles)
    middle = places[triangles].mean(axis=1)
    by_rows = np.lexsort((middle[:, 0], middle[:, 1] // BAND_PX))
    kept = by_rows[kinds[by_rows] != CLEAR]
    return np.ascontiguousarray(triangles[kept]), kinds[kept]


def _turns(places: FloatArray, triangles: IntArray) -> FloatArray:
    """Twice the area (N,) of triangles, negative where they run the other way round."""
    a, b, c = places[triangles[:, 0]], places[triangles[:, 1]], places[triangles[:, 2]]
    return np.asarray((b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0]))


def _cut(pixels: ByteArray, left: int, top: int, right: int, bottom: int) -> ByteArray:
    """The part of (H, W, 4) pixels between these borders, which may lie outside: see `Sheet`."""
    height, width = pixels.shape[:2]
    rows, columns = np.arange(top, bottom), np.arange(left, right)
    mirrored = [np.where(at // size % 2 == 0, at % size, size - 1 - at % size) for at, size in ((rows, height), (columns, width))]
    cut = pixels[np.ix_(*mirrored)]
    cut[..., 3] = pixels[..., 3][np.ix_(np.clip(rows, 0, height - 1), np.clip(columns, 0, width - 1))]
    return cut
