"""One performance out of the network's face and the song's plan: styles over time, frames of the film, what stays the plan's."""

from __future__ import annotations

import numpy as np
import pytest

from core.contracts import BLENDSHAPE_INDEX, BLENDSHAPE_NAMES, Motion, StyledSection
from motion.emotion.blending import laid_over, voiced, with_head
from motion.emotion.performing import at_film, style_weights
from motion.emotion.styles import STYLES

FPS = 25.0


def planned(frames=100):
    generator = np.random.default_rng(0)
    shapes = generator.uniform(0.0, 0.3, (frames, len(BLENDSHAPE_NAMES))).astype(np.float32)
    turns = (generator.normal(0.0, 2.0, (frames, 3)) for _ in range(2))
    rotation, translation = (each.astype(np.float32) for each in turns)
    return Motion(FPS, shapes, rotation, translation, np.zeros((frames, 2), np.float32), np.zeros(frames, np.float32))


def told(frames=100):
    shapes = np.random.default_rng(1).uniform(0.1, 0.6, (frames, len(BLENDSHAPE_NAMES))).astype(np.float32)
    shapes[:, BLENDSHAPE_INDEX["jawOpen"]] = 0.4
    return shapes


def columns(*starts):
    return [index for name, index in BLENDSHAPE_INDEX.items() if name.startswith(starts)]


def test_sections_pass_into_each_other():
    parts = (StyledSection(0.0, 2.0, "happy"), StyledSection(2.0, 4.0, "sad"))
    weights = style_weights(parts, 120)
    happy, sad = weights[:, STYLES.index("happy")], weights[:, STYLES.index("sad")]
    np.testing.assert_allclose(weights.sum(axis=1), 1.0, atol=1e-5)
    assert happy[:52].min() == pytest.approx(1.0) and sad[68:].min() == pytest.approx(1.0)
    assert 0.4 < sad[59] < 0.6 and np.all(np.diff(sad) >= -1e-6) and np.diff(sad).max() < 0.1
    assert style_weights((), 5)[:, 0].tolist() == [1.0] * 5


def test_frames_of_the_film():
    """Row k lies at (k + 0.5) / 30 s, as the curves that were learned from do."""
    times_s = (np.arange(120) + 0.5) / 30
    read = at_film(times_s[:, None].astype(np.float32), FPS, 100)
    np.testing.assert_allclose(read[:, 0], (np.arange(100) + 0.5) / FPS, atol=1e-3)
    assert at_film(np.ones((1, 3), np.float32), 50.0, 7).shape == (7, 3)


def test_blinks_and_gaze_stay_planned():
    plan = planned()
    made = laid_over(plan, told(), np.ones(100, np.float32), 1.0, own_lips=True)
    kept = columns("eyeBlink", "eyeLook")
    np.testing.assert_array_equal(made.blendshapes[:, kept], plan.blendshapes[:, kept])
    np.testing.assert_array_equal(made.rotation_deg, plan.rotation_deg)
    given = columns("brow", "cheek", "nose", "mouthSmile", "jawOpen")
    np.testing.assert_allclose(made.blendshapes[:, given], told()[:, given], atol=1e-3)
    assert (made.shape("mouthClose") <= made.shape("jawOpen")).all()
    blinking = np.minimum(1.0, plan.shape("eyeBlinkLeft"))
    np.testing.assert_allclose(made.shape("eyeWideLeft"), told()[:, BLENDSHAPE_INDEX["eyeWideLeft"]] * (1 - blinking), atol=1e-3)


def test_a_mouth_rests_as_planned_where_nobody_sings():
    plan, sung = planned(), np.zeros(100, np.float32)
    sung[40:60] = 1.0
    made = laid_over(plan, told(), sung, 1.0, own_lips=True)
    jaw = made.shape("jawOpen")
    np.testing.assert_allclose(jaw[:30], plan.shape("jawOpen")[:30], atol=1e-3)
    np.testing.assert_allclose(jaw[42:58], 0.4, atol=1e-3)
    share = voiced(sung, FPS)
    assert share[38] > 0.4 and share[45:55].min() > 0.99 and share[:30].max() < 0.01 and voiced(sung[:0], FPS).shape == (0,)


def test_lips_of_the_sound_alone():
    plan = planned()
    made = laid_over(plan, told(), np.ones(100, np.float32), 1.0, own_lips=False)
    mouth = [index for index in columns("jaw", "mouth", "tongue") if index != BLENDSHAPE_INDEX["mouthClose"]]
    np.testing.assert_array_equal(made.blendshapes[:, mouth], plan.blendshapes[:, mouth])
    np.testing.assert_allclose(made.shape("browDownLeft"), told()[:, BLENDSHAPE_INDEX["browDownLeft"]], atol=1e-3)


def test_expressiveness():
    plan, sung = planned(), np.ones(100, np.float32)
    none, plain, much = (laid_over(plan, told(), sung, strength, own_lips=True) for strength in (0.0, 1.0, 2.0))
    feels, speaks = columns("brow", "cheekSquint", "mouthSmile"), columns("jawOpen")
    assert none.blendshapes[:, feels].max() == 0.0
    assert (much.blendshapes[:, feels] > plain.blendshapes[:, feels]).all() and much.blendshapes.max() <= 1.0
    jaws = [each.blendshapes[:, speaks].mean() for each in (none, plain, much)]
    assert 0.3 < jaws[0] < jaws[1] < jaws[2] < 0.5


def test_a_head_that_was_learned():
    plan = planned()
    head = np.zeros((100, 3))
    head[:, 0], head[:, 1], head[:, 2] = 0.1, 0.2, -0.05
    made = with_head(plan, head, 0.5)
    np.testing.assert_allclose(made.rotation_deg[0], 0.5 * np.degrees([-0.1, -0.2, -0.05]), atol=1e-4)
    # the eyes take back as much of the new turn as they did of the planned one
    np.testing.assert_allclose(made.gaze_deg + 0.7 * made.rotation_deg[:, :2], 0.7 * plan.rotation_deg[:, :2], atol=1e-4)
