"""The rigs' names and numbers, and the table between two of them."""

from __future__ import annotations

import numpy as np
import pytest

from core.blendshapes import BLENDSHAPE_INDEX, BLENDSHAPE_NAMES
from core.errors import InputError
from core.rigs.metahuman_names import CONTROLS
from core.rigs.metahuman_table import LEAST_OPEN, alike_table, arkit_to_metahuman, forward_table, metahuman_to_arkit
from core.rigs.rig_list import ARKIT, METAHUMAN, RIGS, rig_named

CLOSE, OPEN = BLENDSHAPE_INDEX["mouthClose"], BLENDSHAPE_INDEX["jawOpen"]


def faces(frames: int = 400) -> np.ndarray:
    """Shapes (T, 52) in [0, 1], a third of them at rest, lips no more than shut."""
    random = np.random.default_rng(7)
    shapes = random.random((frames, 52)) * (random.random((frames, 52)) > 0.33)
    shapes[:, CLOSE] = np.minimum(shapes[:, CLOSE], np.maximum(shapes[:, OPEN], LEAST_OPEN))
    return shapes


def test_the_rigs_have_the_sizes_of_the_paper():
    assert (len(METAHUMAN.curves), len(METAHUMAN.lips), len(METAHUMAN.upper)) == (185, 86, 18)
    assert (len(ARKIT.curves), ARKIT.curves[:52]) == (55, BLENDSHAPE_NAMES)
    for rig in RIGS.values():
        assert len(set(rig.curves)) == len(rig.curves)
        assert not set(rig.lips) & set(rig.upper)
        assert rig_named(rig.name) is rig


@pytest.mark.parametrize("rig", RIGS.values(), ids=lambda rig: rig.name)
def test_errors_look_at_lips_and_feeling_alone(rig):
    lips, upper = ([rig.curves[column].removeprefix("CTRL_expressions_") for column in part] for part in (rig.lips, rig.upper))
    assert all(name.startswith(("mouth", "jaw", "cheekPuff")) for name in lips)
    assert all(name.startswith(("brow", "eye", "cheekSquint")) for name in upper)
    assert not any("Blink" in name or "Look" in name for name in upper)
    assert rig.curves[rig.column(rig.curves[rig.lips[0]])] == rig.curves[rig.lips[0]]


def test_another_rig_is_told():
    with pytest.raises(InputError, match="no face rig called cat; choose one of arkit, metahuman"):
        rig_named("cat")


def test_shapes_come_back():
    shapes = faces()
    assert np.abs(metahuman_to_arkit(arkit_to_metahuman(shapes)) - shapes).max() < 1e-5


def test_every_shape_moves_something_of_its_own():
    controls = arkit_to_metahuman(np.eye(52))
    assert (controls.max(axis=1) == 1.0).all()
    assert len(np.unique(controls, axis=0)) == 52
    assert np.linalg.matrix_rank(forward_table()) == 51  # mouthClose is a share


def test_lips_that_shut_on_an_open_jaw_are_together():
    shapes = np.zeros((3, 52))
    shapes[:, OPEN], shapes[:, CLOSE] = 0.4, (0.4, 0.2, 0.9)
    together = arkit_to_metahuman(shapes)[:, CONTROLS.index("mouthLipsTogetherUL")]
    np.testing.assert_allclose(together, [1.0, 0.5, 1.0], atol=1e-6)


def mirrored(names: tuple[str, ...], left: str, right: str) -> list[int]:
    """Where each name's other side stands; `left` and `right` are the endings."""
    swap = {left: right, right: left}
    other = [next((name[: -len(end)] + to for end, to in swap.items() if name.endswith(end)), name) for name in names]
    return [names.index(name) for name in other]


def swapped_gaze(name: str) -> str:
    """eyeLookLeftL is eyeLookRightR's mirror: the way turns over as well as the eye."""
    ways = {"eyeLookLeft": "eyeLookRight", "eyeLookRight": "eyeLookLeft"}
    return next((name.replace(way, to) for way, to in ways.items() if name.startswith(way)), name)


def test_sides_are_mirrored():
    shapes = mirrored(BLENDSHAPE_NAMES, "Left", "Right")
    sides = mirrored(CONTROLS, "L", "R")
    ways = mirrored(CONTROLS, "Left", "Right")
    controls = [CONTROLS.index(swapped_gaze(CONTROLS[sides[ways[column]]])) for column in range(185)]
    assert sorted(controls) == list(range(185)) and controls != list(range(185))
    for table in (forward_table(), alike_table().T):
        np.testing.assert_array_equal(table[np.ix_(shapes, controls)], table)


def test_controls_that_no_shape_moves_become_the_nearest():
    take = np.zeros((2, 185))
    take[0, CONTROLS.index("mouthSharpCornerPullL")] = 0.6
    take[1, CONTROLS.index("tongueRollUp")] = 1.0
    shapes = metahuman_to_arkit(take)
    assert shapes[0, BLENDSHAPE_INDEX["mouthSmileLeft"]] == pytest.approx(0.6)
    assert not shapes[1].any()  # nothing among the 52 is like it


def test_any_take_gives_shapes_in_range_and_near_the_controls():
    take = np.random.default_rng(3).random((60, 185))
    shapes = metahuman_to_arkit(take)
    assert shapes.min() >= 0 and shapes.max() <= 1 and np.isfinite(shapes).all()
    lone = np.zeros((1, 185))
    lone[0, CONTROLS.index("browLateralL")] = 1.0  # plain least squares would pull other brows below 0
    assert 0 < metahuman_to_arkit(lone)[0, BLENDSHAPE_INDEX["browInnerUp"]] < 1
