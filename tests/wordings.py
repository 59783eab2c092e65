"""What the tests of wordings share: where the codes' sentences lie, and what the catalogues of the languages make of them."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from core.messages import WORDINGS, wordings

ROOT = Path(__file__).resolve().parents[1]
#: Commands, and what is typed into them.
COMMANDS = re.compile(r"pip install|python -m|Run: |`|--[a-z]|\{call_")


@cache
def packages():
    """The packages that have sentences, by their dotted names."""
    paths = [path.relative_to(ROOT) for path in ROOT.glob(f"[!._]*/**/{WORDINGS}") if "tests" not in path.parts]
    return sorted(".".join(path.parent.parts) for path in paths)


@cache
def all_wordings():
    """Every code with its templates."""
    return {f"{package}.{name}": wording for package in packages() for name, wording in wordings(package).items()}
