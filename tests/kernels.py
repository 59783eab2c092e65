"""What `make` compiled at installation, kept as it was before the tests add to it: compiling it anew takes more than a minute."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from pipeline import prepare

#: How long an installation compiles at most. What is older than that was compiled by somebody else, for whatever purpose.
INSTALLATION_S = 600


def compiled_beside_the_sources(root: Path) -> list[Path]:
    """All files of numba's cache in the rooms that have kernels."""
    return [path for room in prepare.ROOMS for path in (root / room).rglob("__pycache__/*.nb[ic]")]


def keep_installed(kept: Path, root: Path = prepare.ROOT, stamp: Path | None = None) -> bool:
    """Copy the cache to `kept` if it is wholly the installation's and nobody has compiled anything since; whether it is."""
    stamp = stamp or prepare.stamp_path()
    if "NUMBA_CACHE_DIR" in os.environ or not stamp.exists():
        return False
    files, ended = compiled_beside_the_sources(root), stamp.stat().st_mtime
    if not files or not all(ended - INSTALLATION_S <= file.stat().st_mtime <= ended for file in files):
        return False
    for file in files:
        place = kept / file.relative_to(root)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(file, place)
    return True


def lay_out(kept: Path, cache: Path, root: Path = prepare.ROOT) -> None:
    """Copy what was kept, if anything was, to where numba looks for it with NUMBA_CACHE_DIR=cache."""
    from numba.core.caching import _CacheLocator

    for file in kept.rglob("*.nb[ic]"):
        source = root / file.relative_to(kept).parent.parent / "any.py"
        place = cache / _CacheLocator.get_suitable_cache_subpath(str(source))
        place.mkdir(parents=True, exist_ok=True)
        shutil.copy2(file, place)


def lay_beside(kept: Path, checkout: Path, root: Path = prepare.ROOT) -> None:
    """Copy what was kept beside the sources of another checkout, where these are the same.

    Numba tells a source by its size and the time of its last change, so the copy gets the time of the one that was compiled.
    """
    for folder in {file.parent for file in kept.rglob("*.nb[ic]")}:
        place = folder.relative_to(kept).parent
        for source in (root / place).glob("*.py"):
            same = checkout / place / source.name
            if same.exists() and same.read_bytes() == source.read_bytes():
                shutil.copystat(source, same)
                for file in folder.glob(f"{source.stem}.*"):
                    (checkout / place / folder.name).mkdir(exist_ok=True)
                    shutil.copy2(file, checkout / place / folder.name)
