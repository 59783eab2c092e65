"""The compiled pixel work: triangles with their picture into a frame. Pixel centres lie on whole coordinates."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

from core.contracts import ByteArray, FloatArray
from core.kernels import kernel
from drawing.packed import PackedArray, fetch_ahead, laid_over, sampled
from faces.fitting.head_mesh import IntArray

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


@kernel("(float32[:, ::1], int32[:, ::1], int64, boolean[::1])", nogil=True)
def is_folded(places: FloatArray, triangles: IntArray, first: int, upright: npt.NDArray[np.bool_]) -> bool:
    """Whether any triangle (N, 3) from `first` on runs the other way round than `upright` (N,) says."""
    for t in range(first, triangles.shape[0]):
        i, j, k = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        bx, by = places[j, 0] - places[i, 0], places[j, 1] - places[i, 1]
        cx, cy = places[k, 0] - places[i, 0], places[k, 1] - places[i, 1]
        if (bx * cy - by * cx > 0) != upright[t]:
            return True
    return False


@numba.njit(cache=True, inline="always")
def _before(places: FloatArray, i: int, j: int) -> bool:
    """Whether vertex i comes before vertex j, from the top down and in a row from the left."""
    return places[i, 1] < places[j, 1] or (places[i, 1] == places[j, 1] and places[i, 0] < places[j, 0])


@numba.njit(cache=True)
def _by_rows(
    places: FloatArray, triangles: IntArray, order: npt.NDArray[np.int64], height: int
) -> tuple[IntArray, npt.NDArray[np.int64]]:
    """The triangles in their order, (N, 5): corners from the top down, first and last row; and (height + 1,) where in a list of
    all their rows, one row of the frame after the other, those of each row begin."""
    found = np.empty((order.shape[0], 5), np.int32)
    begins = np.zeros(height + 2, np.int64)
    for n in range(order.shape[0]):
        a, b, c = triangles[order[n], 0], triangles[order[n], 1], triangles[order[n], 2]
        if _before(places, b, a):
            a, b = b, a
        if _before(places, c, a):
            a, c = c, a
        if _before(places, c, b):
            b, c = c, b
        y0, y1 = max(0, int(np.ceil(places[a, 1]))), min(height - 1, int(np.ceil(places[c, 1])) - 1)
        found[n, 0], found[n, 1], found[n, 2], found[n, 3], found[n, 4] = a, b, c, y0, y1
        if y0 <= y1:
            begins[y0] += 1
            begins[y1 + 1] -= 1
    there, total = 0, 0
    for y in range(height + 1):
        there += begins[y]
        begins[y] = total
        total += there
    return found, begins[: height + 1]


@numba.njit(cache=True)
def _read_plane(places: FloatArray, texture: FloatArray, a: int, b: int, c: int, plane: npt.NDArray[np.float64]) -> bool:
    """Fill (8,) with corner a's x, y, u, v, and by how much u goes on to the right and down, then v; False without area."""
    ax, ay = np.float64(places[a, 0]), np.float64(places[a, 1])
    bx, by = places[b, 0] - ax, places[b, 1] - ay
    cx, cy = places[c, 0] - ax, places[c, 1] - ay
    area = bx * cy - by * cx
    if abs(area) < 1e-9:
        return False
    au, av = np.float64(texture[a, 0]), np.float64(texture[a, 1])
    bu, bv, cu, cv = texture[b, 0] - au, texture[b, 1] - av, texture[c, 0] - au, texture[c, 1] - av
    plane[0], plane[1], plane[2], plane[3] = ax, ay, au, av
    plane[4], plane[5] = (bu * cy - cu * by) / area, (cu * bx - bu * cx) / area
    plane[6], plane[7] = (bv * cy - cv * by) / area, (cv * bx - bv * cx) / area
    return True


@numba.njit(cache=True, inline="always")
def _slope(places: FloatArray, upper: int, lower: int) -> float:
    """How much x goes on by in each row along the edge between two vertices; any number where both are in one row."""
    down = np.float64(places[lower, 1]) - np.float64(places[upper, 1])
    return (np.float64(places[lower, 0]) - np.float64(places[upper, 0])) / down if down > 0 else 0.0


@numba.njit(cache=True)
def _add_spans(places: FloatArray, found: IntArray, n: int, columns: int, ends: npt.NDArray[np.int64], spans: IntArray) -> None:
    """Add triangle n's pixels of each row, (n, first, end), to the spans of that row.

    Where an edge crosses a row is the same number for both triangles that share it.
    """
    a, b, c = found[n, 0], found[n, 1], found[n, 2]
    long, first, second = _slope(places, a, c), _slope(places, a, b), _slope(places, b, c)
    ax, ay = np.float64(places[a, 0]), np.float64(places[a, 1])
    bx, by = np.float64(places[b, 0]), np.float64(places[b, 1])
    for y in range(found[n, 3], found[n, 4] + 1):
        one = ax + (y - ay) * long
        other = ax + (y - ay) * first if y < by else bx + (y - by) * second
        x0, x1 = max(0, int(np.ceil(min(one, other)))), min(columns, int(np.ceil(max(one, other))))
        if x0 < x1:
            at = ends[y]
            spans[at, 0], spans[at, 1], spans[at, 2] = n, x0, x1
            ends[y] = at + 1


