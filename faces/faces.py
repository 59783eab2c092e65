"""Finds the faces of a picture and chooses the one that sings. The networks are MediaPipe's: BlazeFace and the Face Landmarker.

Bazarevsky and others, "BlazeFace" (2019); Grishchenko and others, "Attention Mesh: High-fidelity Face Mesh Prediction in
Real-time" (2020). A face is searched in the whole picture and, where it is small, in tiles of it; then read from several
close-ups, because what the landmark network says depends on how the face lies in the picture that it is given.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import TracebackType

import numpy as np

from core.contracts import ByteArray, Face, FloatArray
from faces.face_choice import FaceLimits, choose_face, height_px
from faces.face_reading import Evidence, Matrix, read_face
from faces.face_search import distinct, search_tiles, search_turned, shared_part, tile_sides
from faces.human_face import is_drawn_rather_than_animal, is_human
from faces.mediapipe_tasks import Detection, Detector, Landmarker, Reading
from faces.upright import find_upright
from weights.fetch import ensure

__all__ = [
    "FaceFinder",
    "FaceFinderSettings",
    "FaceLimits",
    "choose_face",
    "find_upright",
    "is_drawn_rather_than_animal",
    "is_human",
]

WEIGHT_NAME = "face_landmarker"
QUARTER_TURNS = (1, 3, 2)


@dataclass(frozen=True)
class FaceFinderSettings:
    """How faces are searched, and what counts as one.

    A face that is not plainly human (`human_face.py`) must pass two of three tests, set on 19 photos, paintings and drawings in
    eight states each (turned, blurred, dark, small, noisy and so on) and on a dog in eighteen, and look drawn.
    """

    #: most faces that are looked for.
    max_faces: int = 12
    #: least score of the detector in the search, 0 to 1.
    min_detection: float = 0.5
    #: least score of the landmark network that a face is there, 0 to 1.
    min_presence: float = 0.5
    #: test 1: least score of the detector in close-ups, mean, 0 to 1. People 0.80 to 0.95, the dog 0.48 to 0.80.
    min_score: float = 0.79
    #: test 2: how far the networks may disagree about eyes, nose and mouth, in eye distances. People up to 0.12, the dog 0.09 up.
    max_disagreement: float = 0.125
    #: test 3: how far landmarks may wander between close-ups, in eye distances. People up to 0.013, the dog from 0.013.
    max_spread: float = 0.015
    #: while the largest face found is smaller than this part of the picture's shorter side, smaller tiles are searched too.
    small_face_part: float = 0.2
    #: side of the part of a film's frame in which a face is followed, in sides of the face.
    follow_sides: float = 2.4
    #: whether faces that lie on a side or stand on their head are searched too, where no other is found.
    turned: bool = True
    #: whether faces that are most likely animals' are given too; `Face.human` tells them.
    animals: bool = False
    #: most disagreement and most spread of an animal's face, as in tests 2 and 3. What is read off an eye, a wrong part of the
    #: head or fur on a side has more: at least 0.168 or 0.09 on 53 animals, faces that were read rightly 0.141 and 0.043.
    animal_disagreement: float = 0.165
    animal_spread: float = 0.06


@dataclass(frozen=True)
class FaceCandidate:
    """A face that is wanted, where the detector saw it, and how sure the networks are."""

    detection: Detection
    face: Face
    evidence: Evidence


class FaceFinder:
    """The networks, held open; use it in a `with` block, or call `close`."""

    def __init__(self, video: bool = False, settings: FaceFinderSettings | None = None) -> None:
        """video: the finder also follows one face from frame to frame, by `track`.

        Raises MissingError where the weights can't be had.
        """
        self.settings = settings or FaceFinderSettings()
        bundle, score = ensure(WEIGHT_NAME), self.settings.min_detection
        self._landmarker = Landmarker(bundle, False, self.settings.max_faces, score, self.settings.min_presence)
        self._detector = Detector(bundle, score)
        self._follower = Landmarker(bundle, True, 1, score, self.settings.min_presence) if video else None
        self._region: tuple[int, int, int, int] | None = None
        self._time_ms = 0

    def __enter__(self) -> FaceFinder:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Release the networks; the finder can't be used any more."""
        for network in (self._landmarker, self._detector, self._follower):
            if network is not None:
                network.close()

    def find(self, image: ByteArray) -> list[Face]:
        """All human faces in `image` (H, W, 3) uint8 RGB, from left to right, found and read with all care (0.1 to 1 s).

        With `settings.animals`, those of animals too that were read well enough to be moved.
        """
        return [face for face, evidence in self.examine(image) if face.human or self._is_well_read(evidence)]

    def examine(self, image: ByteArray) -> list[tuple[Face, Evidence]]:
        """As `find`, with how sure the networks are of each face; animals' faces as they are read, well or not."""
        found: list[FaceCandidate] = []
        smallest = self.settings.small_face_part * min(image.shape[:2])
        for side in tile_sides(image.shape[1], image.shape[0]):
            large_enough = bool(found) and max(height_px(one.face) for one in found) >= smallest
            if large_enough:
                break
            self._read_all(image, search_tiles(image, side, self._detector), found)
        for quarters in QUARTER_TURNS:
            if self.settings.turned and not found:
                self._read_all(image, search_turned(image, quarters, self._detector), found)
        found.sort(key=lambda one: one.face.box[0] + one.face.box[2])
        return [(one.face, one.evidence) for one in found]

    def glance(self, image: ByteArray) -> list[Face]:
        """What the landmark network sees in one look (about 10 ms), from left to right; for frames of films.

        Small faces are missed, animals may pass for people, and faces off the picture's middle seem more turned than they are.
        """
        faces = [as_face(reading) for reading in self._landmarker.read(image)]
        return sorted(faces, key=lambda face: face.box[0] + face.box[2])

    def track(self, frame: ByteArray, time_s: float) -> Face | None:
        """The face in the next frame (H, W, 3) uint8 RGB of a film; None where it is lost. About 10 ms but for the first frame.

        The largest face of the first frame that has one is followed, in a part of the frame around it that stays where it is.
        The network smooths over time. Needs `FaceFinder(video=True)`.
        """
        if self._follower is None:
            raise RuntimeError("Following a face needs FaceFinder(video=True).")
        if self._region is None:
            faces = self.find(frame)
            if not faces:
                return None
            self._region = self._region_around(max(faces, key=height_px), frame)
        left, top, right, bottom = self._region
        self._time_ms = max(round(time_s * 1000), self._time_ms + 1)
        readings = self._follower.follow(frame[top:bottom, left:right], self._time_ms)
        if not readings:
            return None
        landmarks = readings[0].landmarks + np.array([left, top, 0], np.float32)
        return as_face(Reading(landmarks, readings[0].blendshapes, readings[0].matrix))

    def _read_all(self, image: ByteArray, detections: list[Detection], found: list[FaceCandidate]) -> None:
        """Read the faces at the detections that are new, and add those that are wanted to `found`."""
        for detection in distinct(detections, [one.detection for one in found]):
            if len(found) >= self.settings.max_faces:
                return
            read = read_face(image, detection, self._landmarker, self._detector)
            if read is None:
                continue
            reading, evidence = read
            human = self._is_human(reading.landmarks, evidence)
            if not (human or self.settings.animals):
                continue
            face = replace(as_face(reading), human=human)
            if all(shared_part(face.box, one.face.box) < 0.5 for one in found):
                found.append(FaceCandidate(detection, face, evidence))

    def _is_human(self, landmarks: FloatArray, evidence: Evidence) -> bool:
        return is_person(landmarks, evidence, self.settings)

    def _is_well_read(self, evidence: Evidence) -> bool:
        return is_well_read(evidence, self.settings)

    def _region_around(self, face: Face, frame: ByteArray) -> tuple[int, int, int, int]:
        left, top, right, bottom = face.box
        reach = max(right - left, bottom - top) * self.settings.follow_sides / 2
        x, y = (left + right) / 2, (top + bottom) / 2
        height, width = frame.shape[:2]
        return max(0, int(x - reach)), max(0, int(y - reach)), min(width, int(x + reach)), min(height, int(y + reach))


