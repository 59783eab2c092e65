"""Parts of the square around a face, once for a portrait: the person, what moves with the head, and what may be pasted.

Where the network of the person's outline does not see the face, as in some drawings, the face's own mesh gives a head instead.
"""

from __future__ import annotations

import cv2
import numpy as np

from core.contracts import ByteArray, FloatArray, Portrait
from core.easing import smooth_step
from drawing.masks import filled_hull
from filters.paste_fields import GRID_PX, Regions
from neural.matting import MattingNetwork

#: Side of the picture that the network sees.
NETWORK_PX = 512
#: Face Landmarker's outline of the face, in order around it; the middle of the forehead and the chin.
FACE_OVAL = (
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
    152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
)  # fmt: skip
FOREHEAD, CHIN = 10, 152
#: Share of the face that the outline must hold for it to be believed.
COVERAGE_WANTED = 0.9
#: Below the chin, in face heights: up to where all movement stays (a jaw drops that far), where none is left, and where nothing
#: of the frame shows any more.
NECK_ZONES = (0.16, 0.7, 0.95)
#: Inwards from the square's borders, in its sides: up to where nothing shows, up to where nothing of the person that the border
#: cuts moves, and from where all does.
BORDER_ZONES = (0.01, 0.05, 0.2)
#: Softness of the mask's edge in face heights.
MARGIN = 0.035