@numba.njit(cache=True, inline="always")
def _paint(
    frame: ByteArray,
    y: int,
    x0: int,
    x1: int,
    u: np.int64,
    v: np.int64,
    du: np.int64,
    dv: np.int64,
    picture: PackedArray,
    width: np.uint64,
) -> None:
    """Lay the picture, whose place at x0 is (u, v) and goes on by (du, dv), over pixels x0 to x1 - 1 of row y."""
    for x in range(x0, x1):
        pixel = sampled(picture, width, u, v)
        cover = pixel >> np.uint32(24)
        if cover > 0:
            if cover < 255:
                below = (
                    np.uint32(frame[y, x, 0])
                    | np.uint32(frame[y, x, 1]) << np.uint32(8)
                    | np.uint32(frame[y, x, 2]) << np.uint32(16)
                )
                pixel = laid_over(below, pixel)
            frame[y, x, 0] = np.uint8(pixel)
            frame[y, x, 1] = np.uint8(pixel >> np.uint32(8))
            frame[y, x, 2] = np.uint8(pixel >> np.uint32(16))
        u += du
        v += dv


@numba.njit(cache=True)
def _paint_span(
    frame: ByteArray,
    y: int,
    x0: int,
    x1: int,
    planes: npt.NDArray[np.float64],
    n: int,
    picture: PackedArray,
    width: np.uint64,
) -> None:
    """Paint a triangle's pixels in a row, and have the picture fetched that the row below will show there."""
    right, down = x0 - planes[n, 0], y - planes[n, 1]
    u = int((planes[n, 2] + right * planes[n, 4] + down * planes[n, 5]) * STEPS) + STEPS // 32
    v = int((planes[n, 3] + right * planes[n, 6] + down * planes[n, 7]) * STEPS) + STEPS // 32
    du, dv = int(planes[n, 4] * STEPS), int(planes[n, 6] * STEPS)
    next_v, next_u = v + int(planes[n, 7] * STEPS), u + int(planes[n, 5] * STEPS)
    if next_v >= 0 and next_u >= 0:
        first = (np.uint64(next_v) >> np.uint64(16)) * width + (np.uint64(next_u) >> np.uint64(16))
        many = np.uint64(max(0, (x1 - x0) * du // STEPS))
        fetch_ahead(picture, first, many)
        fetch_ahead(picture, first + width, many)
    _paint(frame, y, x0, x1, u, v, du, dv, picture, width)


@numba.njit(cache=True, inline="always")
def _is_still(places: FloatArray, texture: FloatArray, corner: FloatArray, times: int, corners: IntArray) -> bool:
    """Whether none of a triangle's corners has moved."""
    for i in corners[:3]:
        for k in range(2):
            if abs((places[i, k] - corner[k]) * times - texture[i, k]) >= STILL_PX * times:
                return False
    return True


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

    It is drawn row by row, not triangle by triangle, for a processor waits more for the picture's pixels than it works on them.
    places: (V, 2 or more) pixels of the frame. texture: (V, 2) of the `times` larger picture, given as rows of `width` one after
    the other, that begins at pixel `corner` (2,). kinds: (N,) MIXED or SOLID. still_from: the least kind of which triangles that
    have not moved show `unmoved` (H, W, 3).
    """
    found, begins = _by_rows(places, triangles, order, frame.shape[0])
    ends, spans = begins.copy(), np.empty((begins[-1], 3), np.int32)
    planes, still = np.empty((order.shape[0], 8), np.float64), np.zeros(order.shape[0], np.bool_)
    for n in range(order.shape[0]):
        if found[n, 3] <= found[n, 4] and _read_plane(places, texture, found[n, 0], found[n, 1], found[n, 2], planes[n]):
            still[n] = kinds[order[n]] >= still_from and _is_still(places, texture, corner, times, found[n])
            _add_spans(places, found, n, frame.shape[1], ends, spans)
    for y in range(frame.shape[0]):
        for at in range(begins[y], ends[y]):
            n, x0, x1 = spans[at, 0], spans[at, 1], spans[at, 2]
            if still[n]:
                frame[y, x0:x1] = unmoved[y, x0:x1]
            else:
                _paint_span(frame, y, x0, x1, planes, n, picture, np.uint64(width))


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
