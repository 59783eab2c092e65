"""Reads the tensors out of a PyTorch checkpoint without PyTorch, and without running what a pickle could make a reader run.

A `.pt` file since PyTorch 1.6 is a zip archive: `*/data.pkl` says which tensors there are, `*/data/<key>` holds their numbers.
The pickle may name three things only: an ordered dictionary, a storage of float32, and the rebuilding of a tensor from one.
"""

from __future__ import annotations

import io
import pickle  # an Unpickler of our own that knows a few names  # nosec B403
import sys
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from core.contracts import FloatArray
from core.errors import InputError

_PICKLE_NAME = "data.pkl"
#: Sizes beyond this are no network of ours; the zip's table of contents is asked before anything is unpacked.
_MOST_BYTES = 1 << 30


def read_torch_archive(path: Path) -> dict[str, FloatArray]:
    """All tensors of the checkpoint `path` by name, float32, in PyTorch's axis order.

    Raises InputError where the file is no such archive, is damaged, or holds anything but float32 tensors by name.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(member.file_size for member in archive.infolist()) > _MOST_BYTES:
                raise ValueError("it unpacks to more than 1 GiB")
            folder = _folder_of(archive)
            with io.BytesIO(archive.read(f"{folder}/{_PICKLE_NAME}")) as stream:
                content = _TensorUnpickler(stream, archive, folder).load()
    except (zipfile.BadZipFile, pickle.UnpicklingError, ValueError, KeyError, IndexError, TypeError, EOFError) as error:
        raise InputError("animators.anime.checkpoint_damaged", name=path.name, error=error) from error
    if not isinstance(content, dict) or not all(
        isinstance(name, str) and isinstance(tensor, np.ndarray) for name, tensor in content.items()
    ):
        raise InputError("animators.anime.checkpoint_without_names", name=path.name)
    return dict(content)


def _folder_of(archive: zipfile.ZipFile) -> str:
    """The one folder of the archive. Raises ValueError where there is no pickle or more than one."""
    found = [name for name in archive.namelist() if name.endswith(f"/{_PICKLE_NAME}")]
    if len(found) != 1:
        raise ValueError(f"{len(found)} members are called {_PICKLE_NAME}")
    if sys.byteorder != "little":
        raise ValueError("its numbers are little-endian, and this machine is not")
    return found[0].removesuffix(f"/{_PICKLE_NAME}")


class _FloatStorage:
    """Stands for `torch.FloatStorage` in the pickle; it is named, never made."""


def _rebuild_tensor(storage: FloatArray, offset: int, size: tuple[int, ...], stride: tuple[int, ...], *_: Any) -> FloatArray:
    """What `torch._utils._rebuild_tensor_v2` does, for contiguous tensors. Raises ValueError for any other."""
    count = int(np.prod(size, dtype=np.int64))
    contiguous = tuple(int(np.prod(size[axis + 1 :], dtype=np.int64)) for axis in range(len(size)))
    if stride != contiguous or offset < 0 or offset + count > len(storage):
        raise ValueError("a tensor is not contiguous or reaches beyond its storage")
    return storage[offset : offset + count].reshape(size)


_ALLOWED: dict[tuple[str, str], Callable[..., Any]] = {
    ("collections", "OrderedDict"): OrderedDict,
    ("torch", "FloatStorage"): _FloatStorage,
    ("torch._utils", "_rebuild_tensor_v2"): _rebuild_tensor,
}


class _TensorUnpickler(pickle.Unpickler):
    """An unpickler that knows the three names of a plain checkpoint and refuses every other."""

    def __init__(self, stream: BinaryIO, archive: zipfile.ZipFile, folder: str) -> None:
        super().__init__(stream)
        self._archive = archive
        self._folder = folder

    def find_class(self, module: str, name: str) -> Callable[..., Any]:
        """The stand-in for a name of the pickle. Raises UnpicklingError for one that is not on the list."""
        try:
            return _ALLOWED[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f"it names {module}.{name}, which no plain checkpoint needs") from None

    def persistent_load(self, reference: Any) -> FloatArray:
        """The numbers of one storage, (count,) float32. Raises ValueError where the archive holds another number of them."""
        kind, storage, key, _, count = reference
        if kind != "storage" or storage is not _FloatStorage:
            raise ValueError("a storage is not of float32")
        values = np.frombuffer(self._archive.read(f"{self._folder}/data/{key}"), "<f4")
        if len(values) != count:
            raise ValueError(f"storage {key} holds {len(values)} numbers instead of {count}")
        return values
