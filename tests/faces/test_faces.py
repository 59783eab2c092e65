"""Faces found and read in real portraits, and the sentences for those that can't sing."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

import numpy as np
import pytest
from PIL import Image, ImageFilter

from core.contracts import BLENDSHAPE_INDEX, Face
from core.errors import InputError
from faces.face_reading import CLOSE_UP_PX, Evidence, close_up, mean_turn
from faces.faces import FaceFinder, FaceFinderSettings, choose_face, rotation_deg_of
from faces.mediapipe_tasks import blendshapes_of, quiet_stderr

SINGERS = [
    "anime_rgba.png",
    "cartoon_3d.jpg",
    "full_body.jpg",
    "half_body_snow.jpg",
    "illustration.jpg",
    "man_photo.jpg",
    "painting_child_seated.jpg",
    "painting_mona_lisa.jpg",
    "painting_moustache.jpg",
    "painting_three_quarter.jpg",
    "photo_black_and_white.jpg",
    "photo_of_a_photo_tilted.jpg",
    "robot_glasses.jpg",
    "woman_photo.jpg",
    "woman_smiling_teeth.jpg",
]


EYES, CHIN, FOREHEAD = (33, 263), 152, 10


def find(finder: FaceFinder, picture: Image.Image) -> list[Face]:
    return finder.find(np.asarray(picture))


def eye_distance(face: Face) -> float:
    return float(np.linalg.norm(face.landmarks[EYES[0], :2] - face.landmarks[EYES[1], :2]))


def mean_distance(face: Face, expected: np.ndarray) -> float:
    """Mean distance of the landmarks from `expected` (478, 2), in eye distances."""
    return float(np.linalg.norm(face.landmarks[:, :2] - expected, axis=1).mean()) / eye_distance(face)


@pytest.mark.slow
@pytest.mark.parametrize("name", SINGERS)
def test_every_portrait_has_one_face(finder, portrait, name):
    picture = portrait(name)
    faces = find(finder, picture)
    assert len(faces) == 1
    face = choose_face(faces, None, picture.size)
    assert face.landmarks.shape == (478, 3)
    assert face.landmarks.dtype == np.float32
    assert face.blendshapes.shape == (52,)
    assert face.blendshapes.min() >= 0
    assert face.blendshapes.max() <= 1
    left, top, right, bottom = face.box
    assert (left, top) == pytest.approx(face.landmarks[:, :2].min(axis=0))
    assert (right, bottom) == pytest.approx(face.landmarks[:, :2].max(axis=0))
    assert face.landmarks[FOREHEAD, 1] < face.landmarks[EYES[0], 1] < face.landmarks[CHIN, 1]
    assert face.landmarks[1, 2] < face.landmarks[CHIN, 2]  # the nose is nearest


def test_a_smile_and_shut_lips_are_told_apart(finder, portrait):
    smile = find(finder, portrait("woman_smiling_teeth.jpg"))[0].blendshapes
    grave = find(finder, portrait("illustration.jpg"))[0].blendshapes
    index = BLENDSHAPE_INDEX["mouthSmileLeft"]
    assert smile[index] > 0.5 > 0.2 > grave[index]


@pytest.mark.slow
def test_signs_of_the_rotation(finder, portrait):
    """As in contracts.py: seen in the pictures, the pearl girl looks to the left, the woman to the right."""
    assert find(finder, portrait("painting_three_quarter.jpg"))[0].rotation_deg[0] < -20
    assert find(finder, portrait("woman_photo.jpg"))[0].rotation_deg[0] > 8
    frontal = portrait("cartoon_3d.jpg")
    upright = find(finder, frontal)[0].rotation_deg
    mirrored = find(finder, portrait("woman_photo.jpg").transpose(Image.Transpose.FLIP_LEFT_RIGHT))[0].rotation_deg
    assert mirrored[0] < -8
    clockwise = find(finder, frontal.rotate(-20, Image.Resampling.BICUBIC))[0].rotation_deg
    assert clockwise[2] - upright[2] == pytest.approx(20, abs=2)


@pytest.mark.slow
@pytest.mark.parametrize("angle", [-40, 25, 90, 180])
def test_a_turned_picture_turns_the_landmarks(finder, portrait, angle):
    picture = portrait("illustration.jpg")
    straight = find(finder, picture)[0]
    turned = find(finder, picture.rotate(angle, Image.Resampling.BICUBIC))
    assert len(turned) == 1
    angle_rad = np.radians(angle)
    turn = np.array([[np.cos(angle_rad), np.sin(angle_rad)], [-np.sin(angle_rad), np.cos(angle_rad)]])
    centre = np.array(picture.size) / 2
    assert mean_distance(turned[0], (straight.landmarks[:, :2] - centre) @ turn.T + centre) < 0.03
    roll = (turned[0].rotation_deg[2] - straight.rotation_deg[2] + angle + 180) % 360 - 180
    assert abs(roll) < 3


@pytest.mark.slow
@pytest.mark.parametrize("name", ["woman_smiling_teeth.jpg", "painting_moustache.jpg"])
def test_a_small_face_in_a_large_picture_is_read_as_precisely(finder, portrait, name):
    picture = portrait(name)
    straight = find(finder, picture)[0]
    large = Image.new("RGB", (2400, 1600), (120, 130, 110))
    factor = 120 / picture.height
    small = picture.resize((round(picture.width * factor), 120), Image.Resampling.LANCZOS)
    large.paste(small, (1700, 900))
    faces = find(finder, large)
    assert len(faces) == 1
    assert mean_distance(faces[0], straight.landmarks[:, :2] * factor + [1700, 900]) < 0.03
    assert faces[0].rotation_deg == pytest.approx(straight.rotation_deg, abs=4)


@pytest.mark.parametrize("place", [(0, 0), (1000, 1000)])
def test_the_place_in_the_picture_changes_neither_pose_nor_points(finder, portrait, place):
    picture = portrait("man_photo.jpg").resize((600, 600), Image.Resampling.LANCZOS)
    straight = find(finder, picture)[0]
    large = Image.new("RGB", (1600, 1600), (200, 200, 200))
    large.paste(picture, place)
    face = find(finder, large)[0]
    assert mean_distance(face, straight.landmarks[:, :2] + place) < 0.02
    assert face.rotation_deg == pytest.approx(straight.rotation_deg, abs=2)


DOG_STATES = {
    "as it is": lambda dog: dog,
    "mirrored": lambda dog: dog.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
    "small": lambda dog: dog.resize((128, 128), Image.Resampling.LANCZOS),
    "blurred": lambda dog: dog.filter(ImageFilter.GaussianBlur(2)),
    "tipped": lambda dog: dog.rotate(15, Image.Resampling.BICUBIC),
    "cut out": lambda dog: dog.crop((60, 100, 450, 460)),
}


@pytest.mark.slow
@pytest.mark.parametrize("state", DOG_STATES)
def test_a_dog_is_no_singer(finder, portrait, state):
    dog = DOG_STATES[state](portrait("no_face_dog.jpg"))
    faces = find(finder, dog)
    assert faces == []
    with pytest.raises(InputError, match="No human face"):
        choose_face(faces, None, dog.size)


@pytest.mark.parametrize(
    ("human", "disagreement", "spread", "taken"),
    [
        (False, 0.141, 0.023, True),
        (False, 0.05, 0.043, True),
        (False, 0.179, 0.049, False),  # one eye of an alpaca
        (False, 0.15, 0.331, False),  # a dog's fur, lying on its side
        (True, 0.3, 0.2, True),
    ],
)
def test_an_animals_face_that_is_read_badly_is_none(monkeypatch, human, disagreement, spread, taken):
    """It is somewhere else, or lies as no head does: the picture would be turned for it, or an eye would sing."""
    face = Face(np.zeros((478, 3), np.float32), np.zeros(52, np.float32), (0.0, 0.0, 90.0), (0.0, 0.0, 9.0, 9.0), human)
    with FaceFinder(settings=FaceFinderSettings(animals=True)) as finder:
        monkeypatch.setattr(finder, "examine", lambda image: [(face, Evidence(0.7, disagreement, spread))])
        assert finder.find(np.zeros((64, 64, 3), np.uint8)) == ([face] if taken else [])


HARD_STATES = {
    "dark": lambda face: face.point(lambda value: value * 0.3),
    "small": lambda face: face.resize((face.width // 5, face.height // 5), Image.Resampling.LANCZOS),
    "blurred": lambda face: face.filter(ImageFilter.GaussianBlur(max(face.size) / 250)),
    "grey": lambda face: face.convert("L").convert("RGB"),
}


@pytest.mark.slow
@pytest.mark.parametrize("state", HARD_STATES)
@pytest.mark.parametrize("name", ["painting_three_quarter.jpg", "robot_glasses.jpg", "painting_mona_lisa.jpg"])
def test_people_in_bad_pictures_still_are_people(finder, portrait, name, state):
    assert len(find(finder, HARD_STATES[state](portrait(name)))) == 1


def test_no_face_in_noise_and_plain_ground(finder):
    noise = np.random.default_rng(0).integers(0, 255, (400, 500, 3), dtype=np.uint8)
    assert finder.find(noise) == []
    assert finder.find(np.full((300, 300, 3), 128, np.uint8)) == []


def test_two_faces_are_listed_from_the_left(finder, portrait):
    picture = portrait("two_faces.jpg")
    faces = find(finder, picture)
    assert [face.box[0] < 512 for face in faces] == [True, False]
    with pytest.raises(InputError, match=r"has 2 faces; choose .* --face N: 1 at the left .*; 2 at the right"):
        choose_face(faces, None, picture.size)
    assert choose_face(faces, 1, picture.size) is faces[0]
    assert choose_face(faces, 2, picture.size) is faces[1]
    for number in (0, 3, -1):
        with pytest.raises(InputError, match=f"no face {number} in the picture, which has 2 faces"):
            choose_face(faces, number, picture.size)


@pytest.mark.slow
def test_a_cut_face_is_refused(finder, portrait):
    picture = portrait("man_photo.jpg")
    cuts = {"left": (480, 0, 1024, 1024), "right": (0, 0, 620, 1024), "bottom": (0, 0, 1024, 800), "top": (0, 420, 1024, 1024)}
    for side, box in cuts.items():
        part = picture.crop(box)
        faces = find(finder, part)
        with pytest.raises(InputError, match=f"cut off at the picture's {side} edge" if faces else "No human face"):
            choose_face(faces, None, part.size)


def test_following_a_face(finder, portrait):
    """A picture that wanders: the landmarks wander with it, in milliseconds a frame."""
    picture = portrait("half_body_snow.jpg")
    straight = find(finder, picture)[0]
    for index in range(8):
        frame = np.roll(np.asarray(picture), 2 * index, axis=1)
        face = finder.track(frame, index / 25)
        assert face is not None
        assert mean_distance(face, straight.landmarks[:, :2] + [2 * index, 0]) < 0.06
    assert len(finder.glance(np.asarray(picture))) == 1


def test_following_needs_to_be_asked_for():
    with FaceFinder() as finder, pytest.raises(RuntimeError, match="video=True"):
        finder.track(np.zeros((64, 64, 3), np.uint8), 0.0)


@pytest.mark.slow
def test_the_networks_say_nothing_and_end_in_peace(finder, root_dir):
    """Opened and never closed, in a program of its own."""
    program = "import numpy as np; from faces.faces import FaceFinder; FaceFinder().find(np.zeros((100, 100, 3), np.uint8))"
    ended = subprocess.run([sys.executable, "-c", program], cwd=root_dir, capture_output=True, text=True, check=False)
    assert ended.returncode == 0
    assert ended.stdout == ""
    assert ended.stderr == ""


def test_quiet_blocks_may_lie_in_one_another_and_in_threads(capfd):
    """Whichever block ends last, stderr is what it was before the first one."""
    inside, leave = threading.Event(), threading.Event()

    def other():
        with quiet_stderr:
            inside.set()
            leave.wait(20)

    thread = threading.Thread(target=other)
    with quiet_stderr:
        thread.start()
        assert inside.wait(20)
        with quiet_stderr:
            os.write(2, b"inner ")
        os.write(2, b"outer ")
    os.write(2, b"in the thread's ")
    leave.set()
    thread.join()
    os.write(2, b"after")
    assert capfd.readouterr().err == "after"


def turn(axis: int, angle_deg: float) -> np.ndarray:
    """Right-handed turn about x, y or z (x right, y up, z to the camera)."""
    angle = np.radians(angle_deg)
    first, second = [(1, 2), (2, 0), (0, 1)][axis]
    matrix = np.eye(3)
    matrix[first, first] = matrix[second, second] = np.cos(angle)
    matrix[first, second], matrix[second, first] = -np.sin(angle), np.sin(angle)
    return matrix


@pytest.mark.parametrize(("yaw", "pitch", "roll"), [(0, 0, 0), (30, 0, 0), (0, 20, 0), (0, 0, 40), (-35, 12, -9), (10, -30, 100)])
def test_angles_of_a_known_rotation(yaw, pitch, roll):
    """Nose right: about +y. Nose up: about -x. Top to the right: about -z, as seen. Roll first, then pitch, then yaw."""
    matrix = turn(1, yaw) @ turn(0, -pitch) @ turn(2, -roll)
    assert rotation_deg_of(matrix) == pytest.approx((yaw, pitch, roll), abs=1e-9)


def test_mean_turn_is_a_rotation_between():
    middle = mean_turn([turn(1, 10), turn(1, 20)])
    np.testing.assert_allclose(middle, turn(1, 15), atol=1e-12)


def test_blendshapes_go_by_name():
    class Category:
        def __init__(self, category_name, score):
            self.category_name, self.score = category_name, score

    shapes = blendshapes_of([Category("_neutral", 0.9), Category("jawOpen", 0.25), Category("browDownLeft", 0.5)])
    assert shapes[BLENDSHAPE_INDEX["jawOpen"]] == 0.25
    assert shapes[BLENDSHAPE_INDEX["browDownLeft"]] == 0.5
    assert shapes.sum() == 0.75


@pytest.mark.parametrize(("side", "turn_deg"), [(300, 0), (300, 30), (1700, -20), (120, 75)])
def test_a_close_up_says_where_its_points_lie(side, turn_deg):
    """A bright dot in the picture is seen in the close-up at the place that leads back to it."""
    rows, columns = np.mgrid[0:900, 0:1200]
    spread = max(4.0, side / 60)
    dot = 255 * np.exp(-((columns + 0.5 - 520) ** 2 + (rows + 0.5 - 410) ** 2) / (2 * spread**2))
    cut = close_up(np.repeat(dot[..., None], 3, axis=2).astype(np.uint8), (500, 400), side, turn_deg)
    assert cut.pixels.shape == (CLOSE_UP_PX, CLOSE_UP_PX, 3)
    light = cut.pixels[..., 0].astype(float)
    y, x = (float((np.mgrid[0:CLOSE_UP_PX, 0:CLOSE_UP_PX][axis] * light).sum() / light.sum()) + 0.5 for axis in (0, 1))
    found = cut.points_in_picture(np.array([[x, y, 10.0]], np.float32))[0]
    assert found[:2] == pytest.approx((520, 410), abs=max(0.3, side / 1000))
    assert found[2] == pytest.approx(10 * side / CLOSE_UP_PX)
