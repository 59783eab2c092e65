"""What is reported about a film when it is done, and how large it will be before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from core.contracts import Emotion
from core.messages import Message

#: Bits of a film for each pixel of each frame, and bytes of its sound a second.
LEAST_BITS_PER_PIXEL, AUDIO_BYTES_PER_S = 0.02, 20_000


@dataclass(frozen=True)
class FilmReport:
    """What was made.

    video: path of the film; duration_s, frames, fps, width, height: its own; engine: the one that drew it.
    seconds: wall time, `total` and of each stage.
    peak_rss_mb: the most memory that this process held, in 10^6 bytes; the ffmpeg processes beside it are not counted.
    cached_stages: names of the stages whose results were there before.
    notes: for the user, for example that no voice was found.
    emotion: the style and the intensity in effect; None where the motion came from a file.
    """

    video: str
    duration_s: float
    frames: int
    fps: float
    width: int
    height: int
    engine: str
    seconds: Mapping[str, float]
    peak_rss_mb: float
    cached_stages: tuple[str, ...]
    notes: tuple[Message, ...] = field(default=())
    emotion: Emotion | None = None

    def as_json(self) -> dict[str, object]:
        """The fields as JSON values, the notes as English sentences."""
        return {**asdict(self), "notes": [str(note) for note in self.notes]}


def film_bytes(size: tuple[int, int], frames: int, duration_s: float) -> int:
    """About how large a film of that width and height becomes at the least: so few bits a pixel took the stillest measured."""
    width, height = size
    return round(LEAST_BITS_PER_PIXEL / 8 * width * height * frames + AUDIO_BYTES_PER_S * duration_s)


def told_of(report: FilmReport, film: Path) -> dict[str, Any]:
    """The figures of a work that made that film, as they are kept: its file by name, its notes as codes."""
    return {**report.as_json(), "video": film.name, "notes": [note.as_json() for note in report.notes]}
