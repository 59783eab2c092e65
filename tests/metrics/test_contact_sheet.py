"""The contact sheet shows the frames that it says, where it says."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
from PIL import Image

from core import output_files
from core.errors import InputError
from media.media import probe_video
from metrics.__main__ import main
from metrics.contact_sheet import (
    GAP_PX,
    LABEL_HEIGHT_PX,
    ContactSheetSettings,
    contact_sheet,
    grid,
    sheet_bytes,
    shrink,
    spread_indices,
)
from tests.metrics.films import write_film


@pytest.fixture(scope="module")
def grey_film(tmp_path_factory):
    """50 frames of plain grey, each 5 levels lighter than the one before."""
    frames = (np.full((64, 96, 3), 5 * index, np.uint8) for index in range(50))
    return write_film(tmp_path_factory.mktemp("grey") / "grey.mp4", frames)


def test_a_disk_without_room_is_told_before_the_film_is_read(grey_film, tmp_path, monkeypatch, capfd):
    def read(*given):
        raise AssertionError("the work began")

    monkeypatch.setattr("metrics.contact_sheet.read_frames", read)
    monkeypatch.setattr(output_files.shutil, "disk_usage", lambda folder: shutil._ntuple_diskusage(10**9, 0, 1_000_000))
    assert main(["sheet", str(grey_film), "--out", str(tmp_path / "s.png")]) == 2
    assert "has 1.0 MB of free space, and about 0.2 MB are needed" in " ".join(capfd.readouterr().err.split())
    assert not list(tmp_path.iterdir())


def test_the_room_of_a_sheet_is_near_its_size(root_dir, tmp_path):
    """A photo's film: 24 frames at most 320 pixels high."""
    portrait = np.asarray(Image.open(root_dir / "demo" / "portrait.jpg").convert("RGB").resize((400, 500)))
    film = write_film(tmp_path / "f.mp4", (portrait for _ in range(30)))
    assert main(["sheet", str(film), "--out", str(tmp_path / "s.png")]) == 0
    expected = sheet_bytes(probe_video(film), ContactSheetSettings())
    assert 0.4 * expected < (tmp_path / "s.png").stat().st_size < 1.5 * expected


def test_spread_indices_hold_both_ends():
    assert spread_indices(100, 5) == [0, 25, 50, 74, 99]
    assert spread_indices(3, 24) == [0, 1, 2]
    assert spread_indices(0, 24) == []


def test_shrink_never_enlarges():
    image = np.zeros((40, 60, 3), np.uint8)
    assert shrink(image, 30).shape == (20, 30, 3)
    assert shrink(image, 100).shape == (40, 60, 3)


def test_grid_places_cells_row_by_row():
    cells = [np.full((10, 20, 3), value, np.uint8) for value in (10, 20, 30)]
    sheet = grid(cells, ["a", "b", "c"], columns=2)
    assert sheet.shape == (2 * (10 + LABEL_HEIGHT_PX + GAP_PX) + GAP_PX, 2 * (20 + GAP_PX) + GAP_PX, 3)
    second_row = GAP_PX + 10 + LABEL_HEIGHT_PX + GAP_PX
    assert (sheet[GAP_PX, GAP_PX + 20 + GAP_PX] == 20).all()
    assert (sheet[second_row, GAP_PX] == 30).all()


def test_sheet_shows_the_frames_of_the_given_times(grey_film):
    sheet = contact_sheet(grey_film, ContactSheetSettings(times_s=(0.4, 1.6), columns=2, cell_px=96))
    assert abs(int(sheet[20, 20, 0]) - 50) <= 3
    assert abs(int(sheet[20, 96 + 2 * GAP_PX + 20, 0]) - 200) <= 3


def test_sheet_refuses_a_time_outside(grey_film):
    with pytest.raises(InputError, match=r"2\.00 s long"):
        contact_sheet(grey_film, ContactSheetSettings(times_s=(2.5,)))


def test_command_writes_a_png_and_no_half_file(grey_film, tmp_path, capsys):
    out = tmp_path / "sheet.png"
    assert main(["sheet", str(grey_film), "--out", str(out), "--frames", "6", "--columns", "3"]) == 0
    assert Image.open(out).size[0] == 3 * (96 + GAP_PX) + GAP_PX
    assert main(["sheet", str(grey_film), "--out", str(tmp_path / "missing" / "s.png")]) == 2
    assert main(["sheet", str(tmp_path / "none.mp4"), "--out", str(tmp_path / "b.png")]) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["sheet.png"]


def test_crop_face_needs_a_face(grey_film, tmp_path, capsys):
    assert main(["sheet", str(grey_film), "--out", str(tmp_path / "s.png"), "--crop", "face"]) == 2
    assert "No face was found" in capsys.readouterr().err


@pytest.mark.slow
def test_crop_face_shows_the_face(puppet, portrait_landmarks, tmp_path):
    film = write_film(tmp_path / "puppet.mp4", (puppet.frame(0.1) for _ in range(3)))
    whole = contact_sheet(film, ContactSheetSettings(frames=1, cell_px=320))
    face = contact_sheet(film, ContactSheetSettings(frames=1, cell_px=320, crop="face"))
    mouth = contact_sheet(film, ContactSheetSettings(frames=1, cell_px=320, crop="mouth"))
    assert whole.shape[0] > 300
    assert face.shape[0] > 250
    assert not np.array_equal(face[:100, :100], mouth[:100, :100])
