"""Fixtures that every room's tests may use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.sadtalker_runner.checkpoints import (  # noqa: F401 - fixtures for several rooms, made once for all
    checkpoint,
    checkpoint_path,
    cpu_generator,
    mapping_path,
    sadtalker_drawing,
    sadtalker_folder,
    sadtalker_weights,
)

ROOT = Path(__file__).resolve().parent.parent


def pytest_collection_modifyitems(items):
    """Slow tests run last, so that a plain mistake shows early."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is not None)


@pytest.fixture(scope="session")
def root_dir() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """The folder of real songs and portraits (environment SHARED_DIR, else `../shared`); where it is missing, tests skip."""
    folder = Path(os.environ.get("SHARED_DIR", ROOT.parent / "shared"))
    if not (folder / "songs").is_dir():
        pytest.skip(f"the shared songs and portraits are not at {folder}; set SHARED_DIR to run this test")
    return folder


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory, monkeypatch) -> Path:
    """Each test has a stage cache of its own, so that none finds what another left."""
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("BELCANTO_CACHE_DIR", str(folder))
    return folder
