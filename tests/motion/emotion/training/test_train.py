"""The commands from end to end on a small set: prepared once, trained for two steps, written, and read again."""

from __future__ import annotations

import json

import numpy as np
import pytest
import soundfile
import torch

from core.errors import InputError, MissingError
from core.rigs.rig_list import ARKIT
from motion.emotion.model_file import load_model
from motion.emotion.networks.deitalk import Deitalk
from motion.emotion.styles import FPS
from motion.emotion.training import prepare as preparing
from motion.emotion.training.curves import at_frames
from motion.emotion.training.prepare import Hearing, prepare
from motion.emotion.training.settings import read_settings
from motion.emotion.training.take_set import read_set
from motion.emotion.training.train import main, train
from neural.hearing.encoders import open_encoder


@pytest.fixture
def heard():
    """Skips where the speech encoder's weights can't be had."""
    try:
        open_encoder("whisper", (1,))
    except MissingError as error:
        pytest.skip(f"Whisper's weights are not at hand: {error}")


@pytest.mark.slow
def test_two_steps_from_a_folder_to_a_file(small_set, tmp_path, heard, capsys):
    out = tmp_path / "model.safetensors"
    command = [str(small_set), "--work", str(tmp_path / "work"), "--out", str(out), "--config", "toy", "--seed", "3"]
    assert main(command) == 0
    said = capsys.readouterr().out
    assert "2 of 2: loss" in said and "prepared 12 of 12" in said
    model = load_model(out)
    assert model.facts.curves == ARKIT.curves and model.facts.layers == (1,) and model.facts.encoder == "whisper"
    assert model.facts.training["licence"] == "CC BY 3.0" and model.facts.training["steps"] == 2
    report = json.loads(out.with_suffix(".report.json").read_text())
    assert {part: len(names) for part, names in report["split"].items()} == report["takes"]
    assert report["best_step"] in (1, 2) and report["left_out"] == [] and report["seconds_a_step"] > 0
    network = Deitalk(model.facts.shape)
    network.load_state_dict({name: torch.from_numpy(tensor) for name, tensor in model.tensors.items()})
    curves, saliency = network.whole(torch.randn(50, 512), torch.eye(5)[1])
    assert curves.shape == (50, 55) and saliency.shape == (50,)
    before = out.read_bytes()
    assert main(command) == 0 and load_model(out).tensors.keys() == load_model(out).tensors.keys()  # nothing is left to learn
    kept = load_model(out)
    assert all(np.array_equal(kept.tensors[name], tensor) for name, tensor in model.tensors.items()) and before


@pytest.mark.slow
def test_what_was_prepared_is_not_made_again(small_set, tmp_path, heard, monkeypatch):
    takes, work = read_set(small_set), tmp_path / "work"
    corpus = prepare(takes, Hearing("whisper", (1,)), ARKIT, work)
    example = corpus.parts["training"][0]
    assert example.features.dtype == np.float16 and example.features.shape == (90, 512)
    assert example.curves.shape == (90, 55) and example.saliency.shape == (90,)
    written = {path.name: path.stat().st_mtime_ns for path in work.iterdir()}
    assert len(written) == 24

    def never(*_):
        raise AssertionError("heard again")

    monkeypatch.setattr(preparing._Listener, "features", never)
    again = prepare(takes, Hearing("whisper", (1,)), ARKIT, work)
    np.testing.assert_array_equal(again.parts["training"][0].features, example.features)
    assert {path.name: path.stat().st_mtime_ns for path in work.iterdir()} == written
    with pytest.raises(AssertionError, match="heard again"):
        prepare(takes, Hearing("whisper", (2,)), ARKIT, work)
    path = takes.takes[0].sound
    sound, rate_hz = soundfile.read(path)
    soundfile.write(path, 0.5 * sound, rate_hz)
    with pytest.raises(AssertionError, match="heard again"):
        prepare(takes, Hearing("whisper", (1,)), ARKIT, work)


def test_curves_come_to_the_networks_rate():
    times_s = (np.arange(120) + 0.5) / 60.0
    curves = np.stack([times_s, 1.0 - times_s], axis=1).astype(np.float32)
    resampled = at_frames(curves, 60.0)
    assert resampled.shape == (60, 2)
    np.testing.assert_allclose(resampled[:, 0], (np.arange(60) + 0.5) / FPS, atol=1e-5)
    np.testing.assert_array_equal(at_frames(curves, 30.0), curves)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--steps", "0"], "--steps is 0"),
        (["--epochs", "-1"], "--epochs is -1"),
        (["--seed", "-1"], "--seed is -1"),
        (["--widths", "8", "9"], "One width, or five"),
        (["--config", "nowhere.toml"], "nowhere.toml can't be read"),
        (["--out", "model.pt"], "ends in .safetensors"),
    ],
)
def test_options_that_cannot_be_are_refused(tmp_path, options, said, capsys):
    command = [str(tmp_path), "--work", str(tmp_path), "--out", str(tmp_path / "m.safetensors"), *options]
    assert main(command) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[train]\nspeed = 3", "no setting speed"),
        ("[train]\nbatch = 'x'", "batch"),
        ("[train]\nema = 1.0", "ema is out of range"),
        ("[train]\nlayers = [-1]", "layers"),
        ("[trian]\nbatch = 2", "trian"),
        ("[shape]\nswitches = 2", "no setting switches"),
        ("[train]\nschedule = 'steep'", "schedule"),
        ("[train", "can't be read"),
    ],
)
def test_settings_that_cannot_be_are_refused(tmp_path, text, said):
    (tmp_path / "mine.toml").write_text(text)
    with pytest.raises(InputError, match=said):
        read_settings(str(tmp_path / "mine.toml"))


def test_own_settings_stand_over_the_usual(tmp_path):
    (tmp_path / "mine.toml").write_text("[train]\nrate = 1\nlayers = [2, 4]\n[loss]\nvelocity = 0\n[shape]\nfilters = 9\n")
    settings = read_settings(str(tmp_path / "mine.toml"))
    assert (settings.rate, settings.layers, settings.loss.velocity, settings.shape.filters) == (1, (2, 4), 0, 9)
    assert settings.of_widths([7, 1, 2, 3, 4]).shape.motion_filters == (1, 2, 3, 4)


def test_the_small_network_is_small(examples, tmp_path):
    from motion.emotion.training.prepare import Corpus
    from motion.emotion.training.take_set import TakeSet

    wide = [type(each)(each.take, np.tile(each.features, 7)[:, :512], np.tile(each.curves, 2)[:, :55], None) for each in examples]
    parts = {"training": wide[:6], "validation": wide[6:], "test": []}
    corpus = Corpus(parts, TakeSet(tmp_path, (), ()), ARKIT, Hearing())
    from dataclasses import replace

    settings = replace(read_settings("small"), steps=1, batch=2, check_steps=1)
    trained = train(corpus, settings, tmp_path / "work", tmp_path / "small.safetensors")
    assert trained.model.stat().st_size < 5_000_000
    assert load_model(trained.model).facts.shape.filters == settings.shape.filters
