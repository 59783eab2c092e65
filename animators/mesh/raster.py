"""The compiled pixel work: triangles to texture coordinates, texture coordinates to colours.

All pixel centres lie on whole coordinates. Work is split over rows, so that every core takes its share and no two threads
write the same pixel.
"""

from __future__ import annotations

import numba
import numpy as np
from scipy.ndimage import maximum_filter, minimum_filter

from animators.mesh.head_mesh import IntArray
from core.contracts import ByteArray, FloatArray
from core.kernels import kernel
from drawing.cubic import catmull_rom_weights

#: What a texture's alpha is within a cubic sample's reach of a pixel: nothing, some of both, everything.
CLEAR, MIXED, SOLID = 0, 1, 2
#: Texture coordinate of pixels that no triangle covers.
UNCOVERED = -1e6


@kernel(
    "(float32[:, ::1], float32[:, ::1], int32[:, ::1], int64, float32[:, :, ::1], float32[:, ::1])",
    parallel=True,
    fastmath=True,
)
def rasterize(
    places: FloatArray, texture_places: FloatArray, triangles: IntArray, bands: int, coordinates: FloatArray, depth: FloatArray
) -> None:
    """Fill `coordinates` (H, W, 2) with texture x, y and `depth` (H, W) with z for the nearest triangle at each pixel.

    places: (V, 3) pixel x, y and z (smaller is nearer). texture_places: (V, 2) pixels of the texture.
    """
    height, width = depth.shape
    for band in numba.prange(bands):
        top = band * height // bands
        bottom = (band + 1) * height // bands
        for y in range(top, bottom):
            for x in range(width):
                depth[y, x] = 1e9
                coordinates[y, x, 0] = UNCOVERED
        for t in range(triangles.shape[0]):
            i, j, k = triangles[t, 0], triangles[t, 1], triangles[t, 2]
            ax, ay = places[i, 0], places[i, 1]
            bx, by = places[j, 0], places[j, 1]
            cx, cy = places[k, 0], places[k, 1]
            y0 = max(top, int(np.ceil(min(ay, by, cy))))
            y1 = min(bottom - 1, int(np.floor(max(ay, by, cy))))
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
                            coordinates[y, x, 0] = (
                                wa * texture_places[i, 0] + wb * texture_places[j, 0] + wc * texture_places[k, 0]
                            )
                            coordinates[y, x, 1] = (
                                wa * texture_places[i, 1] + wb * texture_places[j, 1] + wc * texture_places[k, 1]
                            )
                    wb += wb_dx
                    wc += wc_dx


def kinds_of(texture: ByteArray) -> ByteArray:
    """CLEAR, MIXED or SOLID (H, W) for every pixel of an (H, W, 4) texture, so that whole areas need no sampling."""
    most = maximum_filter(texture[..., 3], 7, mode="nearest")
    least = minimum_filter(texture[..., 3], 7, mode="nearest")
    return np.where(most == 0, CLEAR, np.where(least == 255, SOLID, MIXED)).astype(np.uint8)


@numba.njit(cache=True, inline="always")
def _mirror(index: int, size: int) -> int:
    """Whole index reflected into [0, size): the picture goes on beyond its border as in a mirror."""
    if index < 0:
        index = -index - 1
    if index >= size:
        index = 2 * size - 1 - index
    return min(max(index, 0), size - 1)


@numba.njit(cache=True, fastmath=True, inline="always")
def sample_cubic(texture: ByteArray, x: float, y: float, out: FloatArray) -> None:
    """Catmull-Rom sample of an (H, W, 4) uint8 texture into `out` (4,): sharper than bilinear, exact on whole pixels.

    Beyond the texture's border the colours go on as in a mirror, and the alpha as it is on the border: what the picture's edge
    cuts off goes on, and what ends before the edge does not appear again behind it.
    """
    height, width = texture.shape[0], texture.shape[1]
    x0, y0 = int(np.floor(x)), int(np.floor(y))
    fx, fy = np.float32(x - x0), np.float32(y - y0)
    wx0, wx1, wx2, wx3 = catmull_rom_weights(fx)
    wy = catmull_rom_weights(fy)
    xa, xb = _mirror(x0 - 1, width), _mirror(x0, width)
    xc, xd = _mirror(x0 + 1, width), _mirror(x0 + 2, width)
    r = g = b = a = np.float32(0)
    for row in range(4):
        yy = _mirror(y0 - 1 + row, height)
        w = wy[row]
        pa, pb, pc, pd = texture[yy, xa], texture[yy, xb], texture[yy, xc], texture[yy, xd]
        r += w * (wx0 * pa[0] + wx1 * pb[0] + wx2 * pc[0] + wx3 * pd[0])
        g += w * (wx0 * pa[1] + wx1 * pb[1] + wx2 * pc[1] + wx3 * pd[1])
        b += w * (wx0 * pa[2] + wx1 * pb[2] + wx2 * pc[2] + wx3 * pd[2])
        a += w * (wx0 * pa[3] + wx1 * pb[3] + wx2 * pc[3] + wx3 * pd[3])
    if x < 0 or y < 0 or x > width - 1 or y > height - 1:
        a = np.float32(texture[min(max(int(y), 0), height - 1), min(max(int(x), 0), width - 1), 3])
    out[0], out[1], out[2], out[3] = r, g, b, a


