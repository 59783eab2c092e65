"""Finds the fit of shapes that belongs to the motion extractor in use, and writes it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from animators.liveportrait.files import Part, folder_of, found_files
from animators.liveportrait.shape_fit import ShapeFit, fit_path
from core.errors import MissingError
from core.messages import Message, message
from core.places import call_of
from weights.sources import sha256_of

if TYPE_CHECKING:
    from neural.own_files import WeightFile

TRAINING = "animators.liveportrait.training.fit_shapes"


def place_of_fit(folder: Path | None, files: Mapping[Part, WeightFile]) -> Path:
    """Where the fit lies: beside the weights, named by the motion extractor to which it belongs."""
    return fit_path(folder_of(folder), files["motion_extractor"].sha256)


def lacking_fit(folder: Path | None) -> Message | None:
    """What is said where the fit is not there; None where it is, or where the weights lack and say so themselves."""
    motion = found_files(folder_of(folder)).get("motion_extractor")
    if motion is None or fit_path(folder_of(folder), sha256_of(motion)).is_file():
        return None
    named = "" if folder is None else f" --liveportrait-folder {folder}"
    return message("animators.liveportrait.no_fit", command=f"{call_of(TRAINING)}{named} --film FILM")


def fit_of(folder: Path | None, files: Mapping[Part, WeightFile]) -> ShapeFit:
    """The fit. Raises MissingError where nobody has made it yet, InputError where the file is none."""
    if (lack := lacking_fit(folder)) is not None:
        raise MissingError(lack)
    return ShapeFit.load(place_of_fit(folder, files))
