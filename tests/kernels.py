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
