"""A driving film moves the face: the 3D model is fitted to the driver in every frame, and its expression and pose are followed.

As the published program does with its reference films, coefficients are read off each frame's own aligned face by the network
that reads the portrait's. An aligned face says nothing of where in the picture the head is, so its shift is that of our own
motion. The 64 coefficients of expression are axes of the Basel Face Model, and each moves brows, eyes and lips at once: they
follow as strongly as the lips are asked to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from core.contracts import ByteArray, Face, FloatArray, Motion
from core.driving import Driving, Strength, bridged
from core.errors import InputError
from core.frame_stream import closing_frames
from faces.tracking.steadying import Groups, steadied_in_shots
from sadtalker_runner.audio_to_coefficients import NETWORK_FPS
from sadtalker_runner.film_coefficients import network_frames, shift_of_motion
from sadtalker_runner.networks.expression_net import EXPRESSIONS
from sadtalker_runner.networks.face_reconstruction import FaceReconstructionNet
from sadtalker_runner.networks.mapping_net import CROP_COEFFICIENTS
from sadtalker_runner.portrait import frame_coefficients

ANGLES = slice(EXPRESSIONS, EXPRESSIONS + 3)
#: Coefficients that move together: the expression's, the angles, the translation.
GROUPS: Groups = (tuple(range(EXPRESSIONS)), (64, 65, 66), (67, 68, 69))


def read_driver(network: FaceReconstructionNet, driving: Driving, tick: Callable[[], None]) -> FloatArray:
    """Coefficients (T, 70) float32 of the driver in every frame of the film, at its rate.

    Steadied within each shot, without lag; where the face is not seen, straight between the neighbours. tick: called once a
    frame; what it raises stops the work. Raises InputError where the face is seen in no frame.
    """
    film = driving.film
    values = np.zeros((film.count, CROP_COEFFICIENTS), np.float32)
    seen = np.zeros(film.count, bool)

    def faces() -> Iterator[tuple[ByteArray, Face | None]]:
        with closing_frames(frames := film.frames()):
            for number, frame in enumerate(frames):
                tick()
                yield frame, film.face(number) if driving.seen[number] else None

    with closing_frames(rows := coefficients_of_faces(network, faces())):
        for number, row in enumerate(rows):
            if row is not None:
                values[number], seen[number] = row, True
    if not seen.any():
        raise InputError("sadtalker_runner.driving_film_without_face")
    shots = np.searchsorted(np.asarray(driving.cuts, int), np.arange(film.count), side="right")
    return steadied_in_shots(bridged(values, seen), GROUPS, seen, shots, film.fps)


def coefficients_of_faces(
    network: FaceReconstructionNet, faces: Iterator[tuple[ByteArray, Face | None]]
) -> Iterator[FloatArray | None]:
    """Coefficients (70,) of the face in each frame (H, W, 3); None where there is none. Closes `faces`."""
    with closing_frames(faces):
        for picture, face in faces:
            yield None if face is None else frame_coefficients(network, picture, face)


def followed(read: FloatArray, own: FloatArray, driving: Driving, motion: Motion) -> FloatArray:
    """Coefficients (frames, 70) float32 at 25 a second with which the portrait follows the driver.

    read: (T, 70), of `read_driver`. own: (70,) or (73,), the portrait's. motion: our own of the same film, whose shift of the
    head is taken, in which the head's strength is in effect already.
    """
    base = read[driving.neutral] if driving.relative else own[:CROP_COEFFICIENTS]
    places = np.arange(network_frames(motion)) * (driving.film.fps / NETWORK_FPS)
    now = np.stack([np.interp(places, np.arange(len(read)), curve) for curve in read.T], axis=1)
    film = own[:CROP_COEFFICIENTS] + strengths_of(driving.strength) * (now - base)
    film[:, ANGLES.stop :] = own[ANGLES.stop : CROP_COEFFICIENTS] + shift_of_motion(motion)
    return film.astype(np.float32)


def strengths_of(strength: Strength) -> FloatArray:
    """How strongly each coefficient (70,) follows."""
    shares = np.full(CROP_COEFFICIENTS, strength.lips, np.float32)
    shares[EXPRESSIONS:] = strength.head
    return shares


def tells_parts_apart(strength: Strength) -> bool:
    """Whether one part of the face is to follow more strongly than another."""
    return len({strength.brows, strength.eyes, strength.lips}) > 1
