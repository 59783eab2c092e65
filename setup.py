"""Puts the rooms into the wheel below `belcanto/house`, with what lies in them; everything else is said in pyproject.toml.

The rooms have plain names (core, media, app). Installed as they stand in the checkout they would be packages of everybody's, and
the first other program with an `app` would take their place. `belcanto/__main__.py` lets them be found there.
"""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parent
#: Rooms that an installed program has no use for, and the command itself.
LEFT_OUT = ("belcanto", "benchmarks", "tests")
#: What the rooms read beside their own files.
DATA = ("templates", "static", "demo")
#: What is made in a checkout and is no part of it.
MADE = ("__pycache__", "*.pyc", "*.nbi", "*.nbc", ".*")


def house_folders(root: Path) -> list[str]:
    """Names of the folders that the house is made of."""
    rooms = (path.parent.name for path in root.glob("[!._]*/__init__.py"))
    return sorted({*rooms, *DATA} - set(LEFT_OUT))


def without_made(folder: str, names: list[str]) -> set[str]:
    """What of a folder is left where it is: what was made there, and the model files that were fetched."""
    fetched = {"files"} if Path(folder) == ROOT / "weights" else set()
    return shutil.ignore_patterns(*MADE)(folder, names) | fetched


class BuildHouse(build_py):
    """Builds the package `belcanto`, and its house where it is not built to be edited in place."""

    def run(self) -> None:
        """Copy the folders; what an earlier build has left goes first."""
        super().run()
        if self.editable_mode:
            return
        house = Path(self.build_lib) / "belcanto" / "house"
        shutil.rmtree(house, ignore_errors=True)
        for name in house_folders(ROOT):
            shutil.copytree(ROOT / name, house / name, ignore=without_made)


setup(cmdclass={"build_py": BuildHouse})
