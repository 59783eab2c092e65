"""MediaPipe's tasks, opened from our weights and answering in our arrays. Nothing else imports `mediapipe`."""

from __future__ import annotations

import ctypes
import os
import sys
import threading
import weakref
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt

from core.contracts import BLENDSHAPE_INDEX, BLENDSHAPE_NAMES, ByteArray, FloatArray
from core.errors import MissingError

#: The face detector inside the Face Landmarker's bundle, which is a zip file.
DETECTOR_MEMBER = "face_detector.tflite"
STDERR = 2


@dataclass(frozen=True)
class Detection:
    """Where the detector (BlazeFace) sees a face.

    score: 0 to 1. box: (left, top, right, bottom) in pixels. points: (4, 2) float32 in pixels: the eye at the picture's left of
    an upright face, the other eye, the tip of the nose, the middle of the mouth.
    """

    score: float
    box: tuple[float, float, float, float]
    points: FloatArray

    @property
    def centre(self) -> npt.NDArray[np.float64]:
        """Middle (x, y) of the box."""
        return np.array([self.box[0] + self.box[2], self.box[1] + self.box[3]]) / 2

    @property
    def side(self) -> float:
        """Longer side of the box in pixels."""
        return max(self.box[2] - self.box[0], self.box[3] - self.box[1])


@dataclass(frozen=True)
class Reading:
    """What the Face Landmarker reads from one picture.

    landmarks: (478, 3) in its pixels. blendshapes: (52,). matrix: (3, 3), turns the upright frontal head to its pose; axes
    x right, y up, z to the camera.
    """

    landmarks: FloatArray
    blendshapes: FloatArray
    matrix: npt.NDArray[np.float64]


class Landmarker:
    """The Face Landmarker: 478 points, blendshapes, pose; about 10 ms a picture."""

    def __init__(self, bundle: Path, video: bool, max_faces: int, min_detection: float, min_presence: float) -> None:
        """video: follow faces from frame to frame by `follow` instead of reading single pictures by `read`."""
        tasks = import_tasks()
        options = tasks.vision.FaceLandmarkerOptions(
            base_options=tasks.BaseOptions(model_asset_path=str(bundle)),
            running_mode=tasks.vision.RunningMode.VIDEO if video else tasks.vision.RunningMode.IMAGE,
            num_faces=max_faces,
            min_face_detection_confidence=min_detection,
            min_face_presence_confidence=min_presence,
            min_tracking_confidence=min_presence,
            output_face_blendshapes=True,
            output_facial_transformation_matrixes=True,
        )
        with quiet_stderr:
            self._task: Any = tasks.vision.FaceLandmarker.create_from_options(options)
            blank = np.zeros((64, 64, 3), np.uint8)  # the first picture makes the networks speak; it is a blank one
            _ = self.follow(blank, 0) if video else self.read(blank)
        self.close = weakref.finalize(self, close_task, self._task)

    def read(self, image: ByteArray) -> list[Reading]:
        """The faces in `image` (H, W, 3) uint8 RGB."""
        with quiet_stderr:
            answer = self._task.detect(media_image(image))
        return readings_of(answer, image.shape[1], image.shape[0])

    def follow(self, frame: ByteArray, time_ms: int) -> list[Reading]:
        """The faces in the next frame (H, W, 3) uint8 RGB of a film; `time_ms` must grow."""
        with quiet_stderr:
            answer = self._task.detect_for_video(media_image(frame), time_ms)
        return readings_of(answer, frame.shape[1], frame.shape[0])


