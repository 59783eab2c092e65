"""The picture of the rooms in docs/ARCHITECTURE.md is that of the imports."""

from __future__ import annotations

import importlib.util

import pytest

from tests.test_layout import ROOT, STEPS


@pytest.fixture(scope="module")
def drawer():
    spec = importlib.util.spec_from_file_location("draw_rooms", ROOT / "docs" / "draw_rooms.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def arrows(drawer):
    return drawer.arrows()


def test_the_picture_is_up_to_date(drawer, arrows, monkeypatch):
    monkeypatch.setattr(drawer, "arrows", lambda: arrows)
    page = drawer.PAGE.read_text(encoding="utf-8")
    assert drawer.page_with(drawer.picture(), page) == page, "run: python docs/draw_rooms.py"


def test_its_steps_are_those_that_the_imports_are_held_to(drawer):
    there = [tuple(room for room in step if (ROOT / room).is_dir()) for step in STEPS]
    assert list(drawer.STEPS) == there
    assert {"core", "media", "faces", "filters", "pipeline", "app"} <= {room for step in there for room in step}


def test_no_arrow_goes_up_and_none_is_drawn_that_follows_from_others(drawer, arrows):
    level = {room: number for number, step in enumerate(drawer.STEPS) for room in step}
    assert arrows and all(level[below] < level[room] for room, below in arrows)
    imports = {"a": {"b", "c"}, "b": {"c"}, "c": set()}
    assert drawer.reached("a", imports) == {"b", "c"}
