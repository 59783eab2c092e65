"""The published stages, and what a file of TOML changes of them."""

from __future__ import annotations

import pytest

from core.errors import InputError
from lipsync.musetalk.training.settings import STAGES, settings_of


def told(tmp_path, text):
    file = tmp_path / "settings.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_the_published_stages():
    first, second = STAGES["first"], STAGES["second"]
    assert (first.rate, first.data.frames, first.data.batch, first.weights.sync, first.weights.judge) == (2e-5, 1, 32, 0, 0)
    assert (second.rate, second.data.frames, second.data.batch, second.gathered) == (5e-6, 16, 2, 8)
    assert (second.weights.sync, second.weights.judge, second.weights.mouth_judge) == (0.05, 0.01, 0.01)
    assert settings_of("first") is first


def test_a_file_changes_what_it_names(tmp_path):
    file = told(tmp_path, 'rate = 1\nperceptual = "encoder"\n[data]\nbatch = 3\nmirrored = true\n[weights]\nscales = [1, 0.5]\n')
    changed = settings_of("second", file)
    assert (changed.rate, changed.perceptual, changed.data.batch, changed.data.mirrored) == (1.0, "encoder", 3, True)
    assert changed.weights.scales == (1.0, 0.5) and changed.weights.sync == 0.05 and changed.data.frames == 16


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("speed = 1", "no setting speed"),
        ("[data]\nspeed = 1", "no setting data.speed"),
        ('rate = "high"', "rate is 'high'"),
        ("seed = 1.5", "seed is 1.5"),
        ("sparing = 1", "sparing is 1"),
        ("data = 1", "data is 1"),
        ("seed = -1", "seed is -1"),
        ("[data]\nbatch = 0", "data.batch is 0"),
        ("[data]\nshare = 0.0", "data.share"),
        ('[data]\nreference = "some"', "informative, any"),
        ('perceptual = "eyes"', "vgg19, encoder"),
        ("rate =", "no TOML"),
    ],
)
def test_what_is_wrong_is_said(text, word, tmp_path):
    with pytest.raises(InputError, match=word):
        settings_of("first", told(tmp_path, text))


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(InputError, match="can't be read"):
        settings_of("first", tmp_path / "none.toml")
