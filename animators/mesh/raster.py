"""The compiled pixel work: triangles with their picture into a frame. Pixel centres lie on whole coordinates."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

from animators.mesh.head_mesh import IntArray
from core.contracts import ByteArray, FloatArray
from core.kernels import kernel
from drawing.packed import PackedArray, mixed, sampled

#: Pixels around what the triangles show that are kept, too: of a bilinear sample's reach, and of rounding.
RIM = 2
#: Triangles that have moved by less than this many pixels are shown as they are in the picture.
STILL_PX = 1 / 32
#: What a triangle's picture is: nothing to be seen, some of it transparent, all of it opaque.
CLEAR, MIXED, SOLID = 0, 1, 2
#: Steps within a pixel in which places are counted along a row.
STEPS = 1 << 16
#: Texture coordinate of pixels that no triangle covers.
UNCOVERED = -1e6


@kernel("(float32[:, ::1], float32[:, ::1], int32[:, ::1], float32[:, :, ::1], float32[:, ::1])", fastmath=True, nogil=True)
def rasterize(
    places: FloatArray, texture_places: FloatArray, triangles: IntArray, coordinates: FloatArray, depth: FloatArray
) -> None:
    """Fill `coordinates` (H, W, 2) with texture x, y and `depth` (H, W) with z for the nearest triangle at each pixel.

    places: (V, 3) pixel x, y and z (smaller is nearer). texture_places: (V, 2) pixels of the texture.
    """
    height, width = depth.shape
    for y in range(height):
        for x in range(width):
            depth[y, x] = 1e9
            coordinates[y, x, 0] = UNCOVERED
    for t in range(triangles.shape[0]):
        i, j, k = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        ax, ay = places[i, 0], places[i, 1]
        bx, by = places[j, 0], places[j, 1]
        cx, cy = places[k, 0], places[k, 1]
        y0 = max(0, int(np.ceil(min(ay, by, cy))))
        y1 = min(height - 1, int(np.floor(max(ay, by, cy))))
        if y0 > y1:
            continue
        x0 = max(0, int(np.ceil(min(ax, bx, cx))))
        x1 = min(width - 1, int(np.floor(max(ax, bx, cx))))
        area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
        if x0 > x1 or abs(area) < 1e-6:
            continue
        inverse = 1.0 / area
        wb_dx, wc_dx = (cy - ay) * inverse, -(by - ay) * inverse
        for y in range(y0, y1 + 1):
            wb = ((x0 - ax) * (cy - ay) - (y - ay) * (cx - ax)) * inverse
            wc = ((bx - ax) * (y - ay) - (by - ay) * (x0 - ax)) * inverse
            for x in range(x0, x1 + 1):
                if wb >= -1e-4 and wc >= -1e-4 and wb + wc <= 1.0001:
                    wa = 1.0 - wb - wc
                    z = wa * places[i, 2] + wb * places[j, 2] + wc * places[k, 2]
                    if z < depth[y, x]:
                        depth[y, x] = z
                        coordinates[y, x, 0] = wa * texture_places[i, 0] + wb * texture_places[j, 0] + wc * texture_places[k, 0]
                        coordinates[y, x, 1] = wa * texture_places[i, 1] + wb * texture_places[j, 1] + wc * texture_places[k, 1]
                wb += wb_dx
                wc += wc_dx


@kernel("(uint8[:, ::1], float32[:, ::1], int32[:, ::1])")
def triangle_kinds(alpha: ByteArray, places: FloatArray, triangles: IntArray) -> ByteArray:
    """CLEAR, MIXED or SOLID (N,) for triangles over an alpha (h, w), by all of it that their samples may come near to."""
    height, width = alpha.shape
    kinds = np.empty(triangles.shape[0], np.uint8)
    for t in range(triangles.shape[0]):
        a, b, c = places[triangles[t, 0]], places[triangles[t, 1]], places[triangles[t, 2]]
        x0, x1 = int(min(a[0], b[0], c[0])) - RIM, int(max(a[0], b[0], c[0])) + RIM + 1
        y0, y1 = int(min(a[1], b[1], c[1])) - RIM, int(max(a[1], b[1], c[1])) + RIM + 1
        least, most = 255, 0
        for y in range(max(0, y0), min(height, y1 + 1)):
            for x in range(max(0, x0), min(width, x1 + 1)):
                least, most = min(least, alpha[y, x]), max(most, alpha[y, x])
        kinds[t] = CLEAR if most == 0 else (SOLID if least == 255 else MIXED)
    return kinds


@numba.njit(cache=True, inline="always")
def _edge(places: FloatArray, upper: int, lower: int, y: int) -> float:
    """Where the edge between two vertices crosses a row: for both triangles that share it the same number."""
    x0, y0 = np.float64(places[upper, 0]), np.float64(places[upper, 1])
    x1, y1 = np.float64(places[lower, 0]), np.float64(places[lower, 1])
    return x0 + (y - y0) * ((x1 - x0) / (y1 - y0))


@numba.njit(cache=True, inline="always")
def _before(places: FloatArray, i: int, j: int) -> bool:
    """Whether vertex i comes before vertex j, from the top down and in a row from the left."""
    return places[i, 1] < places[j, 1] or (places[i, 1] == places[j, 1] and places[i, 0] < places[j, 0])


@numba.njit(cache=True, inline="always")
def _paint(
    row: ByteArray, x0: int, x1: int, u: np.int64, v: np.int64, du: np.int64, dv: np.int64, picture: PackedArray, width: np.uint64
) -> None:
    """Pixels x0 to x1 - 1 of a row (W, 3) from the opaque picture, whose place at x0 is (u, v) and goes on by (du, dv)."""
    for x in range(x0, x1):
        lanes = sampled(picture, width, u, v)
        row[x, 0] = np.uint8(lanes)
        row[x, 2] = np.uint8(lanes >> np.uint64(16))
        row[x, 1] = np.uint8(lanes >> np.uint64(32))
        u += du
        v += dv


@numba.njit(cache=True, inline="always")
def _lay_over(
    row: ByteArray, x0: int, x1: int, u: np.int64, v: np.int64, du: np.int64, dv: np.int64, picture: PackedArray, width: np.uint64
) -> None:
    """As `_paint`, where the picture is not opaque."""
    for x in range(x0, x1):
        above = sampled(picture, width, u, v)
        below = np.uint64(row[x, 0]) | np.uint64(row[x, 2]) << np.uint64(16) | np.uint64(row[x, 1]) << np.uint64(32)
        lanes = mixed(below, above, above >> np.uint64(48))
        row[x, 0] = np.uint8(lanes)
        row[x, 2] = np.uint8(lanes >> np.uint64(16))
        row[x, 1] = np.uint8(lanes >> np.uint64(32))
        u += du
        v += dv


@kernel(
    "(float32[:, ::1], float32[:, ::1], float32[::1], int64, int32[:, ::1], int64[::1], uint8[::1], int64, uint32[::1], "
    "int64, uint8[:, :, ::1], uint8[:, :, ::1])",
    nogil=True,
)
def draw_triangles(
    places: FloatArray,
    texture: FloatArray,
    corner: FloatArray,
    times: int,
    triangles: IntArray,
    order: npt.NDArray[np.int64],
    kinds: ByteArray,
    still_from: int,
    picture: PackedArray,
    width: int,
    unmoved: ByteArray,
    frame: ByteArray,
) -> None:
    """Draw triangles (N, 3) in this order over `frame` (H, W, 3); of two that share an edge each pixel is drawn by one.

    places: (V, 2 or more) pixels of the frame. texture: (V, 2) of the `times` larger picture, given as rows of `width` one after
    the other, that begins at pixel `corner` (2,). kinds: (N,) MIXED or SOLID. still_from: the least kind of which triangles that
    have not moved show `unmoved` (H, W, 3).
    """
    last_row, last_column = frame.shape[0] - 1, frame.shape[1] - 1
    row_length = np.uint64(width)
    for n in range(order.shape[0]):
        t = order[n]
        a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        if _before(places, b, a):
            a, b = b, a
        if _before(places, c, a):
            a, c = c, a
        if _before(places, c, b):
            b, c = c, b
        y0, y1 = max(0, int(np.ceil(places[a, 1]))), min(last_row, int(np.ceil(places[c, 1])) - 1)
        if y0 > y1:
            continue
        ax, ay = np.float64(places[a, 0]), np.float64(places[a, 1])
        bx, by = places[b, 0] - ax, places[b, 1] - ay
        cx, cy = places[c, 0] - ax, places[c, 1] - ay
        area = bx * cy - by * cx
        if abs(area) < 1e-9:
            continue
        still = kinds[t] >= still_from
        for i in (a, b, c):
            for k in range(2):
                still = still and abs((places[i, k] - corner[k]) * times - texture[i, k]) < STILL_PX * times
        au, av = np.float64(texture[a, 0]), np.float64(texture[a, 1])
        bu, bv, cu, cv = texture[b, 0] - au, texture[b, 1] - av, texture[c, 0] - au, texture[c, 1] - av
        u_right, u_down = (bu * cy - cu * by) / area, (cu * bx - bu * cx) / area
        v_right, v_down = (bv * cy - cv * by) / area, (cv * bx - bv * cx) / area
        du, dv = int(u_right * STEPS), int(v_right * STEPS)
        for y in range(y0, y1 + 1):
            one = _edge(places, a, c, y)
            other = _edge(places, a, b, y) if y < places[b, 1] else _edge(places, b, c, y)
            x0, x1 = max(0, int(np.ceil(min(one, other)))), min(last_column + 1, int(np.ceil(max(one, other))))
            if x0 >= x1:
                continue
            row = frame[y]
            if still:
                row[x0:x1] = unmoved[y, x0:x1]
                continue
            u = int((au + (x0 - ax) * u_right + (y - ay) * u_down) * STEPS) + STEPS // 32
            v = int((av + (x0 - ax) * v_right + (y - ay) * v_down) * STEPS) + STEPS // 32
            if kinds[t] == SOLID:
                _paint(row, x0, x1, u, v, du, dv, picture, row_length)
            else:
                _lay_over(row, x0, x1, u, v, du, dv, picture, row_length)


@kernel("(uint8[:, :, ::1], int64, int64, int64, int64, int64, int64, uint8[:, :, ::1])", nogil=True)
def lay_inlay(inlay: ByteArray, left: int, top: int, x0: int, y0: int, x1: int, y1: int, frame: ByteArray) -> None:
    """Lay the box (x0, y0, x1, y1) of an inlay (h, w, 4), whose corner is at pixel (left, top), over `frame` (H, W, 3)."""
    for y in range(y0, y1):
        for x in range(x0, x1):
            cover = np.float32(inlay[y, x, 3]) * np.float32(1 / 255)
            if cover == 0:
                continue
            for k in range(3):
                below = np.float32(frame[top + y, left + x, k])
                frame[top + y, left + x, k] = np.uint8(below + cover * (np.float32(inlay[y, x, k]) - below) + np.float32(0.5))
