"""A driving film whose motion is known: the demo portrait, drawn by the mesh engine, and what the tracker sees in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from animators.mesh.runner import MeshRenderer, MeshSettings
from core.blendshapes import BLENDSHAPE_INDEX, BLENDSHAPE_NAMES
from core.contracts import Motion, Portrait
from core.errors import MissingError
from drawing.resizing import resized
from faces.faces import FaceFinder
from faces.tracking.film_tracking import track_faces
from faces.tracking.tracks import FaceTrack, FilmFaces
from media.pictures import load_picture
from tests.conftest import ROOT
from weights.fetch import ensure

FPS, FRAMES, HEIGHT = 25.0, 130, 448


@dataclass(frozen=True)
class KnownFilm:
    """motion: by which it was drawn; frames: of it; faces: what the tracker sees in them."""

    motion: Motion
    frames: list[np.ndarray]
    faces: FilmFaces


def bump(middle, width, height):
    """(FRAMES,) a curve that rises to `height` about a frame and is 0 `width` frames away from it."""
    away = np.abs(np.arange(FRAMES) - middle) / width
    return np.where(away < 1, height * np.cos(np.pi / 2 * np.minimum(away, 1)) ** 2, 0.0)


def known_motion() -> Motion:
    """It begins with a laugh, rests, and then does one thing after another while the head turns and looks about."""
    frame = np.arange(FRAMES)
    laugh = np.clip((14 - frame) / 6, 0, 1)
    shapes = {
        "jawOpen": 0.5 * laugh + bump(34, 5, 0.5) + bump(42, 4, 0.35) + bump(50, 5, 0.6) + bump(88, 4, 0.4),
        **{f"mouthSmile{side}": 0.7 * laugh + bump(62, 7, 0.8) for side in ("Left", "Right")},
        **{f"eyeBlink{side}": bump(28, 4, 1.0) + bump(74, 4, 1.0) + bump(104, 4, 1.0) for side in ("Left", "Right")},
        "browInnerUp": bump(46, 8, 0.8) + bump(96, 7, 0.7),
        **{f"browOuterUp{side}": bump(46, 8, 0.7) + bump(96, 7, 0.6) for side in ("Left", "Right")},
        "mouthPucker": bump(76, 6, 0.8),
        "mouthLeft": bump(110, 7, 0.9),
        "mouthSmileLeft": 0.7 * laugh + bump(62, 7, 0.8) + bump(122, 6, 0.7),
    }
    blendshapes = np.zeros((FRAMES, len(BLENDSHAPE_NAMES)), np.float32)
    for name, curve in shapes.items():
        blendshapes[:, BLENDSHAPE_INDEX[name]] = curve
    begins = np.clip((frame - 22) / 10, 0, 1)[:, None]
    rotation = begins * np.stack([9 * np.sin(frame / 9), 6 * np.sin(frame / 7 + 1), 5 * np.sin(frame / 11)], axis=1)
    shift = begins * np.stack([0.05 * np.sin(frame / 13), 0.03 * np.sin(frame / 9), 0.25 * np.sin(frame / 15)], axis=1)
    gaze = begins * np.stack([16 * np.sin(frame / 8 + 2), 7 * np.sin(frame / 12)], axis=1)
    rows = [array.astype(np.float32) for array in (rotation, shift, gaze)]
    return Motion(FPS, blendshapes, *rows, np.zeros(FRAMES, np.float32))


@pytest.fixture(scope="session")
def portrait() -> Portrait:
    try:
        ensure("face_landmarker")
    except MissingError as error:
        pytest.skip(f"the Face Landmarker's weights can't be had: {error}")
    image = load_picture(ROOT / "demo" / "portrait.jpg").image
    image = resized(image, HEIGHT, image.shape[1] * HEIGHT // image.shape[0] // 2 * 2)
    with FaceFinder() as finder:
        return Portrait(image, finder.find(image)[0])


@pytest.fixture(scope="session")
def known_film(portrait, tmp_path_factory) -> KnownFilm:
    motion = known_motion()
    frames = list(MeshRenderer(MeshSettings(threads=1)).frames(portrait, motion))
    height, width = portrait.image.shape[:2]
    faces = track_faces(iter(frames), FPS, width, height, FRAMES, tmp_path_factory.mktemp("known-film"))
    return KnownFilm(motion, frames, faces)


def part_of(faces: FilmFaces, frames: list[int], state: dict[int, int] | None = None, cuts=()) -> FilmFaces:
    """The film of these frames of another one, with the states of some replaced."""
    track = faces.tracks[0]
    states = np.array(track.state)[frames]
    for frame, value in (state or {}).items():
        states[frame] = value
    rows = {name: np.array(getattr(track, name))[frames] for name in ("landmarks", "blendshapes", "rotation_deg")}
    rows["landmarks"][states == 0] = np.nan
    changed = FaceTrack(1, **rows, state=states, best_frame=0)
    return FilmFaces(faces.fps, faces.width, faces.height, len(frames), np.array(cuts, np.int64), (changed,))
