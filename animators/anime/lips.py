"""Opens lips that are shaded rather than drawn as a line, which the network of the face does not take for a mouth.

The picture's own lips part along the line between them: what lies above goes up a little, what lies below goes down with the
chin, and between them the inside of a mouth is painted in colours taken from the picture. How wide and how high each of the six
vowels is follows the shapes of the networks' own mouths.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numba
import numpy as np

from animators.anime.pose import FACE, PARAMETER_INDEX
from animators.anime.sampling import EXACT_PX, curve_at, draw_part, smooth, texture_at
from core.contracts import Face, FloatArray
from core.kernels import kernel

#: Landmarks of the Face Landmarker: the inner border of the upper and the lower lip from corner to corner, and the lips' outline.
_UPPER = [78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308]
_LOWER = [78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308]
_OUTLINE = [61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 375, 321, 405, 314, 17, 84, 181, 91, 146]
_NOSE, _CHIN, _UNDER_LIP = 2, 152, 17
#: Of each mouth: height of its opening in widths of the mouth at rest, and how much wider than that it is.
SHAPES: dict[str, tuple[float, float]] = {
    "mouth_aaa": (0.55, -0.04), "mouth_iii": (0.17, 0.08), "mouth_uuu": (0.20, -0.30),
    "mouth_eee": (0.34, 0.06), "mouth_ooo": (0.50, -0.24), "mouth_delta": (0.30, -0.06),
}  # fmt: skip
#: Part of the opening by which the upper lip rises.
_RISE_SHARE = 0.16
#: Rise of a raised corner of the mouth, fall of a lowered one, in half widths.
_CORNER_RISE, _CORNER_FALL = 0.20, 0.16
#: Samples of the line between the lips, from half a width left of the mouth to half a width right of it.
_SEAM_SAMPLES = 64
_ROUNDS = 12
#: What moves with the mouth: sideways in half widths, upwards in distances to the nose, downwards in distances to the chin.
_REACH_ACROSS, _REACH_UP, _REACH_DOWN = 4.5, 1.5, 2.5


@dataclass(frozen=True)
class Lips:
    """Where the mouth of a picture is and what it is painted with.

    measures: (8,) float32: middle of the corners (x, y) and direction from the left one to the right one (x, y), half the width,
    and the distances from the lips' line up to the nose, down to the chin and down to the lower lip's edge; pixels of the
    picture. seam: (64,) float32, pixels by which the line lies below the corners, at -1 to 1 half widths. colours: (3, 3)
    float32, linear light: the inside, the teeth, the tongue.
    """

    measures: FloatArray
    seam: FloatArray
    colours: FloatArray

    def draw(self, face: FloatArray, corner: FloatArray, pose: FloatArray) -> None:
        """Part the lips in the texture `face` (h, w, 4), whose first pixel is the picture's pixel `corner`, by a pose (27,)."""
        x, y, right, down, half, nose, chin, _ = self.measures
        across, depth = _REACH_ACROSS * half, np.array([-max(_REACH_UP * nose, chin), _REACH_DOWN * chin])
        corners = [(x + i * right - j * down, y + i * down + j * right) for i in (-across, across) for j in depth]
        draw_part(
            face,
            corner,
            corners,
            lambda *views: put_lips(views[0], self.measures, self.seam, self.colours, lip_state(pose), *views[1:]),
        )


