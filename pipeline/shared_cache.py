"""Stages' results in a store, so that what one machine made is found by the others; `pipeline.cache`'s folder stands before it.

An entry is one file, `STAGE/KEY.tar`, with the entry's folder and its manifest: so it is there as a whole or not at all, and it
is taken into a folder only when that fits the manifest. Beside it `KEY.json` tells what it was made from, for its forgetting.
A store that fails costs time alone: what can't be fetched is made, and what can't be put is made elsewhere once more.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import tarfile
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from core.locks.locks import Lock, Locks, LockSettings
from core.stores.failures import StoreFailed
from core.stores.remote_store import RemoteStore
from core.stores.settings import gigabytes_from, options_from
from pipeline.cache_entries import contents_of, inputs_of, is_whole

URL, SIZE = "BELCANTO_CACHE_URL", "BELCANTO_CACHE_STORE_GB"
ENTRY_SUFFIX, TOLD_SUFFIX = ".tar", ".json"
#: Folder, in the local cache, of what is on its way; how long something may be that, and how often a machine looks at the limit.
PARCELS, MARK = ".parcels", "trimmed"
LEFT_S, TRIM_EVERY_S = 3600.0, 60.0

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class SharedSettings:
    """Where the shared results lie, and how much room they may take."""

    #: address of the store as fsspec takes it.
    url: str
    #: options of its file system; they may hold secrets.
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)
    #: bytes that all entries may take together; those made longest ago go first.
    limit_bytes: int = 50_000_000_000
    #: who keeps the locks, so that one machine alone makes an entry; files: two may make the same one, and the later counts.
    locks: LockSettings = field(default_factory=LockSettings)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> SharedSettings | None:
        """`BELCANTO_CACHE_URL`, `BELCANTO_CACHE_STORE_GB`, `BELCANTO_STORAGE_OPTIONS` and those of locks; None without a URL.

        Raises InputError for values that are none of that.
        """
        url = environment.get(URL, "")
        limit_bytes = gigabytes_from(environment, SIZE, cls.limit_bytes)
        if not url:
            return None
        return cls(url, options_from(environment), limit_bytes, LockSettings.from_environment(environment))


class SharedCache:
    """The store, for the cache of one machine whose folder is `folder`."""

    def __init__(self, settings: SharedSettings, folder: Path) -> None:
        self.settings, self.folder = settings, folder
        self._store = RemoteStore(settings.url, settings.options)
        self._locks: Locks = settings.locks.locks()

    def lock(self, stage: str, key: str) -> Lock:
        """What is held by the machine that makes the entry."""
        return self._locks.at(self.folder / "locks" / f"shared-{stage}-{key}", f"cache/{stage}/{key}")

    def filled(self, entry: Path, make: Callable[[], None], waiting: Callable[[], None]) -> bool:
        """Have the local entry there, whose lock is held alone: from the store, or by `make`, which the store gets then.

        Says whether it was in the store. Raises what `make` raises, and LocksFailed.
        """
        stage, key = entry.parent.name, entry.name
        if self.fetch(entry):
            return True
        with self.lock(stage, key) as lock:
            lock.own(waiting)
            if self.fetch(entry):  # another machine has made it while we waited
                return True
            make()
            lock.confirm()
            self.put(entry)
        return False

    def fetch(self, entry: Path) -> bool:
        """Have the entry of the store as that local folder, where it is there and whole; says whether it is."""
        name = f"{entry.parent.name}/{entry.name}"
        try:
            known = self._store.stat(name + ENTRY_SUFFIX)
            if known is None:
                return False
            with self._parcel() as parcel:
                self._store.fetch(known, parcel)
                opened = entry.with_name(f"{entry.name}.part")
                try:
                    shutil.rmtree(opened, ignore_errors=True)
                    with tarfile.open(parcel) as archive:
                        archive.extractall(opened, filter="data")
                    if is_whole(opened):
                        shutil.rmtree(entry, ignore_errors=True)
                        opened.replace(entry)
                        return True
                except tarfile.TarError as error:
                    log.warning("The entry %s of the store can't be opened: %s", name, error)
                finally:
                    shutil.rmtree(opened, ignore_errors=True)
            log.warning("The entry %s of the store does not fit its manifest; it is made again.", name)
            self._remove(name)
        except FileNotFoundError:  # removed in this moment
            return False
        except StoreFailed as error:
            log.warning("The entry %s is made here: %s", name, error)
        return False

    def put(self, entry: Path) -> None:
        """Have the local entry in the store as well."""
        name = f"{entry.parent.name}/{entry.name}"
        inputs = inputs_of(entry)
        told = {"inputs": None if inputs is None else sorted(inputs), "contents": sorted(contents_of(entry))}
        try:
            with self._parcel() as parcel:
                parcel.write_text(json.dumps(told), encoding="utf-8")
                self._store.put(parcel, name + TOLD_SUFFIX)
                with tarfile.open(parcel, "w") as archive:
                    for path in sorted(entry.iterdir()):
                        archive.add(path, path.name)
                self._store.put(parcel, name + ENTRY_SUFFIX)
            self.trim_if_due()
        except StoreFailed as error:
            log.warning("The entry %s stays on this machine: %s", name, error)

    def trim_if_due(self) -> None:
        """Trim unless this machine has done so a short while ago. Raises StoreFailed."""
        mark = self.folder / PARCELS / MARK
        if not mark.exists() or mark.stat().st_mtime < time.time() - TRIM_EVERY_S:
            mark.touch()
            self.trim()

    def trim(self) -> None:
        """Remove the entries that were made longest ago until the rest fits the limit. Raises StoreFailed."""
        entries = [each for each in self._store.found("", deep=True) if each.key.endswith(ENTRY_SUFFIX)]
        total = sum(each.size_bytes for each in entries)
        for each in sorted(entries, key=lambda known: known.changed_ns):
            if total <= self.settings.limit_bytes:
                break
            self._remove(each.key.removesuffix(ENTRY_SUFFIX))
            total -= each.size_bytes

    def sources(self) -> dict[str, tuple[set[str] | None, set[str]]]:
        """What each entry, called STAGE/KEY, was made from, None where that lacks, and what it holds. Raises StoreFailed."""
        found: dict[str, tuple[set[str] | None, set[str]]] = {}
        for each in self._store.found("", deep=True):
            name, _, suffix = each.key.rpartition(".")
            if f".{suffix}" == ENTRY_SUFFIX:
                found.setdefault(name, (None, set()))
            elif f".{suffix}" == TOLD_SUFFIX:
                try:
                    told = json.loads(self._store.read(each.key, 0, each.size_bytes))
                except FileNotFoundError:  # removed in this moment
                    continue
                found[name] = (None if told["inputs"] is None else set(told["inputs"]), set(told["contents"]))
        return found

    def remove(self, names: Collection[str]) -> bool:
        """Remove entries, called STAGE/KEY; says whether they are gone: not where the store fails."""
        try:
            for name in names:
                self._remove(name)
        except StoreFailed as error:
            log.warning("Entries of the store could not be removed: %s", error)
            return False
        return True

    def clear(self) -> bool:
        """Remove all entries; says whether they are gone."""
        try:
            return self.remove(self.sources())
        except StoreFailed as error:
            log.warning("The store's entries could not be removed: %s", error)
            return False

    def _remove(self, name: str) -> None:
        """First the entry, then what it was made from: so nothing is left that could not be forgotten."""
        self._store.remove(name + ENTRY_SUFFIX)
        self._store.remove(name + TOLD_SUFFIX)

    @contextmanager
    def _parcel(self) -> Iterator[Path]:
        """A name for a file on its way, gone at the block's end; what killed processes have left goes as well."""
        folder = self.folder / PARCELS
        folder.mkdir(parents=True, exist_ok=True)
        for path in folder.iterdir():
            if path.name != MARK and path.stat().st_mtime < time.time() - LEFT_S:
                path.unlink(missing_ok=True)
        parcel = folder / uuid4().hex
        try:
            yield parcel
        finally:
            parcel.unlink(missing_ok=True)
