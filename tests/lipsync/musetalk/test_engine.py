"""The whole way with small networks, from a film or from what was kept of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

from core.errors import InputError
from lipsync.musetalk.avatar import LATENTS_NAME
from lipsync.musetalk.crops import V15, rule_of_v10
from lipsync.musetalk.engine import MUSETALK
from lipsync.musetalk.lips import box_rule, lips_filter
from lipsync.musetalk.options import MuseTalkOptions
from lipsync.musetalk.settings import MuseTalkSettings
from tests.lipsync.conftest import check_painted

pytestmark = [pytest.mark.usefixtures("one_thread"), pytest.mark.slow]
SETTINGS = MuseTalkSettings("cpu", batch_frames=4)


class Keeper:
    """Keeps as the stage cache does; counts what was made."""

    def __init__(self, folder):
        self.folder, self.made = folder, {}

    def __call__(self, choices, make):
        name = str(sorted(choices.items()))
        if name not in self.made:
            self.made[name] = self.folder / str(len(self.made))
            self.made[name].mkdir()
            make(self.made[name])
        return self.made[name]


def test_lips_of_a_film_and_of_what_was_kept_of_it(painted_task, small_networks, tmp_path):
    plain = list(lips_filter(small_networks, V15, SETTINGS, painted_task).apply(painted_task.frames()))
    check_painted(painted_task, plain)
    keeper, read = Keeper(tmp_path), []

    def frames():
        read.append(1)
        return painted_task.frames()

    task = replace(painted_task, keep=keeper, frames=frames)
    for _ in range(2):
        kept = list(lips_filter(small_networks, V15, SETTINGS, task).apply(painted_task.frames()))
        far = max(np.abs(one.astype(int) - other).max() for one, other in zip(plain, kept, strict=True))
        assert far <= 4, "half precision on disk is hardly seen"
    assert len(read) == 1 and len(keeper.made) == 1, "the film is prepared once"
    latents = np.load(next(iter(keeper.made.values())) / LATENTS_NAME)
    assert latents.shape == (20, 8, 32, 32) and latents.dtype == np.float16
    lips_filter(small_networks, rule_of_v10(4), SETTINGS, task)
    assert len(keeper.made) == 2, "another square is prepared anew"


def test_the_square_moves_with_the_shift(painted_task):
    points = painted_task.track.landmarks[0]
    plain, shifted = (box_rule(painted_task.faces, rule_of_v10(shift))(points) for shift in (0, 5))
    assert shifted[1] > plain[1]
    assert box_rule(painted_task.faces, V15)(points * [1, -1, 1] + [0, 300, 0]) is None


def test_options_and_what_is_missing(settings_with):
    assert MUSETALK.missing(settings_with()) is None
    lack = MUSETALK.missing(settings_with(MuseTalkOptions(musetalk_version="1.0")))
    assert lack is not None and "--musetalk-file" in str(lack)
    assert MUSETALK.missing(settings_with(MuseTalkOptions(musetalk_version="1.0", musetalk_file=Path("a.pth")))) is None
    assert MUSETALK.replaced(settings_with()) == ()
    assert MUSETALK.replaced(settings_with(MuseTalkOptions(musetalk_file=Path("a.pth")))) == ("musetalk_v15_unet",)
    assert MUSETALK.own_weights(settings_with()) is None
    assert MUSETALK.own_weights(settings_with(MuseTalkOptions(musetalk_file=Path("a.pth")))) == Path("a.pth")
    with pytest.raises(InputError, match="bbox-shift"):
        MuseTalkOptions(bbox_shift=3)
