"""Where the program's own files lie and where its data goes, in a checkout and installed; and how it is called there.

A checkout keeps everything in its own folder. Where a wheel was installed, the rooms lie in `belcanto/house` of that package:
what the program makes goes into the user's own data folder then, and nothing is written beside the package.
"""

from __future__ import annotations

import shlex
import sys
import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from importlib import metadata
from pathlib import Path

from platformdirs import user_data_path

#: The folder that the rooms lie in, with the pages' files and the demo media.
ROOT = Path(__file__).resolve().parent.parent
#: Where the wheel puts that folder.
HOUSE = ("belcanto", "house")
#: How the installed command calls what `python -m` calls by the room.
CALLS = {
    "app": "belcanto run",
    "app.accounts": "belcanto accounts",
    "app.keys": "belcanto keys",
    "app.worker": "belcanto worker",
    "pipeline": "belcanto",
    "pipeline.prepare": "belcanto prepare",
}
#: The constraints of packages that run on torch, in a checkout.
NEURAL_PINS = "-c requirements-neural.txt"


def is_installed(root: Path = ROOT) -> bool:
    """Whether the rooms at `root` came in a wheel; else they are a checkout."""
    return root.parts[-2:] == HOUSE


def data_home(root: Path = ROOT) -> Path:
    """The folder of `uploads/`, `results/` and `weights/files/`, where the environment names no others.

    A checkout is its own; the installed program has the user's data folder of the platform (XDG_DATA_HOME on Linux, Application
    Support on macOS, AppData on Windows). It need not exist yet.
    """
    return user_data_path("belcanto", appauthor=False) if is_installed(root) else root


def master_key_file(data: Path) -> Path:
    """The file of the key that opens what lies in the data folder `data`, where the environment names no other: beside `uploads/`
    and `results/`, so that a copy of these alone can be read by nobody."""
    return data / "keys" / "master.key"


@cache
def program_version(root: Path = ROOT) -> str:
    """The version that is installed, or the checkout's."""
    settings = root / "pyproject.toml"
    if settings.is_file():
        return str(tomllib.loads(settings.read_text(encoding="utf-8"))["project"]["version"])
    return metadata.version("belcanto")


def compiled_home(root: Path = ROOT) -> Path | None:
    """The folder of compiled loops, NUMBA_CACHE_DIR of the installed program; None: beside the sources, as numba has it."""
    return data_home(root) / "compiled" if is_installed(root) else None


def call_of(module: str, root: Path = ROOT) -> str:
    """What a person types to run a room: `python -m weights`, or `belcanto weights` where the program is installed."""
    return CALLS.get(module, f"belcanto {module}") if is_installed(root) else f"python -m {module}"


def pip_install(packages: str, pins: str = "", root: Path = ROOT) -> str:
    """What brings Python packages; pins: further arguments that only a checkout has files for."""
    if is_installed(root):
        return f"{shlex.quote(sys.executable)} -m pip install {packages}"
    return f"pip install {pins} {packages}" if pins else f"pip install {packages}"


#: Of packages for many machines, in a checkout.
SCALE_PINS = "-c requirements-scale.txt"


def install_anew(root: Path = ROOT) -> str:
    """What brings all packages of the default installation back."""
    if is_installed(root):
        return "pipx reinstall belcanto (or the same by uv or pip, where one of them installed it)"
    return "pip install -r requirements.txt"


#: Commands that sentences name, as they are typed here, by their places in the sentences' templates.
COMMANDS: Mapping[str, Callable[[], str]] = {
    "call_weights": lambda: call_of("weights"),
    "call_pip": lambda: pip_install("").rstrip(),
    "call_install": install_anew,
}
