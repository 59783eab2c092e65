"""What a person's face looks like, so that it is known again after a cut, and what the places around its mouth look like.

No network that knows people is asked: such weights may not be part of a product. A face is known by its colours at its landmarks,
which lie at the same places of every face however it is turned, and by its bones' proportions; that tells the few people of one
film apart, in about the same light, and is no identification beyond it.
"""

from __future__ import annotations

import cv2
import numpy as np

from core.contracts import ByteArray, FloatArray
from faces.face_reading import EYE_LEFT, EYE_RIGHT

#: Landmarks around the mouth, from under the nose over the cheeks to the chin, and on the lips where teeth never show.
SKIN_PLACES = (164, 167, 393, 165, 391, 57, 287, 186, 410, 43, 273, 204, 424, 18, 200, 83, 313, 199)
LIP_PLACES = (0, 11, 16, 17, 61, 291)
MOUTH_PLACES = (*SKIN_PLACES, *LIP_PLACES)
#: Landmarks on the nose, the brows' middle and the upper cheeks, whose change is one of the light.
LIGHT_PLACES = (6, 197, 195, 151, 9, 117, 346, 50, 280)
#: Landmarks that neither lips nor lids move far: every second one above the mouth, but for those of the eyes.
_EYES = {
    *(33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246, 263, 249, 390, 373, 374, 380, 381, 382),
    *(362, 398, 384, 385, 386, 387, 388, 466),
}
_LIPS = {
    *(0, 267, 269, 270, 409, 291, 375, 321, 405, 314, 17, 84, 181, 91, 146, 61, 185, 40, 39, 37, 13, 312, 311, 310, 415, 308),
    *(324, 318, 402, 317, 14, 87, 178, 88, 95, 78, 191, 80, 81, 82, 11, 12, 15, 16, 72, 73, 74, 76, 77, 85, 86, 89, 90, 96, 62),
}
FACE_PLACES = tuple(index for index in range(468) if index not in _EYES | _LIPS)
#: Landmarks on bone, of whose distances the proportions are made.
_BONES = (33, 133, 362, 263, 168, 6, 1, 127, 356, 10, 152, 234, 454, 98, 327, 70, 300)
#: Width of what is averaged about a place, in parts of the eyes' distance.
_PLACE_PART = 0.11
#: How much the colours' pattern, their mean and the proportions count.
_PATTERN, _MEAN_LAB, _SHAPE = 1.0, 0.045, 9.0


def colours_at(crop: ByteArray, points: FloatArray) -> FloatArray:
    """Lab colours (N, 3), L in 0..100, about points (N, 2 or more) of a picture (H, W, 3) uint8 RGB; the border's beyond it."""
    eyes = points_distance(points)
    size = max(1, round(_PLACE_PART * eyes)) | 1
    smooth = cv2.blur(crop, (size, size)) if size > 1 else crop
    columns = np.clip(np.rint(points[:, 0]), 0, crop.shape[1] - 1).astype(int)
    rows = np.clip(np.rint(points[:, 1]), 0, crop.shape[0] - 1).astype(int)
    picked = np.ascontiguousarray(smooth[rows, columns][None])
    return np.asarray(cv2.cvtColor(picked.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)[0], np.float32)


def points_distance(points: FloatArray) -> float:
    """Distance of the eyes' outer corners in all three dimensions, which a turned head keeps."""
    return float(np.linalg.norm(points[EYE_LEFT[0], :3] - points[EYE_RIGHT[0], :3]))


def appearance_of(colours: FloatArray, landmarks: FloatArray) -> FloatArray:
    """A vector for `likeness_of`: the pattern, the mean colour and the bones' proportions of one face.

    colours: (478, 3) Lab at its landmarks. landmarks: (478, 3).
    """
    places = colours[list(FACE_PLACES)]
    mean = places.mean(axis=0)
    pattern = ((places - mean) / (places.std(axis=0).mean() + 1e-3)).ravel()
    pattern /= np.linalg.norm(pattern) + 1e-6
    bones = landmarks[list(_BONES)].astype(np.float64)
    gaps = np.linalg.norm(bones[:, None] - bones[None], axis=-1)[np.triu_indices(len(_BONES), 1)]
    shape = np.log(gaps / gaps.mean() + 1e-3)
    return np.concatenate([pattern, mean, shape]).astype(np.float32)


def likeness_of(first: FloatArray, second: FloatArray) -> float:
    """How alike two faces look, at most 1: the patterns' correlation less what their mean colours and proportions differ."""
    pattern = len(FACE_PLACES) * 3
    alike = float(first[:pattern] @ second[:pattern]) * _PATTERN
    colour = float(np.linalg.norm((first - second)[pattern + 1 : pattern + 3])) * _MEAN_LAB
    shape = float(np.abs((first - second)[pattern + 3 :]).mean()) * _SHAPE
    return alike - min(colour, 0.5) - min(shape, 0.6)


def mouth_places(colours: FloatArray) -> FloatArray:
    """The places around the mouth (len(MOUTH_PLACES), 3) by Lab colours (478, 3), less how light the rest of the face is."""
    places = colours[list(MOUTH_PLACES)].copy()
    places[:, 0] -= np.median(colours[list(LIGHT_PLACES), 0])
    return np.asarray(places, np.float32)
