"""The head as one sheet of triangles over the picture, cut open between the lips.

The vertices are landmarks, dense curves along lips and lids, and a grid around them out to the sheet's border. The lips are cut
topologically: each lip has its own vertices along the line where they meet, so the mouth can open without stretching skin.
Triangulating a picture in which the mouth is open would tie the lips together at the corners, so the triangulation is made with
the lips brought together, and then textured with the picture as it is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.spatial import Delaunay, cKDTree

from core.contracts import ByteArray, Face, FloatArray
from faces.fitting import landmarks as lm
from faces.fitting.curves import dark_line, resample
from faces.fitting.face_coordinates import FaceCoordinates

IntArray = npt.NDArray[np.int32]

LIP_SAMPLES = 41
OUTER_LIP_SAMPLES = 27
LID_SAMPLES = 27
CREASE_SAMPLES = 15
#: Mouths whose gap is under this part of the mouth's width count as closed: the line between the lips is one line.
CLOSED_GAP = 0.032
#: Reach of a bell-shaped shift in its heights from which on its steepest slope, 0.86 height / reach, stays under 0.6.
GENTLE_FADE = 1.45


@dataclass(frozen=True)
class HeadMesh:
    """Triangles over the picture.

    rest: (V, 3) float32 picture pixels as in the portrait (z smaller is nearer); the first two columns are also the texture
        coordinates.
    closed: (V, 2) float32, the same with the lips brought together: where the sheet is triangulated.
    triangles: (N, 3) int32 of skin; strip: (M, 3) int32 of the mouth's opening, between the lips, over
        vertices of its own that follow after the sheet's (`with_strip`).
    groups: name -> vertex indices of a curve or feature, ordered along it.
    mouth_was_open: whether the picture shows the inside of the mouth.
    """

    rest: FloatArray
    closed: FloatArray
    triangles: IntArray
    strip: IntArray
    groups: dict[str, IntArray]
    mouth_was_open: bool

    def texture_places(self, inset: float) -> FloatArray:
        """Texture coordinates (V + 2 LIP_SAMPLES, 2) of the vertices and then of the strip's own ones.

        inset: pixels by which the lips' edges are taken inside the lips, so that no tooth or gap colours a closed mouth.
        """
        places = self.rest[:, :2].copy()
        upper = self.groups["lip_upper"]
        if self.mouth_was_open:
            for inner, outer in (("lip_upper", "outer_upper"), ("lip_lower", "outer_lower")):
                edge, rim = self.rest[self.groups[inner], :2], self.rest[self.groups[outer], :2]
                places[self.groups[inner]] += into_the_red(edge, rim, inset)
        return np.concatenate([places, places[upper], places[upper]])

    def with_strip(self, places: FloatArray) -> FloatArray:
        """Vertex places (V, 3) and then those of the strip's own vertices, a little behind the skin."""
        strip = np.concatenate([places[self.groups["lip_upper"]], places[self.groups["lip_lower"]]])
        strip[:, 2] += 1000
        return np.concatenate([places, strip])


class _Points:
    """Vertices collected with their group; points too near to earlier ones are left out."""

    def __init__(self) -> None:
        self.places: list[FloatArray] = []
        self.groups: dict[str, IntArray] = {}
        self.count = 0

    def add(self, name: str, points: FloatArray) -> IntArray:
        indices = np.arange(self.count, self.count + len(points), dtype=np.int32)
        self.places.append(np.asarray(points, np.float32))
        self.groups[name] = indices
        self.count += len(points)
        return indices

    def add_far(self, name: str, points: FloatArray, distance: float) -> IntArray:
        """Add those points that are at least `distance` pixels from all earlier ones; -1 stands for the ones left out."""
        tree = cKDTree(self.all()[:, :2])
        keep = tree.query(points[:, :2])[0] >= distance
        indices = np.full(len(points), -1, np.int32)
        indices[keep] = self.add(name, points[keep])
        return indices

    def all(self) -> FloatArray:
        return np.concatenate(self.places)


