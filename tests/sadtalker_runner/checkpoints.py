"""Fixtures: weight files of the published layout and size, made of deterministic numbers, and a registry that has their hashes.

The published weights are not part of this repository, and their hashes are pinned; so a test that wants to see the engine run
gives it a weights folder and a registry of its own. What the networks draw with such weights is no face.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

import weights.registry
from weights.fetch import weights_dir
from weights.sources import sha256_of

CHECKPOINT_NAME = "SadTalker_V0.0.2_256.safetensors"


def deterministic_state(skeleton):
    """A state of deterministic weights with the names and shapes of `skeleton`."""
    import torch

    from tests.sadtalker_runner.parity import deterministic_tensor

    def made(entry):
        key, like = entry
        return key, torch.from_numpy(np.array(deterministic_tensor(key, tuple(like.shape))))

    # numpy lets go of Python's lock while it draws numbers
    with ThreadPoolExecutor() as pool:
        return dict(pool.map(made, skeleton.items()))


def write_checkpoint(path: Path) -> None:
    """A safetensors file with the five networks (725 MB)."""
    from safetensors.torch import save_file

    from neural.exact_loading import skeleton
    from sadtalker_runner.checkpoint import NETWORKS

    state = {
        f"{prefix}.{key}": value
        for prefix, make in NETWORKS.items()
        for key, value in deterministic_state(skeleton(make)).items()
    }
    save_file(state, str(path))


def write_mapping(path: Path, coefficients: int) -> None:
    """A mapping pickle, with what its training left."""
    import torch

    from neural.exact_loading import skeleton
    from sadtalker_runner.networks.mapping_net import MappingNet

    state = deterministic_state(skeleton(lambda: MappingNet(coefficients)))
    optimizer = {"state": {0: {"step": 5, "exp_avg": torch.zeros(3)}}, "param_groups": [{"lr": 1e-4, "params": [0]}]}
    torch.save({"mapping": state, "optimizer_mapping": optimizer, "epoch": 109, "current_iteration": 7}, path)


def write_weights_folder(folder: Path, checkpoint: Path, mappings: dict[int, Path]) -> Path:
    """Fill `folder` with SadTalker's files under their registry names, links to every other weight that is here, and a registry.

    mappings: by number of coefficients. Returns the registry's path; its rows have the hashes of these files.
    """
    rows = tomllib.loads(weights.registry.REGISTRY_PATH.read_text(encoding="utf-8"))
    ours = {
        "sadtalker_256": checkpoint,
        "sadtalker_512": checkpoint,
        "sadtalker_mapping_crop": mappings[70],
        "sadtalker_mapping_full": mappings[73],
    }
    hashes = {path: sha256_of(path) for path in set(ours.values())}
    for file in weights_dir().iterdir():
        if not (folder / file.name).exists():
            (folder / file.name).symlink_to(file)
    for name, path in ours.items():
        place = folder / rows[name]["file"]
        place.unlink(missing_ok=True)
        os.link(path, place)
        rows[name] |= {"sha256": hashes[path], "size_bytes": place.stat().st_size}
    registry = folder / "registry.toml"
    registry.write_text("\n".join(row_text(name, row) for name, row in rows.items()), encoding="utf-8")
    return registry


def row_text(name: str, row: dict[str, object]) -> str:
    """A registry's row as TOML."""

    def value(entry: object) -> str:
        if isinstance(entry, bool):
            return str(entry).lower()
        if isinstance(entry, list):
            return f"[{', '.join(value(each) for each in entry)}]"
        if isinstance(entry, dict):
            return f"{{{', '.join(f'{key} = {value(each)}' for key, each in entry.items())}}}"
        return f'"{entry}"' if isinstance(entry, str) else str(entry)

    return "\n".join([f"[{name}]", *(f"{key} = {value(entry)}" for key, entry in row.items()), ""])


@contextmanager
def used_weights(folder: Path, registry: Path) -> Iterator[Path]:
    """For the time of the block, weights lie in `folder` and are those of `registry`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BELCANTO_WEIGHTS_DIR", str(folder))
        patch.setattr("weights.registry.REGISTRY_PATH", registry)
        yield folder


@pytest.fixture(scope="session")
def checkpoint_path(once):
    """A safetensors file of the published layout and size (725 MB), of deterministic weights; gone when the tests end."""
    pytest.importorskip("torch")
    return once(CHECKPOINT_NAME, write_checkpoint)


@pytest.fixture(scope="session")
def checkpoint(checkpoint_path):
    """The same, opened."""
    from sadtalker_runner.checkpoint import SadTalkerCheckpoint

    return SadTalkerCheckpoint(checkpoint_path)


@pytest.fixture(scope="session")
def mapping_path(once):
    """Makes a mapping pickle like the published ones, with its training's leftovers: mapping_path(coefficients)."""
    pytest.importorskip("torch")
    return lambda coefficients: once(f"mapping_{coefficients}.pth.tar", lambda path: write_mapping(path, coefficients))


@pytest.fixture(scope="session")
def cpu_generator(checkpoint):
    """The checkpoint's generator made ready for the CPU, which takes seconds, for every test that draws with it."""
    from neural.one_shot.cpu.generator import CpuGenerator

    return CpuGenerator(checkpoint.generator())


@pytest.fixture(scope="session")
def sadtalker_folder(tmp_path_factory, checkpoint_path, mapping_path):
    """A weights folder with SadTalker's files of made-up weights and its registry: (folder, registry)."""
    folder = tmp_path_factory.mktemp("weights")
    registry = write_weights_folder(folder, checkpoint_path, {number: mapping_path(number) for number in (70, 73)})
    yield folder, registry
    for path in folder.iterdir():
        path.unlink()


@pytest.fixture
def sadtalker_weights(sadtalker_folder):
    """For this test, SadTalker's weights are here (in this process alone): the weights folder."""
    with used_weights(*sadtalker_folder) as folder:
        yield folder


@pytest.fixture
def sadtalker_drawing(sadtalker_weights, cpu_generator, monkeypatch):
    """The same for a test that draws on the CPU: the generator, whose weights are the same, is not made ready again."""
    monkeypatch.setattr("neural.one_shot.cpu.generator.CpuGenerator", lambda network: cpu_generator)
    return sadtalker_weights
