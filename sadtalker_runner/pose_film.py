"""The head's pose read from another film: its face is followed and the 3D model fitted to it, frame by frame.

As the published program does with a reference film, the change of pose since that film's first face is added to the portrait's
own pose. Here it is also smoothed over time, as the poses of the voice are, because the fit of each frame trembles a little.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path

import numpy as np

from core import driving
from core.contracts import ByteArray, Face, FloatArray
from core.errors import InputError
from core.frame_stream import closing_frames
from faces.faces import FaceFinder
from media.media import probe_video, read_frames
from sadtalker_runner.audio_to_coefficients import NETWORK_FPS, smoothed
from sadtalker_runner.driver import coefficients_of_faces
from sadtalker_runner.networks.expression_net import EXPRESSIONS
from sadtalker_runner.networks.face_reconstruction import FaceReconstructionNet
from sadtalker_runner.networks.mapping_net import CROP_COEFFICIENTS


def pose_of_film(
    film: Path, network: FaceReconstructionNet, first_pose: FloatArray, frames: int, tick: Callable[[], None]
) -> FloatArray:
    """Head pose (frames, 6) float32 at 25 frames a second that follows the head in `film` from its beginning.

    first_pose: (6,), the portrait's own. A shorter film runs forth and back. Where its face is lost for a while, the pose goes
    straight from the last one seen to the next. tick: called once a frame; what it raises stops the work.
    Raises InputError where the film can't be read or shows no face.
    """
    lost = np.full(CROP_COEFFICIENTS, np.nan, np.float32)

    def faces(finder: FaceFinder) -> Iterator[tuple[ByteArray, Face | None]]:
        with closing(network_rate_frames(film)) as pictures:
            for number, picture in enumerate(islice(pictures, frames)):
                tick()
                yield picture, finder.track(picture, number / NETWORK_FPS)

    with FaceFinder(video=True) as finder, closing_frames(rows := coefficients_of_faces(network, faces(finder))):
        poses = [(lost if row is None else row)[EXPRESSIONS:] for row in rows]
    read = smoothed(bridged(np.array(poses), film).astype(np.float32))
    return (first_pose + (read - read[0])[forth_and_back(len(read), frames)]).astype(np.float32)


def network_rate_frames(film: Path) -> Generator[ByteArray]:
    """The frames (H, W, 3) uint8 RGB of a film at 25 a second: of another rate, those shown at these moments."""
    fps = probe_video(film).fps
    wanted = 0
    with closing(read_frames(film)) as pictures:
        for number, picture in enumerate(pictures):
            while round(wanted * fps / NETWORK_FPS) == number:
                yield picture
                wanted += 1


def bridged(poses: FloatArray, film: Path) -> FloatArray:
    """Poses (T, 6) whose rows without numbers are drawn straight between their neighbours. Raises InputError where all lack."""
    seen = np.array([bool(np.isfinite(row).all()) for row in poses], bool)
    if not seen.any():
        raise InputError("sadtalker_runner.pose_film_without_face", name=film.name)
    return driving.bridged(poses, seen)


def forth_and_back(available: int, frames: int) -> FloatArray:
    """Which of `available` frames is shown at each of `frames`: to the last one, back to the first, and so on."""
    period = max(1, 2 * (available - 1))
    place = np.arange(frames) % period
    return np.minimum(place, period - place) if available > 1 else np.zeros(frames, int)
