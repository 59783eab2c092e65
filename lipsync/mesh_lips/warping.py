"""Pictures drawn through a sheet of triangles: where each pixel of the new places takes its colour from."""

from __future__ import annotations

import cv2
import numpy as np

from core.contracts import ByteArray, FloatArray
from core.kernels import kernel
from faces.fitting.head_mesh import IntArray

#: A pixel outside of every triangle.
NOWHERE = -1.0e6
#: How much larger polygons are drawn than they are.
FINE = 4
#: Pixels by which a vertex must move for its surroundings to be drawn anew.
LEAST_MOVE_PX = 0.02
#: Pixels around what is drawn.
MARGIN_PX = 4


@kernel(
    "(float32[:, ::1], float32[:, ::1], int32[:, ::1], float32, float32, float32[:, :, ::1])",
    fastmath=True,
    nogil=True,
)
def fill_map(
    places: FloatArray, sources: FloatArray, triangles: IntArray, left: np.float32, top: np.float32, result: FloatArray
) -> None:
    """Write into `result` (h, w, 2), whose corner is pixel (left, top), the source (x, y) of each pixel of the triangles.

    places, sources: (V, 2) in pixels, where the vertices are drawn and where their colours come from. Where the sheet is folded,
    its back is not seen.
    """
    height, width = result.shape[0], result.shape[1]
    for k in range(triangles.shape[0]):
        a, b, c = triangles[k, 0], triangles[k, 1], triangles[k, 2]
        ax, ay = places[a, 0] - left, places[a, 1] - top
        bx, by = places[b, 0] - left, places[b, 1] - top
        cx, cy = places[c, 0] - left, places[c, 1] - top
        area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
        turned = (sources[b, 0] - sources[a, 0]) * (sources[c, 1] - sources[a, 1])
        turned -= (sources[b, 1] - sources[a, 1]) * (sources[c, 0] - sources[a, 0])
        if abs(area) < np.float32(1e-6) or area * turned < np.float32(0.0):
            continue
        x0 = max(0, int(np.ceil(min(ax, min(bx, cx)))))
        x1 = min(width - 1, int(np.floor(max(ax, max(bx, cx)))))
        y0 = max(0, int(np.ceil(min(ay, min(by, cy)))))
        y1 = min(height - 1, int(np.floor(max(ay, max(by, cy)))))
        for y in range(y0, y1 + 1):
            for x in range(x0, x1 + 1):
                u = ((bx - x) * (cy - y) - (by - y) * (cx - x)) / area
                v = ((cx - x) * (ay - y) - (cy - y) * (ax - x)) / area
                w = np.float32(1.0) - u - v
                if u >= np.float32(-1e-4) and v >= np.float32(-1e-4) and w >= np.float32(-1e-4):
                    result[y, x, 0] = u * sources[a, 0] + v * sources[b, 0] + w * sources[c, 0]
                    result[y, x, 1] = u * sources[a, 1] + v * sources[b, 1] + w * sources[c, 1]


def sampled(picture: ByteArray, places: FloatArray) -> FloatArray:
    """Colours (h, w, 3) float32 of a picture (H, W, 3) uint8 at places (h, w, 2); beyond it, its border's."""
    flags = {"interpolation": cv2.INTER_CUBIC, "borderMode": cv2.BORDER_REPLICATE}
    return np.asarray(cv2.remap(picture, places, None, **flags), np.float32)


def polygon(points: FloatArray, left: float, top: float, shape: tuple[int, int]) -> FloatArray:
    """Antialiased cover (h, w) float32 in 0..1 of a polygon (N, 2) in a part of the picture whose corner is (left, top).

    It is drawn larger, since OpenCV draws the outline too, which would make a line of a slit that is narrower than a pixel.
    """
    fine = FINE * (points - np.array([left, top], np.float32) + 0.5) - 0.5
    cover = np.zeros((FINE * shape[0], FINE * shape[1]), np.uint8)
    cv2.fillPoly(cover, [np.rint(fine * 16).astype(np.int32)], 255, shift=4)
    return np.asarray(cv2.resize(cover, shape[::-1], interpolation=cv2.INTER_AREA), np.float32) / 255


def box_of(after: FloatArray, before: FloatArray, shape: tuple[int, ...]) -> tuple[int, int, int, int] | None:
    """(left, top, right, bottom) of what moves, within the frame; None where nothing does."""
    moved = np.abs(after - before).max(axis=1) > LEAST_MOVE_PX
    if not moved.any():
        return None
    every = np.concatenate([after[moved], before[moved]])
    left, top = np.maximum(np.floor(every.min(axis=0)) - MARGIN_PX, 0).astype(int)
    right, bottom = np.minimum(np.ceil(every.max(axis=0)) + MARGIN_PX + 1, (shape[1], shape[0])).astype(int)
    return (int(left), int(top), int(right), int(bottom)) if left < right and top < bottom else None
