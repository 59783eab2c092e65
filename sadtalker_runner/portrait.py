"""The coefficients of the face in a picture.

The face is aligned as in Deng and others, "Accurate 3D Face Reconstruction with Weakly-Supervised Learning" (2019), by the Face
Landmarker's points in the place of the 68 of the published program.
"""

from __future__ import annotations

import numpy as np
import torch
from PIL import Image

from core.contracts import ByteArray, Face, FloatArray
from faces.head_crop import EYES, MOUTH_CORNERS, head_crop
from sadtalker_runner.networks.face_reconstruction import INPUT_PIXELS, FaceCoefficients, FaceReconstructionNet
from sadtalker_runner.networks.mapping_net import CROP_COEFFICIENTS

NOSE_TIP = 4
#: Where the two eyes, the nose and the corners of the mouth lie on the mean face, x right, y up, z to the viewer.
MEAN_LANDMARKS = np.array(
    [
        (-0.31149, 0.29036, 0.13378),
        (0.30980, 0.28972, 0.13180),
        (0.00325, -0.04618, 0.55244),
        (-0.25217, -0.38133, 0.22406),
        (0.24847, -0.38128, 0.22236),
    ]
)
#: Pixels of the aligned picture for one unit of the mean face.
ALIGNED_SCALE = 102.0
#: Side of the crop from which a frame's face is aligned, in pixels; the network sees 224 of them.
CROP_PX = 256


def five_points(landmarks: FloatArray) -> FloatArray:
    """Eyes, nose and corners of the mouth (5, 2), x right, y down, from landmarks (478, 2 or 3) in the same pixels."""
    points = landmarks[:, :2]
    eyes = [points[list(eye[:2])].mean(axis=0) for eye in EYES]
    return np.stack([*eyes, points[NOSE_TIP], *points[list(MOUTH_CORNERS)]]).astype(np.float64)


def alignment(points: FloatArray, height: int) -> tuple[float, float, float]:
    """Scale, x and y (upwards) of the face in a picture of that height, from its five points (5, 2) with y down.

    A weak perspective camera is fitted to the mean landmarks by least squares; (x, y) is where it puts the mean face's origin,
    and the picture enlarged by the scale shows the face as large as the network was trained on.
    """
    upward = np.stack([points[:, 0], height - 1 - points[:, 1]], axis=1)
    design = np.concatenate([MEAN_LANDMARKS, np.ones((5, 1))], axis=1)
    camera = np.linalg.lstsq(design, upward, rcond=None)[0]
    scale = (np.linalg.norm(camera[:3, 0]) + np.linalg.norm(camera[:3, 1])) / 2
    return ALIGNED_SCALE / float(scale), float(camera[3, 0]), float(camera[3, 1])


def aligned(picture: ByteArray, scale: float, x: float, y: float) -> ByteArray:
    """The face (224, 224, 3) uint8 as the network wants it, from `picture` (H, W, 3) and its `alignment`; black outside."""
    height, width = picture.shape[:2]
    size = (int(width * scale), int(height * scale))
    left = int(size[0] / 2 - INPUT_PIXELS / 2 + (x - width / 2) * scale)
    top = int(size[1] / 2 - INPUT_PIXELS / 2 + (height / 2 - y) * scale)
    enlarged = Image.fromarray(picture).resize(size, Image.Resampling.BICUBIC)
    return np.array(enlarged.crop((left, top, left + INPUT_PIXELS, top + INPUT_PIXELS)))


def portrait_coefficients(network: FaceReconstructionNet, picture: ByteArray, landmarks: FloatArray) -> FloatArray:
    """Coefficients (73,) float32 of a portrait: expression 64, angles 3 (radians), translation 3, and scale, x, y of its face.

    picture: (H, W, 3) uint8 RGB, the head's crop. landmarks: (478, 2 or 3) in its pixels. The first 70 are what the network for
    crops takes, all of them what the one for whole pictures does.
    """
    place = alignment(five_points(landmarks), picture.shape[0])
    image = torch.from_numpy(aligned(picture, *place)).permute(2, 0, 1)[None].float() / 255
    with torch.inference_mode():
        found = FaceCoefficients.split(network(image.to(network.backbone.conv1.weight.device)).cpu())
    return np.concatenate([found.expression[0], found.angle[0], found.translation[0], place]).astype(np.float32)


def frame_coefficients(network: FaceReconstructionNet, picture: ByteArray, face: Face) -> FloatArray:
    """Coefficients (70,) float32 of a face in a film's frame (H, W, 3): expression 64, angles 3, translation 3."""
    crop = head_crop(face)
    points = crop.points(face.landmarks[:, :2], CROP_PX)
    return portrait_coefficients(network, crop.cut(picture, CROP_PX), points)[:CROP_COEFFICIENTS]