def into_the_red(edge: FloatArray, rim: FloatArray, by_px: float) -> FloatArray:
    """(N, 2) by which a lip's inner edge (N, 2) moves towards its rim (M, 2), where no tooth colours it; the corners stay."""
    at = np.linspace(0, len(rim) - 1, len(edge))
    red = np.stack([np.interp(at, np.arange(len(rim)), rim[:, k]) for k in range(2)], 1) - edge
    thickness = np.maximum(np.linalg.norm(red, axis=1, keepdims=True), 1e-3)
    profile = np.sin(np.linspace(0, np.pi, len(edge)))[:, None].astype(np.float32) ** 0.5
    return np.asarray(np.minimum(by_px, 0.3 * thickness) * profile * red / thickness)


def lip_lines(image: ByteArray, points: FloatArray) -> tuple[FloatArray, FloatArray, bool]:
    """Lower edge of the upper lip and upper edge of the lower lip, (LIP_SAMPLES, 3) each, and whether the mouth is open.

    A closed mouth gives the same line twice: the dark line between the lips.
    """
    upper = resample(points[list(lm.LIPS_INNER_UPPER)], LIP_SAMPLES)
    lower = resample(points[list(lm.LIPS_INNER_LOWER)], LIP_SAMPLES)
    width = float(np.linalg.norm(upper[-1, :2] - upper[0, :2]))
    gap = float(np.linalg.norm(upper[:, :2] - lower[:, :2], axis=1).max())
    if gap > CLOSED_GAP * width:
        lower[[0, -1]] = upper[[0, -1]]
        return upper, lower, True
    line = (upper + lower) / 2
    line[:, :2] = dark_line(image, line[:, :2], reach=0.035 * width)
    return line, line.copy(), False


def build_head_mesh(
    image: ByteArray, face: Face, coordinates: FaceCoordinates, extent: tuple[float, float, float, float]
) -> HeadMesh:
    """Mesh of the head sheet over `extent` (left, top, right, bottom) in pixels."""
    points = face.landmarks[:468]
    upper, lower, was_open = lip_lines(image, face.landmarks)
    pool = _Points()
    lip_upper = pool.add("lip_upper", upper)
    _add_curves(pool, points, coordinates, upper, lower)
    _add_rest(pool, points, coordinates, upper, lower, extent)
    rest = pool.all()
    closed: FloatArray = rest[:, :2] + _closing_shift(rest[:, :2], upper, lower)
    closed[lip_upper] = (upper[:, :2] + lower[:, :2]) / 2
    triangles = Delaunay(closed).simplices.astype(np.int32)
    triangles = _drop_slivers(closed, triangles)
    rest, closed, triangles, lip_lower = _cut(rest, closed, triangles, lip_upper, lower)
    strip = _strip(len(rest), len(lip_upper))
    groups = {**pool.groups, "lip_upper": lip_upper, "lip_lower": lip_lower}
    return HeadMesh(rest, np.asarray(closed, np.float32), triangles, strip, groups, was_open)


