"""Where LivePortrait's five published files lie. Nothing here needs torch."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, get_args

from weights.fetch import weights_dir

Part = Literal[
    "appearance_feature_extractor", "motion_extractor", "warping_module", "spade_generator", "stitching_retargeting_module"
]
PARTS: tuple[Part, ...] = get_args(Part)
#: Folders within the one that is named in which the makers' release has them, and the endings that they come with.
PLACES = ("", "base_models", "retargeting_models", "liveportrait/base_models", "liveportrait/retargeting_models")
ENDINGS = (".pth", ".safetensors")
FOLDER = "liveportrait"


def folder_of(named: Path | None) -> Path:
    """The folder that a person names, or the one among the weights."""
    return weights_dir() / FOLDER if named is None else named


def found_files(folder: Path) -> dict[Part, Path]:
    """The file of each part that is there."""
    found: dict[Part, Path] = {}
    for part in PARTS:
        paths = (folder / place / f"{part}{ending}" for place in PLACES for ending in ENDINGS)
        path = next((path for path in paths if path.is_file()), None)
        if path is not None:
            found[part] = path
    return found
