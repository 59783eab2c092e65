"""Sets joined into one keep their parts, and say whose they are."""

from __future__ import annotations

import pytest

from core.errors import InputError
from motion.emotion.training.join import evenly, main
from motion.emotion.training.take_set import read_set


@pytest.fixture
def two_sets(small_set, tmp_path):
    """The small set, and the same by another speaker alone."""
    other = tmp_path / "other"
    for file in sorted((small_set / "ann").rglob("*.*")):
        goal = other / "eve" / file.parent.name / file.name
        goal.parent.mkdir(parents=True, exist_ok=True)
        goal.write_bytes(file.read_bytes())
    (other / "set.toml").write_text('licence = "MIT"\n[split]\nvalidation = ["eve/happy/take1"]\ntest = ["eve/happy/take2"]\n')
    (small_set / "set.toml").write_text('licence = "CC BY 3.0"\n[split]\nvalidation = ["ann/happy/take1"]\ntest = ["bob"]\n')
    return small_set, other


def test_parts_stay_what_they_were(two_sets, tmp_path, capsys):
    assert main([str(tmp_path / "out"), *map(str, two_sets), "--shares", "1", "0.5"]) == 0
    joined = read_set(tmp_path / "out")
    parts = joined.parts()
    assert joined.facts["licence"] == "CC BY 3.0 + MIT" and not joined.left_out
    assert {take.name for take in parts["test"]} == {
        "eve/happy/take2", *(f"bob/{style}/take{k}" for style in ("happy", "neutral") for k in "123")
    }  # fmt: skip
    assert {take.name for take in parts["validation"]} == {"ann/happy/take1", "eve/happy/take1"}
    assert sum(take.speaker == "eve" for take in parts["training"]) == 2 and len(parts["training"]) == 7
    assert all(take.truth is not None for take in joined.takes)


def test_shares_are_even():
    assert evenly(range(10), 0.3) == (3, 6, 9) and evenly(range(4), 1.0) == (0, 1, 2, 3)


def test_what_can_not_be_joined_is_told(two_sets, tmp_path, capsys):
    first, second = map(str, two_sets)
    assert main([str(tmp_path / "out"), first, first]) != 0 and "Two sets have a take" in capsys.readouterr().err
    assert main([str(tmp_path / "out2"), first, second, "--shares", "2", "1"]) != 0
    assert main([first, second]) != 0 and "not empty" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main([str(tmp_path / "out3")])


def test_an_error_is_an_input_error(tmp_path):
    with pytest.raises(InputError):
        read_set(tmp_path / "missing")