def _add_curves(pool: _Points, points: FloatArray, coordinates: FaceCoordinates, upper: FloatArray, lower: FloatArray) -> None:
    """Outer lips, lid edges and the lash lines just outside of them, each without the corners shared with another curve."""
    outer_upper = resample(points[list(lm.LIPS_OUTER_UPPER)], OUTER_LIP_SAMPLES)
    outer_lower = resample(points[list(lm.LIPS_OUTER_LOWER)], OUTER_LIP_SAMPLES)
    pool.add("outer_upper", outer_upper)
    pool.add("outer_lower", outer_lower[1:-1])
    for side, upper_ids, lower_ids, crease_ids in (
        ("right", lm.RIGHT_EYE_UPPER, lm.RIGHT_EYE_LOWER, lm.RIGHT_EYE_CREASE),
        ("left", lm.LEFT_EYE_UPPER, lm.LEFT_EYE_LOWER, lm.LEFT_EYE_CREASE),
    ):
        lid_upper = resample(points[list(upper_ids)], LID_SAMPLES)
        lid_lower = resample(points[list(lower_ids)], LID_SAMPLES)
        pool.add(f"lid_upper_{side}", lid_upper)
        pool.add(f"lid_lower_{side}", lid_lower[1:-1])
        lash = np.sin(np.linspace(0, np.pi, LID_SAMPLES))[1:-1, None] ** 0.5 * coordinates.axes[:, 1] * coordinates.eye_span
        pool.add(f"lash_upper_{side}", lid_upper[1:-1] - 0.03 * lash)
        pool.add(f"lash_lower_{side}", lid_lower[1:-1] + 0.02 * lash)
        crease = resample(points[list(crease_ids)], CREASE_SAMPLES)
        rise = (lid_upper[np.linspace(2, LID_SAMPLES - 3, CREASE_SAMPLES).round().astype(int)] - crease) @ coordinates.axes[:, 1]
        lift = np.maximum(0.065 * coordinates.eye_span - rise, 0)[:, None]
        pool.add(f"crease_{side}", (crease - lift * coordinates.axes[:, 1]).astype(np.float32))


def _add_rest(
    pool: _Points,
    points: FloatArray,
    coordinates: FaceCoordinates,
    upper: FloatArray,
    lower: FloatArray,
    extent: tuple[float, float, float, float],
) -> None:
    """The other landmarks, then a hexagonal grid over the whole extent, with depths continued from the landmarks."""
    opening = np.concatenate([upper[:, :2], lower[::-1, :2]])
    inside = _inside(points[:, :2], opening)
    features = {
        "bag_right": lm.RIGHT_EYE_BAG,
        "bag_left": lm.LEFT_EYE_BAG,
    }
    spacing = 0.025 * coordinates.eye_span
    for name, ids in features.items():
        pool.add_far(name, points[list(ids)], spacing * 0.6)
    inner_lips = {*lm.LIPS_INNER_UPPER, *lm.LIPS_INNER_LOWER}
    others = np.array([i for i in range(468) if not inside[i] and i not in inner_lips])
    placed = pool.add_far("landmarks", points[others], spacing)
    pool.groups["landmark_ids"] = others[placed >= 0].astype(np.int32)
    grid = _hexagonal_grid(extent, 0.085 * coordinates.face_width)
    grid = grid[~_inside(grid, opening)]  # it would carry a rag of tooth or tongue onto the lips that come together
    grid3 = np.column_stack([grid, depth_at(grid, points)]).astype(np.float32)
    pool.add_far("grid", grid3, 0.06 * coordinates.face_width)


def depth_at(places: FloatArray, points: FloatArray) -> FloatArray:
    """Depth (M,) at places (M, 2): linear between points (N, 3), and beyond their hull that of the nearest.

    SciPy's `LinearNDInterpolator` does the same by thousands of calls of BLAS, whose threads then fight for busy cores.
    """
    corners = points[Delaunay(points[:, :2]).simplices].astype(np.float64)
    origin, first, second = corners[:, 0], corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    x, y = places[:, :1] - origin[:, 0], places[:, 1:] - origin[:, 1]
    area = first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]
    b = (x * second[:, 1] - y * second[:, 0]) / area
    c = (y * first[:, 0] - x * first[:, 1]) / area
    least = np.minimum(np.minimum(b, c), 1 - b - c)
    found = least.argmax(axis=1)
    at = np.arange(len(places))
    depth = origin[found, 2] + b[at, found] * first[found, 2] + c[at, found] * second[found, 2]
    nearest = points[cKDTree(points[:, :2]).query(places)[1], 2]
    return np.where(least[at, found] >= -1e-9, depth, nearest)


