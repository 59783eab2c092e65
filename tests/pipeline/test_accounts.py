"""Every recipe that writes films or moving pictures says what they are made of, so that none leaves unsigned."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from pipeline.work_kinds import KINDS
from tests.test_layout import ROOT, sources, tree_of

#: What gives a film its name; who calls one of these, or something that does, writes films.
WRITERS = {"FilmWriter", "publish"}


def recipes():
    """The functions that are marked by `accounted`, by their modules."""
    found = {}
    for path in sources("pipeline", "live"):
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.FunctionDef) and any("accounted" in ast.unparse(each) for each in node.decorator_list):
                found[node.name] = path
    return found


def test_every_kind_of_work_that_makes_a_film_calls_one():
    names = set(recipes())
    without = []
    for kind in KINDS:
        if not set(kind.outputs.values()) & {".mp4", ".gif", ".webp"}:
            continue
        path = Path(ROOT, *kind.run.__module__.split(".")).with_suffix(".py")
        called = {node.id for node in ast.walk(tree_of(path)) if isinstance(node, ast.Name)} | names_of_delegates(path)
        if not called & names:
            without.append(kind.name)
    assert without == []


def names_of_delegates(path):
    """What the functions call that the module imports from the pipeline when it works."""
    found = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("pipeline."):
            module = Path(ROOT, *node.module.split(".")).with_suffix(".py")
            if module.is_file():
                found |= {each.id for each in ast.walk(tree_of(module)) if isinstance(each, ast.Name)}
    return found


@pytest.mark.parametrize("room", ["pipeline", "live"])
def test_whoever_writes_films_is_known(room):
    writing = {
        path.relative_to(ROOT).as_posix()
        for path in sources(room)
        if any(isinstance(node, ast.Name) and node.id in WRITERS for node in ast.walk(tree_of(path)))
    }
    known = {
        "pipeline": {
            *("pipeline/compare_films.py", "pipeline/dub_frames.py", "pipeline/fill_film.py", "pipeline/film_again.py"),
            *("pipeline/reshaping/reshape.py", "pipeline/steps.py", "pipeline/sync_film.py", "pipeline/transfer_film.py"),
        },
        "live": {"live/streaming/recording.py"},
    }[room]
    assert writing == known, "who writes a film lets a recipe be `accounted`, and stands here then"
