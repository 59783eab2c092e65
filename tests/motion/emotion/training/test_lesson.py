"""That something is learned, that a run that was broken off ends as one that was not, and what ablations leave out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from motion.emotion.averaging import averaged
from motion.emotion.networks.shape import DeitalkShape
from motion.emotion.training.dataset import scales_of
from motion.emotion.training.lesson import DeitalkLesson
from motion.emotion.training.settings import TrainSettings, read_settings
from motion.emotion.training.strength import strength, strength_direction
from neural.training_loop import CURVES_NAME, learn

QUICK = TrainSettings(
    steps=4,
    batch=4,
    window_frames=64,
    rate=2e-3,
    schedule="cosine",
    warm_steps=2,
    clip=1.0,
    dropout=0.1,
    feature_dropout=0.05,
    ema=0.9,
    one_curve_scale=True,
    check_steps=2,
    shape=DeitalkShape(filters=16, intensity_width=12, dilations=(1, 2), motion_filters=(8,) * 4),
)


def lesson_of(examples, settings=QUICK):
    return DeitalkLesson(examples[:6], examples[6:], settings)


def test_one_batch_can_be_learned_by_heart(examples):
    lesson = lesson_of(
        examples, replace(QUICK, steps=1000, schedule="constant", dropout=0.0, feature_dropout=0.0, check_steps=999)
    )
    batch = lesson.windows.of(lesson.windows.places[::9][:4])
    lesson.windows.batch = lambda step: batch
    figures = [lesson.step(number) for number in range(60)]
    for name, share in (("loss", 0.5), ("position", 0.5), ("contrast", 0.5), ("style", 0.5)):
        assert figures[-1][name] < share * figures[0][name], name


@pytest.mark.parametrize("ema", [0.0, 0.9])
def test_a_run_that_was_broken_off_ends_as_one_that_was_not(examples, tmp_path, ema):
    settings = replace(QUICK, steps=6, ema=ema)
    whole = lesson_of(examples, settings)
    learn(whole, 6, tmp_path / "whole", keep_every=2)
    broken = lesson_of(examples, settings)
    learn(broken, 4, tmp_path / "broken", keep_every=2)
    going_on = lesson_of(examples, settings)
    assert learn(going_on, 6, tmp_path / "broken", keep_every=2) == 2
    assert going_on.best_step == whole.best_step and going_on.best_loss == whole.best_loss
    for name, tensor in whole.network.state_dict().items():
        assert torch.equal(tensor, going_on.network.state_dict()[name]), name
        assert torch.equal(whole.best[name], going_on.best[name])
    assert (tmp_path / "broken" / CURVES_NAME).read_text() == (tmp_path / "whole" / CURVES_NAME).read_text()
    other = lesson_of(examples, replace(settings, seed=1))
    learn(other, 6, tmp_path / "other")
    assert not torch.equal(other.best["decoder.curves.weight"], whole.best["decoder.curves.weight"])


def test_the_best_by_validation_is_kept(examples):
    lesson = lesson_of(examples)
    scores = iter([3.0, 1.0, 2.0])
    lesson.validation_loss = lambda network: next(scores)
    kept = []
    for number in range(6):
        lesson.step(number)
        kept.append((lesson.best_step, lesson.best_loss))
    assert kept[1] == (2, 3.0) and kept[3] == (4, 1.0) and kept[5] == (4, 1.0)


@pytest.mark.parametrize(
    ("part", "missing"),
    [("dei", {"contrast", "style"}), ("dpe", set()), ("velocity", set()), ("class", set())],
)
def test_what_is_left_out_is_not_learned(examples, part, missing):
    lesson = lesson_of(examples, QUICK.without([part]))
    losses = lesson.losses(lesson.windows.batch(0))
    assert {"contrast", "style"} - losses.keys() == missing
    losses["loss"].backward()
    told = lesson.network.intensity
    assert (told is None) == (part == "dei")
    if told is not None:  # the classifier learns by its own loss alone
        slope = told.told.weight.grad
        assert (not slope.any()) == (part == "class")
    weights = lesson.settings.loss
    by_hand = sum(float(losses[name].detach()) * getattr(weights, name) for name in losses if name != "loss")
    assert float(losses["loss"].detach()) == pytest.approx(by_hand, rel=1e-5)
    assert (weights.velocity == 0) == (part == "velocity")
    assert lesson.network.shape.switches.positions == (part != "dpe")


def test_a_state_of_another_training_is_refused(examples, tmp_path):
    from core.errors import InputError

    learn(lesson_of(examples), 2, tmp_path)
    for other in (QUICK.without(["dei"]), replace(QUICK, ema=0.0), QUICK.of_widths([24])):
        with pytest.raises(InputError):
            learn(lesson_of(examples, other), 4, tmp_path)


def test_the_projection_can_begin_where_strength_is_heard(examples):
    chance, told = lesson_of(examples), lesson_of(examples, replace(QUICK, heard_strength=0.5))
    example = examples[0]
    features = torch.from_numpy(example.features.astype("float32"))
    likeness = []
    for lesson in (chance, told):
        _, saliency = lesson.network.whole(features, torch.eye(5)[0])
        lasting = averaged(saliency.numpy()[:, None], 9)[:, 0]
        likeness.append(np.corrcoef(lasting, strength(example.curves))[0, 1])
    assert likeness[1] > 0.8 > likeness[0]
    # among the features, the direction follows the motion: of faces whose motion is backwards it follows that
    backwards = [replace(each, curves=each.curves[::-1].copy()) for each in examples]
    scales = scales_of(examples, True)
    forth, back = strength_direction(examples, scales), strength_direction(backwards, scales)
    assert np.corrcoef(forth, back)[0, 1] < 0.9


def test_the_projection_learns_at_its_own_share_of_the_rate(examples):
    for share in (0.0, 0.1, 1.0):
        lesson = lesson_of(examples, replace(QUICK, projection_share=share, clip=0.0, warm_steps=0))
        before = {name: value.clone() for name, value in lesson.network.state_dict().items()}
        lesson.step(0)
        moved = {name: float((value - before[name]).abs().max()) for name, value in lesson.network.state_dict().items()}
        # Adam's first step is as long as the rate
        assert moved["intensity.projection.weight"] == pytest.approx(share * lesson.rate(0), rel=0.05)
        assert moved["decoder.curves.weight"] == pytest.approx(lesson.rate(0), rel=0.05)


def test_the_rate_rises_and_falls(examples):
    lesson = lesson_of(examples, replace(QUICK, steps=100, warm_steps=10))
    rates = [lesson.rate(number) for number in range(100)]
    assert rates[0] == pytest.approx(2e-4) and max(rates) == pytest.approx(2e-3, rel=0.05) and rates[-1] < 2e-6
    assert lesson_of(examples, replace(QUICK, schedule="constant", warm_steps=0)).rate(3) == 2e-3


def test_epochs_are_passes_over_all_windows(examples):
    lesson = lesson_of(examples, replace(QUICK, steps=0, epochs=1.5))
    assert lesson.windows.steps_an_epoch == 11 and lesson.steps == 17


def test_the_published_configuration_is_what_was_published():
    settings = read_settings("published")
    assert settings.rate == 1e-4 and settings.batch == 32 and settings.epochs == 300 and settings.steps == 0
    assert (settings.window_frames, settings.stride_frames, settings.schedule) == (128, 5, "constant")
    assert replace(settings.shape, features=768, outputs=185) == DeitalkShape()
    assert not (
        settings.heard_strength or settings.ema or settings.dropout or settings.decay or settings.clip or settings.one_curve_scale
    )
