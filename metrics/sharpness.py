"""Is the face as sharp as in the source picture? Energy of fine detail around eyes and nose, as a part of the reference's."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from core.contracts import ByteArray, FloatArray
from core.messages import translatable
from metrics.alignment import luma
from metrics.film_view import Reference, Scene, View
from metrics.registry import Metric, Watched, WithControls

#: Points on the border of the region: temples, forehead, under the nose. Nothing in it moves with the mouth.
REGION_POINTS = (127, 356, 9, 2)


@dataclass(frozen=True)
class Sharpness:
    """Detail of the film over the reference's: 1 as sharp, less softer, more with noise or sharpening; None without a face.

    mean over the frames compared; p5: of the softest twentieth. To read it: the encoder at its usual quality leaves 0.9 to 1.0;
    moving a sharp picture by half a pixel leaves about 0.3 with bilinear and 0.65 with bicubic interpolation.
    """

    mean: float | None
    p5: float | None
    frames: int


def detail(image: ByteArray, landmarks: FloatArray) -> float:
    """Mean square of the Laplacian (levels of 255) in the box around eyes and nose, at the picture's own resolution."""
    points = landmarks[list(REGION_POINTS), :2]
    left, top = np.maximum(np.floor(points.min(axis=0)), 0).astype(int)
    right, bottom = np.ceil(points.max(axis=0)).astype(int) + 1
    cut = image[top:bottom, left:right]
    if min(cut.shape[:2]) < 8:
        return 0.0
    return float((cv2.Laplacian(luma(np.ascontiguousarray(cut)), cv2.CV_32F) ** 2).mean())


class SharpnessObserver:
    """Compares every `stride`-th frame with the reference."""

    def __init__(self, reference: Reference, stride: int) -> None:
        self.own = detail(reference.image, reference.face.landmarks)
        self.stride = max(1, stride)
        self.ratios: list[float] = []

    def see(self, view: View) -> None:
        """Take the next frame."""
        if view.face is not None and self.own > 0 and view.index % self.stride == 0:
            self.ratios.append(detail(view.frame, view.face.landmarks) / self.own)

    def result(self) -> Sharpness:
        """The figures of all frames seen."""
        if not self.ratios:
            return Sharpness(None, None, 0)
        return Sharpness(float(np.mean(self.ratios)), float(np.percentile(self.ratios, 5)), len(self.ratios))


def blurred(view: View) -> View:
    """The control: the frame under a Gaussian of one pixel."""
    return replace(view, frame=cv2.GaussianBlur(view.frame, (0, 0), 1.0))


def watch(scene: Scene) -> Watched[Sharpness]:
    """The observer of the film's sharpness, and its controls."""
    return Watched(lambda: SharpnessObserver(scene.source, scene.stride), blurred, translatable("a blur of 1 px"))


SHARPNESS = Metric[WithControls[Sharpness]]("sharpness", translatable("Sharpness"), 100, watch)
