"""What only the AdaSR engine can be told."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.option_kinds import FilePath
from core.options import TERMINAL_ONLY, check_options, option


@dataclass(frozen=True)
class AdaSROptions:
    """Whose numbers draw the head."""

    adasr_file: Path | None = option(
        None,
        FilePath("file of AdaSR's weights"),
        "AdaSR's weights as its authors publish them, mix-train.pth.tar; they state no licence, so ask before a film is shown",
        doors=TERMINAL_ONLY,
        metavar="FILE",
    )

    def __post_init__(self) -> None:
        check_options(self)
