"""The compiled pixel work: warps that are given coarsely and carried out finely, and the paint on top of them.

Textures are (H, W, 4) float32, linear light and straight alpha in [0, 1], on the grid of the picture's pixels. Fields are
coarse, on the canvas; a pixel of the picture asks them at its own place. Work is split over rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numba
import numpy as np
import numpy.typing as npt

from core.contracts import ByteArray, FloatArray
from core.kernels import kernel
from drawing.cubic import catmull_rom_weights

#: A place that is known to this part of a pixel is known well enough; what moves less is the picture's own pixel.
EXACT_PX = 0.02
#: Alpha up to which a sample is too thin to tell its colour by its own.
THIN = np.float32(1 / 64)
#: Kinds of a texture's pixels, see `kinds_of`.
SOLID, CLEAR = 1, 2
#: Steps of the table that turns linear light into sRGB.
_STEPS = 4096


def warped(image: FloatArray, change: FloatArray) -> FloatArray:
    """The image (H, W, C) sampled at each pixel's place moved by `change` (H, W, 2) pixels, borders repeated."""
    x, y = np.meshgrid(np.arange(image.shape[1], dtype=np.float32), np.arange(image.shape[0], dtype=np.float32))
    return cv2.remap(image, x + change[..., 0], y + change[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def draw_part(
    face: FloatArray,
    corner: FloatArray,
    around: Sequence[tuple[float, float]],
    put: Callable[[FloatArray, FloatArray, FloatArray], None],
) -> None:
    """Redraw the part of the texture `face` (h, w, 4) that holds the points `around`, in pixels of the picture.

    corner: (2,) x and y of the face's first pixel in the picture. put: called with the part as it was, the part's own corner, and
    the part to write.
    """
    x, y = (np.array(values) for values in zip(*around, strict=True))
    left, top = (int(max(0, np.floor(values.min() - at))) for values, at in ((x, corner[0]), (y, corner[1])))
    right, bottom = int(np.ceil(x.max() - corner[0])), int(np.ceil(y.max() - corner[1]))
    part = face[top:bottom, left:right]
    if part.size:
        put(np.ascontiguousarray(part).copy(), np.array([corner[0] + left, corner[1] + top], np.float32), part)


def srgb_table() -> ByteArray:
    """sRGB bytes of linear light i / 4095, for i from 0 to 4095."""
    light = np.arange(_STEPS) / (_STEPS - 1)
    return np.rint(255 * np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)).astype(np.uint8)


@numba.njit(cache=True, fastmath=True, inline="always")
def smooth(x: float) -> float:
    """0 up to 0, 1 from 1 on, and a smooth rise between them."""
    x = min(max(x, 0.0), 1.0)
    return x * x * (3.0 - 2.0 * x)


@numba.njit(cache=True, fastmath=True, inline="always")
def curve_at(curve: FloatArray, place: float) -> float:
    """The value at a place of a curve (N,) whose samples lie evenly from -1 to 1; beyond its ends it goes on as it is."""
    at = (min(max(place, -1.0), 1.0) + 1.0) / 2.0 * (curve.shape[0] - 1)
    first = min(int(at), curve.shape[0] - 2)
    return float(curve[first] + (at - first) * (curve[first + 1] - curve[first]))


@numba.njit(cache=True, fastmath=True, inline="always")
def _field_at(field: FloatArray, u: float, v: float, out: FloatArray, first: int, end: int) -> None:
    """Bilinear sample of the channels `first` to `end` - 1 of a field (H, W, C) at (u, v), which count from its own corner.

    Beyond its border it goes on as it is.
    """
    rows, columns = field.shape[0], field.shape[1]
    x = min(max(u - 0.5, 0.0), columns - 1.0)
    y = min(max(v - 0.5, 0.0), rows - 1.0)
    x0, y0 = min(int(x), columns - 2), min(int(y), rows - 2)
    fx, fy = np.float32(x - x0), np.float32(y - y0)
    one = np.float32(1)
    for c in range(first, end):
        upper = field[y0, x0, c] * (one - fx) + field[y0, x0 + 1, c] * fx
        lower = field[y0 + 1, x0, c] * (one - fx) + field[y0 + 1, x0 + 1, c] * fx
        out[c] = upper * (one - fy) + lower * fy


@numba.njit(cache=True, fastmath=True, inline="always")
def texture_at(texture: FloatArray, x: float, y: float, out: FloatArray) -> None:
    """Catmull-Rom sample of a texture at picture coordinates (x, y), weighted by alpha; beyond the border it goes on as it is.

    Colours of clear pixels don't enter, but where all around is clear: there it has the nearest one's, since paint may make it
    opaque. The result is held to the range of the four nearest samples, so that lines don't ring.
    """
    rows, columns = texture.shape[0], texture.shape[1]
    px, py = x - 0.5, y - 0.5
    x0, y0 = int(np.floor(px)), int(np.floor(py))
    fx, fy = np.float32(px - x0), np.float32(py - y0)
    wx, wy = catmull_rom_weights(fx), catmull_rom_weights(fy)
    red = green = blue = alpha = np.float32(0)
    least, most = np.float32(1), np.float32(0)
    for j in range(4):
        row = min(max(y0 - 1 + j, 0), rows - 1)
        for i in range(4):
            column = min(max(x0 - 1 + i, 0), columns - 1)
            a = texture[row, column, 3]
            w = wx[i] * wy[j]
            wa = w * a
            red += wa * texture[row, column, 0]
            green += wa * texture[row, column, 1]
            blue += wa * texture[row, column, 2]
            alpha += wa
            if 0 < i < 3 and 0 < j < 3:
                least, most = min(least, a), max(most, a)
    if alpha > THIN:
        share = np.float32(1) / alpha
        out[0] = min(max(red * share, np.float32(0)), np.float32(1))
        out[1] = min(max(green * share, np.float32(0)), np.float32(1))
        out[2] = min(max(blue * share, np.float32(0)), np.float32(1))
    else:
        row, column = min(max(int(y), 0), rows - 1), min(max(int(x), 0), columns - 1)
        for c in range(3):
            out[c] = texture[row, column, c]
    out[3] = min(max(alpha, least), most)


def kinds_of(alpha: FloatArray, changing: tuple[int, int, int, int]) -> ByteArray:
    """(H, W) uint8 of a texture's pixels, by its alpha (H, W) and that of those around them: `CLEAR`, `SOLID`, or neither.

    changing: (left, top, right, bottom) of the part that is painted anew in every frame; of that nothing is known.
    """
    around = np.ones((5, 5), np.uint8)
    kinds = np.zeros(alpha.shape, np.uint8)
    for kind, share in ((SOLID, alpha >= 1.0), (CLEAR, alpha <= 0.0)):
        kinds[cv2.erode(share.astype(np.uint8), around, borderValue=0) > 0] = kind
    left, top, right, bottom = changing
    kinds[max(0, top - 2) : bottom + 2, max(0, left - 2) : right + 2] = 0
    return kinds


@numba.njit(cache=True, fastmath=True, inline="always")
def _figure_at(texture: FloatArray, kinds: ByteArray, x: float, y: float, out: FloatArray) -> None:
    """As `texture_at`, in less time where the texture is clear or opaque."""
    row, column = int(y), int(x)
    inside = 0 <= row < kinds.shape[0] and 0 <= column < kinds.shape[1]
    kind = kinds[row, column] if inside else np.uint8(0)
    if kind == CLEAR:
        for c in range(4):
            out[c] = texture[row, column, c]
    elif kind == SOLID:
        px, py = x - 0.5, y - 0.5
        x0, y0 = int(px), int(py)
        wx, wy = catmull_rom_weights(np.float32(px - x0)), catmull_rom_weights(np.float32(py - y0))
        red = green = blue = np.float32(0)
        for j in range(4):
            for i in range(4):
                w = wx[i] * wy[j]
                red += w * texture[y0 - 1 + j, x0 - 1 + i, 0]
                green += w * texture[y0 - 1 + j, x0 - 1 + i, 1]
                blue += w * texture[y0 - 1 + j, x0 - 1 + i, 2]
        out[0] = min(max(red, np.float32(0)), np.float32(1))
        out[1] = min(max(green, np.float32(0)), np.float32(1))
        out[2] = min(max(blue, np.float32(0)), np.float32(1))
        out[3] = np.float32(1)
    else:
        texture_at(texture, x, y, out)


@kernel(
    "(float32[:, :, ::1], float32[:, :, ::1], float32[:, :, ::1], float32[::1], float32[::1], float32[:, :, ::1])",
    parallel=True,
    fastmath=True,
    nogil=True,
)
def put_eyebrows(
    background: FloatArray, eyebrows: FloatArray, field: FloatArray, corner: FloatArray, window: FloatArray, out: FloatArray
) -> None:
    """Write the face with its eyebrows moved into `out` (h, w, 4).

    background, eyebrows: textures (h, w, 4) on the same pixels. field: (128, 128, 7), see `painter.py`. corner: (2,) x and
    y of the textures' first pixel in the picture; window: (3,) left, top of the field and size of a canvas pixel, all in the
    picture.
    """
    for row in numba.prange(out.shape[0]):
        at, pixel, one = np.empty(7, np.float32), np.empty(4, np.float32), np.float32(1)
        for column in range(out.shape[1]):
            u = (corner[0] + column + 0.5 - window[0]) / window[2]
            v = (corner[1] + row + 0.5 - window[1]) / window[2]
            _field_at(field, u, v, at, 0, 7)
            texture_at(eyebrows, column + 0.5 + at[0] * window[2], row + 0.5 + at[1] * window[2], pixel)
            cover = pixel[3] * (one - at[2]) + at[6]
            for c in range(3):
                painted = pixel[c] * (one - at[2]) + at[3 + c]
                out[row, column, c] = background[row, column, c] + cover * (painted - background[row, column, c])
            out[row, column, 3] = background[row, column, 3]


@kernel(
    "(float32[:, :, ::1], float32[:, :, ::1], float32[::1], float32[::1], float32[:, :, ::1])",
    parallel=True,
    fastmath=True,
    nogil=True,
)
def put_face(source: FloatArray, field: FloatArray, corner: FloatArray, window: FloatArray, out: FloatArray) -> None:
    """Write the face with eyes and mouth moved into `out` (h, w, 4); arguments as in `put_eyebrows`.

    field: (192, 192, 12), warp, then how much is painted and colours times that, of irises and mouth and of the eyes' lids.
    """
    for row in numba.prange(out.shape[0]):
        at, pixel, one = np.empty(12, np.float32), np.empty(4, np.float32), np.float32(1)
        for column in range(out.shape[1]):
            u = (corner[0] + column + 0.5 - window[0]) / window[2]
            v = (corner[1] + row + 0.5 - window[1]) / window[2]
            _field_at(field, u, v, at, 0, 12)
            texture_at(source, column + 0.5 + at[0] * window[2], row + 0.5 + at[1] * window[2], pixel)
            for c in range(4):
                moved = pixel[c] * (one - at[2]) + at[3 + c]
                out[row, column, c] = moved * (one - at[7]) + at[8 + c]


@kernel(
    # a window into the picture, and one as wide as the picture
    "(float32[:, :, ::1], uint8[:, ::1], uint8[:, :, :], float32[:, :, :], float32[:, :, ::1], boolean[:, ::1], float32[::1], "
    "float32[::1], uint8[::1], uint8[:, :, :])",
    "(float32[:, :, ::1], uint8[:, ::1], uint8[:, :, ::1], float32[:, :, ::1], float32[:, :, ::1], boolean[:, ::1], "
    "float32[::1], float32[::1], uint8[::1], uint8[:, :, ::1])",
    parallel=True,
    fastmath=True,
    nogil=True,
)
def put_figure(
    figure: FloatArray,
    kinds: ByteArray,
    background: ByteArray,
    residue: FloatArray,
    field: FloatArray,
    painted: npt.NDArray[np.bool_],
    corner: FloatArray,
    window: FloatArray,
    table: ByteArray,
    out: ByteArray,
) -> None:
    """Write the part of the picture in which anything moves into `out` (h, w, 3): the figure, warped and painted, over the
    background.

    figure: texture (H, W, 4) of the whole picture. kinds: (H, W), see `kinds_of`. background: (h, w, 3). residue: (h, w, 3)
    levels, added where nothing moves, less and less up to a movement of 1.5 pixels. field: (rows, columns, 10), see `painter.py`;
    painted: (rows, columns) where, or beside where, it paints. corner: (2,) of `out` in the picture, whole numbers. window: as
    in `put_eyebrows`. table: `srgb_table`.
    """
    for row in numba.prange(out.shape[0]):
        at, pixel, one = np.zeros(10, np.float32), np.zeros(4, np.float32), np.float32(1)
        for column in range(out.shape[1]):
            x, y = corner[0] + column + 0.5, corner[1] + row + 0.5
            u, v = (x - window[0]) / window[2], (y - window[1]) / window[2]
            paints = painted[min(max(int(v), 0), field.shape[0] - 1), min(max(int(u), 0), field.shape[1] - 1)]
            _field_at(field, u, v, at, 0, 10 if paints else 2)
            _figure_at(figure, kinds, x + at[0] * window[2], y + at[1] * window[2], pixel)
            alpha = pixel[3]
            if paints:
                alpha = min(max(alpha * (one - at[5]) + at[9], np.float32(0)), one)
            moved = max(abs(at[0]), abs(at[1])) * window[2]
            still = max(np.float32(1) - moved / np.float32(1.5), np.float32(0))
            for c in range(3):
                light = pixel[c] * (one - at[2 + c]) + at[6 + c] if paints else pixel[c]
                level = np.float32(table[int(min(max(light, np.float32(0)), np.float32(1)) * np.float32(4095) + np.float32(0.5))])
                behind = np.float32(background[row, column, c])
                value = behind + alpha * (level - behind) + still * residue[row, column, c]
                out[row, column, c] = np.uint8(min(max(value + np.float32(0.5), np.float32(0)), np.float32(255)))


@kernel(
    "(float32[:, :, ::1], float32[::1], float32[::1], float32[:, :, ::1])",
    parallel=True,
    fastmath=True,
    nogil=True,
)
def _fill_field(field: FloatArray, corner: FloatArray, window: FloatArray, out: FloatArray) -> None:
    for row in numba.prange(out.shape[0]):
        at = np.empty(field.shape[2], np.float32)
        for column in range(out.shape[1]):
            u = (corner[0] + column + 0.5 - window[0]) / window[2]
            v = (corner[1] + row + 0.5 - window[1]) / window[2]
            _field_at(field, u, v, at, 0, field.shape[2])
            out[row, column] = at


def field_over(field: FloatArray, corner: FloatArray, window: FloatArray, size: tuple[int, int]) -> FloatArray:
    """A field (rows, columns, C) of the canvas on the picture's pixels: (h, w, C) from the pixel `corner` on."""
    out = np.empty((*size, field.shape[2]), np.float32)
    _fill_field(np.ascontiguousarray(field), corner, window, out)
    return out
