from __future__ import annotations

import csv
import math

import numpy as np
import pytest

from core.contracts import BLENDSHAPE_INDEX, BLENDSHAPE_NAMES, Motion
from core.errors import InputError
from motion.files.columns import EXTRA_COLUMNS
from motion.files.motion_csv import HEADER, fit_motion, read_motion_csv, write_motion_csv

# The header of a recording of the app, as people have published it; written here by hand, not made from our names.
APP_HEADER_LINE = (
    "Timecode,BlendShapeCount,EyeBlinkLeft,EyeLookDownLeft,EyeLookInLeft,EyeLookOutLeft,EyeLookUpLeft,EyeSquintLeft,EyeWideLeft,"
    "EyeBlinkRight,EyeLookDownRight,EyeLookInRight,EyeLookOutRight,EyeLookUpRight,EyeSquintRight,EyeWideRight,JawForward,JawRight,"
    "JawLeft,JawOpen,MouthClose,MouthFunnel,MouthPucker,MouthRight,MouthLeft,MouthSmileLeft,MouthSmileRight,MouthFrownLeft,"
    "MouthFrownRight,MouthDimpleLeft,MouthDimpleRight,MouthStretchLeft,MouthStretchRight,MouthRollLower,MouthRollUpper,"
    "MouthShrugLower,MouthShrugUpper,MouthPressLeft,MouthPressRight,MouthLowerDownLeft,MouthLowerDownRight,MouthUpperUpLeft,"
    "MouthUpperUpRight,BrowDownLeft,BrowDownRight,BrowInnerUp,BrowOuterUpLeft,BrowOuterUpRight,CheekPuff,CheekSquintLeft,"
    "CheekSquintRight,NoseSneerLeft,NoseSneerRight,TongueOut,HeadYaw,HeadPitch,HeadRoll,LeftEyeYaw,LeftEyePitch,LeftEyeRoll,"
    "RightEyeYaw,RightEyePitch,RightEyeRoll"
)
APP_HEADER = APP_HEADER_LINE.split(",")


def some_motion(frames=60, fps=25.0, seed=3):
    random = np.random.default_rng(seed)
    return Motion(
        fps,
        random.random((frames, 52), np.float32),
        random.uniform(-30, 30, (frames, 3)).astype(np.float32),
        random.uniform(-0.2, 0.2, (frames, 3)).astype(np.float32),
        random.uniform(-20, 20, (frames, 2)).astype(np.float32),
        random.random(frames, np.float32),
    )


def assert_same(one, other, tolerance=1e-5):
    assert one.fps == pytest.approx(other.fps, rel=1e-9)
    for name in ("blendshapes", "rotation_deg", "translation", "gaze_deg", "intensity"):
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), atol=tolerance, err_msg=name)


