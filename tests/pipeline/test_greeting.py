"""The greeting: a motion that closes, and a small silent film of it."""

from __future__ import annotations

import numpy as np
import pytest

from core.contracts import silent
from core.errors import InputError
from media.film_opening import open_film
from pipeline.film_settings import PREVIEW_S, SongToVideoSettings
from pipeline.greeting import FPS, TURN_DEG, greet, greeting_motion
from pipeline.works.picture_greeting import PICTURE_GREETING


def test_its_motion_turns_both_ways_blinks_twice_and_closes():
    motion = greeting_motion(FPS)
    yaw, lids = motion.rotation_deg[:, 0], motion.shape("eyeBlinkLeft")
    assert len(motion) == round(PREVIEW_S * FPS)
    assert yaw.max() == pytest.approx(TURN_DEG, rel=0.02) and yaw.min() == pytest.approx(-TURN_DEG, rel=0.02)
    shut = lids > 0.5
    assert np.count_nonzero(np.diff(shut.astype(int)) == 1) == 2 and max(lids[0], lids[-1]) < 1e-6
    for curve in (*motion.rotation_deg.T, motion.shape("mouthSmileLeft")):
        steps = np.abs(np.diff(np.append(curve, curve[0])))  # the last step is the one back to the beginning
        assert steps[-1] <= 1.05 * steps.max()


@pytest.mark.slow
def test_the_picture_moves_small_and_without_sound(root_dir, tmp_path):
    told = []
    report = greet(
        root_dir / "demo" / "portrait.jpg",
        tmp_path / "film.mp4",
        SongToVideoSettings(height=720),
        lambda *each: told.append(each[0]),
    )
    assert (report.height, report.frames, report.fps) == (256, round(PREVIEW_S * FPS), FPS)
    assert set(told) >= {"portrait", "frames"} and not {"decode", "separate", "motion"} & set(told)
    film = open_film(tmp_path / "film.mp4")
    frames = np.array([frame.astype(float) for frame in film.frames()])
    assert film.sound_channels == 0
    turn, still = round(0.25 * len(frames)), 0
    assert np.abs(frames[turn] - frames[still]).mean() > 2.0, "turned it differs"
    assert np.abs(frames[-1] - frames[still]).mean() < np.abs(frames[turn] - frames[still]).mean() / 2, "the loop closes"


def test_a_picture_without_a_face_is_refused(shared_dir, tmp_path):
    with pytest.raises(InputError):
        greet(shared_dir / "portraits" / "no_face_dog.jpg", tmp_path / "film.mp4", SongToVideoSettings(engine="mesh"), silent)
    assert not list(tmp_path.iterdir())


def test_it_is_known_by_the_face_and_the_engine_alone():
    plain, lively = (PICTURE_GREETING.settled({"face": 2, "style": style}) for style in ("auto", "happy"))
    assert plain == lively != PICTURE_GREETING.settled({"face": 1})
