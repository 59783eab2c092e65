"""The truth of the lips: from a made face that moves in a known way, whatever its head does, and from the speaker's own data."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from core.errors import InputError
from motion.singing.training.dataset import closures, load_corpus, split
from motion.singing.training.targets import (
    CHIN,
    CORNERS,
    EYE_SPAN_MM,
    GEOMETRY_NAMES,
    LIP_MIDDLES,
    LOWER_INNER,
    SHAPE_NAMES,
    STILL_POINTS,
    UPPER_INNER,
    in_face_coordinates,
    lip_geometry,
    mouth_blendshapes,
)

INDEX = sorted({*STILL_POINTS, *LIP_MIDDLES, *CORNERS, CHIN})
FRAMES = 200


def made_face(generator):
    """(P, 3) in mm, y up, z toward the camera: chance places but for the eyes' corners."""
    face = generator.uniform(-60.0, 60.0, (len(INDEX), 3))
    face[INDEX.index(33)], face[INDEX.index(263)] = (-EYE_SPAN_MM / 2, 30.0, 0.0), (EYE_SPAN_MM / 2, 30.0, 0.0)
    return face


def filmed(generator, noise_px=0.0):
    """Landmarks in pixels, poses, and the apertures and widths in mm that the face was given."""
    aperture, width = 12.0 * generator.random(FRAMES), 50.0 + 6.0 * generator.random(FRAMES)
    faces = np.repeat(made_face(generator)[None], FRAMES, axis=0)
    for number, where in ((UPPER_INNER, 0.5), (LOWER_INNER, -0.5)):
        faces[:, INDEX.index(number)] = np.stack([0 * aperture, -30.0 + where * aperture, 20.0 + 0 * aperture], axis=1)
    for number, where in zip(CORNERS, (-0.5, 0.5), strict=True):
        faces[:, INDEX.index(number)] = np.stack([where * width, -30.0 + 0 * width, 10.0 + 0 * width], axis=1)
    turns = Rotation.from_euler("yxz", generator.uniform(-20.0, 20.0, (FRAMES, 3)), degrees=True).as_matrix()
    size = generator.uniform(0.5, 2.0, FRAMES)[:, None, None]
    seen = np.einsum("tij,tpj->tpi", turns, faces) * size * np.array([1.0, -1.0, -1.0]) + generator.uniform(
        0, 200, (FRAMES, 1, 3)
    )
    pose = np.repeat(np.eye(4)[None], FRAMES, axis=0)
    pose[:, :3, :3] = turns
    return seen + noise_px * generator.normal(size=seen.shape), pose, aperture, width


def test_lips_are_measured_whatever_the_head_does():
    landmarks, pose, aperture, width = filmed(np.random.default_rng(1))
    geometry = lip_geometry(in_face_coordinates(landmarks, INDEX, pose), INDEX)
    assert np.abs(geometry[:, GEOMETRY_NAMES.index("aperture_mm")] - aperture).max() < 0.01
    assert np.abs(geometry[:, GEOMETRY_NAMES.index("width_mm")] - width).max() < 0.01
    assert np.ptp(geometry[:, GEOMETRY_NAMES.index("jaw_mm")]) < 0.01  # the chin kept still
    raw = np.linalg.norm(landmarks[:, INDEX.index(UPPER_INNER)] - landmarks[:, INDEX.index(LOWER_INNER)], axis=1)
    assert np.corrcoef(raw, aperture)[0, 1] < 0.95  # what the pixels alone say is not the truth: the test can fail


def test_a_wrong_pose_is_put_right_by_the_still_points():
    landmarks, pose, _, _ = filmed(np.random.default_rng(2), noise_px=0.05)
    shaken = pose.copy()
    shaken[:, :3, :3] = (
        Rotation.from_euler("yxz", np.random.default_rng(3).normal(0.0, 2.0, (FRAMES, 3)), degrees=True).as_matrix()
        @ (pose[:, :3, :3])
    )
    steady = in_face_coordinates(landmarks, INDEX, pose)
    assert np.abs(in_face_coordinates(landmarks, INDEX, shaken) - steady).mean() < 0.6


def test_sides_of_a_shape_are_averaged():
    single = ("jawOpen", "mouthClose", "mouthFunnel", "mouthPucker", "mouthRollUpper")
    names = [*single, *[f"{name}{side}" for name in SHAPE_NAMES if name not in single for side in ("Left", "Right")]]
    scores = np.random.default_rng(0).random((5, len(names)))
    shapes = mouth_blendshapes(scores, names)
    left, right = names.index("mouthSmileLeft"), names.index("mouthSmileRight")
    assert np.allclose(shapes[:, SHAPE_NAMES.index("mouthSmile")], (scores[:, left] + scores[:, right]) / 2)
    assert np.allclose(shapes[:, 0], scores[:, 0])


def test_closures_are_shut_lips_between_openings():
    aperture = np.array([0.2] * 5 + [6.0] * 4 + [0.5] * 3 + [5.0] * 4 + [2.0] * 3 + [6.0] * 3 + [0.3] * 6)
    assert closures(aperture).tolist() == [[9, 12]]
    assert len(closures(np.full(20, 0.1))) == 0


def test_no_clip_is_in_two_parts(toy_corpus):
    names = [f"{a}{b}{c}{d}{e}n" for a in "bpsl" for b in "bgrw" for c in "abiw" for d in "abcdef" for e in "12345"]
    parts = split(names)
    assert sorted(clip for part in parts for clip in part) == list(range(len(names)))
    assert 0.15 < len(parts[2]) / len(names) < 0.25 and 0.02 < len(parts[1]) / len(names) < 0.08
    again = split(names[::-1])
    assert {names[clip] for clip in parts[2]} == {names[::-1][clip] for clip in again[2]}


def test_a_folder_without_the_tracks_is_told(tmp_path):
    with pytest.raises(InputError, match="talking tracks"):
        load_corpus(tmp_path)


@pytest.mark.slow
def test_the_speakers_rest_is_zero(shared_dir):
    if not (shared_dir / "talking").is_dir():
        pytest.skip("shared/talking is missing")
    corpus = load_corpus(shared_dir / "talking", limit=20)
    resting = np.concatenate([curves[-4:] for curves in corpus.curves])
    assert np.abs(np.median(resting[:, :5], axis=0)).max() < 0.8
    assert 8.0 < np.percentile(np.concatenate(corpus.curves)[:, 0], 95) < 18.0  # a man's open mouth, in mm