def app_file(path, rows, header=APP_HEADER):
    """A file as the app writes it; rows: (time code, {column: value})."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        for code, values in rows:
            writer.writerow([code, 61] + [f"{values.get(name, 0.0):.10f}" for name in header[2:]])
    return path


def test_header_starts_with_the_apps_own():
    assert list(HEADER[: len(APP_HEADER)]) == APP_HEADER
    assert HEADER[len(APP_HEADER) :] == EXTRA_COLUMNS
    assert [name.lower() for name in APP_HEADER[2:54]] == [name.lower() for name in BLENDSHAPE_NAMES]


@pytest.mark.parametrize("fps", [10.0, 23.976, 24.0, 25.0, 29.97, 30.0, 59.94, 60.0])
def test_round_trip(tmp_path, fps):
    motion = some_motion(frames=150, fps=fps)
    write_motion_csv(tmp_path / "m.csv", motion)
    again, notes = read_motion_csv(tmp_path / "m.csv")
    assert notes == ()
    assert_same(again, motion)
    assert list(tmp_path.iterdir()) == [tmp_path / "m.csv"]


def test_one_frame(tmp_path):
    write_motion_csv(tmp_path / "m.csv", some_motion(frames=1))
    again, _ = read_motion_csv(tmp_path / "m.csv")
    assert_same(again, some_motion(frames=1))


def test_values_in_the_file_have_the_apps_units_and_signs(tmp_path):
    motion = some_motion(frames=1)
    motion.rotation_deg[0] = (90, 45, 30)
    motion.gaze_deg[0] = (18, -9)
    write_motion_csv(tmp_path / "m.csv", motion)
    row = next(csv.DictReader((tmp_path / "m.csv").open()))
    assert row["Timecode"] == "00:00:00:00.000"
    assert row["BlendShapeCount"] == "61"
    assert float(row["HeadYaw"]) == pytest.approx(-math.pi / 2)  # nose to the picture's right is the performer's left
    assert float(row["HeadPitch"]) == pytest.approx(-math.pi / 4)
    assert float(row["HeadRoll"]) == pytest.approx(math.pi / 6)
    assert float(row["LeftEyeYaw"]) == float(row["RightEyeYaw"]) == pytest.approx(-math.pi / 10)
    assert float(row["LeftEyePitch"]) == pytest.approx(math.pi / 20)  # the app's pitch goes down
    assert float(row["JawOpen"]) == pytest.approx(motion.shape("jawOpen")[0])


def test_reads_a_recording_of_the_app(tmp_path):
    # 30 frames a second under a time code that counts 60, as the app writes it, running over a full second.
    rows = [
        (
            f"13:13:{4 + frame // 30:02d}:{frame % 30 * 2:02d}.652",
            {"JawOpen": frame / 100, "LeftEyePitch": 0.1, "RightEyePitch": 0.1},
        )
        for frame in range(45)
    ]
    motion, notes = read_motion_csv(app_file(tmp_path / "take.csv", rows))
    assert notes == ()
    assert motion.fps == 30
    assert len(motion) == 45
    np.testing.assert_allclose(motion.shape("jawOpen"), np.arange(45) / 100, atol=1e-6)
    np.testing.assert_allclose(motion.intensity, motion.shape("jawOpen"))
    np.testing.assert_allclose(motion.gaze_deg[:, 1], -math.degrees(0.1), atol=1e-4)
    assert not motion.translation.any()


def test_shuffled_columns_and_other_capitals_are_read(tmp_path):
    header = [*APP_HEADER[:2], *reversed(APP_HEADER[2:54])]
    header[1] = "BlendshapeCount"
    rows = [("00:00:00:00.000", {"JawOpen": 0.5}), ("00:00:00:01.000", {"JawOpen": 0.25})]
    motion, notes = read_motion_csv(app_file(tmp_path / "take.csv", rows, header))
    assert motion.fps == 60 and "too short" in str(notes[0])
    np.testing.assert_allclose(motion.shape("jawOpen"), [0.5, 0.25])


def test_gaps_are_bridged(tmp_path):
    write_motion_csv(tmp_path / "m.csv", some_motion(frames=30))
    lines = (tmp_path / "m.csv").read_text().splitlines()
    values = lines[11].split(",")
    values[1] = "0"
    lines[11] = ",".join(values)
    (tmp_path / "gap.csv").write_text("\n".join(lines) + "\n\n")
    motion, notes = read_motion_csv(tmp_path / "gap.csv")
    whole = some_motion(frames=30)
    assert len(motion) == 30 and "1 rows hold no face" in str(notes[0])
    np.testing.assert_allclose(motion.blendshapes[10], (whole.blendshapes[9] + whole.blendshapes[11]) / 2, atol=1e-5)
    np.testing.assert_allclose(motion.blendshapes[11:], whole.blendshapes[11:], atol=1e-5)


def test_a_take_may_run_through_midnight(tmp_path):
    rows = [("23:59:59:59", {}), ("00:00:00:00", {}), ("00:00:00:01", {})]
    motion, _ = read_motion_csv(app_file(tmp_path / "take.csv", rows))
    assert len(motion) == 3


def test_slightly_out_of_range_is_clipped_and_said(tmp_path):
    motion, notes = read_motion_csv(app_file(tmp_path / "take.csv", [("00:00:00:00", {"JawOpen": 1.2, "MouthLeft": -0.1})]))
    assert motion.shape("jawOpen")[0] == 1 and motion.shape("mouthLeft")[0] == 0
    assert any("clipped" in str(note) for note in notes)


def broken(lines, line, column, text):
    cells = lines[line].split(",")
    cells[HEADER.index(column)] = text
    return [*lines[:line], ",".join(cells), *lines[line + 1 :]]


@pytest.mark.parametrize(
    ("column", "text", "problem"),
    [
        ("JawOpen", "wide", "line 4, column JawOpen: 'wide' is not a number"),
        ("JawOpen", "", "line 4, column JawOpen: '' is not a number"),
        ("JawOpen", "nan", "line 4, column JawOpen: 'nan' is not a number"),
        ("JawOpen", "55", "line 4, column JawOpen: 55 is out of range"),
        ("HeadYaw", "inf", "line 4, column HeadYaw: 'inf' is not a number"),
        ("HeadYaw", "30", "line 4, column HeadYaw: 30 is out of range; angles are radians"),
        ("TranslationX", "1e9", "line 4, column TranslationX"),
        ("FramesPerSecond", "0", "line 4, column FramesPerSecond"),
        ("Timecode", "00:00:01", "line 4, column Timecode: '00:00:01' is not a time code"),
        ("Timecode", "00:00:00:00.000", "line 4, column Timecode: this time does not come after"),
    ],
)
def test_broken_cells_are_named(tmp_path, column, text, problem):
    write_motion_csv(tmp_path / "m.csv", some_motion(frames=4))
    lines = broken((tmp_path / "m.csv").read_text().splitlines(), 3, column, text)
    (tmp_path / "b.csv").write_text("\n".join(lines))
    with pytest.raises(InputError) as caught:
        read_motion_csv(tmp_path / "b.csv")
    assert f"b.csv, {problem}" in str(caught.value)


def test_a_leap_in_time_is_refused(tmp_path):
    write_motion_csv(tmp_path / "m.csv", some_motion(frames=4))
    lines = broken((tmp_path / "m.csv").read_text().splitlines(), 4, "Timecode", "09:00:00:00.000")
    (tmp_path / "b.csv").write_text("\n".join(lines))
    with pytest.raises(InputError, match="line 5, column Timecode: the time leaps"):
        read_motion_csv(tmp_path / "b.csv")


def test_broken_files_are_refused_with_a_sentence(tmp_path):
    write_motion_csv(tmp_path / "m.csv", some_motion(frames=4))
    lines = (tmp_path / "m.csv").read_text().splitlines()
    cases = {
        "short row": "\n".join([*lines[:3], lines[3].rsplit(",", 1)[0]]).encode(),
        "no rows": lines[0].encode(),
        "empty": b"",
        "missing": "\n".join(line.replace("JawOpen", "JawAjar") for line in lines).encode(),
        "twice": "\n".join(line.replace("JawLeft", "JawOpen") for line in lines).encode(),
        "film": b"\x00\x00\x00\x18ftypmp42\xff\xfe\x80\x81",
    }
    for name, data in cases.items():
        (tmp_path / "b.csv").write_bytes(data)
        with pytest.raises(InputError, match=r"b\.csv") as caught:
            read_motion_csv(tmp_path / "b.csv")
        assert str(caught.value).endswith("."), name
    with pytest.raises(InputError, match="can't be read"):
        read_motion_csv(tmp_path / "none.csv")
    with pytest.raises(InputError, match="can't be written"):
        write_motion_csv(tmp_path / "none" / "m.csv", some_motion(frames=1))


def test_fit_keeps_frames_where_the_grid_is_the_same():
    motion = some_motion(frames=50)
    fitted, notes = fit_motion(motion, 25.0, 20, start_s=0.4)
    np.testing.assert_array_equal(fitted.blendshapes, motion.blendshapes[10:30])
    assert len(notes) == 1 and "left out" in str(notes[0])


def test_fit_resamples_and_says_so():
    times_s = (np.arange(120) + 0.5) / 60
    motion = some_motion(frames=120, fps=60.0)
    motion.blendshapes[:, BLENDSHAPE_INDEX["jawOpen"]] = times_s / 4
    fitted, notes = fit_motion(motion, 25.0, 50)
    assert fitted.fps == 25 and len(fitted) == 50
    expected = (np.arange(50) + 0.5) / 25 / 4
    np.testing.assert_allclose(fitted.shape("jawOpen"), expected, atol=1e-6)
    assert [*map(str, notes)] == ["The motion file runs at 60 frames a second; it was resampled to the film's 25."]


def test_fit_rests_after_the_end():
    fitted, notes = fit_motion(some_motion(frames=25), 25.0, 75)
    assert "at rest" in str(notes[0])
    assert not fitted.blendshapes[25 + 13 :].any() and not fitted.rotation_deg[25 + 13 :].any()
    assert fitted.blendshapes[26].any()
