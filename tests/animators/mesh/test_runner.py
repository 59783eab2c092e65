"""The renderer from outside: what comes out is looked at again with the Face Landmarker."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.signal import find_peaks

from animators.mesh.engine import MESH
from animators.mesh.runner import MeshRenderer, MeshSettings
from animators.mesh.settings import DRIVEN
from core.contracts import Motion
from core.easing import Lag, kept_within
from core.engine_card import Sound
from core.errors import Cancelled
from faces.faces import FaceFinder
from faces.fitting import teeth
from metrics.sharpness import detail
from tests.animators.mesh.conftest import load_portrait, weights

pytestmark = pytest.mark.long


def motion_of(shapes, rotation=None, translation=None, gaze=None, fps: float = 25.0) -> Motion:
    frames = len(shapes)
    return Motion(
        fps=fps,
        blendshapes=np.asarray(shapes, np.float32),
        rotation_deg=np.zeros((frames, 3), np.float32) if rotation is None else np.asarray(rotation, np.float32),
        translation=np.zeros((frames, 3), np.float32) if translation is None else np.asarray(translation, np.float32),
        gaze_deg=np.zeros((frames, 2), np.float32) if gaze is None else np.asarray(gaze, np.float32),
        intensity=np.zeros(frames, np.float32),
    )


def faces_in(frames):
    with FaceFinder() as finder:
        return [finder.find(frame)[0] for frame in frames]


def aperture(face) -> float:
    points = face.landmarks
    return float(np.linalg.norm(points[13] - points[14]) / np.linalg.norm(points[33] - points[263]))


def render(portrait, motion, **settings):
    return list(MeshRenderer(MeshSettings(threads=2, **settings)).frames(portrait, motion))


def draw(drawer, shapes, rotation=(0, 0, 0), translation=(0, 0, 0), gaze=(0, 0)):
    """One frame of a drawer that is already set, with nothing lagging behind."""
    pose = drawer.rig.pose(np.array(rotation, np.float32), np.array(translation, np.float32))
    return drawer.draw(shapes, np.array(gaze, np.float32), pose, pose)


@pytest.mark.slow
def test_the_renderer_gives_every_frame_at_the_pictures_size_and_rest_is_the_picture(portrait):
    motion = motion_of([weights()] * 2 + [weights(jawOpen=0.4)], rotation=[(0, 0, 0)] * 2 + [(5, 2, 1)])
    seen = []
    frames = list(MeshRenderer(MeshSettings(threads=2)).frames(portrait, motion, lambda *progress: seen.append(progress)))
    assert [frame.shape for frame in frames] == [portrait.image.shape] * 3 and frames[0].dtype == np.uint8
    assert seen == [("render", done, 3) for done in range(4)]
    assert np.abs(frames[0].astype(int) - portrait.image).mean() < 1.0
    assert (frames[0] == frames[1]).all() and np.abs(frames[2].astype(int) - frames[0]).mean() > 1


@pytest.mark.slow
def test_an_animal_shows_no_human_teeth(portrait):
    """The same open mouth with and without: what differs is inside the lips, and darker or redder than teeth."""
    wide = motion_of([weights(jawOpen=0.7)])
    (with_teeth,) = render(portrait, wide)
    (without,) = render(replace(portrait, face=replace(portrait.face, human=False)), wide)
    changed = np.abs(with_teeth.astype(int) - without).max(axis=-1) > 12
    rows, columns = np.nonzero(changed)
    left, top, right, bottom = portrait.face.box
    assert changed.sum() > 100 and left < columns.min() and columns.max() < right and rows.min() > (top + bottom) / 2
    assert with_teeth[changed].mean() > without[changed].mean() + 30
    assert without[changed].mean(axis=0)[1] < 110, "no teeth, and no gums"


@pytest.mark.slow
def test_at_rest_the_film_is_the_picture(portrait, drawer):
    frame = draw(drawer, weights())
    assert frame.shape == portrait.image.shape and frame.dtype == np.uint8
    assert np.abs(frame.astype(int) - portrait.image).mean() < 1.0


@pytest.mark.slow
def test_the_mouth_seen_in_the_film_opens_with_the_jaw(drawer):
    frames = [draw(drawer, weights(jawOpen=jaw)) for jaw in (0, 0.2, 0.4, 0.7)]
    seen = [aperture(face) for face in faces_in(frames)]
    assert (np.diff(seen) > 0.03).all(), seen
    assert seen[0] < 0.25 * seen[2]


@pytest.mark.slow
def test_the_head_seen_in_the_film_turns_the_right_way(drawer):
    turns = [(0, 0, 0), (10, 0, 0), (0, 8, 0), (0, 0, 8)]
    rest, yaw, pitch, roll = faces_in([draw(drawer, weights(), turn) for turn in turns])
    assert 4 < yaw.rotation_deg[0] - rest.rotation_deg[0] < 18
    assert 3 < pitch.rotation_deg[1] - rest.rotation_deg[1] < 16
    assert roll.rotation_deg[2] - rest.rotation_deg[2] == pytest.approx(8, abs=2.5)


@pytest.mark.slow
def test_eyes_seen_in_the_film_close_and_turn(drawer):
    looks = [(14, 0), (0, 12), (0, -12)]
    frames = [draw(drawer, weights()), draw(drawer, weights(eyeBlink=1)), *(draw(drawer, weights(), gaze=look) for look in looks)]
    rest, shut, aside, up, down = faces_in(frames)

    def eye_opening(face):
        points = face.landmarks
        return float(np.linalg.norm(points[159] - points[145]) / np.linalg.norm(points[33] - points[133]))

    assert eye_opening(shut) < 0.45 * eye_opening(rest)
    moved = aside.landmarks[468, 0] - rest.landmarks[468, 0]
    eye_span = float(np.linalg.norm(rest.landmarks[33] - rest.landmarks[263]))
    assert moved > 0.01 * eye_span
    for iris in (468, 473):  # rows go down in the picture
        assert down.landmarks[iris, 1] - up.landmarks[iris, 1] > 0.012 * eye_span


@pytest.mark.slow
def test_background_away_from_the_head_stands_still(portrait, drawer):
    frames = [draw(drawer, weights()), draw(drawer, weights(), (8, 4, -5), (0.04, 0, 0))]
    left, _, right, _ = portrait.face.box
    corner = np.s_[: portrait.image.shape[0] // 6, : max(8, int(left - 0.45 * (right - left)))]
    assert np.abs(frames[1][corner].astype(int) - frames[0][corner]).max() <= 1


@pytest.mark.slow
def test_wherever_the_head_goes_the_face_is_nearly_as_sharp_as_in_the_picture(portrait, drawer):
    own = detail(portrait.image, portrait.face.landmarks)
    poses = [((0.6, 0.3, 0.4), (0.004, 0.003, 0)), ((2, -1, 1), (0.013, 0, 0)), ((-3, 1, -2), (-0.02, 0.01, 0))]
    for gaze in ((0, 0), (3, 2)):
        frames = [draw(drawer, weights(), *pose, gaze=gaze) for pose in poses]
        sharp = [detail(frame, face.landmarks) / own for frame, face in zip(frames, faces_in(frames), strict=True)]
        assert min(sharp) > 0.85 and np.mean(sharp) > 0.9, sharp


@pytest.mark.slow
def test_the_same_motion_gives_the_same_pixels(drawer):
    shapes = weights(jawOpen=0.3, eyeBlink=0.4)
    assert (draw(drawer, shapes, (5, 2, 1)) == draw(drawer, shapes, (5, 2, 1))).all()


@pytest.mark.slow
def test_cancelling_stops_between_frames(portrait):
    def stop(stage: str, done: int, total: int) -> None:
        if done == 2:
            raise Cancelled("Stopped.")

    made = []
    with pytest.raises(Cancelled):
        for frame in MeshRenderer(MeshSettings(threads=1)).frames(portrait, motion_of([weights()] * 5), stop):
            made.append(frame.shape)
    assert len(made) == 2


def test_eased_keeps_small_values_and_never_passes_the_limit():
    values = np.linspace(-90, 90, 181)[:, None]
    bent = kept_within(values, 18.0)
    small = np.abs(values) <= 12
    assert (bent[small] == values[small].astype(np.float32)).all()
    assert np.abs(bent).max() <= 18 and (np.diff(bent[:, 0]) >= 0).all()


def test_lagging_follows_a_ramp_about_the_given_time_behind():
    fps, lag_s = 50.0, 0.14
    ramp = np.arange(200, dtype=np.float32)[:, None] / fps
    behind = ramp[-1, 0] - Lag(lag_s).follow(ramp, fps)[-1, 0]
    assert behind == pytest.approx(lag_s, rel=0.15)
    assert (Lag(lag_s).follow(np.ones((10, 1), np.float32), fps) == 1).all()


def test_teeth_are_single_teeth_and_not_one_slab():
    sheet = teeth.paint_teeth(teeth.UPPER_ARCH, np.array([220.0, 210, 195]), np.array([150.0, 80, 80]), 400.0)
    middle_row = sheet[round((0.0 - teeth.TOP) * 400), :, :3].mean(axis=1)
    notches, _ = find_peaks(-middle_row, prominence=6)
    assert 7 <= len(notches) <= 13
    centre, side = middle_row[len(middle_row) // 2 + 18], middle_row[round((0.22 - teeth.LEFT) * 400)]
    assert side < 0.9 * centre
    edge = np.argmax(sheet[::-1, :, 3] > 127, axis=0)[60:-60]
    assert np.ptp(edge) > 3  # the biting edge is not straight


SHARED = ["painting_mona_lisa.jpg", "painting_three_quarter.jpg", "woman_smiling_teeth.jpg", "robot_glasses.jpg", "full_body.jpg"]


@pytest.mark.slow
@pytest.mark.parametrize("name", SHARED)
def test_real_portraits_sing(shared_dir, name):
    portrait = load_portrait(shared_dir / "portraits" / name, 320)
    shapes = [weights(), weights(jawOpen=0.5), weights()]
    frames = render(portrait, motion_of(shapes, rotation=[(0, 0, 0), (6, -4, 4), (0, 0, 0)]))
    shut, wide, again = (aperture(face) for face in faces_in(frames))
    assert wide > shut + 0.06 and shut < 0.35 * wide
    assert again < 0.4 * wide


@pytest.mark.slow
def test_driven_films_come_nearer_turn_further_and_open_eyes_wider_than_sung_ones(portrait):
    shapes = [weights(), weights(eyeWideLeft=1.0, eyeWideRight=1.0)]
    poses = {"rotation": [(0, 0, 0), (40, 0, 0)], "translation": [(0, 0, 0), (0, 0, -0.6)]}
    measured = {}
    for name, settings in (("sung", MeshSettings(threads=2)), ("driven", replace(DRIVEN, threads=2))):
        wide = faces_in(MeshRenderer(settings).frames(portrait, motion_of(shapes)))
        moved = faces_in(MeshRenderer(replace(settings, lag_s=0.001)).frames(portrait, motion_of([weights()] * 2, **poses)))
        lids = [float(np.linalg.norm(face.landmarks[159] - face.landmarks[145])) for face in wide]
        spans = [float(np.linalg.norm(face.landmarks[10, :2] - face.landmarks[152, :2])) for face in moved]
        measured[name] = lids[1] / lids[0], spans[1] / spans[0], moved[1].rotation_deg[0] - moved[0].rotation_deg[0]
    assert all(driven > sung for driven, sung in zip(measured["driven"], measured["sung"], strict=True)), measured
    assert measured["driven"][1] > 1.03


@pytest.mark.slow
def test_irises_that_stand_out_go_along_with_the_head(portrait):
    """As eyes do that look straight ahead in the head: in a flat picture of them they would seem to stay with the viewer."""
    motion = motion_of([weights()] * 2, rotation=[(-12, 0, 0), (12, 0, 0)])
    aside = {}
    for stands_out in (0.0, 0.06):
        settings = MeshSettings(threads=2, irises_stand_out=stands_out, lag_s=0.001)
        faces = faces_in(MeshRenderer(settings).frames(portrait, motion))
        irises = [face.landmarks[[468, 473], 0].mean() - face.landmarks[[33, 133, 362, 263], 0].mean() for face in faces]
        aside[stands_out] = irises[1] - irises[0]
    assert aside[0.06] > aside[0.0] + 0.5


def test_the_card_follows_a_driver_by_the_settings_for_it():
    renderer = MESH.driven(None, None, Sound(None), None)
    assert isinstance(renderer, MeshRenderer) and renderer.settings == DRIVEN
    assert MESH.make(None, Sound(None), None).settings == MeshSettings()
