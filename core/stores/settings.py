"""Where kept files lie, as the environment says it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.errors import InputError
from core.stores.copies import LocalCopies
from core.stores.files import LOCAL_DISK, Files
from core.stores.remote_store import RemoteStore
from core.stores.store_files import StoreFiles

URL, OPTIONS, COPIES = "BELCANTO_STORAGE_URL", "BELCANTO_STORAGE_OPTIONS", "BELCANTO_STORAGE_COPIES_GB"
#: The folder of local copies, in the data folder.
COPIES_FOLDER = "copies"


@dataclass(frozen=True)
class StorageSettings:
    """What a machine must know of the store; the default is the local disk."""

    #: the store's address as fsspec takes it, such as `s3://bucket/prefix`; empty: the local disk.
    url: str = ""
    #: options of fsspec's file system, such as `endpoint_url`; they may hold secrets.
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)
    #: bytes that local copies of the store's files may take together.
    copies_bytes: int = 10_000_000_000

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> StorageSettings:
        """`BELCANTO_STORAGE_URL`, `_OPTIONS` (JSON) and `_COPIES_GB`. Raises InputError for what is none of that."""
        copies_bytes = gigabytes_from(environment, COPIES, cls.copies_bytes)
        return cls(environment.get(URL, ""), options_from(environment), copies_bytes)

    def files(self, root: Path, folders: tuple[Path, ...]) -> Files:
        """What the files of those folders of the data folder `root` lie in; nothing is opened yet."""
        if not self.url:
            return LOCAL_DISK
        copies = LocalCopies(root / COPIES_FOLDER, self.copies_bytes)
        return StoreFiles(root, folders, RemoteStore(self.url, self.options), copies)


def options_from(environment: Mapping[str, str]) -> Mapping[str, Any]:
    """The stores' options. Raises InputError for what is no JSON object."""
    text = environment.get(OPTIONS, "")
    if not text:
        return {}
    try:
        options = json.loads(text)
    except ValueError as error:
        raise InputError("core.store_options_unreadable", name=OPTIONS) from error
    if not isinstance(options, dict):
        raise InputError("core.store_options_unreadable", name=OPTIONS)
    return options


def gigabytes_from(environment: Mapping[str, str], name: str, default: int) -> int:
    """The variable's gigabytes as bytes. Raises InputError for a text that is no number above 0."""
    text = environment.get(name, "")
    if not text:
        return default
    try:
        size_bytes = int(float(text) * 1e9)
    except (ValueError, OverflowError):
        size_bytes = 0
    if size_bytes <= 0:
        raise InputError("core.store_size_unreadable", name=name, text=text)
    return size_bytes
