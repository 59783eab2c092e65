# ruff: noqa: E402 - without torch the imports below would fail before the test can skip
"""The loop that trainings share: resuming, curves, and what a foreign state says."""

from __future__ import annotations

import csv

import pytest

torch = pytest.importorskip("torch")

from core.errors import InputError
from neural.training_loop import CURVES_NAME, STATE_NAME, learn


class Counting:
    """A lesson whose state is a sum."""

    def __init__(self, fails_at=None):
        self.total, self.fails_at = 0.0, fails_at

    def step(self, number):
        if number == self.fails_at:
            raise RuntimeError("broken off")
        self.total += number + 1
        return {"total": self.total}

    def state_dict(self):
        return {"total": self.total}

    def load_state_dict(self, state):
        self.total = state["total"]


def curve(folder):
    return [(int(row["step"]), float(row["total"])) for row in csv.DictReader((folder / CURVES_NAME).open())]


def test_a_run_that_breaks_off_goes_on_from_what_was_kept(tmp_path):
    with pytest.raises(RuntimeError, match="broken off"):
        learn(Counting(fails_at=5), 8, tmp_path, keep_every=2)
    assert [step for step, _ in curve(tmp_path)] == [1, 2, 3, 4, 5]
    told = []
    lesson = Counting()
    assert learn(lesson, 8, tmp_path, lambda done, steps, figures: told.append((done, steps)), keep_every=2) == 4
    assert lesson.total == 36 and told[0] == (5, 8) and told[-1] == (8, 8)
    assert curve(tmp_path) == [(step, step * (step + 1) / 2) for step in range(1, 9)]
    assert not list(tmp_path.glob("*.part"))


def test_what_is_done_is_done(tmp_path):
    learn(Counting(), 3, tmp_path)
    lesson = Counting()
    assert learn(lesson, 3, tmp_path) == 0 and lesson.total == 6 and len(curve(tmp_path)) == 3


def test_a_run_without_a_kept_state_begins_its_curves_anew(tmp_path):
    with pytest.raises(RuntimeError):
        learn(Counting(fails_at=1), 3, tmp_path)
    learn(Counting(), 3, tmp_path)
    assert len(curve(tmp_path)) == 3


def test_another_state_is_refused(tmp_path):
    torch.save({"lesson": {"other": 1}, "steps": 2}, tmp_path / STATE_NAME)
    with pytest.raises(InputError, match="another training"):
        learn(Counting(), 3, tmp_path)
