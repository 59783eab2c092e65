"""What `make` compiled at installation, kept as it was before the tests add to it: compiling it anew takes more than a minute."""

from __future__ import annotations

import ast
import json
import os
import shutil
from pathlib import Path

from pipeline import prepare


def keep_installed(kept: Path, root: Path = prepare.ROOT, stamp: Path | None = None) -> int:
    """Copy to `kept` each loop's compiled forms that the stamp tells of; how many loops were copied.

    A loop that anybody compiled for other arguments since is left out, and so is whatever else lies in the cache.
    """
    stamp = stamp or prepare.stamp_path()
    if "NUMBA_CACHE_DIR" in os.environ or not stamp.exists():
        return 0
    told = (Path(name) for name in json.loads(stamp.read_text(encoding="utf-8"))["files"])
    indexes = [path for path in told if path.suffix == ".nbi" and path.exists()]  # it tells of networks as well
    whole = [index for index in indexes if len(forms_of(index)) == forms_declared(index) > 0]
    for index in whole:
        place = kept / index.parent.relative_to(root)
        place.mkdir(parents=True, exist_ok=True)
        for file in (index, *forms_of(index)):
            shutil.copy2(file, place)
    return len(whole)


def forms_of(index: Path) -> list[Path]:
    """The compiled forms of a loop, one for each kind of arguments, beside numba's index of them."""
    return list(index.parent.glob(f"{index.stem}.*.nbc"))


def forms_declared(index: Path) -> int:
    """For how many kinds of arguments the source says that the loop is compiled at installation."""
    module, name = index.name.split("-")[0].split(".")
    source = index.parent.parent / f"{module}.py"
    if not source.exists():  # a module that was moved or removed since leaves its loops behind
        return 0
    loops = [
        node
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name == name
    ]
    return sum(len(made.args) for loop in loops for made in loop.decorator_list if isinstance(made, ast.Call))


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
