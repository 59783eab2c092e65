"""The benchmark of photos, drawings and animals: its pictures, its states, its sums."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from benchmarks import picture_kinds
from benchmarks.degraded import DEGRADATIONS, LONGEST_PX, brought_down
from benchmarks.picture_kinds import Count, as_decoded, main, pictures_of, states_of, table, total
from core.errors import InputError


@pytest.fixture
def photo(root_dir):
    with Image.open(root_dir / "demo" / "portrait.jpg") as opened:
        return brought_down(opened)


@pytest.mark.slow
def test_every_state_gives_the_same_again_and_is_another_picture(photo):
    assert max(photo.size) == LONGEST_PX and len(DEGRADATIONS) >= 11
    for name, degrade in DEGRADATIONS.items():
        first, again = (np.asarray(degrade(photo)) for _ in range(2))
        assert (first == again).all(), name
        assert name == "as it is" or first.shape != np.asarray(photo).shape or (first != np.asarray(photo)).any(), name


@pytest.mark.slow
def test_states_do_what_they_are_called(photo):
    made = {name: DEGRADATIONS[name](photo) for name in DEGRADATIONS}
    assert min(made["128 px"].size) == 128
    assert len(np.unique(np.asarray(made["64 colours"]).reshape(-1, 3), axis=0)) <= 64
    assert (np.ptp(np.asarray(made["grey"]), axis=-1) == 0).all()
    alpha = np.asarray(made["round alpha"])[..., 3]
    assert alpha[0, 0] == 0 and alpha[alpha.shape[0] // 2, alpha.shape[1] // 2] == 255
    assert as_decoded(made["rounded corners"]).alpha is not None and as_decoded(made["noise"]).alpha is None


def test_pictures_are_spread_over_the_folder(tmp_path):
    with pytest.raises(InputError, match="has no pictures"):
        pictures_of(tmp_path)
    for number in range(10):
        Image.new("RGB", (8, 8)).save(tmp_path / f"{number}.png")
    assert [path.stem for path in pictures_of(tmp_path, 4)] == ["0", "3", "6", "9"]
    assert len(pictures_of(tmp_path, 99)) == 10
    assert [name for name, _ in states_of(tmp_path / "0.png", ("grey", "as it is"))] == ["grey", "as it is"]


def test_sums_and_table():
    counts = {"as it is": Count(10, ["a"]), "grey": Count(10, ["a", "b"])}
    assert total(counts).asked == 20 and total(counts).share == pytest.approx(0.15)
    assert table({"photos": counts}).splitlines()[-1] == "| all | 3 of 20, 15.0% |"


@pytest.mark.slow
def test_a_photo_and_a_drawing_are_told_apart(tmp_path, shared_dir, capsys):
    (tmp_path / "photos").mkdir()
    (tmp_path / "drawings").mkdir()
    (tmp_path / "photos" / "a.jpg").symlink_to(shared_dir / "portraits" / "man_photo.jpg")
    (tmp_path / "drawings" / "b.png").symlink_to(shared_dir / "portraits" / "anime_rgba.png")
    folders = ["--photos", str(tmp_path / "photos"), "--drawings", str(tmp_path / "drawings")]
    assert main([*folders, "--states", "as it is", "round alpha"]) == 0
    assert "| all | 0 of 2, 0.0% | 0 of 2, 0.0% |" in capsys.readouterr().out
    swapped = ["--photos", str(tmp_path / "drawings"), "--states", "as it is"]
    assert main(swapped) == 0 and "| all | 1 of 1, 100.0% |" in capsys.readouterr().out
    assert main([]) == 2 and picture_kinds.__doc__
