# ruff: noqa: E402 - without torch the imports below would fail before the test can skip
"""Figures of lips and experts whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from lipsync.wav2lip.training.dataset import Clip
from lipsync.wav2lip.training.evaluate import (
    FARTHEST,
    drawn_clip,
    expert_figures,
    lip_figures,
    movement_correlation,
    shifted_agreements,
)
from tests.lipsync.wav2lip.training.conftest import mouth_of, sound_of

pytestmark = pytest.mark.usefixtures("one_thread")


class Truthful(torch.nn.Module):
    """Stands for an expert that reads the openings of five mouths, and the loudness that the sound of `late` frames later has."""

    FRAMES = 5

    def __init__(self, late=0):
        super().__init__()
        self._late, self._any = late, torch.nn.Parameter(torch.zeros(1))

    def forward(self, sound, mouths):
        places = [int(3.2 * (frame + self._late)) + 1 for frame in range(3)]
        heard = torch.stack([(sound[:, 0, 0, place] + 4) / 8 for place in places], 1)
        shown = torch.stack([((mouths[:, 3 * frame, 22:38, 48] < 0.1).sum(-1) - 2) / 14 for frame in range(3)], 1)
        return self.place(heard), self.place(shown)

    @staticmethod
    def place(openings):
        """Of length 1; the cosine of two falls as any of their openings differ."""
        return torch.cat([torch.cos(3 * openings), torch.sin(3 * openings)], 1) / openings.shape[1] ** 0.5


@pytest.mark.parametrize("late", [0, 1])
def test_an_expert_that_knows(late, clips):
    figures = expert_figures(Truthful(late), clips, 40)
    assert figures.best_shift == -late and len(figures.agreements) == 2 * FARTHEST + 1
    if not late:
        assert figures.chosen > 0.95 and figures.right > 0.6 and figures.chosen_by_a_second == 1.0


def test_agreements_of_each_shift():
    """Sounds that belong to the lips of two frames before, and less to all others."""
    table = np.zeros((12, 12), np.float32)
    table[np.arange(2, 12), np.arange(10)] = 0.9
    means = shifted_agreements([table, table])
    assert means[FARTHEST + 2] == pytest.approx(0.9) and sum(means) == pytest.approx(0.9)


def test_movement():
    swell = np.random.default_rng(1).random(30)
    film, other = mouth_of(swell, 200), mouth_of(np.random.default_rng(2).random(30), 200)
    assert movement_correlation(film, film) == pytest.approx(1.0, abs=1e-4)
    assert movement_correlation(film // 2, film) > 0.99, "another light is no other movement"
    assert abs(movement_correlation(other, film)) < 0.5
    assert movement_correlation(np.full_like(film, 90), film) == 0.0


class Copies(torch.nn.Module):
    """Stands for a generator that draws what it sees beside."""

    def forward(self, sound, faces):
        return faces[:, 3:]


def test_what_is_drawn_is_seen_from_the_first_picture_alone():
    swell = np.linspace(0, 1, 25)
    clip = Clip("ann", mouth_of(swell, 180), np.zeros((25, 1, 80, 16), np.float32))
    drawn = drawn_clip(Copies(), clip)
    assert drawn.shape == clip.crops.shape and (drawn == clip.crops[0]).all()


def test_figures_of_a_copy(clips):
    figures = lip_figures(Copies(), Truthful(), clips)
    assert figures.likeness > 0 and abs(figures.movement) < 0.1
    assert sound_of(np.zeros(5)).shape[1] == 80
