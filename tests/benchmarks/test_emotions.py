"""What the benchmark of styles reads: drawn faces whose expression is known, its control, and its table."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.emotions import (
    ALL_SIGNS,
    BROWS_SLANT,
    BROWS_UP,
    CORNERS_UP,
    NEUTRAL,
    FaceOverTime,
    compare,
    landmark_signs,
    markdown,
    read_as,
    read_face,
)
from core.contracts import BLENDSHAPE_INDEX, Motion, Portrait
from core.errors import InputError
from faces.faces import FaceFinder
from media.media import FilmWriter
from media.pictures import load_picture

#: Prototypes of EMFACS in ARKit's shapes; sided names stand for both sides.
FACES = {
    NEUTRAL: {},
    "happy": {"mouthSmile": 0.9, "cheekSquint": 0.6},
    "sad": {"browInnerUp": 0.9, "mouthFrown": 0.8, "eyeBlink": 0.25},
    "angry": {"browDown": 1.0, "eyeSquint": 0.5},
    "surprised": {"browInnerUp": 0.9, "browOuterUp": 0.9, "eyeWide": 0.9},
}


#: Frames of each face.
EACH = 6


def held_one_by_one():
    """A motion that holds each of the faces for a while."""
    shapes = np.zeros((EACH * len(FACES), 52), np.float32)
    for place, face in enumerate(FACES.values()):
        for stem, value in face.items():
            for name in (stem, f"{stem}Left", f"{stem}Right"):
                if name in BLENDSHAPE_INDEX:
                    shapes[EACH * place : EACH * (place + 1), BLENDSHAPE_INDEX[name]] = value
    zeros = np.zeros((len(shapes), 3), np.float32)
    return Motion(25.0, shapes, zeros, zeros, zeros[:, :2], zeros[:, 0])


@pytest.fixture(scope="module")
def films(root_dir, tmp_path_factory):
    """What is read of every face, drawn by the mesh engine from the demo portrait into one film."""
    from animators.mesh.runner import MeshRenderer

    path = tmp_path_factory.mktemp("faces") / "faces.mp4"
    picture = load_picture(root_dir / "demo" / "portrait.jpg").image[::2, ::2].copy()
    with FaceFinder() as finder:
        portrait = Portrait(picture, finder.find(picture)[0])
    motion = held_one_by_one()
    height, width = picture.shape[:2]
    with FilmWriter(path, (width, height), 25.0, root_dir / "demo" / "song.mp3", duration_s=len(motion) / 25.0) as writer:
        for frame in MeshRenderer().frames(portrait, motion):
            writer.write(frame)
    read = read_face(path)
    # The landmarker smooths over time: the first frames of each face still remember the one before.
    parts = [slice(EACH * place + 3, EACH * (place + 1)) for place in range(len(FACES))]
    return {style: FaceOverTime(read.signs[part], read.opening[part]) for style, part in zip(FACES, parts, strict=True)}


@pytest.mark.slow
@pytest.mark.parametrize("style", FACES)
def test_drawn_faces_are_read_as_what_they_are(films, style):
    reading = compare("demo", style, 1.0, films[style], films[NEUTRAL])
    assert reading.read_as == style, reading.more
    assert abs(reading.opened) < 0.03, "no face opens the shut mouth"


def test_landmark_signs_have_known_values():
    """A face of four marks a side, tilted and scaled: the signs do not change with how it stands in the picture."""
    points = np.zeros((478, 3), np.float32)
    for indices, place in {
        (33,): (-2, 0), (133,): (-1, 0), (362,): (1, 0), (263,): (2, 0),
        (61,): (-1, 3), (291,): (1, 3), (13, 14): (0, 3.5),
        (55, 107): (-0.5, -1.5), (285, 336): (0.5, -1.5), (46, 70): (-2, -0.5), (276, 300): (2, -0.5),
    }.items():  # fmt: skip
        points[list(indices), :2] = place
    assert landmark_signs(points) == pytest.approx((0.5, 1.0, 1.0))
    turn = 3.0 * np.asarray([[np.cos(0.4), np.sin(0.4)], [-np.sin(0.4), np.cos(0.4)]], np.float32)
    turned = points.copy()
    turned[:, :2] = points[:, :2] @ turn + 7.0
    assert landmark_signs(turned) == pytest.approx((0.5, 1.0, 1.0), abs=1e-5)


def test_small_differences_are_no_style():
    nothing = dict.fromkeys(ALL_SIGNS, 0.0)
    assert read_as(nothing) == read_as({**nothing, "smile": 0.05}) == NEUTRAL
    assert read_as({**nothing, "smile": 0.4, CORNERS_UP: 0.1}) == "happy"
    assert read_as({**nothing, BROWS_SLANT: 0.15, CORNERS_UP: -0.15}) == "sad"
    assert read_as({**nothing, BROWS_UP: 0.3}) == "surprised"


def test_lips_that_differ_are_told():
    lips = np.abs(np.sin(np.arange(50) / 4.0)).astype(np.float32)
    signs = np.zeros((50, len(ALL_SIGNS)), np.float32)
    same, other = FaceOverTime(signs, lips), FaceOverTime(signs, np.roll(lips, 6))
    gaps = FaceOverTime(np.where(np.arange(50)[:, None] < 3, np.nan, signs), np.where(np.arange(50) < 3, np.nan, lips))
    assert compare("p", "sad", 1.0, same, same).lips_correlation == pytest.approx(1.0)
    assert compare("p", "sad", 1.0, gaps, same).lips_correlation == pytest.approx(1.0)
    assert compare("p", "sad", 1.0, other, same).lips_correlation < 0.5
    table = markdown([compare("p.jpg", "sad", 1.0, other, same), compare("p.jpg", NEUTRAL, 1.0, same, same)])
    assert "| p.jpg | sad | 1 |" in table and "Read right: 1 of 2." in table


def test_a_film_without_a_face_is_refused(root_dir, tmp_path):
    with FilmWriter(tmp_path / "a.mp4", (64, 64), 25.0, root_dir / "demo" / "song.mp3", duration_s=0.52) as writer:
        for _ in range(13):
            writer.write(np.full((64, 64, 3), 90, np.uint8))
    with pytest.raises(InputError, match="No face was found"):
        read_face(tmp_path / "a.mp4")
