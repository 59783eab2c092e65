"""Shuts eyes that are shaded rather than drawn, which the network of the face does not take for eyes: the picture's own upper
lid comes down, its lashes with it, and the skin above it stretches.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np

from animators.anime.pose import FACE, PARAMETER_INDEX
from animators.anime.sampling import curve_at, draw_part, texture_at
from core.contracts import Face, FloatArray
from core.kernels import kernel

#: Landmarks of the Face Landmarker from the left to the right corner of the eye in the picture: upper lid, lower lid, and a
#: point under the eyebrow's middle. The character's right eye comes first.
_EYES = (
    ([33, 246, 161, 160, 159, 158, 157, 173, 133], [33, 7, 163, 144, 145, 153, 154, 155, 133], 52),
    ([362, 398, 384, 385, 386, 387, 388, 466, 263], [362, 382, 381, 380, 374, 373, 390, 249, 263], 282),
)
_SAMPLES = 48
#: How far the lids' movement reaches beyond the corners, in half widths of the eye.
_BEYOND = 0.35
#: Part of the gap under the eyebrow that stretches.
_GAP_SHARE = 0.8
#: How far lashes reach below the lid's edge, and the rim of the lid with its light above it, in half widths of the eye.
_LASH, _RIM = 0.18, 0.26


@dataclass(frozen=True)
class Lids:
    """Both eyes of a picture, the character's right one first; pixels of the picture.

    measures: (2, 6) float32: middle of the corners (x, y), direction from the left to the right one (x, y), half the width, and
    the height above the lashes from which on the skin stretches. upper, lower: (2, 48) float32: how far the lids lie below
    the corners, from -1.35 to 1.35 half widths.
    """

    measures: FloatArray
    upper: FloatArray
    lower: FloatArray

    def draw(self, face: FloatArray, corner: FloatArray, pose: FloatArray) -> None:
        """Shut the eyes in the texture `face` (h, w, 4), whose first pixel is the picture's pixel `corner`, by a pose (27,)."""
        shut = lid_state(pose)
        if not shut.any():
            return
        reach = (1 + _BEYOND) * self.measures[:, 4] + self.measures[:, 5] + np.ptp(self.upper)
        around = [tuple(measure[:2] + side * far) for measure, far in zip(self.measures, reach, strict=True) for side in (-1, 1)]
        draw_part(
            face,
            corner,
            around,
            lambda *views: put_lids(views[0], self.measures, self.upper, self.lower, shut, *views[1:]),
        )


def find_lids(face: Face) -> Lids | None:
    """The lids of a face; None where the landmarks show none (a face framed by hand)."""
    points = face.landmarks[:, :2].astype(np.float64)
    measures, uppers, lowers = [], [], []
    for upper, lower, brow in _EYES:
        left, right = points[upper[0]], points[upper[-1]]
        half = float(np.hypot(*(right - left))) / 2
        if half < 1.5:
            return None
        middle, across = (left + right) / 2, (right - left) / (2 * half)
        down = np.array([-across[1], across[0]])
        samples = np.linspace(-1 - _BEYOND, 1 + _BEYOND, _SAMPLES)
        curves = []
        for lid in (upper, lower):
            along, depth = (points[lid] - middle) @ across / half, (points[lid] - middle) @ down
            if not (np.diff(along) > 0).all():
                return None
            curves.append(np.interp(samples, along, depth))
        gap = float(curves[0].min() - (points[brow] - middle) @ down) * _GAP_SHARE - _RIM * half
        if gap < 1.0 or (curves[1] - curves[0]).max() < 1.0:
            return None
        measures.append([*middle, *across, half, gap])
        uppers.append(curves[0])
        lowers.append(curves[1])
    return Lids(*(np.array(values, np.float32) for values in (measures, uppers, lowers)))


def lid_state(face_pose: FloatArray) -> FloatArray:
    """(2,) float32 of a pose (27,) of eyes and mouth: how far each eye is shut, 0 to 1, the character's right one first."""
    shut = []
    for side in ("right", "left"):
        names = {"eye_wink": 1.0, "eye_happy_wink": 1.0, "eye_unimpressed": 0.4, "eye_surprised": -0.15}
        total = sum(share * face_pose[PARAMETER_INDEX[f"{name}_{side}"] - FACE.start] for name, share in names.items())
        shut.append(float(np.clip(total, -0.15, 1.0)))
    return np.array(shut, np.float32)


@kernel(
    "(float32[:, :, ::1], float32[:, ::1], float32[:, ::1], float32[:, ::1], float32[::1], float32[::1], float32[:, :, :])",
    parallel=True,
    fastmath=True,
    nogil=True,
)
def put_lids(
    source: FloatArray,
    measures: FloatArray,
    upper: FloatArray,
    lower: FloatArray,
    shut: FloatArray,
    corner: FloatArray,
    out: FloatArray,
) -> None:
    """Write the face with its upper lids brought down into `out` (h, w, 4); every other pixel is copied.

    source: texture (h, w, 4) on the same pixels. measures, upper, lower: of `Lids`. shut: of `lid_state`. corner: (2,) x and y of
    the first pixel in the picture.
    """
    for row in numba.prange(out.shape[0]):
        pixel = np.empty(4, np.float32)
        for column in range(out.shape[1]):
            out[row, column] = source[row, column]
            for eye in range(2):
                measure = measures[eye]
                dx, dy = corner[0] + column + 0.5 - measure[0], corner[1] + row + 0.5 - measure[1]
                half, gap = measure[4], measure[5]
                s, y = (dx * measure[2] + dy * measure[3]) / half, dy * measure[2] - dx * measure[3]
                if abs(s) >= 1.0 + _BEYOND:
                    continue
                lid, rim = curve_at(upper[eye], s / (1.0 + _BEYOND)), curve_at(lower[eye], s / (1.0 + _BEYOND))
                come = shut[eye] * max(rim - lid, 0.0)
                edge, lash, above = lid + come, _LASH * half, _RIM * half
                top = lid - above - gap
                if y >= edge + lash or y <= top or abs(come) < 0.05:
                    continue
                # The rim of the lid and its lashes come down as they are; what is above them stretches.
                stretched = top + (y - top) * gap / (gap + come)
                y0 = y - come if y >= edge - above else stretched
                px, py = (
                    measure[0] + s * half * measure[2] - y0 * measure[3],
                    measure[1] + s * half * measure[3] + y0 * measure[2],
                )
                texture_at(source, px - corner[0], py - corner[1], pixel)
                # Below its edge the lid is thin lash only: it gives way to what it covers.
                seen = min(max((edge + 0.35 * lash - y) / (0.35 * lash + 0.5), 0.0), 1.0)
                for c in range(4):
                    out[row, column, c] += seen * (pixel[c] - out[row, column, c])
