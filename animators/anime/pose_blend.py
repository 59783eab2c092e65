"""Few poses stand for many: which poses the networks are asked for, and how every other one is made from those.

What lies between the poses that were asked for is interpolated by ordinary kriging with a Matérn 5/2 covariance (Rasmussen and
Williams, "Gaussian Processes for Machine Learning", 2006): exact at every pose that was asked for, smooth elsewhere, and its
weights sum to one, so that a place that looks the same in all of them stays as it is. The same process says how unsure it is of a
pose; each pose that is chosen to be asked for is the one of which it is most unsure after all before it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from core.contracts import FloatArray

#: Reach of the covariance, in full movements of a parameter: long, because what the networks paint changes smoothly.
_REACH = 1.6
#: Added to the diagonal, so that poses that nearly coincide do no harm.
_JITTER = 1e-5
#: Weights smaller than this are none: all of them together are not seen.
_LEAST_WEIGHT = 5e-4


class PoseBlend:
    """Weighs the answers to some poses for any other pose.

    further: (F,) numbers of the film's poses to ask for beside the K key poses, see `blend_poses`.
    """

    def __init__(self, nodes: FloatArray, scale: FloatArray, further: npt.NDArray[np.intp]) -> None:
        """nodes: (K + F, P) the poses that are asked for, already scaled by `scale` (P,)."""
        self.further = further
        self._nodes, self._scale = nodes, scale
        system = np.ones((len(nodes) + 1, len(nodes) + 1))
        system[:-1, :-1] = covariance(nodes, nodes) + _JITTER * np.eye(len(nodes))
        system[-1, -1] = 0.0
        self._solved = np.linalg.inv(system)[:-1]

    def weights(self, pose: FloatArray) -> FloatArray:
        """(K + F,) float32, of sum one, for a pose (P,): the same whatever poses come before and after it."""
        place = pose.astype(np.float64) * self._scale
        weights = self._solved @ np.append(covariance(self._nodes, place[None])[:, 0], 1.0)
        weights[np.abs(weights) < _LEAST_WEIGHT] = 0.0
        return (weights / weights.sum()).astype(np.float32)


def key_blend(keys: FloatArray, scale: FloatArray) -> PoseBlend:
    """Weighs the answers to the key poses `keys` (K, P) alone. scale: (P,) how much a full movement of each parameter is seen."""
    return PoseBlend(keys.astype(np.float64) * scale, scale, np.zeros(0, np.intp))


def blend_poses(poses: FloatArray, keys: FloatArray, scale: FloatArray, most: int, tolerance: float) -> PoseBlend:
    """Weigh the answers to the key poses `keys` (K, P), and to those of a film's `poses` (T, P) that lie beyond their reach.

    scale: as for `key_blend`. most: poses asked for besides, at most. tolerance: none is that is less unsure than this, as
    `uncertainty` counts it.
    """
    places, nodes = poses.astype(np.float64) * scale, keys.astype(np.float64) * scale
    further = chosen_poses(places, nodes, most, tolerance)
    return PoseBlend(np.concatenate([nodes, places[further]]), scale, further)


def chosen_poses(places: FloatArray, nodes: FloatArray, most: int, tolerance: float) -> npt.NDArray[np.intp]:
    """Numbers (F,) of those of `places` (T, P), already scaled, that are asked for beside the `nodes` (K, P), in their order."""
    chosen: list[int] = []
    while len(chosen) < min(most, len(places)):
        unsure = uncertainty(places, np.concatenate([nodes, places[chosen]]))
        furthest = int(np.argmax(unsure))
        if unsure[furthest] <= max(tolerance, 1.3 * _JITTER**0.5):
            break
        chosen.append(furthest)
    return np.array(chosen, np.intp)


def uncertainty(places: FloatArray, nodes: FloatArray) -> FloatArray:
    """(T,) how unsure the blend is of each place (T, P), by the nodes (K, P): 0 at a node, 1 out of all reach."""
    if not len(nodes):
        return np.ones(len(places))
    known = covariance(nodes, places)
    explained = np.sum(known * np.linalg.solve(covariance(nodes, nodes) + _JITTER * np.eye(len(nodes)), known), axis=0)
    return np.sqrt(np.maximum(1.0 - explained, 0.0))


def covariance(first: FloatArray, second: FloatArray) -> FloatArray:
    """Covariances (A, B) of two sets of places (A, P) and (B, P)."""
    squared = np.sum(first**2, axis=1)[:, None] + np.sum(second**2, axis=1)[None] - 2.0 * first @ second.T
    far = np.sqrt(5.0 * np.maximum(squared, 0.0)) / _REACH
    return (1.0 + far + far * far / 3.0) * np.exp(-far)
