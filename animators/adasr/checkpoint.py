"""AdaSR's published weights, read strictly: every tensor of its three networks has its place, shape and type, and nothing is run.

`mix-train.pth.tar` is a checkpoint of a training: {`generator`, `kp_detector`, `he_estimator`, ...}; what the training left
beside them is not read. Nobody states the file's hash, so the person names it, and its SHA-256 is kept beside the networks.
"""

from __future__ import annotations

import pickle  # only its error, pickles are read by weights_only  # nosec B403
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from animators.adasr.networks.head_estimator import HeadEstimator
from core.errors import InputError
from neural.exact_loading import Network, difference, filled, shapes_and_types, skeleton
from neural.network_files import UNREADABLE
from neural.one_shot.generator import Generator, GeneratorShape
from neural.one_shot.keypoint_detector import KeypointDetector
from weights.sources import sha256_of

#: What training on several cards puts before each name.
PREFIX = "module."


@dataclass(frozen=True)
class AdaSRNetworks:
    """The networks in evaluation mode on the CPU, float32. sha256: of their file, as lower-case hexadecimal digits."""

    generator: Generator
    keypoints: KeypointDetector
    estimator: HeadEstimator
    path: Path
    sha256: str


def make_generator() -> Generator:
    """The generator as AdaSR has it: every key point has a say about every cell, however small."""
    return Generator(GeneratorShape(smallest_weight=0.0))


def read_adasr(path: Path) -> AdaSRNetworks:
    """The networks of the file.

    Raises InputError where it is not there, can't be read, holds more than numbers, or is another program's.
    """
    if not path.is_file():
        raise InputError("animators.adasr.no_file", path=path)
    content = _content(path)
    return AdaSRNetworks(
        _network(content, "generator", make_generator, path),
        _network(content, "kp_detector", KeypointDetector, path),
        _network(content, "he_estimator", HeadEstimator, path),
        path,
        sha256_of(path),
    )


def _content(path: Path) -> Mapping[str, object]:
    """What the file holds."""
    try:
        # Only the pages of the three networks are read; the file also holds what its training left.
        content = torch.load(path, map_location="cpu", weights_only=True, mmap=zipfile.is_zipfile(path))
    except pickle.UnpicklingError as error:  # whose own words advise to let the file run
        reason = "it is damaged, or holds more than numbers, which is refused as such a file can run programs"
        raise InputError("animators.adasr.unreadable", path=path, reason=reason) from error
    except (*UNREADABLE, zipfile.BadZipFile) as error:
        reason = " ".join(str(error).split())[:160].rstrip(".") or type(error).__name__
        raise InputError("animators.adasr.unreadable", path=path, reason=reason) from error
    if not isinstance(content, Mapping):
        raise InputError("animators.adasr.unfit", path=path, reason="it holds no networks by their names")
    return content


def _network(content: Mapping[str, object], name: str, make: Callable[[], Network], path: Path) -> Network:
    """One network out of the file's content."""
    state = content.get(name)
    if not isinstance(state, Mapping) or not all(isinstance(value, Tensor) for value in state.values()):
        raise InputError("animators.adasr.unfit", path=path, reason=f"no weights stand under '{name}'")
    tensors = {str(key).removeprefix(PREFIX): value for key, value in state.items()}
    wrong = difference(shapes_and_types(skeleton(make)), shapes_and_types(tensors))
    if wrong is not None:
        raise InputError("animators.adasr.unfit", path=path, reason=f"of its '{name}', {wrong}")
    return filled(make, tensors)
