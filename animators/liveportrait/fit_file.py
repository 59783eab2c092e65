"""Finds the fit of shapes that belongs to the motion extractor in use, and writes it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from animators.liveportrait.files import Part, folder_of
from animators.liveportrait.shape_fit import ShapeFit, fit_path
from core.errors import MissingError
from core.places import call_of
from neural.own_files import WeightFile

TRAINING = "animators.liveportrait.training.fit_shapes"


def place_of_fit(folder: Path | None, files: Mapping[Part, WeightFile]) -> Path:
    """Where the fit lies: beside the weights, named by the motion extractor to which it belongs."""
    return fit_path(folder_of(folder), files["motion_extractor"].sha256)


def fit_of(folder: Path | None, files: Mapping[Part, WeightFile]) -> ShapeFit:
    """The fit. Raises MissingError where nobody has made it yet, InputError where the file is none."""
    path = place_of_fit(folder, files)
    if not path.is_file():
        named = "" if folder is None else f" --liveportrait-folder {folder}"
        raise MissingError("animators.liveportrait.no_fit", command=f"{call_of(TRAINING)}{named} --film FILM")
    return ShapeFit.load(path)
