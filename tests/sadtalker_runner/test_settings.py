"""What the engine may be told, and what it says to the rest; and that its door opens without torch."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from core.errors import InputError
from sadtalker_runner.runner import INSTALL, SadTalkerSettings, lacking, missing, weight_names


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"size": 300}, "choose one of 256, 512"),
        ({"preprocess": "extfull"}, "crop, resize, full"),
        ({"expression_scale": 3.5}, "from 0 to 3"),
        ({"expression_scale": float("nan")}, "from 0 to 3"),
        ({"pose_style": 46, "head": "voice"}, "from 0 to 45"),
        ({"pose_style": 3}, "choose the head 'voice'"),
        ({"head": "film"}, "needs that film"),
        ({"pose_film": Path("a.mp4")}, "needs that film"),
        ({"head": "voice", "still": True}, "still head follows no voice"),
        ({"head_scale": 0.5}, "leave the head scale at 1"),
        ({"head_scale": 2.1, "head": "voice"}, "from 0 to 2"),
        ({"blinks": "often"}, "motion, chance, none"),
        ({"yaw_deg": (0.0, 100.0)}, "from -90 to 90"),
        ({"roll_deg": (float("nan"),)}, "from -90 to 90"),
    ],
)
def test_wrong_settings(wrong, said):
    with pytest.raises(InputError, match=said) as raised:
        SadTalkerSettings(**wrong)
    assert str(raised.value).endswith(".")


def test_what_is_missing_is_said_with_the_commands_that_bring_it(tmp_path, monkeypatch):
    monkeypatch.setenv("BELCANTO_WEIGHTS_DIR", str(tmp_path))
    sentence = str(missing(SadTalkerSettings(size=512)))
    assert "`python -m weights fetch sadtalker_512 sadtalker_mapping_full`" in sentence and sentence.count(".") == 1
    assert "fetch sadtalker_256 sadtalker_mapping_crop" in str(missing(SadTalkerSettings(preprocess="resize")))
    both = str(lacking(["torch"], ["sadtalker_256"]))
    assert f"`{INSTALL}`" in both and "fetch sadtalker_256" in both and "torch" in both
    assert lacking([], []) is None


@pytest.mark.slow
def test_nothing_is_missing_where_all_is_there(sadtalker_weights):
    assert missing(SadTalkerSettings()) is None
    assert set(weight_names(SadTalkerSettings(size=512, preprocess="crop"))) == {"sadtalker_512", "sadtalker_mapping_crop"}


@pytest.mark.slow
def test_the_door_opens_without_torch_and_says_so(root_dir):
    """In a process of its own, in which torch can't be found."""
    program = """
import importlib.util, sys
found = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: None if name == "torch" else found(name, *rest)
from pathlib import Path
from sadtalker_runner.runner import MissingError, SadTalkerRenderer, SadTalkerSettings, missing
assert "torch" in str(missing(SadTalkerSettings()))
try:
    SadTalkerRenderer(SadTalkerSettings(), Path("voice.wav"))
except MissingError as error:
    print(error)
assert "torch" not in sys.modules
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=root_dir, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("The SadTalker engine lacks the Python package torch; run `pip install")
