# ruff: noqa: E402 - without torch the imports below would fail before the test can skip
"""Two steps of each training with small networks; what they write is read as the engine reads it."""

from __future__ import annotations

import csv
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from core.errors import InputError, MissingError
from lipsync.musetalk.checkpoint import read_unet
from lipsync.musetalk.networks.picture_features import EncoderEyes, Vgg19
from lipsync.musetalk.networks.sync_expert import SyncExpert
from lipsync.musetalk.networks.unet import UNet, UNetShape
from lipsync.musetalk.networks.vae import Vae, VaeShape
from lipsync.musetalk.training.evaluate import chosen_share, lip_figures
from lipsync.musetalk.training.files import read_expert, read_vgg
from lipsync.musetalk.training.lessons import ExpertLesson, Helpers, LipsLesson
from lipsync.musetalk.training.settings import STAGES, DataSettings, LossWeights
from lipsync.musetalk.training.train import Networks, main, train_expert, train_lips, written
from neural.training_loop import CURVES_NAME

pytestmark = pytest.mark.usefixtures("one_thread")
UNET, VAE = UNetShape(channels=(32, 32, 32, 32), blocks=1, heads=2), VaeShape(channels=(32, 32, 32, 32), blocks=1)
FRAMES = 4
FIRST = replace(
    STAGES["first"],
    perceptual="encoder",
    data=DataSettings(batch=2),
    weights=LossWeights(scales=(1.0, 0.5)),
    rate=1e-3,
    warm_steps=3,
)
SECOND = replace(
    FIRST,
    data=replace(STAGES["second"].data, batch=1, frames=FRAMES),
    weights=replace(STAGES["second"].weights, scales=(1.0,)),
    gathered=2,
    judges_from=1,
    judge_width=8,
    judge_blocks=2,
)
EXPERT = replace(STAGES["expert"], data=DataSettings(batch=1, frames=FRAMES), rate=1e-3)


def networks(expert=None):
    torch.manual_seed(3)
    vae = Vae(VAE)
    return Networks(UNet(UNET), Helpers(vae, EncoderEyes(vae), expert))


def expert():
    torch.manual_seed(4)
    return SyncExpert(FRAMES, 8)


def curves(folder):
    return list(csv.DictReader((folder / CURVES_NAME).open()))


@pytest.fixture(scope="module")
def first_file(clips, tmp_path_factory):
    return train_lips(clips, networks(), FIRST, 2, tmp_path_factory.mktemp("first"))


def test_two_steps_of_the_first_stage(first_file):
    read = read_unet(first_file, partial(UNet, UNET)).state_dict()
    before = networks().unet.state_dict()
    assert all((read[key] != before[key]).any() for key in ("conv_in.weight", "conv_out.weight"))
    rows = curves(first_file.parent)
    assert [*rows[0]] == ["step", "likeness", "perceptual"] and [row["step"] for row in rows] == ["1", "2"]
    assert all(np.isfinite(float(value)) for row in rows for value in row.values())


def test_a_broken_off_training_ends_the_same(clips, first_file, tmp_path):
    train_lips(clips, networks(), FIRST, 1, tmp_path)
    torch.manual_seed(99)
    again = torch.load(train_lips(clips, networks(), FIRST, 2, tmp_path), weights_only=True)
    for key, value in torch.load(first_file, weights_only=True).items():
        assert torch.equal(again[key], value), key


def test_the_second_stage_and_its_break(clips, tmp_path):
    """Judges of faces and mouths from the second step on, the expert from the first; broken off, it ends the same."""
    whole = train_lips(clips, networks(expert()), SECOND, 3, tmp_path / "whole")
    rows = curves(tmp_path / "whole")
    assert [*rows[0]] == ["step", "likeness", "perceptual", "sync", "judge", "mouth_judge"]
    assert float(rows[0]["sync"]) > 0 and float(rows[0]["judge"]) == float(rows[0]["mouth_judge"]) == 0
    assert float(rows[1]["judge"]) > 0 < float(rows[1]["mouth_judge"])
    train_lips(clips, networks(expert()), SECOND, 2, tmp_path / "broken")
    again = torch.load(train_lips(clips, networks(expert()), SECOND, 3, tmp_path / "broken"), weights_only=True)
    assert all(torch.equal(again[key], value) for key, value in torch.load(whole, weights_only=True).items())
    with pytest.raises(InputError, match="another training"):
        train_lips(clips, networks(), FIRST, 4, tmp_path / "broken")


def test_computing_again_changes_nothing(clips):
    spared, kept = (
        LipsLesson(clips, networks().unet, networks().helpers, replace(FIRST, sparing=each)) for each in (True, False)
    )
    told = [lesson.step(0) for lesson in (spared, kept)]
    assert told[0] == pytest.approx(told[1], rel=1e-4)
    one, other = (lesson.unet.conv_out.weight.grad for lesson in (spared, kept))
    assert torch.allclose(one, other, rtol=1e-3, atol=1e-7)


def test_nothing_but_the_unet_and_the_judges_learns(clips):
    asked = networks(expert())
    lesson = LipsLesson(clips, asked.unet, asked.helpers, replace(SECOND, judges_from=0))
    frozen = {
        key: value.clone() for part in (asked.helpers.vae, asked.helpers.expert) for key, value in part.state_dict().items()
    }
    judges = {name: part.last.parametrizations.weight.original.clone() for name, part in lesson._judges.items()}
    lesson.step(0)
    after = {key: value for part in (asked.helpers.vae, asked.helpers.expert) for key, value in part.state_dict().items()}
    assert all(torch.equal(after[key], value) for key, value in frozen.items())
    assert all((lesson._judges[name].last.parametrizations.weight.original != value).any() for name, value in judges.items())


