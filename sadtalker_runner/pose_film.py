"""The head's pose read from another film: its face is followed and the 3D model fitted to it, frame by frame.

As the published program does with a reference film, the change of pose since that film's first face is added to the portrait's
own pose. Here it is also smoothed over time, as the poses of the voice are, because the fit of each frame trembles a little.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing
from pathlib import Path

import numpy as np

from core.contracts import ByteArray, FloatArray
from core.errors import InputError
from faces.faces import FaceFinder
from faces.head_crop import head_crop
from media.media import probe_video, read_frames
from sadtalker_runner.audio_to_coefficients import NETWORK_FPS, smoothed
from sadtalker_runner.networks.expression_net import EXPRESSIONS
from sadtalker_runner.networks.face_reconstruction import FaceReconstructionNet
from sadtalker_runner.networks.mapping_net import CROP_COEFFICIENTS
from sadtalker_runner.portrait import portrait_coefficients

#: Side of the crop from which the face is aligned, in pixels; the network sees 224 of them.
CROP_PX = 256


def pose_of_film(
    film: Path, network: FaceReconstructionNet, first_pose: FloatArray, frames: int, tick: Callable[[], None]
) -> FloatArray:
    """Head pose (frames, 6) float32 at 25 frames a second that follows the head in `film` from its beginning.

    first_pose: (6,), the portrait's own. A shorter film runs forth and back. Where its face is lost for a while, the pose goes
    straight from the last one seen to the next. tick: called once a frame; what it raises stops the work.
    Raises InputError where the film can't be read or shows no face.
    """
    poses: list[FloatArray] = []
    with FaceFinder(video=True) as finder, closing(network_rate_frames(film)) as pictures:
        for picture in pictures:
            tick()
            face = finder.track(picture, len(poses) / NETWORK_FPS)
            if face is None:
                poses.append(np.full(CROP_COEFFICIENTS - EXPRESSIONS, np.nan))
            else:
                crop = head_crop(face)
                points = crop.points(face.landmarks[:, :2], CROP_PX)
                poses.append(portrait_coefficients(network, crop.cut(picture, CROP_PX), points)[EXPRESSIONS:CROP_COEFFICIENTS])
            if len(poses) == frames:
                break
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
    seen = np.flatnonzero(np.isfinite(poses).all(axis=1)) if len(poses) else np.zeros(0, int)
    if not len(seen):
        raise InputError("sadtalker_runner.pose_film_without_face", name=film.name)
    return np.stack([np.interp(np.arange(len(poses)), seen, column[seen]) for column in poses.T], axis=1)


def forth_and_back(available: int, frames: int) -> FloatArray:
    """Which of `available` frames is shown at each of `frames`: to the last one, back to the first, and so on."""
    period = max(1, 2 * (available - 1))
    place = np.arange(frames) % period
    return np.minimum(place, period - place) if available > 1 else np.zeros(frames, int)