def find_lips(face: Face, texture: FloatArray) -> Lips | None:
    """The lips of a face on its figure (H, W, 4), linear light; None where the landmarks show none (a face framed by hand)."""
    points = face.landmarks[:, :2].astype(np.float64)
    left, right = points[_OUTLINE[0]], points[_OUTLINE[10]]
    half = float(np.hypot(*(right - left))) / 2
    if half < 2.0:
        return None
    middle, across = (left + right) / 2, (right - left) / (2 * half)
    down = np.array([-across[1], across[0]])

    def below(index: int | list[int]) -> FloatArray:
        return np.asarray((points[index] - middle) @ down)

    line = (points[_UPPER] + points[_LOWER]) / 2 - middle
    along, depth = line @ across / half, line @ down
    if not (np.diff(along) > 0).all():
        return None
    center = float(depth[len(depth) // 2])
    gaps = center - float(below(_NOSE)), float(below(_CHIN)) - center, float(below(_UNDER_LIP)) - center
    if min(gaps) < 1.0 or gaps[2] >= gaps[1]:
        return None
    seam = np.interp(np.linspace(-1, 1, _SEAM_SAMPLES), [-1.0, *along, 1.0], [0.0, *depth, 0.0])
    measures = np.array([*middle, *across, half, *gaps], np.float32)
    return Lips(measures, seam.astype(np.float32), mouth_colours(points, texture))


def mouth_colours(points: FloatArray, texture: FloatArray) -> FloatArray:
    """(3, 3) linear light: the inside of the mouth, teeth, tongue, by the colours of the lips at `points` (478, 2)."""
    height, width = texture.shape[:2]
    outline = np.round(points[_OUTLINE]).astype(np.int32)
    mask = cv2.fillPoly(np.zeros((height, width), np.uint8), [outline], 1)
    reach = max(3, int(np.ptp(outline[:, 0])) // 4) | 1
    around = cv2.dilate(mask, np.ones((reach, reach), np.uint8)) - mask
    opaque = texture[..., 3] > 0.9
    lips = texture[..., :3][(mask > 0) & opaque]
    skin = texture[..., :3][(around > 0) & opaque]
    lip = np.median(lips, axis=0) if len(lips) else np.array([0.4, 0.15, 0.13])
    light = float(np.percentile(skin.mean(axis=1), 80)) if len(skin) else 0.6
    tooth = min(0.75, 1.05 * light) * np.array([1.0, 0.91, 0.83])
    return np.array([lip * [0.13, 0.07, 0.07] + 0.004, tooth, lip * [0.62, 0.42, 0.45]], np.float32)


def lip_state(face_pose: FloatArray) -> FloatArray:
    """(6,) float32 of a pose (27,) of eyes and mouth: rise of the upper lip and fall of the lower, both in half widths; the
    width's ratio to that at rest; fall of the corners, left and right in the picture, in half widths; roundness, 0 to 1.
    """
    shares = {name: float(face_pose[PARAMETER_INDEX[name] - FACE.start]) for name in SHAPES}
    opening = 2.0 * sum(shares[name] * SHAPES[name][0] for name in SHAPES)
    width = 1.0 + sum(shares[name] * SHAPES[name][1] for name in SHAPES)
    falls = []
    for side in ("right", "left"):  # the character's right is the picture's left
        up = face_pose[PARAMETER_INDEX[f"mouth_raised_corner_{side}"] - FACE.start]
        fall = face_pose[PARAMETER_INDEX[f"mouth_lowered_corner_{side}"] - FACE.start]
        falls.append(_CORNER_FALL * float(fall) - _CORNER_RISE * float(up))
    round_part = (shares["mouth_ooo"] + shares["mouth_uuu"]) / max(sum(shares.values()), 1e-3)
    return np.array([_RISE_SHARE * opening, (1 - _RISE_SHARE) * opening, width, *falls, min(round_part, 1.0)], np.float32)


@numba.njit(cache=True, fastmath=True, inline="always")
def _arch(s: float, roundness: float) -> float:
    """Height of the opening at s half widths from its middle, 1 there and 0 at the corners."""
    if abs(s) >= 1.0:
        return 0.0
    return float((1.0 - s * s) ** (0.85 - 0.35 * roundness))


@numba.njit(cache=True, fastmath=True, inline="always")
def _fall(s: float, v: float, arch: float, lip: float, chin: float) -> float:
    """Share of the lower lip's fall at v pixels below the lips' line at rest: the lip's arch turns into the whole jaw."""
    jaw = np.exp(-((s / 1.9) ** 2))
    share = arch + (jaw - arch) * smooth(v / (1.5 * lip))
    return float(share * (1.0 - 0.25 * smooth(v / chin)) * (1.0 - smooth((v / chin - 0.8) / 1.6)))


@numba.njit(cache=True, fastmath=True, inline="always")
def _source_depth(v: float, s: float, rise: float, fall: float, arch: float, gaps: tuple[float, float, float]) -> float:
    """Depth below the lips' line at rest of what is seen at depth v, all in pixels; never across the line."""
    nose, chin, lip = gaps
    if v <= 0.5 * (fall - rise) * arch:
        at = min(v + rise * arch, 0.0)
        for _ in range(_ROUNDS):
            last = at
            at = min(v + rise * arch * (1.0 - smooth(-at / nose)), 0.0)
            if abs(at - last) < EXACT_PX:
                break
        return at
    at = max(v - fall * arch, 0.0)
    for _ in range(_ROUNDS):
        last = at
        at = max(v - fall * _fall(s, at, arch, lip, chin), 0.0)
        if abs(at - last) < EXACT_PX:
            break
    return at


@numba.njit(cache=True, fastmath=True, inline="always")
def _paint(
    inside: FloatArray, above: float, below: float, gap: float, half: float, s: float, soft: float, out: FloatArray
) -> None:
    """The colour inside the mouth, `above` pixels under the upper lip and `below` over the lower one."""
    teeth = min(0.28 * gap, 0.17 * half) * (1.0 - 0.6 * s * s)
    tooth = (
        smooth((teeth - above) / (2 * soft) + 0.5) * smooth((0.86 - abs(s)) / 0.12) * (0.6 + 0.4 * smooth(above / (0.1 * half)))
    )
    rise = (0.42 * gap - 0.10 * half) * (1.0 - (s / 0.8) ** 2)
    tongue = 0.9 * smooth((rise - below) / (0.12 * half + 2 * soft) + 0.5) if rise > 0.0 else 0.0
    for c in range(3):
        value = inside[0, c] + tongue * (inside[2, c] - inside[0, c])
        out[c] = value + tooth * (inside[1, c] - value)


@kernel(
    "(float32[:, :, ::1], float32[::1], float32[::1], float32[:, ::1], float32[::1], float32[::1], float32[:, :, :])",
    parallel=True,
    fastmath=True,
    nogil=True,
)
def put_lips(
    source: FloatArray,
    measures: FloatArray,
    seam: FloatArray,
    inside: FloatArray,
    state: FloatArray,
    corner: FloatArray,
    out: FloatArray,
) -> None:
    """Write the face with its lips parted into `out` (h, w, 4).

    source: texture (h, w, 4) on the same pixels, lips shut. measures, seam, inside: of `Lips`. state: of `lip_state`. corner:
    (2,) x and y of the first pixel in the picture.
    """
    half, nose, chin, lip = measures[4], measures[5], measures[6], measures[7]
    rise, fall = state[0] * half, state[1] * half
    soft = 0.5 + 0.012 * half
    for row in numba.prange(out.shape[0]):
        pixel, colour = np.empty(4, np.float32), np.empty(3, np.float32)
        for column in range(out.shape[1]):
            dx, dy = corner[0] + column + 0.5 - measures[0], corner[1] + row + 0.5 - measures[1]
            s = (dx * measures[2] + dy * measures[3]) / half
            y = dy * measures[2] - dx * measures[3]
            # Beyond the corners the sideways pull fades, and so it does above the nose and below the chin.
            near = np.exp(-((s / 1.6) ** 4) - (y / (0.6 * chin)) ** 4)
            s0 = s * (1.0 + (1.0 / state[2] - 1.0) * near)
            lowered = state[3] if s0 < 0.0 else state[4]
            y -= half * lowered * min(s0 * s0, 1.0) * near
            line = curve_at(seam, s0)
            arch = _arch(s0, state[5])
            v = y - line
            depth = _source_depth(v, s0, rise, fall, arch, (nose, chin, lip))
            y0, x0 = line + depth, s0 * half
            px, py = measures[0] + x0 * measures[2] - y0 * measures[3], measures[1] + x0 * measures[3] + y0 * measures[2]
            px, py = px - corner[0], py - corner[1]
            if max(abs(px - column - 0.5), abs(py - row - 0.5)) < EXACT_PX:
                pixel[:] = source[row, column]
            else:
                texture_at(source, px, py, pixel)
            above, below = v + rise * arch, fall * arch - v
            cover = smooth(min(above, below) / (2 * soft) + 0.5) if (rise + fall) * arch > 0.3 else 0.0
            if cover > 0.0:
                _paint(inside, above, below, (rise + fall) * arch, half, s0, soft, colour)
                for c in range(3):
                    pixel[c] += cover * (colour[c] - pixel[c])
            out[row, column] = pixel
