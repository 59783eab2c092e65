"""Fixtures that every room's tests may use."""

from __future__ import annotations

import gc
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import onnxruntime
import pytest

from tests.kernels import keep_installed
from tests.loaded_networks import LoadedNetworks
from tests.once import ONCE, make_once, session_folder
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
#: What was compiled at installation, in the folder of what is made once.
KERNELS = "kernels"
#: How many new objects there are at least before Python searches for garbage; its own 700 are for programs that hold little.
OBJECTS_UNTIL_SEARCH = 10_000

# Some machines keep Python from storing what it compiled. Pytest would then compile every test anew, in each of its processes,
# and so would the hundreds of programs that the tests start.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# Processes that run tests side by side share the cores: the torch of each has its part of them, else they wait for one another.
if "PYTEST_XDIST_WORKER_COUNT" in os.environ:
    share = (os.cpu_count() or 1) // int(os.environ["PYTEST_XDIST_WORKER_COUNT"])
    os.environ.setdefault("OMP_NUM_THREADS", str(max(1, share)))


def pytest_collection_modifyitems(items):
    """Slow tests run last, so that a plain mistake shows early.

    Where processes share them, the long files come first: begun last, one alone would keep a process at work while others wait.
    """
    items.sort(key=lambda item: item.get_closest_marker("slow") is not None)
    if "PYTEST_XDIST_WORKER" in os.environ:
        items.sort(key=lambda item: item.get_closest_marker("long") is None)


def pytest_sessionstart(session):
    """What was compiled at installation is kept before a test compiles more. Films are signed with a key of the tests' own."""
    os.environ["BELCANTO_MARK"] = "off"  # frames are compared; the mark's own tests turn it on
    os.environ["BELCANTO_SIGNING_DIR"] = str(session_folder(session.config._tmp_path_factory) / "signing")
    if not hasattr(session.config, "workerinput"):
        keep_installed(session_folder(session.config._tmp_path_factory) / KERNELS)


def pytest_sessionfinish(session):
    """What was made once for all processes goes with the last of them; it is large."""
    if not hasattr(session.config, "workerinput"):
        shutil.rmtree(session.config._tmp_path_factory.getbasetemp() / ONCE, ignore_errors=True)


def pytest_collection_finish(session):
    """What all tests and the libraries have loaded stays to the end: Python need not search it for garbage over and over."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(OBJECTS_UNTIL_SEARCH, *gc.get_threshold()[1:])


@pytest.fixture(scope="session")
def once(tmp_path_factory) -> Callable[[str, Callable[[Path], object]], Path]:
    """Gives what the tests' processes share: `once(name, make)` is the path that the first of them had `make(path)` fill."""
    folder = session_folder(tmp_path_factory)
    return lambda name, make: make_once(folder, name, make)


@pytest.fixture(scope="session")
def installed_kernels(tmp_path_factory) -> Path:
    """The compiled loops as the installation left them, for `tests.kernels.lay_out`; those that others wrote to are left out."""
    return session_folder(tmp_path_factory) / KERNELS


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


@pytest.fixture(scope="session", autouse=True)
def networks_loaded_once():
    """Loading a network often takes longer than what a test asks of it, and no session remembers what it was asked."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(onnxruntime, "InferenceSession", LoadedNetworks(onnxruntime.InferenceSession))
        yield


@pytest.fixture(scope="session")
def caches(tmp_path_factory) -> Iterator[Path]:
    """New folders. Pytest would look through all that it has made for each next one, a second for every thousand."""
    place = tmp_path_factory.mktemp("caches")
    return (place / str(number) for number in count())


@pytest.fixture(autouse=True)
def own_cache(caches, monkeypatch) -> Path:
    """Each test has a stage cache of its own, so that none finds what another left."""
    folder = next(caches)
    folder.mkdir()
    monkeypatch.setenv("BELCANTO_CACHE_DIR", str(folder))
    return folder


@pytest.fixture(scope="session")
def film_cache(once) -> Path:
    """Stage results that servers and workers of all processes of the tests share: the demo's song is taken apart once."""
    return once("stages", Path.mkdir)


@pytest.fixture(scope="module")
def one_thread():
    """For torch: threads that wait for one another make tests on a busy machine slow."""
    import torch  # only some tests need it

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
