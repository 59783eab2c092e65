"""Which trained network performs where nobody names one. Light to import."""

from __future__ import annotations

import os
from pathlib import Path

from core.errors import MissingError

#: Names a trained network of whoever runs the program, for films and pages alike.
VARIABLE = "BELCANTO_EMOTION_MODEL"
#: The one that belongs to the program, where it has one.
SHIPPED = Path(__file__).parents[2] / "weights" / "trained" / "deitalk.safetensors"


def known_model() -> Path | None:
    """The trained network that performs where nobody names one: the one that `BELCANTO_EMOTION_MODEL` names, else the program's
    own; None where neither is there."""
    named = os.environ.get(VARIABLE)
    path = Path(named) if named else SHIPPED
    return path if path.is_file() else None


def needed_model(named: Path | None) -> Path:
    """The file that is named, else `known_model`. Raises MissingError where there is none."""
    path = named or known_model()
    if path is None:
        raise MissingError("motion.no_emotion_network", variable=VARIABLE)
    return path
