"""One pass over a film: each frame with its face, the head laid still, and a small picture for the background."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from types import TracebackType

import cv2
import numpy as np

from core.contracts import ByteArray, Face, FloatArray
from faces.faces import FaceFinder
from metrics.alignment import HEAD_SIDE_PX, head_layout, luma, to_head, warp
from metrics.person_mask import person_matte

#: Longer side of the small picture on which the background is watched.
SMALL_PX = 480
#: Half the side of the cut in which the face is searched, in longer sides of its box; and how far the face may drift in it.
CUT_REACH = 1.1
CUT_DRIFT = 0.25
#: Where the face is lost, the whole frame is searched again with care in the first frame and in each so-many-th one.
SEARCH_EVERY = 25


@dataclass(frozen=True)
class View:
    """What the metrics see of one frame.

    index: number of the frame. frame: (H, W, 3) uint8. face: None where none was found; landmarks in pixels of the frame.
    head: (320, 320) float32 brightness in [0, 255] with the head laid onto the reference, None without a face.
    small: (h, w) float32 brightness of the whole frame, longer side at most 480 px.
    """

    index: int
    frame: ByteArray
    face: Face | None
    head: FloatArray | None
    small: FloatArray


@dataclass(frozen=True)
class Reference:
    """The picture that the film is held against: the portrait in the film's size, or the film's first frame with a face.

    image: (H, W, 3) uint8. face: the one that sings. layout: (478, 2), its points in the head square. is_portrait: whether it is
    the source picture.
    """

    image: ByteArray
    face: Face
    layout: np.ndarray
    is_portrait: bool

    @property
    def face_width(self) -> float:
        """Width of the face's box in pixels of the film."""
        return self.face.box[2] - self.face.box[0]


@dataclass(frozen=True)
class Scene:
    """What is known of a film before its first frame, for those who watch it.

    place: where head and background lie in the film. source: what the face should look like (the same, but for cropped films).
    stride: of so many frames the slow observers look at one.
    """

    place: Reference
    source: Reference
    stride: int

    @property
    def layout(self) -> np.ndarray:
        """(478, 2), where the points of the face lie in the head square."""
        return self.place.layout

    @cached_property
    def matte(self) -> FloatArray:
        """How much each pixel of the place's picture belongs to the person, (H, W) float32 in [0, 1]."""
        return person_matte(self.place.image)

    @cached_property
    def head_matte(self) -> FloatArray:
        """The same of the head square, (320, 320)."""
        return warp(self.matte, to_head(self.place.face.landmarks, self.layout), (HEAD_SIDE_PX, HEAD_SIDE_PX))

    @property
    def head(self) -> FloatArray:
        """The place's head laid still, (320, 320) float32 brightness in [0, 255]."""
        head = head_of(self.place.image, self.place.face, self.layout)
        assert head is not None
        return head


class FaceFollower:
    """Finds the same face in frame after frame, each searched on its own (no smoothing over time, so no lag is made).

    The search runs in a cut around the face that stays where it is until the face drifts, so that a small face in a large frame
    is found as well, and the cut's own motion never shakes the landmarks.
    """

    def __init__(self, box: tuple[float, float, float, float] | None = None) -> None:
        """box: where the face is expected in the first frame; None: the largest one that a careful search finds."""
        self.finder = FaceFinder()
        self.box = box
        self.cut: tuple[int, int, int, int] | None = None
        self.lost = 0

    def __enter__(self) -> FaceFollower:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.finder.close()

    def find(self, frame: ByteArray) -> Face | None:
        """The followed face in the next frame (H, W, 3) uint8; None where it is not found."""
        if self.cut is None and self.box is not None:
            self._place_cut(self.box, frame)
        face = self._glance(frame) if self.cut is not None else None
        if face is None and self.lost % SEARCH_EVERY == 0:
            found = self._nearest(self.finder.find(frame))
            if found is not None:
                self._place_cut(found.box, frame)
                face = self._glance(frame) or found
        if face is None:
            self.lost += 1
            return None
        self.lost, self.box = 0, face.box
        self._keep(face, frame)
        return face

    def _glance(self, frame: ByteArray) -> Face | None:
        assert self.cut is not None
        left, top, right, bottom = self.cut
        return self._nearest([moved(face, left, top) for face in self.finder.glance(frame[top:bottom, left:right])])

    def _nearest(self, faces: list[Face]) -> Face | None:
        if not faces:
            return None
        if self.box is None:
            return max(faces, key=lambda face: longer_side(face.box))
        expected = centre(self.box)
        return min(faces, key=lambda face: float(np.hypot(*(centre(face.box) - expected))))

    def _keep(self, face: Face, frame: ByteArray) -> None:
        assert self.cut is not None
        left, top, right, bottom = self.cut
        drift = np.hypot(*(centre(face.box) - np.array([left + right, top + bottom]) / 2))
        at_border = left == 0 or top == 0 or right == frame.shape[1] or bottom == frame.shape[0]
        if drift > CUT_DRIFT * longer_side(face.box) and not at_border:
            self._place_cut(face.box, frame)

    def _place_cut(self, box: tuple[float, float, float, float], frame: ByteArray) -> None:
        reach = CUT_REACH * longer_side(box)
        (x, y), (height, width) = centre(box), frame.shape[:2]
        self.cut = (max(0, int(x - reach)), max(0, int(y - reach)), min(width, int(x + reach)), min(height, int(y + reach)))


def centre(box: tuple[float, float, float, float]) -> np.ndarray:
    """Middle (x, y) of a box."""
    return np.array([box[0] + box[2], box[1] + box[3]]) / 2


def longer_side(box: tuple[float, float, float, float]) -> float:
    """Longer side of a box in pixels."""
    return max(box[2] - box[0], box[3] - box[1])


def moved(face: Face, left: float, top: float) -> Face:
    """The face in the coordinates of a picture in which its own lies at (left, top)."""
    if left == 0 and top == 0:
        return face
    box = (face.box[0] + left, face.box[1] + top, face.box[2] + left, face.box[3] + top)
    return Face(face.landmarks + np.array([left, top, 0], np.float32), face.blendshapes, face.rotation_deg, box)


def views(frames: Iterable[ByteArray], follower: FaceFollower, layout: np.ndarray) -> Iterator[View]:
    """Each frame with all that is derived from it; one at a time."""
    for index, frame in enumerate(frames):
        face = follower.find(frame)
        yield View(index, frame, face, head_of(frame, face, layout), small_luma(frame))


def head_of(frame: ByteArray, face: Face | None, layout: np.ndarray) -> FloatArray | None:
    """The head laid onto the layout, (320, 320) float32 brightness."""
    if face is None:
        return None
    return luma(warp(frame, to_head(face.landmarks, layout), (HEAD_SIDE_PX, HEAD_SIDE_PX)))


def small_luma(frame: ByteArray) -> FloatArray:
    """Brightness (h, w) float32 of the frame, shrunk so that its longer side is at most 480 px."""
    scale = min(1.0, SMALL_PX / max(frame.shape[:2]))
    if scale < 1.0:
        frame = cv2.resize(frame, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return luma(frame)


def reference_of(image: ByteArray, face: Face, is_portrait: bool) -> Reference:
    """A reference from a picture in the film's size and the face in it."""
    return Reference(image, face, head_layout(face.landmarks), is_portrait)
