"""What a session measures about itself; the newest values of each kind."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Any

KEPT = 200


def _values() -> deque[float]:
    return deque(maxlen=KEPT)


@dataclass(eq=False)
class Figures:
    """fps, height: as pictures are drawn now. first_sound_s: from the end of what the person said to the first sound of the
    answer. barge_in_s: from the beginning of what the person said to the avatar's silence. pauses_s: between sentences, the
    silence in their sounds not counted. breaks_s: of silence inside a sentence that came too late."""

    fps: float = 0.0
    height: int = 0
    frames: int = 0
    late_frames: int = 0
    first_sound_s: deque[float] = field(default_factory=_values)
    barge_in_s: deque[float] = field(default_factory=_values)
    pauses_s: deque[float] = field(default_factory=_values)
    breaks_s: deque[float] = field(default_factory=_values)

    def as_json(self) -> dict[str, Any]:
        """Plain numbers."""
        lists = {
            name: [round(value, 3) for value in tuple(getattr(self, name))]
            for name in ("first_sound_s", "barge_in_s", "pauses_s", "breaks_s")
        }
        return {"fps": self.fps, "height": self.height, "frames": self.frames, "late_frames": self.late_frames, **lists}
