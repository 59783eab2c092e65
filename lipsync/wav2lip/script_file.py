"""Reads the tensors out of a TorchScript archive, without compiling or running the program that it holds.

Such a file is a zip archive: `*/code/` is the program, `*/data.pkl` the modules with their tensors, `*/data/<key>` the numbers.
Modules become empty shells here. The pickle may name these, ordered dictionaries, lists, storages of floating point or whole
numbers, and the rebuilding of a tensor from one; whatever else it names is refused.
"""

from __future__ import annotations

import io
import math
import pickle  # an Unpickler of our own that knows a few names  # nosec B403
import sys
import zipfile
from collections import OrderedDict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import torch
from torch import Tensor

_PICKLE, _CONSTANTS = "/data.pkl", "/constants.pkl"
#: Sizes beyond this are no network of ours; the zip's table of contents is asked before anything is unpacked.
_MOST_BYTES = 1 << 30


def is_script_archive(path: Path) -> bool:
    """Whether the file is a TorchScript archive; a plain checkpoint holds no constants."""
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        return any(name.endswith(_CONSTANTS) for name in archive.namelist())


def read_script_tensors(path: Path) -> dict[str, Tensor]:
    """The tensors by the names that the module's state dictionary has.

    Raises zipfile.BadZipFile, pickle.UnpicklingError or ValueError where the file is damaged or names anything else; what
    Python's unpickler raises for nonsense is among `neural.network_files.UNREADABLE`.
    """
    with zipfile.ZipFile(path) as archive:
        if sum(member.file_size for member in archive.infolist()) > _MOST_BYTES:
            raise ValueError("it unpacks to more than 1 GiB")
        found = [name for name in archive.namelist() if name.endswith(_PICKLE) and name.count("/") == 1]
        if len(found) != 1:
            raise ValueError(f"{len(found)} members are called data.pkl")
        if sys.byteorder != "little":
            raise ValueError("its numbers are little-endian, and this machine is not")
        with io.BytesIO(archive.read(found[0])) as stream:
            content = _ScriptUnpickler(stream, archive, found[0].removesuffix(_PICKLE)).load()
    return dict(_tensors_below(content, "", set()))


class _Module:
    """Stands for a module of the program; unpickling lays its attributes down here, as Python's own pickles do."""


class _Storage:
    """Stands for a storage's type; it is named, never made."""

    def __init__(self, dtype: torch.dtype) -> None:
        self.dtype = dtype


def _tensors_below(content: object, name: str, met: set[int]) -> Iterator[tuple[str, Tensor]]:
    """The tensors of a module and those within it. Raises ValueError where one module lies in two places, or in itself."""
    if not isinstance(content, _Module):
        return
    if id(content) in met:
        raise ValueError("one of its modules lies in two places")
    met.add(id(content))
    for key, value in vars(content).items():
        if isinstance(value, Tensor):
            yield name + key, value
        else:
            yield from _tensors_below(value, f"{name}{key}.", met)


def _rebuilt(storage: Tensor, offset: int, size: tuple[int, ...], stride: tuple[int, ...], *_: Any) -> Tensor:
    """What `torch._utils._rebuild_tensor_v2` does. Raises ValueError for a tensor that reaches beyond its storage."""
    if min((offset, *size, *stride)) < 0 or len(size) != len(stride):
        raise ValueError("a tensor has a negative or no size")
    last = offset + sum((side - 1) * step for side, step in zip(size, stride, strict=True))
    if last >= max(1, len(storage)) or math.prod(size) > len(storage):
        raise ValueError("a tensor reaches beyond its storage")
    return storage.as_strided(size, stride, offset).clone()


_STORAGES = {
    "FloatStorage": torch.float32,
    "HalfStorage": torch.float16,
    "BFloat16Storage": torch.bfloat16,
    "DoubleStorage": torch.float64,
    "LongStorage": torch.int64,
    "IntStorage": torch.int32,
}
_ALLOWED: dict[tuple[str, str], Any] = {
    ("collections", "OrderedDict"): OrderedDict,
    ("torch._utils", "_rebuild_tensor_v2"): _rebuilt,
    ("torch.jit._pickle", "restore_type_tag"): lambda value, _: value,
    **{("torch.jit._pickle", f"build_{kind}list"): list for kind in ("int", "double", "bool", "tensor")},
    **{("torch", name): _Storage(dtype) for name, dtype in _STORAGES.items()},
}


class _ScriptUnpickler(pickle.Unpickler):
    """An unpickler that makes shells of the program's modules, knows a few names of tensors, and refuses every other."""

    def __init__(self, stream: BinaryIO, archive: zipfile.ZipFile, folder: str) -> None:
        super().__init__(stream)
        self._archive, self._folder = archive, folder
        self._storages: dict[str, Tensor] = {}

    def find_class(self, module: str, name: str) -> Callable[..., Any]:
        """The stand-in for a name of the pickle. Raises UnpicklingError for one that is not on the list."""
        if module.partition(".")[0] == "__torch__":
            return _Module
        try:
            allowed: Callable[..., Any] = _ALLOWED[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f"it names {module}.{name}, which no network of this kind needs") from None
        return allowed

    def persistent_load(self, reference: Any) -> Tensor:
        """The numbers of one storage, (count,). Raises ValueError where the archive holds another number of them."""
        kind, storage, key, _, count = reference
        if kind != "storage" or not isinstance(storage, _Storage):
            raise ValueError("a storage is of an unknown type")
        if key not in self._storages:
            content = bytearray(self._archive.read(f"{self._folder}/data/{key}"))
            if len(content) != count * storage.dtype.itemsize:
                raise ValueError(f"storage {key} holds {len(content)} bytes in place of {count} numbers")
            self._storages[key] = (
                torch.frombuffer(content, dtype=storage.dtype) if content else torch.empty(0, dtype=storage.dtype)
            )
        return self._storages[key]
