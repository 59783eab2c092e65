# ruff: noqa: E402 - without torch the imports below would fail before the test can skip
"""Our networks of StyleTTS 2 say what its public code says of the same numbers, and a checkpoint is read strictly."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from core.errors import InputError
from speech.styletts2.checkpoint import BERT_HEADS, OURS, folded, networks_of, read_checkpoint
from speech.styletts2.networks.decoder import Chance
from speech.styletts2.networks.style_diffusion import sample_style
from tests.speech.styletts2 import small


class KnownChance(Chance):
    """As in the program that made the file."""

    def normal(self, shape):
        return torch.from_numpy(small.normal(tuple(shape)))

    def uniform(self, shape):
        return torch.from_numpy(small.uniform(tuple(shape)))


PARITY = np.load(Path(__file__).parent / "parity.npz")
LASTS = [1, 2, 1, 3, 2, 1, 2, 2, 1, 3]


@cache
def published(kind):
    """The tensors as a checkpoint of that kind holds them, of the networks that speak."""
    shapes = {}
    for row in PARITY[f"{kind}.names"]:
        name, key, sides = str(row).split("/")
        shapes.setdefault(name, {})[key] = tuple(int(side) for side in sides.split("x") if side)
    shapes["diffusion"] = {
        key.removeprefix("unet."): shape for key, shape in shapes["diffusion"].items() if key.startswith("unet.")
    }
    nets = {name: small.tensors_of(f"{kind}.{name}", table) for name, table in shapes.items()}
    nets["diffusion"] = {f"unet.{key}": value for key, value in nets["diffusion"].items()}
    return {name: {key: torch.from_numpy(value) for key, value in table.items()} for name, table in nets.items()}


@cache
def ours(kind):
    return networks_of({name: folded(table) for name, table in published(kind).items()}, small.SPREAD)


def told(kind, name):
    return torch.from_numpy(PARITY[f"{kind}.{name}"])


def near(found, wanted, most=1e-4):
    assert found.shape == wanted.shape
    assert float((found - wanted).abs().max()) <= most * float(wanted.abs().max())


@pytest.mark.parametrize("kind", small.KINDS)
def test_what_is_heard_and_meant(kind):
    assert small.BERT["num_attention_heads"] == BERT_HEADS
    nets, tokens = ours(kind), torch.tensor([small.TOKENS])
    assert nets.follows_a_voice == (kind == "libritts") and nets.by_samples == (kind == "libritts")
    near(nets.text_encoder(tokens), told(kind, "heard"))
    near(nets.bert(tokens), told(kind, "meant"))
    mel = torch.from_numpy(small.drawn("mel", (1, 80, 101)))
    near(torch.cat([nets.style_encoder(mel), nets.predictor_encoder(mel)], dim=1), told(kind, "like"))


@pytest.mark.parametrize("kind", small.KINDS)
@pytest.mark.parametrize(("name", "guidance"), [("style", 1.0), ("guided", 2.0)])
def test_the_style_that_is_drawn(kind, name, guidance):
    nets = ours(kind)
    noise = torch.from_numpy(small.drawn("noise", (1, 2 * small.STYLE)))
    like = told(kind, "like") if nets.follows_a_voice else None
    style = sample_style(nets.diffusion, told(kind, "meant"), like, nets.spread, 5, guidance, noise, KnownChance(None))
    near(style, told(kind, name), 1e-3)


@pytest.mark.parametrize("kind", small.KINDS)
def test_prosody_and_sound(kind):
    nets, lasts = ours(kind), torch.tensor(LASTS)
    sounds, moves = told(kind, "style").chunk(2, dim=1)
    encoded = nets.predictor.text_encoder(nets.bert_encoder(told(kind, "meant")), moves)
    near(nets.predictor.durations(encoded), told(kind, "durations"))
    pitch_hz, loudness = nets.predictor.curves(encoded.repeat_interleave(lasts, dim=1), moves)
    near(pitch_hz, told(kind, "pitch_hz"))
    near(loudness, told(kind, "loudness"))
    curve = torch.from_numpy(small.pitch_hz(2 * sum(LASTS)))[None]
    text = told(kind, "heard").repeat_interleave(lasts, dim=2)
    sound = nets.decoder(text, curve, told(kind, "loudness"), sounds, KnownChance(None))
    # The first window of the inverse STFT's source is its own mirror image: whether its phase is half a turn forwards or
    # backwards is left to rounding, in the public program too, and is heard for a few milliseconds.
    begin = 0 if nets.by_samples else 1080
    near(sound[:, begin:], told(kind, "sound")[:, begin:], 3e-3)


def test_a_checkpoint_is_read_as_it_is_published(tmp_path):
    nets = {name: {f"module.{key}": value for key, value in table.items()} for name, table in published("ljspeech").items()}
    path = tmp_path / "epoch_2nd_00100.pth"
    torch.save({"net": {**nets, "mpd": {"module.x": torch.zeros(2)}}, "epoch": 100}, path)
    (tmp_path / "config.yml").write_text(
        "model_params:\n  diffusion:\n    dist:\n      sigma_data: 0.198 # told\n", encoding="utf-8"
    )
    read = read_checkpoint(path)
    assert read.spread == 0.198
    near(read.text_encoder(torch.tensor([small.TOKENS])), told("ljspeech", "heard"))


@pytest.mark.parametrize(
    "harm", ["missing network", "missing tensor", "one tensor too many", "other shape", "no table", "no file of torch"]
)
def test_what_does_not_fit_is_told_in_one_sentence(tmp_path, harm):
    path = tmp_path / "wrong.pth"
    nets = {name: dict(table) for name, table in published("ljspeech").items()}
    if harm == "missing network":
        del nets["decoder"]
    elif harm == "missing tensor":
        del nets["predictor"]["shared.weight_ih_l0"]
    elif harm == "one tensor too many":
        nets["bert"]["more"] = torch.zeros(3)
    elif harm == "other shape":
        nets["text_encoder"]["lstm.weight_ih_l0"] = torch.zeros(3, 3)
    torch.save(torch.zeros(3) if harm == "no table" else {"net": nets}, path)
    if harm == "no file of torch":
        path.write_bytes(b"no checkpoint")
    with pytest.raises(InputError) as refused:
        read_checkpoint(path)
    assert refused.value.message.code in ("speech.styletts2_unfit", "speech.styletts2_unreadable")
    assert len(str(refused.value).splitlines()) == 1


def test_all_that_speaks_is_named():
    assert set(published("libritts")) == set(OURS)
