"""What only Wav2Lip's engine can be told."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.option_kinds import FilePath
from core.options import TERMINAL_ONLY, check_options, option


@dataclass(frozen=True)
class Wav2LipOptions:
    """Whose numbers draw the lips."""

    wav2lip_file: Path | None = option(
        None,
        FilePath("file of Wav2Lip's weights"),
        "weights of Wav2Lip or LipGAN as their authors publish them, such as wav2lip_gan.pth or lipgan_residual_mel.h5;"
        " they may be for research alone",
        doors=TERMINAL_ONLY,
        metavar="FILE",
    )

    def __post_init__(self) -> None:
        check_options(self)
