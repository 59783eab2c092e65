"""Windows: where they stand, what is masked, in which order they come; scales by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.errors import InputError
from motion.emotion.training.dataset import Windows, scales_of


def test_windows_stand_where_they_should(examples):
    windows = Windows(examples, frames=64, stride=5, batch=4, seed=1)
    assert [len(example.curves) for example in examples] == [90] * 7 + [30]
    assert len(windows) == 7 * 7 + 1  # 0, 5, ..., 25, and 26, which ends with the take; one of the short take
    assert windows.steps_an_epoch == 13
    batch = windows.of(np.array([[2, 10], [7, 0]]))
    example = examples[2]
    np.testing.assert_array_equal(batch.features[0], example.features[10:74].astype(np.float32))
    np.testing.assert_array_equal(batch.curves[0], example.curves[10:74])
    assert batch.first_frame.tolist() == [10, 0] and batch.total_frames.tolist() == [90, 30]
    assert batch.labels.tolist() == [1, 3] and batch.style.argmax(dim=1).tolist() == [1, 3]
    assert batch.mask[0].all() and batch.mask[1].tolist() == [True] * 30 + [False] * 34
    assert not batch.features[1, 30:].any() and batch.features[1, :30].any()


def test_an_epoch_is_every_window_once_in_an_order_of_its_own(examples):
    windows = Windows(examples, frames=64, stride=5, batch=4, seed=1)

    def order(epoch, of=windows):
        batches = [of.batch(step) for step in range(epoch * 13, (epoch + 1) * 13)]
        return [row.numpy().tobytes() for batch in batches for row in batch.curves]

    first, second = order(0), order(1)
    assert len(first) == 50 and sorted(first) == sorted(second) and first != second
    assert order(0) == first
    assert order(0, Windows(examples, frames=64, stride=5, batch=4, seed=2)) != first
    assert torch.equal(windows.batch(20).features, Windows(examples, 64, 5, 4, 1).batch(20).features)


def test_nothing_to_train_on_is_said():
    with pytest.raises(InputError, match="no takes"):
        Windows([], 64, 5, 4, 0)


def test_scales_are_mean_and_deviation_of_all_frames(examples):
    scales = scales_of(examples, one_curve_scale=True)
    features = np.concatenate([example.features.astype(np.float64) for example in examples])
    curves = np.concatenate([example.curves for example in examples])
    np.testing.assert_allclose(scales.feature_mean, features.mean(axis=0), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(scales.feature_scale, features.std(axis=0) + 1e-3, rtol=1e-4)
    np.testing.assert_allclose(scales.curve_mean, curves.mean(axis=0), atol=1e-6)
    assert len(set(scales.curve_scale.tolist())) == 1
    assert scales.curve_scale[0] == pytest.approx(np.sqrt(curves.var(axis=0).mean()) + 1e-4, rel=1e-4)
    plain = scales_of(examples, one_curve_scale=False)
    assert not plain.curve_mean.any() and (plain.curve_scale == 1).all()
