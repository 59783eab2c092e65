"""The pages: the wizard's three steps, films, the library, and what there is to read."""

from __future__ import annotations

# the modules put their routes on the blueprint
from app.pages import (
    albums,
    choosing,
    comparing,
    cutting,
    dubbing,
    examples,
    exports,
    films,
    greetings,
    installing,
    library,
    previews,
    reading,
    repairing,
    saying,
    sharing,
    talking,
    transferring,
    translating,
    wizard,
    words,
    works,
)
from app.pages.blueprint import blueprint

__all__ = [
    "albums",
    "blueprint",
    "choosing",
    "comparing",
    "cutting",
    "dubbing",
    "examples",
    "exports",
    "films",
    "greetings",
    "installing",
    "library",
    "previews",
    "reading",
    "repairing",
    "saying",
    "sharing",
    "talking",
    "transferring",
    "translating",
    "wizard",
    "words",
    "works",
]
