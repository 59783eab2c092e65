# ruff: noqa: E402 - without torch the imports below would fail before the test can skip
"""The losses by hand, and judges that learn."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from lipsync.musetalk.networks.patch_judge import PatchJudge
from lipsync.musetalk.training.losses import judge_loss, judged_loss, lower_half, perceptual_loss

pytestmark = pytest.mark.usefixtures("one_thread")


class Twice(torch.nn.Module):
    """Sees a picture, and twice of it."""

    def forward(self, pictures):
        return [pictures, 2 * pictures]


def test_what_eyes_see_is_summed_over_layers_and_sizes():
    drawn, real = torch.full((1, 3, 16, 16), 0.5), torch.zeros(1, 3, 16, 16)
    assert perceptual_loss(Twice(), drawn, real, (1.0, 0.25)).item() == pytest.approx(2 * (0.5 + 1.0))
    assert perceptual_loss(Twice(), real, real, (1.0,)).item() == 0


def test_the_lower_half():
    rows = torch.arange(8.0)[:, None].expand(1, 3, 8, 8)
    assert lower_half(rows)[0, 0, :, 0].tolist() == [4, 5, 6, 7]


class Fixed(torch.nn.Module):
    """A judge whose marks are the pictures' mean."""

    def forward(self, pictures):
        return pictures.mean(dim=(1, 2, 3), keepdim=True), [pictures]


def test_marks_by_hand():
    drawn, real = torch.full((1, 3, 4, 4), 0.25), torch.ones(1, 3, 4, 4)
    assert judged_loss(Fixed(), drawn, real, 0.0).item() == pytest.approx(0.75**2)
    assert judged_loss(Fixed(), drawn, real, 2.0).item() == pytest.approx(0.75**2 + 2 * 0.75)
    assert judge_loss(Fixed(), drawn, real).item() == pytest.approx(0.25**2 / 2)


def test_a_judge_learns_to_tell_noise_from_grey():
    torch.manual_seed(0)
    judge = PatchJudge(8, 3)
    real, drawn = torch.full((2, 3, 64, 64), 0.2), torch.rand(2, 3, 64, 64) * 2 - 1
    steps = torch.optim.Adam(judge.parameters(), 2e-3)
    first = judge_loss(judge, drawn, real).item()
    for _ in range(40):
        steps.zero_grad()
        judge_loss(judge, drawn, real).backward()
        steps.step()
    assert judge_loss(judge, drawn, real).item() < 0.7 * first
    assert judge(real)[0].shape[:2] == (2, 1) and judge(real)[0].mean() > judge(drawn)[0].mean() + 0.2
