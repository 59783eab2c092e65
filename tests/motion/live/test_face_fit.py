"""The fit of one frame after the other is that of whole films."""

from __future__ import annotations

import numpy as np

from core.blendshapes import BLENDSHAPE_INDEX
from motion.driving.eyes import gaze_of, lids_freed, shut_wholly
from motion.driving.reading import widest
from motion.driving.shape_fit import fitted
from motion.driving.standing import laid_still
from motion.live.face_fit import FaceFit
from tests.motion.live.faces import face, portrait


def test_frame_by_frame_is_as_the_whole_film():
    times_s = np.arange(40) / 25.0
    jaws, brows = 0.4 - 0.4 * np.cos(4 * times_s), 0.3 - 0.3 * np.cos(3 * times_s)
    film = [face(jawOpen=jaw, browInnerUp=brow, mouthLeft=brow / 2) for jaw, brow in zip(jaws, brows, strict=True)]
    fit = FaceFit.of([face()])
    one_by_one = np.stack([fit.read(each)[0] for each in film])
    driver, rest = portrait(), fit.shapes
    landmarks, shapes = np.stack([each.landmarks for each in film]), np.stack([each.blendshapes for each in film])
    still = laid_still(driver.rest, driver.coordinates, landmarks)[0]
    moved = lids_freed(driver, driver.moved(still[:, :468]), gaze_of(driver, still, shapes, rest))
    prior = np.clip(shapes - rest, 0, 1)
    whole = shut_wholly(fitted(driver, moved, prior, np.zeros(52, np.float32), widest(prior)))
    assert np.abs(one_by_one - whole).max() < 0.03
    assert np.corrcoef(one_by_one[:, BLENDSHAPE_INDEX["jawOpen"]], jaws)[0, 1] > 0.98


def test_the_face_at_rest_is_the_middle_of_calm_ones_wherever_they_are():
    fit = FaceFit.of([face(shift=(10.0 * k, 0.0), size=1.0 + 0.02 * k) for k in range(3)])
    amounts, gaze = fit.read(face(shift=(-30.0, 20.0), size=0.9))
    assert amounts.max() < 0.03 and np.abs(gaze).max() < 1.0
