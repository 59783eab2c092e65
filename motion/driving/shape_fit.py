"""Fits the amounts of the face's shapes to the movements of its landmarks: bounded least squares for all frames at once.

What landmarks tell well (jaw, lips, lids, brows, and which side moves) is fitted; what they hardly tell (puffed cheeks, rolled
lips) stays near what the Face Landmarker's own network reads, which is the fit's prior. Bounds are kept by coordinate descent, as
Franc, Hlavac and Navara, "Sequential coordinate-wise algorithm for the non-negative least squares problem", CAIP 2005.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.blendshapes import BLENDSHAPE_INDEX
from core.contracts import FloatArray
from faces.fitting import landmarks as lm
from motion.driving.driver_face import DriverFace

#: How much of a shape that is drawn whole is seen again by the landmarks, which shrink what a face does; of shapes by how their
#: names begin, the first that fits. Between what `benchmarks.transfer --gains` tells and 1, as the least of it would make
#: trembling of what landmarks hardly tell; above 1 where the mesh engine draws a driver's shape larger, see its settings.
SEEN_AGAIN = (
    *(
        ("eyeBlink", 1.0),
        ("eyeWide", 0.5),
        ("eyeSquint", 0.6),
        ("brow", 0.5),
        ("jawOpen", 0.95),
        ("jaw", 0.5),
        ("mouthClose", 0.95),
    ),
    *(("mouthFunnel", 0.95), ("mouthLowerDown", 1.2), ("mouthUpperUp", 1.2), ("mouthPucker", 0.8), ("mouthRoll", 0.75)),
    *(("mouthLeft", 0.6), ("mouthRight", 0.6), ("mouthPress", 0.65), ("mouth", 0.8), ("cheekPuff", 0.5)),
)
#: Sweeps over all shapes after which the amounts hardly change any more.
SWEEPS = 60


@dataclass(frozen=True)
class Region:
    """A part of the face that is fitted by itself.

    shapes: their names. points: landmarks with the weight of each. gaps: pairs of landmarks whose distance tells more than their
    places do, with their weight. trust: what a whole shape's deviation from the prior costs, as the square of a mean distance in
    eye spans; trusts: of shapes whose names begin so. The network reads the shape of a smile or of bared teeth well, and trusted
    less there, the fit opposes shapes to each other at their full strength, which explains a little more and draws a grimace;
    how far a jaw is open and to which side a mouth goes, landmarks tell better.
    """

    shapes: tuple[str, ...]
    points: tuple[tuple[tuple[int, ...], float], ...]
    gaps: tuple[tuple[tuple[int, int], ...], float]
    trust: float
    trusts: tuple[tuple[str, float], ...] = ()

    @property
    def columns(self) -> list[int]:
        """Where its shapes stand in ARKit's order."""
        return [BLENDSHAPE_INDEX[name] for name in self.shapes]


def sided(*stems: str) -> tuple[str, ...]:
    """The names of both sides."""
    return tuple(f"{stem}{side}" for stem in stems for side in ("Left", "Right"))


INNER_GAPS = tuple(zip(lm.LIPS_INNER_UPPER[2:-2], lm.LIPS_INNER_LOWER[2:-2], strict=True))
#: Where cheeks are puffed, on both sides.
BESIDE_THE_MOUTH = (*(205, 187, 207, 216, 214, 192, 212), *(425, 411, 427, 436, 434, 416, 432))
MOUTH = Region(
    shapes=(
        *("jawOpen", "jawLeft", "jawRight", "mouthClose", "mouthFunnel", "mouthPucker", "mouthLeft", "mouthRight"),
        *sided("mouthSmile", "mouthFrown", "mouthDimple", "mouthStretch", "mouthPress", "mouthLowerDown", "mouthUpperUp"),
        *("mouthRollLower", "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper", "cheekPuff"),
    ),
    points=(
        ((*lm.LIPS_OUTER_UPPER, *lm.LIPS_OUTER_LOWER[1:-1]), 1.0),
        ((*lm.LIPS_INNER_UPPER, *lm.LIPS_INNER_LOWER[1:-1]), 1.0),
        ((61, 291, 78, 308), 2.0),
        ((*lm.CHIN,), 0.6),
        ((*lm.RIGHT_CHEEK, *lm.LEFT_CHEEK), 0.3),
        (BESIDE_THE_MOUTH, 0.4),
    ),
    gaps=(INNER_GAPS, 4.0),
    trust=9e-4,
    trusts=(
        *(("mouthRollLower", 1.8e-3), ("mouthRollUpper", 1.8e-3), ("mouthClose", 6e-3)),
        *(("mouthPress", 1.5e-4), ("mouthPucker", 1.5e-4), ("cheekPuff", 1.5e-4), ("jawOpen", 9e-5)),
        *(("jawLeft", 3e-5), ("jawRight", 3e-5), ("mouthLeft", 3e-5), ("mouthRight", 3e-5)),
    ),
)
BROWS_EDGES = (lm.RIGHT_BROW_UPPER, lm.RIGHT_BROW_LOWER, lm.LEFT_BROW_UPPER, lm.LEFT_BROW_LOWER)
BROWS = Region(
    shapes=(*sided("browDown"), "browInnerUp", *sided("browOuterUp")),
    # The landmarks of a brow's outer end hardly move with it.
    points=((tuple(point for ids in BROWS_EDGES for point in ids[1:]), 1.0),),
    gaps=((), 0.0),
    trust=3.2e-4,
)


