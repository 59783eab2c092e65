# ruff: noqa: E402 - without torch the imports below would fail before the test can skip
"""Two steps of each training, in networks an eighth as wide; what they write is read by the engine's own reader."""

from __future__ import annotations

import csv

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from core.errors import InputError
from lipsync.sync_losses import agreement_loss, row_loss
from lipsync.wav2lip.checkpoint import read_expert, read_generator
from lipsync.wav2lip.networks.discriminator import PictureJudge
from lipsync.wav2lip.training.dataset import draw_stretches
from lipsync.wav2lip.training.lessons import ExpertLesson, LessonSettings, draw_lips
from lipsync.wav2lip.training.losses import GeneratorWeights, five_mouths, judge_loss, picture_loss
from lipsync.wav2lip.training.train import main, train
from neural.training_loop import CURVES_NAME

pytestmark = pytest.mark.usefixtures("one_thread")
SMALL = LessonSettings(width=0.125, batch=2, rate=1e-3, variety=0.5)


@pytest.fixture(scope="module")
def expert_file(clips, tmp_path_factory):
    return train("expert", clips, SMALL, 2, tmp_path_factory.mktemp("expert"))


@pytest.mark.parametrize("what", ["generator", "lipgan"])
def test_two_steps_of_a_generator(what, clips, expert_file, tmp_path):
    file = train(what, clips, SMALL, 2, tmp_path, expert_file)
    network = read_generator(file).network
    assert network.output_block[0].conv_block[0].out_channels == 4 and not network.training
    rows = list(csv.DictReader((tmp_path / CURVES_NAME).open()))
    assert [row["step"] for row in rows] == ["1", "2"]
    assert all(np.isfinite(float(value)) for row in rows for value in row.values())


def test_two_steps_of_the_expert_move_it(clips, expert_file):
    before = ExpertLesson(clips, SMALL).expert.state_dict()
    after = read_expert(expert_file).network.state_dict()
    assert {key: value.shape for key, value in before.items()} == {key: value.shape for key, value in after.items()}
    assert any((before[key] != after[key]).any() for key in before if key.endswith("weight"))


def test_a_broken_off_training_ends_the_same(clips, expert_file, tmp_path):
    train("expert", clips, SMALL, 1, tmp_path)
    again = read_expert(train("expert", clips, SMALL, 2, tmp_path)).network.state_dict()
    for key, value in read_expert(expert_file).network.state_dict().items():
        assert torch.equal(again[key], value), key


def test_a_folder_of_another_training_is_refused(clips, tmp_path):
    train("expert", clips, SMALL, 1, tmp_path)
    with pytest.raises(InputError, match="another training"):
        train("lipgan", clips, SMALL, 1, tmp_path)


def test_a_generator_needs_an_expert(clips, tmp_path):
    with pytest.raises(InputError, match="expert"):
        train("generator", clips, SMALL, 1, tmp_path)


def test_the_command_line(clip_folder, tmp_path, capsys):
    words = ["expert", "--data", str(clip_folder), "--out", str(tmp_path), "--steps", "1", "--batch", "2", "--width", "0.125"]
    assert main([*words, "--held-out", "bob"]) == 0
    assert "Of people held out" in capsys.readouterr().out
    assert main(["expert", "--data", str(tmp_path / "none"), "--out", str(tmp_path)]) == 2


def test_the_expert_learns_what_is_plain(clips):
    """Mouths that open as the sound swells: agreement gets better than chance."""
    lesson = ExpertLesson(clips, LessonSettings(width=0.125, batch=16, rate=1e-3))
    losses = [lesson.step(number)["loss"] for number in range(60)]
    assert np.mean(losses[-10:]) < 0.5 < 0.68 < np.mean(losses[:3])


def test_the_generator_sees_no_mouth_that_it_draws(clips):
    batch = draw_stretches(clips, 2, np.random.default_rng(0))
    shown = []
    draw_lips(_Keeps(shown), batch)
    hidden, others = shown[0][:, :3], shown[0][:, 3:]
    assert (hidden[:, :, 48:] == 0).all() and torch.equal(hidden[:, :, :48], batch.frames.flatten(0, 1)[:, :, :48])
    assert torch.equal(others, batch.others.flatten(0, 1))


class _Keeps(torch.nn.Module):
    """Stands for a generator: keeps what it is shown."""

    def __init__(self, shown):
        super().__init__()
        self._shown = shown

    def forward(self, sound, faces):
        self._shown.append(faces)
        return faces[:, :3]


def test_losses_by_hand():
    one, other = torch.tensor([[1.0, 0.0]]), torch.tensor([[0.6, 0.8]])
    assert agreement_loss(one, other, torch.ones(1)).item() == pytest.approx(-np.log(0.6))
    assert agreement_loss(one, other, torch.zeros(1)).item() == pytest.approx(-np.log(0.4))
    row, shown = torch.stack([one, other], 1), torch.tensor([[[1.0, 0.0], [0.8, 0.6]]])
    right, wrong = [1.0, 0.48 + 0.48], [0.8, 0.6]
    by_hand = -np.mean(np.log(right)) / 2 - np.mean(np.log([1 - each for each in wrong])) / 2
    assert row_loss(row, shown).item() == pytest.approx(by_hand, rel=1e-4)
    weights = GeneratorWeights()
    assert (weights.agreement, weights.picture, weights.likeness) == pytest.approx((0.03, 0.07, 0.9))
    frames = torch.arange(5.0)[None, :, None, None, None].expand(1, 5, 3, 96, 96)
    assert five_mouths(frames).shape == (1, 15, 48, 96) and five_mouths(frames)[0, :, 0, 0].tolist() == sorted(
        [0, 1, 2, 3, 4] * 3
    )


def test_the_judge_of_pictures_learns():
    """It tells grey from noise after a few steps, and then says of noise that it is drawn."""
    torch.manual_seed(0)
    judge = PictureJudge(0.125)
    real, drawn = torch.full((4, 3, 96, 96), 0.5), torch.rand(4, 3, 96, 96)
    steps = torch.optim.Adam(judge.parameters(), 1e-3)
    first = judge_loss(judge, real, drawn).item()
    for _ in range(30):
        steps.zero_grad()
        judge_loss(judge, real, drawn).backward()
        steps.step()
    assert judge_loss(judge, real, drawn).item() < 0.3 * first
    assert picture_loss(judge, drawn).item() > picture_loss(judge, real).item() + 1