def is_person(landmarks: FloatArray, evidence: Evidence, settings: FaceFinderSettings) -> bool:
    """Whether it is a person's face, or a drawn one that passes two of three tests: animals pass them too, seldom."""
    if is_human(landmarks, evidence):
        return True
    passed = (
        evidence.score >= settings.min_score,
        evidence.disagreement <= settings.max_disagreement,
        evidence.spread <= settings.max_spread,
    )
    return sum(passed) >= 2 and is_drawn_rather_than_animal(landmarks)


def is_well_read(evidence: Evidence, settings: FaceFinderSettings) -> bool:
    """Whether the networks agree about an animal's face, so that it is one, and lies where they say."""
    return evidence.disagreement <= settings.animal_disagreement and evidence.spread <= settings.animal_spread


def as_face(reading: Reading) -> Face:
    """A reading as the record of the contracts."""
    return Face(reading.landmarks, reading.blendshapes, rotation_deg_of(reading.matrix), box_of(reading.landmarks))


def box_of(landmarks: FloatArray) -> tuple[float, float, float, float]:
    """(left, top, right, bottom) around landmarks (478, 3)."""
    left, top = landmarks[:, :2].min(axis=0)
    right, bottom = landmarks[:, :2].max(axis=0)
    return float(left), float(top), float(right), float(bottom)


def rotation_deg_of(matrix: Matrix) -> tuple[float, float, float]:
    """(yaw, pitch, roll) in degrees, signs as in `Face`, of a rotation (3, 3) with x right, y up, z to the camera.

    The head is thought to be turned by yaw, then raised by pitch about its own ears' line, then tipped about its own nose: the
    forward axis gives yaw and pitch, and roll is what the up axis turns about it.
    """
    forward, up = matrix[:, 2], matrix[:, 1]
    yaw, pitch = np.arctan2(forward[0], forward[2]), np.arcsin(np.clip(forward[1], -1.0, 1.0))
    level_right = np.array([np.cos(yaw), 0.0, -np.sin(yaw)])
    level_up = np.cross(forward, level_right)
    roll = np.arctan2(up @ level_right, up @ level_up)
    return float(np.degrees(yaw)), float(np.degrees(pitch)), float(np.degrees(roll))
