"""The one face before a camera, read frame by frame as the frames come: no later frame is waited for.

    with LiveFace() as face:
        seen = face.read(frame, time_s)       # None where nobody is seen

The network looks at the whole frame, finds the face by itself, and follows it where it goes (Grishchenko and others, "Attention
Mesh", 2020); it needs the face to be large in the frame, as before a webcam.
"""

from __future__ import annotations

from types import TracebackType

from core.contracts import ByteArray, Face
from faces.faces import WEIGHT_NAME, as_face
from faces.mediapipe_tasks import Landmarker
from weights.fetch import ensure

#: Least scores of detector and network that a face is there, 0 to 1.
MIN_DETECTION, MIN_PRESENCE = 0.5, 0.5


class LiveFace:
    """The network, held open; used by one thread at a time."""

    def __init__(self) -> None:
        """Raises MissingError where the weights can't be had."""
        self._landmarker = Landmarker(ensure(WEIGHT_NAME), True, 1, MIN_DETECTION, MIN_PRESENCE)
        self._time_ms = 0

    def __enter__(self) -> LiveFace:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Release the network; nothing can be read any more."""
        self._landmarker.close()

    def read(self, frame: ByteArray, time_s: float) -> Face | None:
        """The face in the next frame (H, W, 3) uint8 RGB, seen at `time_s`, which grows; None where nobody is seen."""
        self._time_ms = max(round(1000 * time_s), self._time_ms + 1)
        readings = self._landmarker.follow(frame, self._time_ms)
        return as_face(readings[0]) if readings else None