class Detector:
    """BlazeFace, short range: faces from about a tenth of the picture's side on; about 2 ms a picture."""

    def __init__(self, bundle: Path, min_score: float) -> None:
        tasks = import_tasks()
        with zipfile.ZipFile(bundle) as archive:
            network = archive.read(DETECTOR_MEMBER)
        options = tasks.vision.FaceDetectorOptions(
            base_options=tasks.BaseOptions(model_asset_buffer=network), min_detection_confidence=min_score
        )
        with quiet_stderr:
            self._task: Any = tasks.vision.FaceDetector.create_from_options(options)
            self.detect(np.zeros((64, 64, 3), np.uint8))
        self.close = weakref.finalize(self, close_task, self._task)

    def detect(self, image: ByteArray) -> list[Detection]:
        """What looks like a face in `image` (H, W, 3) uint8 RGB."""
        height, width = image.shape[:2]
        with quiet_stderr:
            answer = self._task.detect(media_image(image))
        found = []
        for detection in answer.detections:
            box = detection.bounding_box
            points = [(point.x * width, point.y * height) for point in detection.keypoints[:4]]
            edges = (box.origin_x, box.origin_y, box.origin_x + box.width, box.origin_y + box.height)
            found.append(Detection(float(detection.categories[0].score), edges, np.array(points, np.float32)))
        return found


def close_task(task: Any) -> None:
    """Release a task. Called by a finalizer, which keeps MediaPipe's own destructor from failing in an interpreter half gone."""
    with quiet_stderr:
        try:
            task.close()
        except RuntimeError:
            # The program ends and MediaPipe's thread has stopped before. One more reference keeps its destructor from trying
            # again, later still, with the modules gone; the system takes the memory back.
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(task))


def import_tasks() -> Any:
    """The module `mediapipe.tasks.python`. Raises MissingError where the package is not there."""
    try:
        with without_plots_and_microphones():
            from mediapipe.tasks import python
            from mediapipe.tasks.python import vision
    except ImportError as error:
        raise MissingError("faces.no_mediapipe") from error
    assert vision is python.vision
    return python


@contextmanager
def without_plots_and_microphones() -> Iterator[None]:
    """Keep matplotlib and sounddevice out for the time of the block: MediaPipe imports them for its own drawings and recordings
    alone, which nobody asks for. Matplotlib is a quarter of the work of looking at a picture; where PortAudio is not installed
    sounddevice has gcc and ld look for it three times."""
    absent = [name for name in ("matplotlib", "matplotlib.pyplot", "sounddevice") if name not in sys.modules]
    sys.modules.update({name: ModuleType(name) for name in absent})
    try:
        yield
    finally:
        for name in absent:
            sys.modules.pop(name, None)


def media_image(image: ByteArray) -> Any:
    """The array as MediaPipe takes it."""
    import mediapipe

    return mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=np.ascontiguousarray(image))


def readings_of(result: Any, width: int, height: int) -> list[Reading]:
    """MediaPipe's result for a picture of that size."""
    found = zip(result.face_landmarks, result.face_blendshapes, result.facial_transformation_matrixes, strict=True)
    readings = []
    for points, shapes, matrix in found:
        landmarks = np.array([(point.x * width, point.y * height, point.z * width) for point in points], np.float32)
        turn = np.asarray(matrix, np.float64)[:3, :3]
        readings.append(Reading(landmarks, blendshapes_of(shapes), turn / np.linalg.norm(turn, axis=0)))
    return readings


def blendshapes_of(categories: Sequence[Any]) -> FloatArray:
    """(52,) in ARKit's order. MediaPipe's `_neutral` is none of them; its network never gives `tongueOut`, which stays 0."""
    shapes = np.zeros(len(BLENDSHAPE_NAMES), np.float32)
    for category in categories:
        index = BLENDSHAPE_INDEX.get(category.category_name)
        if index is not None:
            shapes[index] = category.score
    return shapes


class QuietStderr:
    """A `with` block that keeps what native code writes to stderr from the user; blocks may lie in one another and in threads.

    MediaPipe's greetings, and its warning of memory that happens not to be aligned, can't be switched off in another way.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._blocks = 0
        self._kept = -1

    def __enter__(self) -> None:
        with self._lock:
            self._blocks += 1
            if self._blocks > 1:
                return
            try:
                self._kept = os.dup(STDERR)
            except OSError:  # there is no stderr to be quiet on
                return
            with Path(os.devnull).open("wb") as nowhere:
                os.dup2(nowhere.fileno(), STDERR)

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._blocks -= 1
            if self._blocks == 0 and self._kept >= 0:
                os.dup2(self._kept, STDERR)
                os.close(self._kept)
                self._kept = -1


quiet_stderr = QuietStderr()