def eye_region(side: str, upper: tuple[int, ...], lower: tuple[int, ...]) -> Region:
    """One eye's lids."""
    gaps = tuple(zip(upper[2:-2], lower[2:-2], strict=True))
    return Region(
        shapes=tuple(f"{stem}{side}" for stem in ("eyeBlink", "eyeWide", "eyeSquint")),
        points=((upper[1:-1], 1.0), (lower[1:-1], 1.0)),
        gaps=(gaps, 4.0),
        trust=2e-5,
        trusts=((f"eyeSquint{side}", 4e-5),),
    )


EYES = (
    eye_region("Right", lm.RIGHT_EYE_UPPER, lm.RIGHT_EYE_LOWER),
    eye_region("Left", lm.LEFT_EYE_UPPER, lm.LEFT_EYE_LOWER),
)
REGIONS = (MOUTH, BROWS, *EYES)


def fitted(face: DriverFace, moved: FloatArray, prior: FloatArray, low: FloatArray, high: FloatArray) -> FloatArray:
    """Amounts (T, 52) of all shapes that explain landmarks that moved by (T, 468, 2) eye spans, see `DriverFace.moved`.

    prior, low, high: (T, 52) or (52,), where the amounts would lie for all that the landmarks tell, and within which bounds they
    are kept. Shapes of no region stay at the prior.
    """
    amounts = np.clip(np.broadcast_to(prior, (len(moved), prior.shape[-1])), low, high).astype(np.float64)
    for region in REGIONS:
        columns = region.columns
        bounds = [np.broadcast_to(bound, amounts.shape)[:, columns] for bound in (low, high)]
        (rows, trust), seen = terms_of(region, face), rows_of(region, moved)
        amounts[:, columns] = within_bounds(rows @ rows.T, seen @ rows.T, trust, amounts[:, columns], bounds[0], bounds[1])
    return amounts.astype(np.float32)


def terms_of(region: Region, face: DriverFace) -> tuple[FloatArray, FloatArray]:
    """(K, R) what each shape, whole, does to what the region looks at, and (K,) what its deviation from the prior costs."""
    gains = np.array([seen_again(name) for name in region.shapes])[:, None]
    trust = np.array([trust_of(region, name) for name in region.shapes])
    return gains * rows_of(region, face.fields[region.columns]), trust


def trust_of(region: Region, name: str) -> float:
    """What the deviation of one shape costs."""
    return next((value for begins, value in region.trusts if name.startswith(begins)), region.trust)


def seen_again(name: str) -> float:
    """Of `SEEN_AGAIN`, for one shape."""
    return next(gain for begins, gain in SEEN_AGAIN if name.startswith(begins))


def rows_of(region: Region, moved: FloatArray) -> FloatArray:
    """What a region looks at of landmarks' movements (N, 468, 2), each by its weight: (N, R), whose squares are mean ones."""
    parts, total = [], 0.0
    for ids, weight in region.points:
        parts.append(np.sqrt(weight) * moved[:, list(ids)].reshape(len(moved), -1))
        total += weight * len(ids)
    pairs, weight = region.gaps
    if pairs:
        upper, lower = zip(*pairs, strict=True)
        parts.append(np.sqrt(weight) * (moved[:, list(lower), 1] - moved[:, list(upper), 1]))
        total += weight * len(pairs)
    return np.concatenate(parts, axis=1).astype(np.float64) / np.sqrt(total)


def within_bounds(
    gram: FloatArray, seen: FloatArray, trust: FloatArray, prior: FloatArray, low: FloatArray, high: FloatArray
) -> FloatArray:
    """Amounts a (T, K) for which a G a' - 2 a s' + trust (a - prior)^2 is least, within bounds. gram: G; seen: s (T, K)."""
    amounts = np.array(prior, np.float64)
    wanted = seen + trust * prior
    diagonal = np.diag(gram) + trust
    for _ in range(SWEEPS):
        for k in range(len(gram)):
            others = amounts @ gram[:, k] - amounts[:, k] * gram[k, k]
            amounts[:, k] = np.clip((wanted[:, k] - others) / diagonal[k], low[:, k], high[:, k])
    return amounts