def _hexagonal_grid(extent: tuple[float, float, float, float], spacing: float) -> FloatArray:
    left, top, right, bottom = extent
    columns = max(2, round((right - left) / spacing))
    rows = max(2, round((bottom - top) / (spacing * 0.87)))
    x, y = np.meshgrid(np.linspace(0, 1, columns + 1), np.linspace(0, 1, rows + 1))
    inner = (x > 0) & (x < 1) & (np.arange(rows + 1)[:, None] % 2 == 1)
    x = x + np.where(inner, 0.5 / columns, 0.0)
    x[x > 1] = 1
    return np.column_stack([left + x.ravel() * (right - left), top + y.ravel() * (bottom - top)]).astype(np.float32)


def _inside(points: FloatArray, polygon: FloatArray) -> npt.NDArray[np.bool_]:
    """Which points (N, 2) lie inside a closed polygon (M, 2): even-odd rule."""
    x, y = points[:, 0:1], points[:, 1:2]
    ax, ay = polygon[:, 0], polygon[:, 1]
    bx, by = np.roll(ax, -1), np.roll(ay, -1)
    crosses = (ay > y) != (by > y)
    at = ax + (y - ay) / np.where(by == ay, 1e-9, by - ay) * (bx - ax)
    return np.asarray((crosses & (x < at)).sum(1) % 2 == 1)


def _closing_shift(places: FloatArray, upper: FloatArray, lower: FloatArray) -> FloatArray:
    """Shift (V, 2) that brings the lips together, fading away from the mouth, and never so fast that the sheet folds."""
    middle = (upper[:, :2] + lower[:, :2]) / 2
    width = float(np.linalg.norm(middle[-1] - middle[0]))
    furthest = float(np.linalg.norm(middle - upper[:, :2], axis=1).max())
    reach = max(0.45 * width, GENTLE_FADE * furthest)
    shift = np.zeros_like(places)
    for curve in (upper, lower):
        distance, nearest = cKDTree(curve[:, :2]).query(places)
        other_distance = cKDTree((lower if curve is upper else upper)[:, :2]).query(places)[0]
        mine = distance <= other_distance
        fade = np.exp(-((distance / reach) ** 2))[:, None]
        shift = np.where(mine[:, None], (middle - curve[:, :2])[nearest] * fade, shift)
    return np.asarray(shift, np.float32)


def _drop_slivers(places: FloatArray, triangles: IntArray) -> IntArray:
    """Without triangles of almost no area (collinear points at the sheet's border)."""
    a, b, c = places[triangles[:, 0]], places[triangles[:, 1]], places[triangles[:, 2]]
    area = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
    return triangles[np.abs(area) > 1e-3]


def _cut(
    rest: FloatArray, closed: FloatArray, triangles: IntArray, lip: IntArray, lower: FloatArray
) -> tuple[FloatArray, FloatArray, IntArray, IntArray]:
    """Give the triangles under the lip line vertices of their own; the corners stay shared."""
    line = closed[lip]
    twin = np.concatenate([[lip[0]], np.arange(len(rest), len(rest) + len(lip) - 2), [lip[-1]]]).astype(np.int32)
    rest = np.concatenate([rest, lower[1:-1]]).astype(np.float32)
    middle = closed[triangles].mean(axis=1)
    nearest = np.clip(cKDTree(line).query(middle)[1], 1, len(line) - 2)
    along = line[nearest + 1] - line[nearest - 1]
    offset = middle - line[nearest]
    below = along[:, 0] * offset[:, 1] - along[:, 1] * offset[:, 0] > 0
    closed = np.concatenate([closed, closed[lip[1:-1]]])
    renamed = np.arange(len(rest), dtype=np.int32)
    renamed[lip] = twin
    triangles = np.where(below[:, None], renamed[triangles], triangles).astype(np.int32)
    return rest, closed, triangles, twin


def _strip(first: int, samples: int) -> IntArray:
    """Triangles of the mouth's opening over vertices of its own: `samples` along the upper lip, then along the lower."""
    upper = np.arange(first, first + samples, dtype=np.int32)
    lower = upper + samples
    left = np.stack([upper[:-1], upper[1:], lower[:-1]], 1)
    right = np.stack([upper[1:], lower[1:], lower[:-1]], 1)
    return np.concatenate([left, right])
