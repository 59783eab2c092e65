"""The key poses of each part of a drawing: few, the same for every film, so that the networks' answers to them can be kept.

They lie in `key_poses.npz`, which `python -m benchmarks.anime_poses` made from performances of songs: at first the part at rest,
then each pose that tells most about all others, so that the first few serve as well, only more coarsely.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import numpy as np

from animators.anime.pose import EYEBROWS, FACE, MOUTH, PARAMETER_INDEX, ROTATION
from core.contracts import FloatArray

FILE = Path(__file__).with_name("key_poses.npz")
#: What is painted for itself.
PARTS = ("eyebrows", "eyes", "mouth", "body")


def poses_of(part: str, parameters: FloatArray) -> FloatArray:
    """(T, P) of a part's own parameters: 12 of the eyebrows, 27 of eyes or mouth (the other at rest), 6 of head and body.

    parameters: (T, 45) as in `PoseCurves`.
    """
    if part == "eyebrows":
        return parameters[:, EYEBROWS]
    if part == "body":
        return parameters[:, ROTATION]
    mouth = np.zeros_like(parameters[:, FACE])
    mouth[:, MOUTH] = parameters[:, FACE][:, MOUTH]
    return mouth if part == "mouth" else parameters[:, FACE] - mouth


@cache
def scale_of(part: str) -> FloatArray:
    """(P,) how much a full movement of each of the part's parameters is seen."""
    if part == "eyebrows":
        return np.full(12, 0.7)
    if part == "body":  # by the pixels it moves
        return np.array([0.8, 0.8, 1.3, 0.4, 1.3, 0.15])
    if part == "mouth":
        return np.where(np.arange(27) < 20, 1.0, 0.4)
    scale = np.full(27, 0.6)  # irises less than lids
    for name in ("eye_wink", "eye_happy_wink"):
        for side in ("left", "right"):
            scale[PARAMETER_INDEX[f"{name}_{side}"] - FACE.start] = 1.0
    return scale


def key_poses(part: str, count: int) -> FloatArray:
    """(K, P) float32: the first `count` of the part's key poses, or as many as there are."""
    return _stored()[part][:count]


@cache
def digest() -> str:
    """SHA-256 of the key poses, by which answers to others are told from answers to these."""
    return hashlib.sha256(FILE.read_bytes()).hexdigest()


@cache
def _stored() -> dict[str, FloatArray]:
    with np.load(FILE, allow_pickle=False) as stored:
        return {part: stored[part].astype(np.float32) for part in PARTS}
