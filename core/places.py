"""Where the program's own files lie and where its data goes, in a checkout and installed; and how it is called there.

A checkout keeps everything in its own folder. Where a wheel was installed, the rooms lie in `belcanto/house` of that package:
what the program makes goes into the user's own data folder then, and nothing is written beside the package.
"""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path

from platformdirs import user_data_path

#: The folder that the rooms lie in, with the pages' files and the demo media.
ROOT = Path(__file__).resolve().parent.parent
#: Where the wheel puts that folder.
HOUSE = ("belcanto", "house")
#: How the installed command calls what `python -m` calls by the room.
CALLS = {"app": "belcanto run", "app.worker": "belcanto worker", "pipeline": "belcanto", "pipeline.prepare": "belcanto prepare"}
PIP_CALL = re.compile(r"(?<!\w)(?:python -m )?pip install (?:-c requirements-neural\.txt )?(?!-)")
MODULE_CALL = re.compile(r"\bpython -m (app\.worker|pipeline\.prepare|app|pipeline|separation|weights|metrics)\b")


def is_installed(root: Path = ROOT) -> bool:
    """Whether the rooms at `root` came in a wheel; else they are a checkout."""
    return root.parts[-2:] == HOUSE


def data_home(root: Path = ROOT) -> Path:
    """The folder of `uploads/`, `results/` and `weights/files/`, where the environment names no others.

    A checkout is its own; the installed program has the user's data folder of the platform (XDG_DATA_HOME on Linux, Application
    Support on macOS, AppData on Windows). It need not exist yet.
    """
    return user_data_path("belcanto", appauthor=False) if is_installed(root) else root


def compiled_home(root: Path = ROOT) -> Path | None:
    """The folder of compiled loops, NUMBA_CACHE_DIR of the installed program; None: beside the sources, as numba has it."""
    return data_home(root) / "compiled" if is_installed(root) else None


def call_of(module: str, root: Path = ROOT) -> str:
    """What a person types to run a room: `python -m weights`, or `belcanto weights` where the program is installed."""
    return CALLS.get(module, f"belcanto {module}") if is_installed(root) else f"python -m {module}"


def as_called_here(sentence: str, root: Path = ROOT) -> str:
    """A sentence with the program's own commands as they are typed here, and with pip as it reaches the installed environment."""
    if not is_installed(root):
        return sentence
    pip = f"{shlex.quote(sys.executable)} -m pip install "
    return MODULE_CALL.sub(lambda found: call_of(found[1], root), PIP_CALL.sub(lambda _: pip, sentence))
