"""The pages: the wizard's three steps, films, the library, and what there is to read."""

from __future__ import annotations

# the modules put their routes on the blueprint
from app.pages import (
    comparing,
    dubbing,
    examples,
    exports,
    films,
    greetings,
    library,
    previews,
    reading,
    repairing,
    saying,
    talking,
    transferring,
    translating,
    wizard,
    works,
)
from app.pages.blueprint import blueprint

__all__ = [
    "blueprint",
    "comparing",
    "dubbing",
    "examples",
    "exports",
    "films",
    "greetings",
    "library",
    "previews",
    "reading",
    "repairing",
    "saying",
    "talking",
    "transferring",
    "translating",
    "wizard",
    "works",
]
