"""Stage results on disk: made once for the same inputs and settings, safe with several processes, limited in size.

An entry is a folder `STAGE/KEY` with the files of one stage and a `manifest.json` that lists their sizes and SHA-256. It is
made under a temporary name and renamed, so it is there as a whole or not at all; a killed process leaves only a temporary
folder, which the next one removes. Every use checks the manifest; an entry that does not fit it is made again.

Where the work is an owner's (`core.entry_seal`), an entry holds one sealed file and bears a name that only the owner's key gives;
while it is used it lies open in a working copy.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from core.entry_seal import EntrySeal, seal_in_use
from core.errors import InputError
from core.file_lock import EntryLock
from core.places import data_home
from core.sealed_files import DamagedFile, content_size
from core.stores.failures import StoreFailed
from pipeline.cache_entries import CONTENTS, MANIFEST, SEALED, contents_of, file_digest, inputs_of, is_whole, size_of, weights_of
from pipeline.shared_cache import SharedCache, SharedSettings
from weights.used import note_use, opened_since, opened_so_far

PART_SUFFIX = ".part"
LOCKS = "locks"
#: How often a sealed entry is made again that does not open.
MOST_TRIES = 3


@dataclass(frozen=True)
class CacheSettings:
    """Where stage results lie and how much room they may take."""

    #: folder of the entries; made where missing.
    folder: Path = field(default_factory=lambda: data_home() / "results" / "cache")
    #: bytes that all entries may take together; the longest unused go first.
    limit_bytes: int = 5_000_000_000
    #: what entries are sealed by; None: they lie open.
    seal: EntrySeal | None = None
    #: a store in which other machines find the entries; None: they stay here.
    shared: SharedSettings | None = None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> CacheSettings:
        """`BELCANTO_CACHE_DIR`, `BELCANTO_CACHE_GB` and those of `pipeline.shared_cache` where set.

        Raises `InputError` for a size of no number above 0.
        """
        text = environment.get("BELCANTO_CACHE_GB", "")
        try:
            limit_bytes = int(float(text) * 1e9) if text else cls.limit_bytes
        except (ValueError, OverflowError):
            limit_bytes = -1
        if limit_bytes <= 0:
            raise InputError("pipeline.cache_size_unreadable", text=text)
        folder = environment.get("BELCANTO_CACHE_DIR")
        made = cls(limit_bytes=limit_bytes, seal=seal_in_use(), shared=SharedSettings.from_environment(environment))
        return replace(made, folder=Path(folder)) if folder else made


@dataclass(frozen=True)
class CacheEntry:
    """A stage's result: the folder of its files, and whether it was there before."""

    folder: Path
    cached: bool


@dataclass(frozen=True)
class KeptEntry:
    """What the cache says of an entry without opening it. used_s: when it was used last, in seconds since 1970."""

    key: str
    folder: Path
    size_bytes: int
    used_s: float