def test_the_unet_sees_no_mouth_that_it_draws(clips):
    """A frame's lower half does not change what is drawn of it, nor does any other picture but the one beside."""
    from lipsync.musetalk.training.dataset import draw_batch

    lesson = LipsLesson(clips, networks().unet, networks().helpers, FIRST)
    batch = draw_batch(clips, FIRST.data, np.random.default_rng(1))
    with torch.no_grad():
        drawn = lesson.drawn(batch)
        batch.frames[..., 32:, :] = 0.3
        assert torch.equal(lesson.drawn(batch), drawn)
        batch.others[..., 32:, :] = 0.3
        assert not torch.equal(lesson.drawn(batch), drawn)


def test_the_first_stage_learns(clips):
    """To draw one plain face: pixels get nearer."""
    settings = replace(FIRST, warm_steps=0, rate=3e-3, clip=0.0)
    lesson = LipsLesson(clips[2:], networks().unet, networks().helpers, settings)
    losses = [lesson.step(number)["likeness"] for number in range(15)]
    assert np.mean(losses[-3:]) < 0.8 * np.mean(losses[:2])


def test_the_expert_learns_and_is_read_again(clips, tmp_path):
    lesson = ExpertLesson(clips, expert(), EXPERT)
    losses = [lesson.step(number)["loss"] for number in range(40)]
    assert np.mean(losses[-8:]) < 0.55 < 0.66 < np.mean(losses[:2])
    file = written(lesson.expert, tmp_path / "expert.pth")
    again = read_expert(file)
    assert again.frames == FRAMES and not again.training
    assert all(
        torch.equal(value, again.state_dict()[key]) for key, value in lesson.expert.state_dict().items() if "num_" not in key
    )
    assert chosen_share(again, clips, 60) > 0.65


def test_a_broken_off_expert_ends_the_same(clips, tmp_path):
    whole = train_expert(clips, expert(), EXPERT, 2, tmp_path / "whole")
    train_expert(clips, expert(), EXPERT, 1, tmp_path / "broken")
    again = torch.load(train_expert(clips, expert(), EXPERT, 2, tmp_path / "broken"), weights_only=True)
    assert all(torch.equal(again[key], value) for key, value in torch.load(whole, weights_only=True).items())


def test_the_second_stage_wants_its_expert(clips, tmp_path):
    with pytest.raises(InputError, match="--expert"):
        train_lips(clips, networks(), SECOND, 1, tmp_path)
    with pytest.raises(InputError, match="sees 3 frames"):
        train_lips(clips, networks(SyncExpert(3, 8)), SECOND, 1, tmp_path)


def test_files_of_other_networks_are_refused(tmp_path):
    other = tmp_path / "other.pth"
    torch.save({"face_encoder.0.0.weight": torch.zeros(8, 12, 7, 7)}, other)
    with pytest.raises(InputError, match="missing"):
        read_expert(other)
    torch.save({"weight": torch.zeros(3)}, other)
    with pytest.raises(InputError, match="not the expert"):
        read_expert(other)
    with pytest.raises(InputError, match="not VGG-19"):
        read_vgg(other)
    with pytest.raises(MissingError, match=r"none\.pth"):
        read_vgg(tmp_path / "none.pth")


def test_vgg_by_its_published_names(tmp_path):
    """Its keys are torchvision's; five layers see ever less of the place."""
    with torch.device("meta"):
        state = Vgg19().state_dict()
    places = [0, 2, 5, 7, 10, 12, 14, 16, 19, 21, 23, 25, 28, 30, 32, 34]
    assert [*state] == [f"features.{place}.{kind}" for place in places for kind in ("weight", "bias")]
    assert state["features.34.weight"].shape == (512, 512, 3, 3)
    seen = Vgg19().eval()(torch.rand(1, 3, 32, 32))
    assert [tuple(each.shape) for each in seen] == [(1, 64 * 2 ** min(n, 3), 32 >> n, 32 >> n) for n in range(5)]


def test_figures_of_people_held_out(clips):
    asked = networks()
    told = lip_figures(asked.unet, asked.helpers.vae, clips[:1])
    assert 0 < told.likeness < 255 and told.sharpness >= 0 and -1 <= told.movement <= 1


def test_the_command_line_says_what_is_missing(clip_folder, tmp_path, capsys):
    words = ["--data", str(clip_folder), "--out", str(tmp_path / "out"), "--steps", "1", "--device", "cpu"]
    assert main(["first", *words]) == 2 and "--vgg" in capsys.readouterr().err
    assert main(["first", "--data", str(tmp_path), "--out", str(tmp_path / "out")]) == 2
    settings = tmp_path / "settings.toml"
    settings.write_text("[data]\nframes = 2\nbatch = 1\n")
    assert main(["expert", *words, "--settings", str(settings), "--held-out", "bob", "--seed", "3"]) == 0
    out = capsys.readouterr().out
    assert "Of people held out" in out and out.endswith("sync_expert.pth\n")
    assert read_expert(tmp_path / "out" / "sync_expert.pth").frames == 2
