"""Steadies what was read of a face, frame by frame, without lag and without making fast lips slower.

Where nothing moves, a parabola through the frames around each takes its place; where something moves by more than the reading
trembles, the reading itself stays. How much of each is told by the local statistics of J.-S. Lee, "Digital image enhancement and
noise filtering by use of local statistics" (1980), over time and over the points that move together. The parabola is that of
Savitzky and Golay (1964). Both look as far forward as back.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.ndimage import uniform_filter1d
from scipy.signal import savgol_filter

from core.contracts import FloatArray

#: Width of the parabola and of the statistics, in seconds.
PARABOLA_S, STATISTICS_S = 0.44, 0.2
#: How much larger than trembling a movement must be, in variance, to count.
DOUBT = 1.3
#: Trembling is told from third differences, which movement hardly reaches and in which white noise has 20 times its variance.
THIRD_DIFFERENCES = 20.0
#: Landmarks of the lips, and of either eye.
LIPS = (
    *(0, 267, 269, 270, 409, 291, 375, 321, 405, 314, 17, 84, 181, 91, 146, 61, 185, 40, 39, 37, 13, 312, 311, 310, 415, 308),
    *(324, 318, 402, 317, 14, 87, 178, 88, 95, 78, 191, 80, 81, 82, 11, 12, 15, 16, 38, 41, 42, 62, 72, 73, 74, 76, 77, 85, 86),
    *(89, 90, 96, 179, 180, 183, 184, 268, 271, 272, 292, 302, 303, 304, 306, 307, 315, 316, 319, 320, 325, 403, 404, 407, 408),
)
RIGHT_EYE = (33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246, 468, 469, 470, 471, 472)
LEFT_EYE = (263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466, 473, 474, 475, 476, 477)
JAW = (
    *(172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 18, 83, 313, 182, 406, 200, 199, 175, 201, 421, 208, 428),
    *(171, 396, 140, 369, 170, 395, 169, 394, 135, 364, 211, 431, 32, 262, 194, 418, 204, 424, 106, 335, 43, 273, 202, 422, 210),
    *(430, 138, 367),
)
REST = tuple(sorted(set(range(478)) - set(LIPS) - set(RIGHT_EYE) - set(LEFT_EYE) - set(JAW)))
#: Landmarks that move together.
FACE_GROUPS = (REST, JAW, LIPS, RIGHT_EYE, LEFT_EYE)

Groups = tuple[tuple[int, ...], ...]


def trembling_of(values: FloatArray, groups: Groups) -> npt.NDArray[np.float64]:
    """Variance of the trembling of each group's values (T, N), (len(groups),): the usual one over the frames."""
    if len(values) < 4:
        return np.zeros(len(groups))
    third = np.diff(values.astype(np.float64), 3, axis=0) ** 2
    return np.array([np.median(third[:, list(group)].mean(axis=1)) for group in groups]) / THIRD_DIFFERENCES


def steadied_in_shots(
    values: FloatArray, groups: Groups, seen: npt.NDArray[np.bool_], shots: npt.NDArray[np.intp], fps: float
) -> FloatArray:
    """Values (T, N), each shot steadied by itself. shots: (T,), the number of each frame's, rising. seen: (T,), where values were
    read and not bridged: how much they tremble is told from those."""
    trembling = trembling_of(values[seen], groups)
    return np.concatenate([steadied(values[shots == shot], groups, trembling, fps) for shot in np.unique(shots)])


def steadied(values: FloatArray, groups: Groups, trembling: npt.NDArray[np.float64], fps: float) -> FloatArray:
    """Values (T, N) of one shot, steadied group by group. trembling: of `trembling_of`, for the whole track."""
    window = max(5, 2 * round(PARABOLA_S * fps / 2) + 1)
    window = min(window, len(values) - 1 + len(values) % 2)
    if window < 5:
        return values
    slow = savgol_filter(values.astype(np.float64), window, 2, axis=0, mode="interp")
    quick = values - slow
    out = slow.copy()
    for group, noise in zip(groups, trembling, strict=True):
        columns = list(group)
        energy = uniform_filter1d((quick[:, columns] ** 2).mean(axis=1), max(3, round(STATISTICS_S * fps)), mode="nearest")
        share = np.clip(1 - DOUBT * noise / np.maximum(energy, 1e-12), 0, 1)
        out[:, columns] += share[:, None] * quick[:, columns]
    return out.astype(np.float32)
