"""The reader of PyTorch checkpoints takes tensors and nothing else."""

from __future__ import annotations

import os
import pickle
import zipfile

import numpy as np
import pytest

from animators.anime.torch_archive import read_torch_archive
from core.errors import InputError
from weights.fetch import ensure


@pytest.fixture(scope="module")
def checkpoint(networks):
    return ensure("tha3_editor")


def rewritten(source, path, change):
    """The archive with `change(name, content)` in the place of every member; None leaves one out."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            content = change(name, old.read(name))
            if content is not None:
                new.writestr(name, content)
    return path


def test_reads_what_is_in_the_file(checkpoint):
    tensors = read_torch_archive(checkpoint)
    assert len(tensors) == 81
    assert tensors["alpha_creator.0.weight"].shape == (4, 32, 3, 3)
    assert all(tensor.dtype == np.float32 and np.isfinite(tensor).all() for tensor in tensors.values())
    # Every number of the file is in exactly one tensor.
    with zipfile.ZipFile(checkpoint) as archive:
        stored = sum(member.file_size for member in archive.infolist() if "/data/" in member.filename)
    assert 4 * sum(tensor.size for tensor in tensors.values()) == stored


class Harm:
    def __reduce__(self):
        return os.mkdir, (self.target,)


def test_runs_nothing(checkpoint, tmp_path):
    harm = Harm()
    harm.target = str(tmp_path / "made by a pickle")
    content = pickle.dumps(harm)
    bad = rewritten(checkpoint, tmp_path / "bad.pt", lambda name, old: content if name.endswith("data.pkl") else old)
    with pytest.raises(InputError, match=r"mkdir"):
        read_torch_archive(bad)
    assert not (tmp_path / "made by a pickle").exists()
    pickle.loads(content)  # the control: another reader would have run it
    assert (tmp_path / "made by a pickle").exists()


@pytest.mark.parametrize(
    "change",
    [
        lambda name, old: None if name.endswith("data.pkl") else old,
        lambda name, old: old[:-4] if "/data/" in name else old,
        lambda name, old: old[: len(old) // 2] if name.endswith("data.pkl") else old,
        lambda name, old: pickle.dumps([1, 2]) if name.endswith("data.pkl") else old,
    ],
    ids=["no pickle", "short storage", "cut pickle", "no tensors"],
)
def test_damage_is_said(checkpoint, tmp_path, change):
    with pytest.raises(InputError, match=r"bad\.pt"):
        read_torch_archive(rewritten(checkpoint, tmp_path / "bad.pt", change))


def test_other_files_are_refused(tmp_path):
    path = tmp_path / "bad.pt"
    path.write_bytes(b"no archive at all")
    with pytest.raises(InputError, match=r"not a PyTorch checkpoint"):
        read_torch_archive(path)
