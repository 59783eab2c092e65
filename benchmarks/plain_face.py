"""`python -m benchmarks.plain_face`: make `motion/files/plain_face.npy` anew, the face of nobody that motion alone is shown on.

It is the mean of the landmarks of the faces among the demo's pictures whose mouth is shut and that look straight ahead, each
brought to the same axes and eye span, and the mean of that and its mirror image. Numbers alone are kept: 478 places, no picture.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

from core.contracts import BLENDSHAPE_INDEX, FloatArray
from faces.faces import FaceFinder
from faces.fitting.face_coordinates import face_coordinates
from media.pictures import load_picture
from motion.files.plain_face import PLACES

DEMO = Path(__file__).resolve().parent.parent / "demo"
#: Degrees that a head may be turned, and how much of these shapes a picture may show.
MOST_TURN_DEG = 15.0
MOST_SHOWN = {"jawOpen": 0.1, "mouthSmileLeft": 0.6, "eyeBlinkLeft": 0.4}
MAX_PIXELS = 50_000_000


def plain_places(pictures: list[Path]) -> tuple[FloatArray, int]:
    """(478, 3) places in eye spans from between the eyes (right, down, away), and of how many faces they are the mean."""
    with FaceFinder() as finder:
        faces = [face for path in pictures for face in finder.find(load_picture(path, MAX_PIXELS).image)]
    found = []
    for face in faces:
        shown = all(face.blendshapes[BLENDSHAPE_INDEX[name]] <= most for name, most in MOST_SHOWN.items())
        if shown and np.abs(face.rotation_deg).max() <= MOST_TURN_DEG:
            coordinates = face_coordinates(face.landmarks)
            found.append(coordinates.to_face(face.landmarks) / coordinates.eye_span)
    mean = np.mean(found, axis=0)
    mirror = mean * (-1, 1, 1)
    other = linear_sum_assignment(cdist(mean, mirror))[1]
    return np.asarray((mean + mirror[other]) / 2, np.float32), len(found)


def main() -> None:
    """Write the file."""
    places, faces = plain_places(sorted([*DEMO.glob("*.jpg"), *DEMO.glob("examples/*.jpg")]))
    np.save(PLACES, places.astype(np.float16))
    print(f"{PLACES}: the mean of {faces} faces")


if __name__ == "__main__":
    main()
