"""A store of whole files that many machines share, reached through fsspec: S3 and its like, or any other kind it knows.

A file comes into being as a whole: object stores show one only when all of it has arrived, and anywhere else it is written under
another name and moved. So nobody ever reads half a file, however its writer ended.
"""

from __future__ import annotations

import hashlib
import importlib
import posixpath
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import uuid4

from core.errors import InputError, MissingError
from core.places import SCALE_PINS, pip_install
from core.stores.failures import StoreFailed, tried

#: Kinds of stores in which a file is there whole or not at all by themselves.
OBJECT_STORES = ("s3", "s3a", "gs", "gcs", "abfs", "az", "oci", "oss")
#: Bytes that travel in one piece, and how many pieces at the same time: what a large file takes of the memory.
PIECE_BYTES, AT_ONCE = 8 << 20, 2
#: How long a store may be silent, in seconds; what the options say comes first.
CONNECT_S, READ_S = 10, 30
#: Begins the last part of names of what is being written.
UNFINISHED = ".unfinished-"


@dataclass(frozen=True)
class Stored:
    """A file in the store. changed_ns: when it was written, in nanoseconds since 1970. tag: another for any other content."""

    key: str
    size_bytes: int
    changed_ns: int
    tag: str


@dataclass(frozen=True)
class RemoteStore:
    """url: as fsspec takes it, such as `s3://bucket/prefix`. options: of the file system, such as `endpoint_url`; they may hold
    secrets and are never shown."""

    url: str
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def name(self) -> str:
        """What the store is called in sentences."""
        return self.url

    @property
    def kind(self) -> str:
        """Its kind, such as `s3`."""
        return self.url.partition("://")[0] if "://" in self.url else "file"

    @cached_property
    def _opened(self) -> tuple[Any, str]:
        """The file system and the place in it. Raises InputError, MissingError."""
        try:
            fsspec = importlib.import_module("fsspec")
            found = fsspec.core.url_to_fs(self.url, **self._settings())
        except ImportError as error:
            raise MissingError(
                "core.store_package_missing", store=self.url, reason=str(error), command=pip_install("fsspec s3fs", SCALE_PINS)
            ) from error
        except (ValueError, TypeError) as error:
            raise InputError("core.store_unknown", store=self.url, reason=str(error)) from error
        return found[0], str(found[1]).rstrip("/")

    def _settings(self) -> dict[str, Any]:
        """The options, and what they leave open. Listings are never remembered: other machines change what is there."""
        settings = {"use_listings_cache": False, **self.options}
        if self.kind in ("s3", "s3a"):
            given = dict(settings.get("config_kwargs") or {})
            settings["config_kwargs"] = {"connect_timeout": CONNECT_S, "read_timeout": READ_S, **given}
            settings.setdefault("default_block_size", PIECE_BYTES)
            settings.setdefault("max_concurrency", AT_ONCE)
        return settings

    def check(self) -> None:
        """Whether the store answers. Raises StoreFailed, InputError, MissingError."""
        self.stat(f"{UNFINISHED}none")

    def _place(self, key: str) -> str:
        return posixpath.join(self._opened[1], key)

    def stat(self, key: str) -> Stored | None:
        """What is known of the file; None where there is none. Raises StoreFailed."""
        fs = self._opened[0]
        try:
            told = tried(self.name, lambda: fs.info(self._place(key)))
        except FileNotFoundError:
            return None
        return stored(key, told) if told.get("type") == "file" else None

    def read(self, key: str, begin: int, end: int) -> bytes:
        """The file's bytes from `begin` on, up to `end`, which lies within it. Raises FileNotFoundError, StoreFailed."""
        fs = self._opened[0]

        def once() -> bytes:
            got: bytes = fs.cat_file(self._place(key), start=begin, end=end)
            if len(got) != end - begin:
                raise ConnectionError(f"{len(got)} bytes came instead of {end - begin}")
            return got

        return tried(self.name, once)

    def put(self, source: Path, key: str) -> Stored:
        """Have the local file's bytes as that file: whole or not at all. Raises StoreFailed, OSError."""
        fs, size_bytes = self._opened[0], source.stat().st_size
        place, direct = self._place(key), self.kind in OBJECT_STORES
        extra = {"chunksize": PIECE_BYTES} if self.kind in ("s3", "s3a") else {}

        def once() -> Stored:
            first = place if direct else posixpath.join(posixpath.dirname(place), f"{UNFINISHED}{uuid4().hex}")
            if not direct:
                fs.makedirs(posixpath.dirname(place), exist_ok=True)
            fs.put_file(str(source), first, **extra)
            if first != place:
                fs.mv(first, place)
            told = stored(key, fs.info(place))
            if told.size_bytes != size_bytes:
                raise ConnectionError(f"{told.size_bytes} bytes arrived instead of {size_bytes}")
            return told

        return tried(self.name, once)

    def fetch(self, known: Stored, target: Path) -> None:
        """Write the file's bytes to the local `target`. Raises FileNotFoundError, StoreFailed, OSError."""
        fs = self._opened[0]

        def once() -> None:
            target.unlink(missing_ok=True)
            fs.get_file(self._place(known.key), str(target))
            if target.stat().st_size != known.size_bytes:
                raise ConnectionError(f"{target.stat().st_size} bytes came instead of {known.size_bytes}")

        tried(self.name, once)

    def remove(self, key: str) -> None:
        """Have no such file any more. Raises StoreFailed."""
        fs = self._opened[0]
        try:
            tried(self.name, lambda: fs.rm_file(self._place(key)))
        except FileNotFoundError:
            return

    def found(self, folder: str, deep: bool = False) -> Iterator[Stored]:
        """The files of that folder; deep: also those of its folders. Raises StoreFailed."""
        return (each for each in self._all(folder, deep) if not is_unfinished(each.key))

    def sweep(self, folder: str, age_s: float) -> int:
        """Remove what writers that were killed so long ago have left of that folder's files. Returns how many went.

        Object stores hide such leftovers, and drop them by a rule of the bucket. Raises StoreFailed.
        """
        if self.kind in OBJECT_STORES:
            return 0
        oldest_ns = (time.time() - age_s) * 1e9
        left = [each for each in self._all(folder, False) if is_unfinished(each.key) and each.changed_ns < oldest_ns]
        for each in left:
            self.remove(each.key)
        return len(left)

    def _all(self, folder: str, deep: bool) -> Iterator[Stored]:
        fs, place = self._opened[0], self._place(folder)
        try:
            told = tried(self.name, lambda: fs.find(place, maxdepth=None if deep else 1, detail=True))
        except FileNotFoundError:
            return
        begin = len(self._opened[1]) + 1 if self._opened[1] else 0
        for name, each in sorted(told.items()):
            if each.get("type") == "file":
                yield stored(str(name)[begin:], each)


def is_unfinished(key: str) -> bool:
    """Whether it is the name of something that is being written."""
    return posixpath.basename(key).startswith(UNFINISHED)


def stored(key: str, told: Mapping[str, Any]) -> Stored:
    """What a file system says of a file, whichever words it has for it."""
    size_bytes = int(told.get("size") or 0)
    changed = next((told[name] for name in ("LastModified", "mtime", "updated", "last_modified", "created") if told.get(name)), 0)
    seconds = changed.timestamp() if isinstance(changed, datetime) else float(changed)
    tag = str(told.get("ETag") or told.get("etag") or told.get("md5Hash") or f"{seconds}")
    return Stored(key, size_bytes, int(seconds * 1e9), hashlib.sha256(f"{tag} {size_bytes}".encode()).hexdigest()[:24])


__all__ = ["RemoteStore", "StoreFailed", "Stored"]
