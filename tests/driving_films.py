"""Driving films for tests of engines: a picture of a face that is shifted, dimmed or hidden from frame to frame."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from core.driving import FaceFilm


def moved_film(portrait, shifts_px, fps=25.0, absent=(), gains=None):
    """The portrait moved to the side by so many pixels in each frame, as bright as `gains` say; `absent` ones show no face."""
    height, width = portrait.image.shape[:2]
    gains = [1.0] * len(shifts_px) if gains is None else gains

    def frames():
        for shift, gain in zip(shifts_px, gains, strict=True):
            matrix = np.array([[1, 0, shift], [0, 1, 0.0]])
            moved = cv2.warpAffine(portrait.image, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)
            yield np.uint8(moved * gain)

    def face(number):
        if number in absent:
            return None
        return replace(portrait.face, landmarks=portrait.face.landmarks + np.array([shifts_px[number], 0, 0], np.float32))

    return FaceFilm(fps, len(shifts_px), width, height, frames, face)
