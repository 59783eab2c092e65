"""What a run has met so far, kept on the disk so that it goes on where it was stopped."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self


@dataclass
class KeptTally:
    """What every run counts: files done, seconds, the slowest, answers and failures by their names."""

    done: int = 0
    seconds: float = 0.0
    slowest_s: float = 0.0
    answers: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)

    def save(self, path: Path) -> None:
        """Keep it."""
        path.write_text(json.dumps(vars(self), indent=1), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Self:
        """As it was kept; a new one where nothing is."""
        if not path.is_file():
            return cls()
        read: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        kept: dict[str, Any] = {name: Counter(value) if isinstance(value, dict) else value for name, value in read.items()}
        return cls(**kept)
