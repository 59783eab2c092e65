"""A short film of the demo portrait that speaks, drawn by the mesh engine, and its track."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from animators.mesh.runner import MeshRenderer
from core.blendshapes import BLENDSHAPE_INDEX, BLENDSHAPE_NAMES
from core.contracts import Motion, Portrait
from drawing.resizing import resized
from faces.faces import FaceFinder
from faces.tracking.tracks import FaceState, FaceTrack, FilmFaces
from lipsync.card import LipsTask
from media.pictures import load_picture

FPS, FRAMES, HEIGHT = 25.0, 40, 320


def motion_of(jaw, **shapes):
    """A motion whose jaw opens by `jaw` (T,), with other shapes (T,) by name; the head turns a little."""
    blendshapes = np.zeros((len(jaw), len(BLENDSHAPE_NAMES)), np.float32)
    for name, curve in {"jawOpen": jaw, **shapes}.items():
        blendshapes[:, BLENDSHAPE_INDEX[name]] = curve
    head = np.zeros((len(jaw), 3), np.float32)
    head[:, 0] = 4 * np.sin(np.arange(len(jaw)) / 9)
    none = np.zeros((len(jaw), 3), np.float32)
    return Motion(FPS, blendshapes, head, none, none[:, :2], none[:, 0])


@dataclass(frozen=True)
class TalkingFilm:
    """frames: of the film. faces: what a tracker would know. jaw: (T,) by which it was drawn."""

    frames: list[np.ndarray]
    faces: FilmFaces
    jaw: np.ndarray

    def task(self, motion, track=None):
        """New lips for the film's person."""
        return LipsTask(self.faces, track or self.faces.tracks[0], motion, None, lambda: iter(self.frames))


def tracked(frames):
    """(landmarks, blendshapes, rotation_deg) of one face in every frame."""
    with FaceFinder(video=True) as finder:
        faces = [finder.track(frame, number / FPS) for number, frame in enumerate(frames)]
    assert all(face is not None for face in faces)
    rows = [(face.landmarks, face.blendshapes, face.rotation_deg) for face in faces]
    return [np.array(column, np.float32) for column in zip(*rows, strict=True)]


@pytest.fixture(scope="session")
def talking(root_dir):
    whole = load_picture(root_dir / "demo" / "portrait.jpg").image
    image = resized(whole, HEIGHT, HEIGHT * whole.shape[1] // whole.shape[0])
    with FaceFinder() as finder:
        portrait = Portrait(image, finder.find(image)[0])
    time = np.arange(FRAMES)
    jaw = np.where(time < 6, 0.0, 0.35 * (1 - np.cos((time - 6) / 2.2)) / 1.4).astype(np.float32)
    frames = list(MeshRenderer().frames(portrait, motion_of(jaw)))
    state = np.full(FRAMES, FaceState.CLEAR, np.uint8)
    track = FaceTrack(1, *tracked(frames), state, 0)
    height, width = image.shape[:2]
    return TalkingFilm(frames, FilmFaces(FPS, width, height, FRAMES, np.zeros(0, np.int64), (track,)), jaw)
