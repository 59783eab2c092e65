"""From the published Whisper checkpoint to the ONNX file of its encoder: strict in what it takes, converted once."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.errors import InputError, MissingError
from neural.hearing.ctranslate2_file import read_ctranslate2
from weights.converted import has_converted, write_converted
from weights.fetch import ensure_all
from weights.registry import find

WEIGHTS = ("whisper_base_part1", "whisper_base_part2")
#: Raised whenever the converted graph changes, so that a file converted by an older version is never taken.
CONVERTER_VERSION = 1


def ensure_onnx(top_layer: int) -> Path:
    """Path of the converted encoder up to `top_layer` (0 to 6), made beside the checkpoint where it is not there
    yet.

    Raises MissingError where the checkpoint can't be fetched, the `onnx` package is missing or the folder can't be written to,
    InputError where the checkpoint is not the one expected.
    """
    digest = hashlib.sha256("".join(find(name).sha256 for name in WEIGHTS).encode()).hexdigest()
    parts = ensure_all(WEIGHTS)
    path = parts[0].with_name(f"whisper_base_encoder_{top_layer}-v{CONVERTER_VERSION}-{digest[:16]}.onnx")
    if not has_converted(path):
        convert(parts, path, top_layer)
    return path


def convert(parts: Sequence[Path], path: Path, top_layer: int) -> None:
    """Write the ONNX form of the checkpoint to `path`, whole or not at all. Raises like `ensure_onnx`."""
    try:
        from neural.hearing.whisper_graph import build_encoder_model
    except ImportError as error:
        raise MissingError("neural.no_onnx_for_speech") from error
    content = build_encoder_model(load_checkpoint(parts), top_layer).SerializeToString()
    write_converted(path, content, "speech encoder")


def load_checkpoint(parts: Sequence[Path]) -> dict[str, npt.NDArray[Any]]:
    """All variables of the encoder by their names in the file.

    Raises InputError where one is missing, unknown, of another shape, or quantised to whole numbers.
    """
    from neural.hearing.whisper_graph import HEADS, expected_shapes

    variables = read_ctranslate2(parts, "WhisperSpec", "encoder/")
    expected = expected_shapes()
    faults = {
        "missing": expected.keys() - variables.keys(),
        "unknown": variables.keys() - expected.keys(),
        "of another shape": {name for name in expected.keys() & variables.keys() if variables[name].shape != expected[name]},
        "not floating-point": {
            name for name, value in variables.items() if value.ndim and not np.issubdtype(value.dtype, np.floating)
        },
    }
    found = [f"{len(names)} variables are {what} (the first is {min(names)})" for what, names in faults.items() if names]
    if not found and int(variables["encoder/num_heads"]) != HEADS:
        found = [f"it has {int(variables['encoder/num_heads'])} heads"]
    if found:
        raise InputError("neural.checkpoint_not_whisper", name=parts[0].name, found=list(found))
    return variables