def find_regions(portrait: Portrait, to_picture: FloatArray, side_px: int) -> Regions:
    """The regions of the square whose pixels (side_px each way) the matrix (2, 3) takes to the portrait's.

    Raises MissingError where the weights of the outline's network can't be had.
    """
    grid = grid_to_picture(to_picture, side_px)
    landmarks = to_grid(portrait.face.landmarks[:, :2], grid)
    height = float(np.linalg.norm(landmarks[CHIN] - landmarks[FOREHEAD]))
    person = person_in_square(portrait, grid, landmarks)
    borders = inner_borders(grid, portrait.image.shape)
    keep_neck, paste_neck = neck_ramps(landmarks, height, bool(borders[-1, GRID_PX // 2]))
    nothing, still, free = BORDER_ZONES
    keep = keep_neck * smooth_step(distance_from(borders & (person > 0.5)), still, free)
    paste = paste_neck * smooth_step(distance_from(borders), nothing, still)
    return Regions(person, keep.astype(np.float32), paste.astype(np.float32), max(1.0, MARGIN * height))


def grid_to_picture(to_picture: FloatArray, side_px: int) -> FloatArray:
    """The matrix (2, 3) from pixels of the grid to those of the picture, given the one from pixels of the square."""
    step = side_px / GRID_PX
    shift = np.full(2, step / 2 - 0.5)
    return np.hstack([to_picture[:, :2] * step, (to_picture[:, 2] + to_picture[:, :2] @ shift)[:, None]])


def to_grid(points: FloatArray, grid: FloatArray) -> FloatArray:
    """Points (N, 2) of the picture in pixels of the grid."""
    return np.asarray(np.linalg.solve(grid[:, :2], (points - grid[:, 2]).T).T)


def cut_square(picture: ByteArray, grid: FloatArray, side_px: int = GRID_PX) -> ByteArray:
    """The picture's own square on the grid, (192, 192, ...) uint8; beyond the picture its border is carried on."""
    scale = float(np.sqrt(abs(np.linalg.det(grid[:, :2]))))
    if scale > 1.3:  # shrinks: take out what the grid can't show
        picture = cv2.GaussianBlur(picture, (0, 0), 0.4 * scale)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(picture, grid, (side_px, side_px), flags=flags, borderMode=cv2.BORDER_REPLICATE))


def person_in_square(portrait: Portrait, grid: FloatArray, landmarks: FloatArray) -> FloatArray:
    """Where the person of the face (landmarks in pixels of the grid) is, (192, 192) float32 in [0, 1]."""
    oval = filled(landmarks[list(FACE_OVAL)])
    if portrait.alpha is not None and portrait.alpha.min() < 128:
        matte: FloatArray = cut_square(portrait.alpha, grid).astype(np.float32) / 255
    else:
        matte = network_matte(portrait.image, grid)
    inside = oval > 0.5
    if float((matte[inside] > 0.9).mean()) < COVERAGE_WANTED:
        return head_from_mesh(landmarks)
    _, parts = cv2.connectedComponents((matte > 0.2).astype(np.uint8))
    own = np.bincount(parts[inside & (matte > 0.2)]).argmax()
    return np.maximum(np.where(parts == own, matte, 0), oval).astype(np.float32)


def network_matte(picture: ByteArray, grid: FloatArray) -> FloatArray:
    """MODNet's outline of the person in the square, (192, 192) float32 in [0, 1]."""
    step = GRID_PX / NETWORK_PX
    fine = np.hstack([grid[:, :2] * step, (grid[:, 2] + grid[:, :2] @ np.full(2, step / 2 - 0.5))[:, None]])
    matte = MattingNetwork().raw(cut_square(picture, fine, NETWORK_PX))
    return np.clip(cv2.resize(matte, (GRID_PX, GRID_PX), interpolation=cv2.INTER_AREA), 0, 1).astype(np.float32)


def head_from_mesh(landmarks: FloatArray) -> FloatArray:
    """A head with hair and neck around the face's outline, (192, 192) float32, where the person's outline is not known."""
    oval = landmarks[list(FACE_OVAL)]
    down = landmarks[CHIN] - landmarks[FOREHEAD]
    middle = oval.mean(axis=0)
    hair = middle - 0.12 * down + (oval - middle) * 1.4
    neck = middle + 0.75 * down + (oval - middle) * 0.8
    return np.maximum(filled(np.concatenate([hair, oval])), filled(np.concatenate([oval, neck])))


def filled(points: FloatArray) -> FloatArray:
    """The convex hull of points (N, 2), (192, 192) float32 in [0, 1]."""
    return filled_hull(points, GRID_PX).astype(np.float32) / 255


def neck_ramps(landmarks: FloatArray, height: float, ends_inside: bool) -> tuple[FloatArray, FloatArray]:
    """How much moves and how much shows, (192, 192) each, by the distance below the chin.

    ends_inside: the picture goes on below the square; then the zones shrink until all of them lie in the square. Otherwise there
    is nothing below that the frame would have to meet.
    """
    down = (landmarks[CHIN] - landmarks[FOREHEAD]) / height
    rows, columns = np.indices((GRID_PX, GRID_PX))
    below = ((columns - landmarks[CHIN, 0]) * down[0] + (rows - landmarks[CHIN, 1]) * down[1]) / height
    corners = np.array([below[0, 0], below[0, -1], below[-1, 0], below[-1, -1]])
    room = max(float(np.sort(corners)[-2:].min()), 0.05)  # how far the square reaches below the chin
    shrink = min(1.0, room / NECK_ZONES[2]) if ends_inside else 1.0
    jaw, still, nothing = (zone * shrink for zone in NECK_ZONES)
    return 1 - smooth_step(below, jaw, still), 1 - smooth_step(below, still, nothing)


def inner_borders(grid: FloatArray, shape: tuple[int, ...]) -> np.ndarray:
    """The outermost points of the square on those sides where the picture goes on, (192, 192) bool."""
    height, width = shape[:2]
    last = GRID_PX - 1
    reach = 1.5 * float(np.linalg.norm(grid[:, 0]))  # a point and a half of the grid
    sides = (
        (np.s_[:, 0], (0, last / 2)),
        (np.s_[:, -1], (last, last / 2)),
        (np.s_[0], (last / 2, 0)),
        (np.s_[-1], (last / 2, last)),
    )
    borders = np.zeros((GRID_PX, GRID_PX), bool)
    for side, middle in sides:
        x, y = grid[:, :2] @ np.array(middle) + grid[:, 2]
        borders[side] |= reach < x < width - 1 - reach and reach < y < height - 1 - reach
    return borders


def distance_from(points: np.ndarray) -> FloatArray:
    """How far each point is from the nearest of `points` (192, 192) bool, in sides of the square; 1 where there are none."""
    if not points.any():
        return np.full(points.shape, 1.0)
    return np.asarray(cv2.distanceTransform((~points).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)) / GRID_PX
