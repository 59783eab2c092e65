"""The sheets of real portraits: unmoved they are the picture again, and moved they show no ghost and no hole."""

import cv2
import numpy as np
import pytest

from animators.mesh.head_split import head_axes
from animators.mesh.layers import split_layers
from animators.mesh.matte import face_size, oval_mask
from faces.faces import FaceFinder
from media.pictures import load_picture

pytestmark = pytest.mark.long

PORTRAITS = ("full_body.jpg", "half_body_snow.jpg", "painting_three_quarter.jpg", "painting_moustache.jpg")


def _over(front, alpha, behind):
    return alpha[..., None] * front + (1 - alpha[..., None]) * behind


def _composed(layers):
    behind = _over(layers.body.astype(np.float32), layers.body_alpha, layers.background.astype(np.float32))
    return _over(layers.head.astype(np.float32), layers.head_alpha, behind)


@pytest.fixture(scope="module")
def layers_of(shared_dir):
    """Name -> image, face, layers; each portrait is taken apart once."""
    found = {}

    def get(name, face_index=0):
        if (name, face_index) not in found:
            picture = load_picture(shared_dir / "portraits" / name)
            image = picture.image
            with FaceFinder() as finder:
                face = sorted(finder.find(image), key=lambda face: face.box[0])[face_index]
            found[name, face_index] = (image, face, split_layers(image, face, picture.alpha))
        return found[name, face_index]

    return get


@pytest.mark.slow
@pytest.mark.parametrize("name", PORTRAITS)
def test_unmoved_sheets_are_the_picture_again(layers_of, name):
    image, _, layers = layers_of(name)
    error = np.abs(_composed(layers) - image)
    assert not layers.whole_sheet
    assert error.mean() < 1.0
    assert np.percentile(error, 99) < 12


@pytest.mark.slow
@pytest.mark.parametrize("name", PORTRAITS)
def test_the_face_is_all_head_and_the_head_stands_on_a_body(layers_of, name):
    image, face, layers = layers_of(name)
    inner = oval_mask(face, image.shape[:2], 0.9)
    assert layers.head_alpha[inner].mean() > 0.99
    axes = head_axes(face)
    chin = face.landmarks[152, :2]
    left, top = np.rint(chin - 0.05 * axes.size * axes.down).astype(int)
    assert layers.head_alpha[top, left] > 0.98
    # What is under the chin, neck or (at a turned head) the scene, goes on behind it.
    low_left, low_top = np.rint(chin + 0.07 * axes.size * axes.down).astype(int)
    assert abs(layers.body_alpha[top, left] - layers.body_alpha[low_top, low_left]) < 0.3
    assert layers.head_alpha.dtype == layers.body_alpha.dtype == np.float32
    assert layers.head_alpha.min() >= 0 and layers.body_alpha.max() <= 1


@pytest.mark.slow
def test_nothing_of_the_face_stays_behind_in_the_scene_or_on_the_neck(layers_of):
    image, face, layers = layers_of("painting_three_quarter.jpg")
    inner = oval_mask(face, image.shape[:2], 0.9)
    assert layers.background[inner].mean() < 40 < image[inner].mean()
    # The eyes are far above what may be carried on behind the jaw.
    upper = inner & (np.indices(inner.shape)[0] < face.landmarks[145, 1])
    assert layers.body_alpha[upper].max() < 0.02


@pytest.mark.slow
def test_a_moved_head_uncovers_skin_under_the_chin_and_no_second_chin(layers_of):
    image, face, layers = layers_of("full_body.jpg")
    size, axes = face_size(face), head_axes(face)
    chin = face.landmarks[152, :2]
    lift = -0.06 * size * axes.down
    moved = np.float32([[1, 0, lift[0]], [0, 1, lift[1]]])
    height, width = layers.head_alpha.shape
    head = cv2.warpAffine(layers.head.astype(np.float32), moved, (width, height), borderMode=cv2.BORDER_REPLICATE)
    head_alpha = cv2.warpAffine(layers.head_alpha, moved, (width, height))
    behind = _over(layers.body.astype(np.float32), layers.body_alpha, layers.background.astype(np.float32))
    frame_moved = _over(head, head_alpha, behind)
    steps = np.arange(0.0, 0.05, 0.005)
    places = [np.rint(chin - step * size * axes.down).astype(int) for step in steps]
    uncovered = np.array([frame_moved[y, x] for x, y in places])
    below = np.rint(chin + 0.06 * size * axes.down).astype(int)
    neck = image[below[1] - 2 : below[1] + 3, below[0] - 3 : below[0] + 4].reshape(-1, 3).mean(axis=0)
    assert np.abs(uncovered - neck).mean() < 35


@pytest.mark.slow
def test_the_other_person_belongs_to_the_scene(layers_of):
    image, face, layers = layers_of("two_faces.jpg", 0)
    right = slice(image.shape[1] * 3 // 5, None)
    assert layers.head_alpha[:, right].max() < 0.01 and layers.body_alpha[:, right].max() < 0.01
    np.testing.assert_array_equal(layers.background[:, right], image[:, right])
    assert face.box[2] < image.shape[1] / 2


@pytest.mark.slow
def test_the_files_own_transparency_is_believed(layers_of):
    _, _, layers = layers_of("anime_rgba.png")
    assert layers.quality == 1.0 and not layers.whole_sheet
    assert layers.background.std() < 6


@pytest.mark.slow
def test_without_a_usable_matte_the_whole_picture_is_one_sheet(layers_of):
    image, face, _ = layers_of("painting_moustache.jpg")
    noise = np.random.default_rng(0).integers(0, 255, image.shape).astype(np.uint8)
    layers = split_layers(noise, face, None)
    assert layers.whole_sheet and layers.quality < 0.9
    np.testing.assert_array_equal(layers.background, noise)
    assert layers.head_alpha[oval_mask(face, image.shape[:2], 0.9)].min() > 0.95
    np.testing.assert_array_equal(np.rint(_composed(layers)).astype(np.uint8), noise)
