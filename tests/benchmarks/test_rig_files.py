"""What holds our table against a published mapping."""

from __future__ import annotations

import pytest

from benchmarks.rig_files import agreement, read_mapping
from core.blendshapes import BLENDSHAPE_INDEX, BLENDSHAPE_NAMES
from core.rigs.metahuman_names import CONTROLS
from core.rigs.metahuman_table import forward_table


def text_of(table):
    lines = ["Default", ""]
    for name, row in zip(BLENDSHAPE_NAMES, table, strict=True):
        entries = [f"CTRL_expressions_{control} = {weight}" for control, weight in zip(CONTROLS, row, strict=True) if weight]
        lines += [
            name[0].upper() + name[1:],
            *entries,
            "head_wm1_blink_L = 1.0",
            "CTRL_expressions_eyeParallelLookDirection = 1.0",
            "",
        ]
    return "\n".join(lines)


def test_our_own_table_agrees_with_itself_and_another_does_not(tmp_path):
    (tmp_path / "ours.txt").write_text(text_of(forward_table()))
    same = agreement(read_mapping(tmp_path / "ours.txt"))
    assert same["ours"] == same["theirs"] == same["both"] == same["same"] == 83
    assert same["mean_difference"] == 0 and same["r"] == pytest.approx(1)

    changed = forward_table().copy()
    jaw = BLENDSHAPE_INDEX["jawOpen"], CONTROLS.index("jawOpen")
    changed[jaw], changed[jaw[0], CONTROLS.index("jawFwd")] = 0.5, 0.2
    changed[jaw[0], CONTROLS.index("jawBack")] = 0.01  # too little to count
    (tmp_path / "changed.txt").write_text(text_of(changed))
    other = agreement(read_mapping(tmp_path / "changed.txt"))
    assert (other["theirs"], other["both"], other["same"]) == (84, 83, 82)
    assert other["mean_difference"] == pytest.approx(0.7 / 84)
