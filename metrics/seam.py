"""Does a seam show? Edges around the face that the source picture does not have, and what has become of the head's contour."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np

from core.messages import translatable
from metrics.film_view import Scene, View
from metrics.head_regions import contour_band, face_ring, grown
from metrics.registry import Metric, Watched, WithControls

#: An edge counts as known where the reference has one within this many pixels of the head square (face 160 px wide).
TOLERANCE_PX = 5
#: A region smaller than this many pixels of the head square gives no figure.
MIN_PIXELS = 200
#: Brightness that the control adds inside of a pasted box and in a halo around the person, in levels of 255.
CONTROL_LEVELS = 12.0


@dataclass(frozen=True)
class Seam:
    """Edges where seams come; None where the picture has no such region.

    new_edges, new_edges_p95: all round the face, where a pasted face ends: edges that the reference has nowhere near, as a part
        of the reference's own edges there; 0 none, 1 as strong in sum. Mean over the frames, and of the worst twentieth.
    contour_edges, contour_edges_p95: along the outline of the head, where it meets the background: edges as a part of the
        reference's; 1 the same, more for a halo, a ghost or a jagged border, less for a blurred one.
    """

    new_edges: float | None
    new_edges_p95: float | None
    contour_edges: float | None
    contour_edges_p95: float | None


def edges(head: np.ndarray) -> np.ndarray:
    """Strength of the edges (H, W), in levels per pixel, after a slight blur that takes the encoder's noise out."""
    soft = cv2.GaussianBlur(head, (0, 0), 1.0)
    return np.hypot(cv2.Sobel(soft, cv2.CV_32F, 1, 0, scale=0.125), cv2.Sobel(soft, cv2.CV_32F, 0, 1, scale=0.125))


class SeamObserver:
    """Holds the edges of each laid-still head against those of the reference."""

    def __init__(self, reference_head: np.ndarray, ring: np.ndarray, contour: np.ndarray) -> None:
        """reference_head: (320, 320) float32 brightness; ring, contour: (320, 320) bool."""
        own = edges(reference_head)
        size = 2 * TOLERANCE_PX + 1
        self.known = cv2.dilate(own, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)))
        self.ring = ring if ring.sum() >= MIN_PIXELS else None
        self.contour = contour if contour.sum() >= MIN_PIXELS else None
        self.own_ring = max(float(own[ring].mean()), 0.1) if self.ring is not None else 0.0
        self.own_contour = max(float(own[contour].mean()), 0.1) if self.contour is not None else 0.0
        self.new: list[float] = []
        self.contours: list[float] = []

    def see(self, view: View) -> None:
        """Take the next frame."""
        if view.head is None:
            return
        found = edges(view.head)
        if self.ring is not None:
            self.new.append(float(np.maximum(found - self.known, 0)[self.ring].mean()) / self.own_ring)
        if self.contour is not None:
            self.contours.append(float(found[self.contour].mean()) / self.own_contour)

    def result(self) -> Seam:
        """The figures of all frames seen."""
        return Seam(*mean_and_p95(self.new), *mean_and_p95(self.contours))


def mean_and_p95(values: list[float]) -> tuple[float | None, float | None]:
    """Mean and 95th percentile; nothing of nothing."""
    return (float(np.mean(values)), float(np.percentile(values, 95))) if values else (None, None)


def pasted(head_matte: np.ndarray) -> Callable[[View], View]:
    """The control: a box around the face, and a halo around the person, 12 levels lighter than the rest.

    head_matte: (320, 320) float in [0, 1], the person in the head square.
    """
    person = head_matte > 0.5
    flaw = np.zeros(head_matte.shape, np.float32)
    flaw[50:280, 62:258] += CONTROL_LEVELS
    flaw[grown(person, 4) & ~person] += CONTROL_LEVELS

    def spoil(view: View) -> View:
        return view if view.head is None else replace(view, head=view.head + flaw)

    return spoil


def watch(scene: Scene) -> Watched[Seam]:
    """The observer of the film's seams, and its controls."""
    head, ring, contour = scene.head, face_ring(scene.layout), contour_band(scene.head_matte, scene.layout)
    flaw = translatable("a box around the face and a halo around the person, 12 levels lighter")
    return Watched(lambda: SeamObserver(head, ring, contour), pasted(scene.head_matte), flaw)


SEAM = Metric[WithControls[Seam]]("seam", translatable("Seams"), 80, watch)