def source_version(*sources: Path) -> str:
    """Version of the program that makes a stage's result: the SHA-256 over its Python files, and those below its folders.

    A number kept by hand would one day be forgotten, and an old result would be taken for a new one.
    """
    digest = hashlib.sha256()
    for source in sources:
        for path in sorted(source.rglob("*.py")) if source.is_dir() else [source]:
            digest.update((path.relative_to(source).as_posix() if source.is_dir() else path.name).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def stage_key(version: str, inputs: Mapping[str, str], settings: Mapping[str, object]) -> str:
    """Name of the result that a stage of this `version` makes from inputs (name -> digest) and settings (JSON values)."""
    text = json.dumps({"version": version, "inputs": dict(inputs), "settings": dict(settings)}, sort_keys=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:40]


class StageCache:
    """The folder of stage results."""

    def __init__(self, settings: CacheSettings) -> None:
        """Make the folder. Raises `InputError` where that can't be done."""
        self.settings = settings
        self.shared = None if settings.shared is None else SharedCache(settings.shared, settings.folder)
        try:
            (settings.folder / LOCKS).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError("pipeline.cache_folder_not_made", folder=settings.folder, reason=error.strerror) from error

    @contextmanager
    def entry(
        self,
        stage: str,
        key: str,
        make: Callable[[Path], None],
        waiting: Callable[[], None],
        inputs: Collection[str] = (),
    ) -> Iterator[CacheEntry]:
        """The result of `stage` under `key`; `make` writes it into an empty folder where it is not there yet.

        inputs: digests of what it is made from, files or other entries' keys, by which `forget` finds it.
        While the block runs nobody can remove the entry. Where another process is making the same entry, this one waits and calls
        `waiting` a few times a second, which may raise. Raises `InputError` where the disk is full, and whatever `make` raises.
        """
        seal = self.settings.seal
        if seal is None:
            with self._entry(stage, key, make, waiting, inputs) as entry:
                yield entry
        else:
            with self._sealed_entry(seal, stage, key, make, waiting, inputs) as entry:
                yield entry

    @contextmanager
    def _entry(
        self, stage: str, key: str, make: Callable[[Path], None], waiting: Callable[[], None], inputs: Collection[str]
    ) -> Iterator[CacheEntry]:
        """See `entry`: as it lies in the cache."""
        folder = self.settings.folder / stage / key
        with EntryLock(self._lock_path(stage, key)) as lock:
            cached, filled = True, False
            while True:
                lock.share(waiting)
                if is_whole(folder):
                    break
                lock.own(waiting)
                if not is_whole(folder):  # another process may have made it while we waited
                    cached, filled = self._fill(folder, make, inputs, waiting), True
            with suppress(OSError):  # a cache that may only be read still serves
                os.utime(folder / MANIFEST)
            if cached:
                note_use(weights_of(folder))
            if filled:
                self._trim()
            yield CacheEntry(folder, cached)

    @contextmanager
    def _sealed_entry(
        self,
        seal: EntrySeal,
        stage: str,
        key: str,
        make: Callable[[Path], None],
        waiting: Callable[[], None],
        inputs: Collection[str],
    ) -> Iterator[CacheEntry]:
        """See `entry`: sealed in the cache, and open in a working copy while the block runs."""
        name, label = seal.name_of(key), f"{stage}/{key}"
        fresh: list[Path] = []
        with ExitStack() as stack:

            def make_sealed(folder: Path) -> None:
                made = stack.enter_context(seal.workspace.folder())
                make(made)
                fresh[:] = [made]
                digests = [seal.name_of(file_digest(path)) for path in sorted(made.rglob("*")) if path.is_file()]
                (folder / CONTENTS).write_text(json.dumps(digests), encoding="utf-8")
                seal.pack(made, folder / SEALED, label)

            named = [seal.name_of(each) for each in inputs]
            for _ in range(MOST_TRIES):
                with self._entry(stage, name, make_sealed, waiting, named) as entry, ExitStack() as copies:
                    if not entry.cached:  # it lies open here as it was made
                        yield CacheEntry(fresh[0], False)
                        return
                    folder = copies.enter_context(seal.workspace.folder(content_size(entry.folder / SEALED)))
                    try:
                        seal.unpack(entry.folder / SEALED, folder, label)
                    except DamagedFile:
                        pass
                    else:
                        yield CacheEntry(folder, True)
                        return
                self.remove(stage, name)  # somebody has put another in its place, together with a manifest
            raise DamagedFile("core.sealed_file_damaged")

    def _fill(self, folder: Path, make: Callable[[Path], None], inputs: Collection[str], waiting: Callable[[], None]) -> bool:
        """Have the entry there, from the store that machines share or made here; says whether it was in the store."""
        if self.shared is None:
            self._make(folder, make, inputs)
            return False
        return self.shared.filled(folder, lambda: self._make(folder, make, inputs), waiting)

    def _make(self, folder: Path, make: Callable[[Path], None], inputs: Collection[str]) -> None:
        """Fill an entry under a temporary name and rename it; the entry's lock is held alone."""
        part = folder.with_name(folder.name + PART_SUFFIX)
        try:
            for leftover in (part, folder):
                shutil.rmtree(leftover, ignore_errors=True)
            part.mkdir(parents=True)
            before = opened_so_far()
            make(part)
            files = [path for path in sorted(part.rglob("*")) if path.is_file()]
            table = {path.relative_to(part).as_posix(): [path.stat().st_size, file_digest(path)] for path in files}
            told = {"files": table, "inputs": sorted(inputs), "weights": opened_since(before)}
            (part / MANIFEST).write_text(json.dumps(told), encoding="utf-8")
            part.replace(folder)
        except OSError as error:
            here = str(error.filename or "").startswith(str(self.settings.folder))
            full = error.errno in (errno.ENOSPC, errno.EDQUOT)
            if not full and not (here and error.errno in (errno.EACCES, errno.EPERM, errno.EROFS)):
                raise  # not the cache's own trouble
            raise InputError("pipeline.cache_folder_unwritable", folder=self.settings.folder, reason=error.strerror) from error
        finally:
            shutil.rmtree(part, ignore_errors=True)

    def forget(self, digests: Collection[str], seals: Iterable[EntrySeal] = (), sealed: Collection[str] = ()) -> bool:
        """Remove every entry that was made from files of these digests, or from what was made of them: entries, or their files.

        seals: by which an owner's entries are found that were made from files of the digests `sealed`.
        Entries of earlier programs do not tell what they were made from, and go as well. Says whether none of them is left: one
        that somebody uses at the moment stays, and so does what was made from it.
        """
        sources = {f"{path.parent.name}/{path.name}": (inputs_of(path), contents_of(path)) for path in self.folders()}
        if self.shared is not None:
            try:
                sources |= self.shared.sources()
            except StoreFailed:
                return False
        doomed, known = set(digests) | {seal.name_of(digest) for seal in seals for digest in sealed}, -1
        while known != len(doomed):  # what is made of something is itself a source of others, and so are its files
            known = len(doomed)
            for name, (inputs, contents) in sources.items():
                if inputs is not None and Path(name).name not in doomed and not inputs.isdisjoint(doomed):
                    doomed |= {Path(name).name} | contents
        going = [name for name, (inputs, _) in sources.items() if inputs is None or Path(name).name in doomed]
        gone = [self.remove(*name.split("/")) for name in going]  # each, even where one stays
        return all(gone)

    def kept(self, stage: str) -> list[KeptEntry]:
        """All entries of a stage that are there as a whole, in order of their keys."""
        found = []
        for path in sorted((self.settings.folder / stage).glob("*")):
            if not path.name.endswith(PART_SUFFIX):
                with suppress(OSError):  # without a manifest it is no entry, or another process has removed it since
                    used_s = (path / MANIFEST).stat().st_mtime
                    found.append(KeptEntry(path.name, path, size_of(path), used_s))
        return found

    def remove(self, stage: str, key: str) -> bool:
        """Remove an entry unless somebody uses it at the moment, in the store too; says whether it is gone."""
        there = self.shared is None or self.shared.remove([f"{stage}/{key}"])
        return self._remove(self.settings.folder / stage / key) and there

    def folders(self) -> list[Path]:
        """Folders of all entries, and of what is being made or was left by killed processes."""
        return [path for path in self.settings.folder.glob("*/*") if path.parent.name != LOCKS and path.is_dir()]

    def _trim(self) -> None:
        """Remove the entries that were unused for longest until the rest fits the limit, and what killed processes have left.

        An entry that somebody uses at the moment is left alone. The lock of an entry that is no more goes as well.
        """
        self._remove_idle_locks()
        entries = []
        for path in self.folders():
            if path.name.endswith(PART_SUFFIX):
                self._remove(path)
                continue
            with suppress(OSError):  # another process may have removed it since
                entries.append(((path / MANIFEST).stat().st_mtime, size_of(path), path))
        total = sum(size for _, size, _ in entries)
        for _, size, path in sorted(entries):
            if total <= self.settings.limit_bytes:
                break
            if self._remove(path):
                total -= size

    def _remove(self, folder: Path) -> bool:
        """Remove an entry or a leftover unless its lock is held; says whether it is gone."""
        key = folder.name.removesuffix(PART_SUFFIX)
        with EntryLock(self._lock_path(folder.parent.name, key)) as lock:
            if not lock.try_own():
                return False
            shutil.rmtree(folder, ignore_errors=True)
            if folder.exists():
                return False
            lock.remove()
            return True

    def _remove_idle_locks(self) -> None:
        """Remove the locks of entries that are not there: their making failed, or they were removed by hand."""
        for path in (self.settings.folder / LOCKS).iterdir():
            stage, _, key = path.name.rpartition("-")
            if (self.settings.folder / stage / key).exists():
                continue
            with suppress(FileNotFoundError), EntryLock(path) as lock:
                if lock.try_own() and not (self.settings.folder / stage / key).exists():
                    lock.remove()

    def _lock_path(self, stage: str, key: str) -> Path:
        return self.settings.folder / LOCKS / f"{stage}-{key}"
