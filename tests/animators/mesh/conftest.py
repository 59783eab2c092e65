"""A portrait that every test of the mesh engine may use: the demo's, small, with its face found."""

from __future__ import annotations

import numpy as np
import pytest

from animators.mesh.frame_drawer import FrameDrawer
from core.contracts import BLENDSHAPE_INDEX, Portrait
from drawing.resizing import resized
from faces.faces import FaceFinder
from faces.fitting.face_coordinates import face_coordinates
from faces.fitting.head_mesh import build_head_mesh
from faces.fitting.rig import Rig
from media.pictures import load_picture
from tests.conftest import ROOT


def weights(**shapes: float) -> np.ndarray:
    """Blendshape weights (52,); a name without its side sets both sides."""
    values = np.zeros(len(BLENDSHAPE_INDEX), np.float32)
    for name, value in shapes.items():
        for each in (name,) if name in BLENDSHAPE_INDEX else (f"{name}Left", f"{name}Right"):
            values[BLENDSHAPE_INDEX[each]] = value
    return values


def load_portrait(path, height: int) -> Portrait:
    picture = load_picture(path)
    image = resized(picture.image, height, 2 * round(picture.image.shape[1] * height / picture.image.shape[0] / 2))
    with FaceFinder() as finder:
        faces = finder.find(image)
    return Portrait(image, faces[0])


@pytest.fixture(scope="session")
def portrait() -> Portrait:
    return load_portrait(ROOT / "demo" / "portrait.jpg", 448)


@pytest.fixture(scope="session")
def rig(portrait) -> Rig:
    height, width = portrait.image.shape[:2]
    coordinates = face_coordinates(portrait.face.landmarks)
    return Rig(build_head_mesh(portrait.image, portrait.face, coordinates, (0, 0, width - 1, height - 1)), coordinates)


@pytest.fixture(scope="session")
def drawer(portrait) -> FrameDrawer:
    return FrameDrawer(portrait)