@numba.njit(cache=True, inline="always")
def _kind(kinds: ByteArray, x: float, y: float) -> int:
    """What the texture holds around a place: CLEAR, MIXED or SOLID."""
    column = min(max(int(x + 0.5), 0), kinds.shape[1] - 1)
    row = min(max(int(y + 0.5), 0), kinds.shape[0] - 1)
    return kinds[row, column]


@kernel(
    "(uint8[:, :, ::1], uint8[:, :, ::1], uint8[:, ::1], float32[:, :, ::1], uint8[:, :, ::1], uint8[:, ::1], "
    "float32[:, :, ::1], uint8[:, :, ::1], int64, int64, uint8[:, :, ::1])",
    parallel=True,
    fastmath=True,
)
def compose(
    background: ByteArray,
    body: ByteArray,
    body_kinds: ByteArray,
    body_coordinates: FloatArray,
    head: ByteArray,
    head_kinds: ByteArray,
    head_coordinates: FloatArray,
    inlay: ByteArray,
    left: int,
    top: int,
    out: ByteArray,
) -> None:
    """Write the region of `out` (H, W, 3) that starts at (left, top) and is as large as the coordinate maps.

    background: (H, W, 3). body, head: (H, W, 4) textures, RGB and alpha, with their `kinds_of`. inlay: (h, w, 4), eyes and
    mouth, drawn over the head's skin and under the head's alpha. The maps hold texture pixels or UNCOVERED.
    """
    rows, columns = head_coordinates.shape[0], head_coordinates.shape[1]
    for y in numba.prange(rows):
        pixel = np.empty(4, np.float32)
        for x in range(columns):
            hx, hy = head_coordinates[y, x, 0], head_coordinates[y, x, 1]
            head_kind = _kind(head_kinds, hx, hy) if hx > UNCOVERED else CLEAR
            red = green = blue = np.float32(0)
            if head_kind != SOLID:
                red = np.float32(background[top + y, left + x, 0])
                green = np.float32(background[top + y, left + x, 1])
                blue = np.float32(background[top + y, left + x, 2])
                bx, by = body_coordinates[y, x, 0], body_coordinates[y, x, 1]
                if bx > UNCOVERED and _kind(body_kinds, bx, by) != CLEAR:
                    sample_cubic(body, bx, by, pixel)
                    a = min(max(pixel[3] / np.float32(255), np.float32(0)), np.float32(1))
                    red += a * (pixel[0] - red)
                    green += a * (pixel[1] - green)
                    blue += a * (pixel[2] - blue)
            if head_kind != CLEAR:
                sample_cubic(head, hx, hy, pixel)
                a = min(max(pixel[3] / np.float32(255), np.float32(0)), np.float32(1))
                cover = np.float32(inlay[y, x, 3]) / np.float32(255)
                red += a * (pixel[0] + cover * (inlay[y, x, 0] - pixel[0]) - red)
                green += a * (pixel[1] + cover * (inlay[y, x, 1] - pixel[1]) - green)
                blue += a * (pixel[2] + cover * (inlay[y, x, 2] - pixel[2]) - blue)
            out[top + y, left + x, 0] = np.uint8(min(max(red + np.float32(0.5), np.float32(0)), np.float32(255)))
            out[top + y, left + x, 1] = np.uint8(min(max(green + np.float32(0.5), np.float32(0)), np.float32(255)))
            out[top + y, left + x, 2] = np.uint8(min(max(blue + np.float32(0.5), np.float32(0)), np.float32(255)))
