"""Cells of one height side by side, none over another, each with room for its name."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import ImageFont

from drawing.side_by_side import CUT_MARK, GAP_PX, ROW_PX, WIDEST_PX, fitting, ground_of, lay_out, sheets


@pytest.mark.parametrize("sizes", [[(512, 512)], [(1080, 1920), (640, 480), (1920, 1080)], [(1920, 1080)] * 6, [(4000, 100)] * 2])
def test_cells_lie_inside_and_never_over_one_another(sizes):
    sheet = lay_out(sizes, 360)
    assert sheet.width % 2 == sheet.height % 2 == 0 and sheet.width <= WIDEST_PX + 1
    taken = np.zeros((sheet.height, sheet.width), int)
    for cell, (width, height) in zip(sheet.cells, sizes, strict=True):
        assert cell.width / cell.height == pytest.approx(width / height, rel=0.02)
        taken[cell.top - cell.strip : cell.top + cell.height, cell.left : cell.left + cell.width] += 1
        assert cell.left >= GAP_PX and cell.left + cell.width <= sheet.width - GAP_PX and cell.top + cell.height < sheet.height
    assert taken.max() == 1 and taken.sum() == sum(cell.width * (cell.height + cell.strip) for cell in sheet.cells)
    assert len({cell.height for cell in sheet.cells}) == 1


def test_a_wide_row_is_broken_where_its_parts_are_alike():
    assert len({cell.top for cell in lay_out([(512, 512)] * 5, 360).cells}) == 1
    tops = [cell.top for cell in lay_out([(512, 512)] * 6, 360).cells]
    assert tops[:3] == [tops[0]] * 3 and tops[3:] == [tops[3]] * 3 and tops[3] > tops[0] + 360
    assert lay_out([(512, 512)] * 6, 360).width < ROW_PX


def test_names_stand_in_their_strips_and_are_cut_where_they_are_long():
    font = ImageFont.load_default(14)
    assert fitting("Mesh", 100, font) == "Mesh"
    cut = fitting("A film with a very long name indeed", 100, font)
    assert cut.endswith(CUT_MARK) and len(cut) > 5 and font.getlength(cut) <= 100
    sheet = lay_out([(100, 100), (100, 100)], 128)
    plain, named = ground_of(sheet, ["", ""]), ground_of(sheet, ["", "Mesh"])
    changed = np.argwhere((plain != named).any(axis=2))
    cell = sheet.cells[1]
    assert len(changed) > 30 and changed[:, 1].min() >= cell.left and changed[:, 0].max() < cell.top


def test_frames_hold_every_films_picture_and_are_arrays_of_their_own():
    sheet = lay_out([(10, 10), (10, 10)], 64)
    films = [iter([np.full((64, 64, 3), level, np.uint8) for level in levels]) for levels in ((1, 2), (3, 4))]
    first, second = sheets(sheet, ground_of(sheet, ["a", "b"]), films)
    for frame, levels in ((first, (1, 3)), (second, (2, 4))):
        for cell, level in zip(sheet.cells, levels, strict=True):
            assert (frame[cell.top : cell.top + 64, cell.left : cell.left + 64] == level).all()
