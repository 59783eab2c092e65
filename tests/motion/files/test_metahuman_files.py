"""A MetaHuman's curves as CSV and JSON: there and back, as others write them, and broken in many ways."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest

from core.contracts import BLENDSHAPE_INDEX, BLENDSHAPE_NAMES, Motion
from core.errors import InputError
from core.rigs.metahuman_names import CONTROLS
from core.rigs.rig_list import ARKIT, METAHUMAN
from motion.files.any_file import read_curves, read_motion, write_motion
from motion.files.columns import CONTROL_COLUMNS
from motion.files.metahuman_csv import write_metahuman_csv
from motion.files.metahuman_json import write_metahuman_json
from tests.motion.files.test_motion_csv import assert_same, some_motion


def a_performance(frames: int = 40, fps: float = 30.0) -> Motion:
    """A random one whose lips are no more than shut."""
    motion = some_motion(frames, fps)
    close, jaw = BLENDSHAPE_INDEX["mouthClose"], BLENDSHAPE_INDEX["jawOpen"]
    motion.blendshapes[:, close] = np.minimum(motion.blendshapes[:, close], motion.blendshapes[:, jaw])
    return motion


def table(path, header, rows):
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


@pytest.mark.parametrize("fps", [24.0, 29.97, 30.0, 60.0])
@pytest.mark.parametrize("name", ["m.csv", "m.json"])
def test_a_motion_comes_back(tmp_path, name, fps):
    motion = a_performance(fps=fps)
    write_motion(tmp_path / name, motion, metahuman=True)
    again, notes = read_motion(tmp_path / name)
    assert notes == () and list(tmp_path.iterdir()) == [tmp_path / name]
    assert_same(again, motion, tolerance=2e-5)


@pytest.mark.parametrize("name", ["m.csv", "m.json"])
def test_curves_of_their_own_are_kept(tmp_path, name):
    """Half of the 185 are moved by no shape; a performance made in them loses none."""
    controls = np.random.default_rng(1).random((12, 185)).astype(np.float32)
    write_motion(tmp_path / name, a_performance(12), True, controls)
    curves, fps = read_curves(tmp_path / name, METAHUMAN)
    assert fps == 30 and curves.dtype == np.float32
    np.testing.assert_allclose(curves, controls, atol=1e-6)
    with pytest.raises(ValueError, match="don't fit"):
        write_motion(tmp_path / name, a_performance(12), True, controls[:, 1:])


def test_either_kind_is_read_into_either_rig(tmp_path):
    motion = a_performance()
    write_motion(tmp_path / "link.csv", motion, metahuman=False)
    write_metahuman_csv(tmp_path / "meta.csv", motion)
    write_metahuman_json(tmp_path / "meta.json", motion)
    for rig in (ARKIT, METAHUMAN):
        read = [read_curves(tmp_path / name, rig)[0] for name in ("link.csv", "meta.csv", "meta.json")]
        assert all(curves.shape == (40, len(rig.curves)) for curves in read)
        np.testing.assert_allclose(read[0], read[1], atol=2e-5)
        np.testing.assert_allclose(read[0], read[2], atol=2e-5)
    yaw = read_curves(tmp_path / "meta.csv", ARKIT)[0][:, ARKIT.column("HeadYaw")]
    np.testing.assert_allclose(yaw, -np.radians(motion.rotation_deg[:, 0]), atol=1e-6)


@pytest.mark.parametrize(
    "spelled",
    [
        lambda name: f"CTRL_expressions_{name}",
        lambda name: f"ctrl_expressions_{name.lower()}",
        lambda name: f"CTRL_expressions.{name}",
        lambda name: name,
    ],
    ids=["curve", "small", "dna", "bare"],
)
def test_names_as_others_spell_them(tmp_path, spelled):
    header = ["Time", *(spelled(name) for name in reversed(CONTROLS)), "CTRL_expressions_neckSwallowPh1", "head_wm1_blink_L"]
    rows = [[frame / 30, *([0.1 * frame] * 185), 0.5, "anything"] for frame in range(5)]
    curves, fps = read_curves(table(tmp_path / "t.csv", header, rows), METAHUMAN)
    assert fps == 30
    np.testing.assert_allclose(curves, np.repeat(0.1 * np.arange(5)[:, None], 185, axis=1), atol=1e-6)


def test_a_few_curves_are_enough_and_it_is_said(tmp_path):
    header = ["Timecode", "CTRL_expressions_jawOpen", "CTRL_expressions_eyeLookUpL", "CTRL_expressions_eyeLookUpR"]
    rows = [[f"01:00:0{frame // 30}:{frame % 30:02d}", 0.5, 1, 1] for frame in range(45)]
    motion, notes = read_motion(table(tmp_path / "t.csv", header, rows))
    assert [str(note) for note in notes] == [
        "t.csv: 182 of 185 curves of a MetaHuman's face are not in it; they are taken as at rest."
    ]
    assert motion.fps == 30 and len(motion) == 45
    np.testing.assert_allclose(motion.shape("jawOpen"), 0.5)
    np.testing.assert_allclose(motion.intensity, 0.5)
    assert motion.gaze_deg[0, 1] > 20 and motion.gaze_deg[0, 0] == 0  # its eyes' curves are its gaze


def test_a_curve_table_is_read(tmp_path):
    """A line a curve, a column a time, as Unreal writes one out."""
    header = ["---", *(f"{frame / 24:.6f}" for frame in range(6))]
    rows = [["CTRL_expressions_jawOpen", *(0.1 * np.arange(6))], ["other", *range(6)], ["HeadYaw", *(0.2 * np.ones(6))]]
    motion, _ = read_motion(table(tmp_path / "t.csv", header, rows))
    assert motion.fps == 24 and len(motion) == 6
    np.testing.assert_allclose(motion.shape("jawOpen"), 0.1 * np.arange(6), atol=1e-6)
    np.testing.assert_allclose(motion.rotation_deg[:, 0], -np.degrees(0.2), atol=1e-4)


def test_frames_that_lack_are_bridged(tmp_path):
    rows = [[time, 0.3 * time] for time in (0, 1 / 30, 2 / 30, 5 / 30, 6 / 30)]
    motion, _ = read_motion(table(tmp_path / "t.csv", ["Time", "CTRL_expressions_jawOpen"], rows))
    np.testing.assert_allclose(motion.shape("jawOpen"), 0.3 * np.arange(7) / 30, atol=1e-6)


@pytest.mark.parametrize(
    ("header", "row", "problem"),
    [
        (["CTRL_expressions_jawOpen"], ["0"], "line 1: the column Timecode is missing"),
        (
            ["Time", "CTRL_expressions_jawOpen", "JAWOPEN"],
            ["0", "0", "0"],
            "the column CTRL_expressions_jawOpen stands there twice",
        ),
        (["Time", "CTRL_expressions_jawOpen"], ["0", "7"], "line 2, column CTRL_expressions_jawOpen: 7 is out of range"),
        (["Time", "CTRL_expressions_jawOpen"], ["0", "much"], "line 2, column CTRL_expressions_jawOpen: 'much' is not a number"),
        (["Time", "CTRL_expressions_jawOpen"], ["-1", "0"], "line 2, column Time: -1 is out of range"),
        (["Time", "CTRL_expressions_jawOpen"], ["1e300", "0"], "line 2, column Time"),
        (["Timecode", "CTRL_expressions_jawOpen"], ["noon", "0"], "line 2, column Timecode: 'noon' is not a time code"),
        (["Time", "CTRL_expressions_jawOpen", "HeadYaw"], ["0", "0", "90"], "line 2, column HeadYaw: 90 is out of range"),
        (
            ["---", "0", "0.1"],
            ["CTRL_expressions_jawOpen", "0", "x"],
            "line 2, column CTRL_expressions_jawOpen: 'x' is not a number",
        ),
        (["---", "0", "0.1"], ["unknown", "0", "0"], "the curve EyeBlinkLeft is missing"),
        (["---", "0.1", "0"], ["CTRL_expressions_jawOpen", "0", "0"], "line 1, column Time: this time does not come after"),
        (["---", "0", "0.001"], ["CTRL_expressions_jawOpen", "0", "0"], "its times lie 1000 to a second"),
    ],
)
def test_what_is_wrong_in_a_table_is_named(tmp_path, header, row, problem):
    table(tmp_path / "t.csv", header, [row])
    with pytest.raises(InputError) as caught:
        read_motion(tmp_path / "t.csv")
    assert "t.csv" in str(caught.value) and problem in str(caught.value) and str(caught.value).endswith(".")


GOOD = {
    **{"format": "metahuman-curves", "version": 1, "frame_rate": 30.0, "frames": 2, "times_s": [0, 0.0333]},
    "curves": {"CTRL_expressions_jawOpen": [0.0, 0.5]},
}


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"format": "else"}, "holds no curves of a MetaHuman"),
        ({"version": 2}, "holds no curves of a MetaHuman"),
        ({"frame_rate": "fast"}, "frame_rate: no number stands there"),
        ({"frame_rate": 10**400}, "frame_rate: no number stands there"),
        ({"frame_rate": 0}, "1 to 240 frames a second"),
        ({"frames": True}, "frames: no number stands there"),
        ({"frames": 1.5}, "frames: 1.5 is out of range"),
        ({"frames": 10**8}, "frames: 1e+08 is out of range"),
        ({"curves": [1, 2]}, "curves: no curves by name stand there"),
        ({"frames": 200_000, "curves": {"smile": [0] * 2}}, "curves: no curve of a MetaHuman stands there"),
        (
            {"curves": {"CTRL_expressions_jawOpen": [0.0]}},
            "curve CTRL_expressions_jawOpen: 1 values are here; one for each of the 2",
        ),
        (
            {"curves": {"CTRL_expressions_jawOpen": [0.0, None]}},
            "curve CTRL_expressions_jawOpen, frame 1: no number from -1 to 3",
        ),
        ({"curves": {"CTRL_expressions_jawOpen": [0.0, 10**400]}}, "frame 1: no number"),
        ({"curves": {"CTRL_expressions_jawOpen": [float("nan"), 0]}}, "frame 0: no number"),
        ({"beside": {"HeadYaw": [0, "left"]}}, "curve HeadYaw, frame 1: no number"),
    ],
)
def test_what_is_wrong_in_json_is_named(tmp_path, changed, problem):
    (tmp_path / "t.json").write_text(json.dumps(GOOD))
    assert read_motion(tmp_path / "t.json")[0].shape("jawOpen")[1] == 0.5
    (tmp_path / "t.json").write_text(json.dumps(GOOD | changed))
    with pytest.raises(InputError) as caught:
        read_motion(tmp_path / "t.json")
    assert "t.json" in str(caught.value) and problem in str(caught.value) and str(caught.value).endswith(".")


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[" * 100_000, b"\xff\xfe\x00", b"12", b"null", b'{"format": 1' + b"1" * 5000 + b"}"]
)
def test_what_is_no_json_is_refused(tmp_path, data):
    (tmp_path / "t.json").write_bytes(data)
    with pytest.raises(InputError, match=r"t\.json"):
        read_motion(tmp_path / "t.json")
    with pytest.raises(InputError, match="can't be read"):
        read_motion(tmp_path / "none.json")


@pytest.mark.parametrize("name", ["m.csv", "m.json", "t.csv"])
def test_spoilt_files_are_read_or_refused_with_a_sentence(tmp_path, name):
    """A hundred each: cut off, bytes changed, pieces repeated. Nothing but a motion or an `InputError` comes of it."""
    if name == "t.csv":
        table(tmp_path / name, ["---", "0", "0.04"], [[column, "0", "1"] for column in CONTROL_COLUMNS])
    else:
        write_motion(tmp_path / name, a_performance(3), metahuman=True)
    whole, random, refused = (tmp_path / name).read_bytes(), np.random.default_rng(5), 0
    for _ in range(100):
        data = bytearray(whole[: random.integers(len(whole))] if random.random() < 0.4 else whole)
        for _ in range(random.integers(1, 9)):
            place = int(random.integers(len(data) + 1))
            piece = random.integers(0, 256, 3, np.uint8).tobytes() if random.random() < 0.5 else bytes(data[place : place + 40])
            data[place : place + int(random.integers(0, 4))] = piece
        (tmp_path / name).write_bytes(data)
        try:
            motion, _ = read_motion(tmp_path / name)
        except InputError as error:
            assert name in str(error) and str(error).endswith(".")
            refused += 1
        else:
            assert np.isfinite(motion.blendshapes).all() and motion.blendshapes.shape[1] == len(BLENDSHAPE_NAMES)
    assert refused > 30
