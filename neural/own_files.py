"""Files of weights that a person names: their tensors are read, and nothing in them is run.

A file may be a torch file, of which only numbers are read, or a safetensors file, whatever its name; its SHA-256 is kept with the
networks, so that a film can say what drew it.
"""

from __future__ import annotations

import pickle  # only its error, pickles are read by weights_only  # nosec B403
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from core.errors import InputError, MissingError
from neural.network_files import UNREADABLE
from weights.sources import sha256_of

Tensors = dict[str, Tensor]
#: Numbers of half precision, which are brought to the float32 that networks are checked for.
HALVED = (torch.float16, torch.bfloat16)
#: A safetensors file begins with the length of its table, in 8 bytes, and the table.
LONGEST_TABLE_BYTES = 100_000_000


@dataclass(frozen=True)
class WeightFile:
    """A file of weights. model: whose it is, as sentences name it. fetch: the clause that says how the right one is had."""

    path: Path
    model: str
    fetch: str

    @property
    def name(self) -> str:
        """Its name alone."""
        return self.path.name

    @property
    def sha256(self) -> str:
        """Of all its bytes; read each time."""
        return sha256_of(self.path)

    def refusal(self, problem: str) -> InputError:
        """The error that says what is wrong with it."""
        return InputError("neural.own_file_not_the_needed", name=self.name, model=self.model, problem=problem, fetch=self.fetch)


def read_tensors(file: WeightFile) -> Tensors:
    """All tensors of a file, by key, halves as float32; those of tables within the table by keys with dots between.

    Raises MissingError where the file is not there, InputError where it is damaged or holds anything but tensors.
    """
    if not file.path.is_file():
        raise MissingError("neural.own_file_missing", path=file.path, fetch=file.fetch)
    try:
        content = load_file(file.path) if is_safetensors(file.path) else read_torch(file.path)
    except pickle.UnpicklingError as error:
        raise InputError("neural.own_file_holds_more_than_numbers", name=file.name, fetch=file.fetch) from error
    except (*UNREADABLE, zipfile.BadZipFile, SafetensorError) as error:
        raise InputError("neural.own_file_unreadable", name=file.name, fetch=file.fetch) from error
    tensors: Tensors = {}
    if not isinstance(content, Mapping) or not _flatten(content, "", tensors):
        raise InputError("neural.own_file_without_tensors", name=file.name, fetch=file.fetch)
    return tensors


def _flatten(content: Mapping[object, object], prefix: str, into: Tensors) -> bool:
    """Gather the tensors of tables in tables; says whether there is nothing but tensors."""
    for key, value in content.items():
        if isinstance(value, Tensor):
            into[f"{prefix}{key}"] = value.float() if value.dtype in HALVED else value
        elif not isinstance(value, Mapping) or not _flatten(value, f"{prefix}{key}.", into):
            return False
    return True


def read_torch(path: Path) -> object:
    """What a torch file holds, numbers alone; they stay in the file until they are needed."""
    return torch.load(path, map_location="cpu", weights_only=True, mmap=zipfile.is_zipfile(path))


def is_safetensors(path: Path) -> bool:
    """Whether the file begins as safetensors files do, whatever its name."""
    with path.open("rb") as file:
        head = file.read(9)
    return head[8:] == b"{" and int.from_bytes(head[:8], "little") <= LONGEST_TABLE_BYTES
