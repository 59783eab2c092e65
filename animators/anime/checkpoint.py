"""From the published checkpoints of Talking Head Anime 3 to the ONNX files that we run: strict in what it takes, converted
once.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from animators.anime.torch_archive import read_torch_archive
from core.errors import InputError, MissingError
from core.messages import Message, message
from weights.converted import has_converted, write_converted
from weights.fetch import ensure_all, weights_dir
from weights.registry import find

if TYPE_CHECKING:
    from onnx import ModelProto

Network = Literal["eyebrow_decomposer", "eyebrow_combiner", "face_morpher", "rotator", "editor"]

#: The weight of each network in the registry, and who builds its graph.
WEIGHTS: dict[Network, tuple[str, str, str]] = {
    "eyebrow_decomposer": ("tha3_eyebrow_decomposer", "face", "build_eyebrow_decomposer"),
    "eyebrow_combiner": ("tha3_eyebrow_morphing_combiner", "face", "build_eyebrow_combiner"),
    "face_morpher": ("tha3_face_morpher", "face", "build_face_morpher"),
    "rotator": ("tha3_two_algo_face_body_rotator", "body", "build_rotator"),
    "editor": ("tha3_editor", "body", "build_editor"),
}
NO_ONNX = message("animators.anime.no_onnx")
#: Raised whenever a converted graph changes, so that a file converted by an older version is never taken.
CONVERTER_VERSION = 1


def ensure_networks() -> dict[Network, Path]:
    """Paths of the converted networks, made beside the checkpoints where they are not there yet.

    Raises MissingError where a checkpoint or the `onnx` package is missing or the folder can't be written to, InputError where a
    checkpoint is not the one expected.
    """
    checkpoints = ensure_all(weight for weight, _, _ in WEIGHTS.values())
    paths: dict[Network, Path] = {}
    for name, checkpoint in zip(WEIGHTS, checkpoints, strict=True):
        path = checkpoint.with_name(converted_name(name))
        if not has_converted(path):
            convert(name, checkpoint, path)
        paths[name] = path
    return paths


def converted_name(network: Network) -> str:
    """File name of a converted network; another checkpoint or converter gives another one."""
    return f"tha3_{network}-v{CONVERTER_VERSION}-{find(WEIGHTS[network][0]).sha256[:16]}.onnx"


def missing() -> Message | None:
    """What the engine lacks, with the command that brings it; None where nothing is. Takes milliseconds.

    Checkpoints that are not here yet are no lack: they come by themselves when the engine is first used.
    """
    if importlib.util.find_spec("onnx") is None and not all((weights_dir() / converted_name(name)).exists() for name in WEIGHTS):
        return NO_ONNX
    return None


def convert(network: Network, checkpoint: Path, path: Path) -> None:
    """Write the ONNX form of a checkpoint to `path`, whole or not at all. Raises like `ensure_networks`."""
    builder = _builder(network)
    weights = read_torch_archive(checkpoint)
    try:
        content = builder(weights).SerializeToString()
    except ValueError as error:
        raise InputError(
            "animators.anime.checkpoint_of_another_network", name=checkpoint.name, network=network, error=error
        ) from error
    write_converted(path, content, "network")


def _builder(network: Network) -> Callable[..., ModelProto]:
    """The function that makes a network's graph of its weights. Raises MissingError without the package `onnx`."""
    _, module, function = WEIGHTS[network]
    try:
        definition = importlib.import_module(f"animators.anime.networks.{module}")
    except ImportError as error:
        raise MissingError(NO_ONNX) from error
    builder: Callable[..., ModelProto] = getattr(definition, function)
    return builder
