"""What only MuseTalk's engine can be told."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.errors import InputError
from core.option_kinds import Choice, FilePath, Whole
from core.options import TERMINAL_ONLY, check_options, option

V15, V10 = "1.5", "1.0"


@dataclass(frozen=True)
class MuseTalkOptions:
    """Which version draws, and where its square lies. Raises InputError where options don't go together."""

    musetalk_version: str = option(
        V15, Choice((V15, V10)), "version of MuseTalk; 1.0 needs its own file of weights", doors=TERMINAL_ONLY
    )
    musetalk_file: Path | None = option(
        None,
        FilePath("file of MuseTalk's weights"),
        "weights of MuseTalk's U-Net; without it those of version 1.5 that its makers publish",
        doors=TERMINAL_ONLY,
        metavar="FILE",
    )
    bbox_shift: int = option(
        0,
        Whole(-100, 100, "px"),
        "pixels by which version 1.0's square is moved down: above 0 the mouth opens more, below 0 less",
        doors=TERMINAL_ONLY,
        metavar="PX",
    )

    def __post_init__(self) -> None:
        check_options(self)
        if self.bbox_shift and self.musetalk_version != V10:
            raise InputError("lipsync.musetalk.shift_of_older_version")
