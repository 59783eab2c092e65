"""Few poses stand for many: which poses of a film the networks are asked for, and how every other one is made from those.

The poses asked for are chosen from the film's own, each the one furthest from all before it (Gonzalez, "Clustering to minimize
the maximum intercluster distance", 1985). What lies between is interpolated by ordinary kriging with a Matérn 5/2 covariance
(Rasmussen and Williams, "Gaussian Processes for Machine Learning", 2006): exact at every pose that was asked for, smooth
elsewhere, and its weights sum to one, so that a place that looks the same in all of them stays as it is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.contracts import FloatArray

#: Reach of the covariance, in full movements of a parameter: long, because what the networks paint changes smoothly.
_REACH = 1.6
#: Added to the diagonal, so that poses that nearly coincide do no harm.
_JITTER = 1e-5


@dataclass(frozen=True)
class PoseBlend:
    """chosen: (K,) indices of the poses to ask the networks for. weights: (T, K) float32, each row sums to one."""

    chosen: npt.NDArray[np.intp]
    weights: FloatArray


def blend_poses(poses: FloatArray, scale: FloatArray, most: int, tolerance: float) -> PoseBlend:
    """Choose from the film's `poses` (T, P) and weigh them.

    scale: (P,) how much a full movement of each parameter is seen. most: poses chosen at most. tolerance: none is chosen that
    lies nearer than this to one that was, in scaled units. The first chosen is the pose nearest to rest, all zeros.
    """
    places = poses.astype(np.float64) * scale
    chosen = [int(np.argmin(np.sum(places**2, axis=1)))]
    distance = np.linalg.norm(places - places[chosen[0]], axis=1)
    while len(chosen) < min(most, len(poses)):
        furthest = int(np.argmax(distance))
        if distance[furthest] <= max(tolerance, 1e-6):
            break
        chosen.append(furthest)
        distance = np.minimum(distance, np.linalg.norm(places - places[furthest], axis=1))
    return PoseBlend(np.array(chosen), _kriging(places, places[chosen]))


def _kriging(places: FloatArray, nodes: FloatArray) -> FloatArray:
    """Weights (T, K) of the nodes (K, P) for each place (T, P)."""
    count = len(nodes)
    system = np.ones((count + 1, count + 1))
    system[:count, :count] = _matern(nodes, nodes) + _JITTER * np.eye(count)
    system[count, count] = 0.0
    right = np.ones((count + 1, len(places)))
    right[:count] = _matern(nodes, places)
    return np.linalg.solve(system, right)[:count].T.astype(np.float32)


def _matern(first: FloatArray, second: FloatArray) -> FloatArray:
    """Covariances (A, B) of two sets of places (A, P) and (B, P)."""
    squared = np.sum(first**2, axis=1)[:, None] + np.sum(second**2, axis=1)[None] - 2.0 * first @ second.T
    far = np.sqrt(5.0 * np.maximum(squared, 0.0)) / _REACH
    return (1.0 + far + far * far / 3.0) * np.exp(-far)
