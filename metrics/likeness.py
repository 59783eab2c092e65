"""Is it still the same person? Cosine of identity embeddings of the film's faces and the source picture's face."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.contracts import ByteArray, FloatArray
from core.messages import NOTHING, Message, message, translatable
from faces.picture_style import is_drawing
from metrics.alignment import similarity_transform, warp
from metrics.film_view import Reference, Scene, View
from metrics.registry import Metric, Watched, WithControls
from metrics.verdict import Verdict, at_least, told
from neural.onnx_session import network_session
from weights.fetch import ensure

WEIGHT_NAME = "face_identity"
#: The mean cosine that a good film reaches.
MIN_LIKENESS = 0.8
#: With what the faces are compared.
PORTRAIT, FIRST_FRAME = translatable("portrait"), translatable("first frame")
#: Side of the picture that the network takes.
ALIGNED_PX = 112
#: Where ArcFace's training pictures have the eyes, the nose tip and the mouth corners, as (x, y): the one seen left, first.
ARCFACE_POINTS = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]],
)
#: Face Landmarker points of the same: corners of either eye (their middle stays with lid and gaze), nose tip, mouth corners.
EYE_CORNERS = ((33, 133), (362, 263))
NOSE_TIP = 1
MOUTH_CORNERS = (61, 291)


class IdentityNetwork:
    """MobileFaceNet trained with ArcFace on WebFace600K (Deng et al., "ArcFace", 2019). Non-commercial: for metrics only."""

    def __init__(self, threads: int = 2) -> None:
        """Raises `MissingError` where the weights can't be had."""
        self.session = network_session(ensure(WEIGHT_NAME), threads)
        self.input_name = self.session.get_inputs()[0].name

    def embedding(self, image: ByteArray, landmarks: FloatArray) -> FloatArray:
        """Unit vector (512,) float32 of the face with these landmarks (478, 3) in a picture (H, W, 3) uint8."""
        aligned = aligned_face(image, landmarks).astype(np.float32)
        batch = ((aligned - 127.5) / 127.5).transpose(2, 0, 1)[None]
        vector = np.asarray(self.session.run(None, {self.input_name: batch})[0])[0]
        return np.asarray(vector / np.linalg.norm(vector), np.float32)


def five_points(landmarks: FloatArray) -> np.ndarray:
    """Eyes, nose tip and mouth corners (5, 2) of landmarks (478, 3), in the order of `ARCFACE_POINTS`."""
    eyes = [landmarks[list(corners), :2].mean(axis=0) for corners in EYE_CORNERS]
    return np.stack([*eyes, landmarks[NOSE_TIP, :2], *landmarks[list(MOUTH_CORNERS), :2]])


def aligned_face(image: ByteArray, landmarks: FloatArray) -> ByteArray:
    """The face as the network takes it: (112, 112, 3) uint8 RGB."""
    return warp(image, similarity_transform(five_points(landmarks), ARCFACE_POINTS), (ALIGNED_PX, ALIGNED_PX))


@dataclass(frozen=True)
class Likeness:
    """Cosines in [-1, 1] of the film's faces with the reference; different people usually stay under 0.3; None without a face.

    reference: `PORTRAIT` or `FIRST_FRAME`. frames: how many were compared. doubt: why the figures are no judgement of the film.
    """

    reference: Message
    frames: int
    mean: float | None
    p5: float | None
    lowest: float | None
    doubt: Message = NOTHING


class LikenessObserver:
    """Compares every `stride`-th frame with the reference."""

    def __init__(self, reference: Reference, network: IdentityNetwork, stride: int, doubt: Message = NOTHING) -> None:
        self.network, self.stride, self.doubt = network, max(1, stride), doubt
        self.reference_name = PORTRAIT if reference.is_portrait else FIRST_FRAME
        self.target = network.embedding(reference.image, reference.face.landmarks)
        self.cosines: list[float] = []

    def see(self, view: View) -> None:
        """Take the next frame."""
        if view.face is not None and view.index % self.stride == 0:
            self.cosines.append(float(self.network.embedding(view.frame, view.face.landmarks) @ self.target))

    def result(self) -> Likeness:
        """The figures of all frames seen."""
        if not self.cosines:
            return Likeness(self.reference_name, 0, None, None, None, self.doubt)
        values = np.array(self.cosines)
        figures = (float(values.mean()), float(np.percentile(values, 5)), float(values.min()))
        return Likeness(self.reference_name, len(values), *figures, self.doubt)


def watch(scene: Scene) -> Watched[Likeness]:
    """The observer of the film's faces, and the still film's."""
    network = IdentityNetwork()
    doubt = message("metrics.likeness_of_a_drawing") if is_drawing(scene.source.image) else NOTHING
    return Watched(lambda: LikenessObserver(scene.source, network, scene.stride, doubt))


def likeness_verdicts(likeness: Likeness) -> list[Verdict]:
    """The demand for the same person."""
    return [told(at_least(message("metrics.likeness_to_picture"), likeness.mean, MIN_LIKENESS), likeness.doubt)]


LIKENESS = Metric[WithControls[Likeness]](
    "likeness", translatable("Likeness"), 60, watch, verdicts=lambda likeness, _: likeness_verdicts(likeness.film)
)
