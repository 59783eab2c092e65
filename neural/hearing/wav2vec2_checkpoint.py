"""From the published file of wav2vec 2.0 base to our network and to its ONNX file: strict in what it takes, converted once."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import MissingError
from neural.hearing.wav2vec2_shape import BASE, NEWER_NAMES, Wav2vec2Shape, expected_shapes
from neural.network_files import NEURAL_INSTALL
from weights.converted import has_converted, write_converted
from weights.fetch import ensure, weights_dir
from weights.registry import find
from weights.sources import sha256_of

if TYPE_CHECKING:
    from torch import Tensor

    from neural.hearing.wav2vec2_network import Wav2vec2Network
    from neural.own_files import WeightFile

WEIGHT = "wav2vec2_base"
#: Names a file of facebook/wav2vec2-base that is here already, pytorch's or safetensors.
VARIABLE = "BELCANTO_WAV2VEC2"
#: What stands before the names in a file of the whole training, and the parts of the file that hear nothing: those of the
#: published training, and of a network that was taught to write.
PREFIX, OTHER_PARTS = "wav2vec2.", ("quantizer.", "project_q.", "project_hid.", "lm_head.")
#: Raised whenever the converted graph changes, so that a file converted by an older version is never taken.
CONVERTER_VERSION = 1


def named_file() -> Path | None:
    """The file that `BELCANTO_WAV2VEC2` names; None: it names none. Raises MissingError where it is not there."""
    named = os.environ.get(VARIABLE)
    if named and not Path(named).is_file():
        raise MissingError("neural.own_file_missing", path=named, fetch=_fetch_words())
    return Path(named) if named else None


def ensure_onnx(top_layer: int) -> Path:
    """Path of the converted encoder up to `top_layer` (0 to 12), made where it is not there yet; it lies among the weights.

    Made of the file that `BELCANTO_WAV2VEC2` names, else of the registry's, which is needed no more afterwards.
    Raises MissingError where neither can be had or a package for the conversion is missing, InputError where it is another file.
    """
    named = named_file()
    digest = find(WEIGHT).sha256 if named is None else sha256_of(named)
    converted = weights_dir() / f"wav2vec2_base_{top_layer}-v{CONVERTER_VERSION}-{digest[:16]}.onnx"
    if not has_converted(converted):
        convert(named or ensure(WEIGHT), converted, top_layer)
    return converted


def convert(path: Path, converted: Path, top_layer: int, shape: Wav2vec2Shape = BASE) -> None:
    """Write the ONNX form of the file `path`, whole or not at all. Raises like `ensure_onnx`."""
    tensors = {name: tensor.numpy() for name, tensor in read_tensors(path, shape).items()}
    try:
        from neural.hearing.wav2vec2_graph import build_wav2vec2_model
    except ImportError as error:
        raise MissingError("neural.no_onnx_for_speech") from error
    write_converted(converted, build_wav2vec2_model(tensors, shape, top_layer).SerializeToString(), "speech encoder")


def load_network(path: Path | None = None, shape: Wav2vec2Shape = BASE) -> Wav2vec2Network:
    """The network under torch, frozen, with the tensors of a file; None: the one that `ensure_onnx` takes. Raises like it.

    `Wav2vec2Network.trained_rest` gives what learns where it is trained further.
    """
    tensors = read_tensors(path or named_file() or ensure(WEIGHT), shape)
    from neural.exact_loading import filled
    from neural.hearing.wav2vec2_network import Wav2vec2Network

    def make() -> Wav2vec2Network:
        return Wav2vec2Network(shape)

    return filled(make, tensors)


def read_tensors(path: Path, shape: Wav2vec2Shape = BASE) -> dict[str, Tensor]:
    """The tensors of the part that hears, float32, by the names of `expected_shapes`: of a pytorch or a safetensors file, of the
    whole training or of that part alone, with the older or the newer names of normed weights.

    Raises MissingError where there is no file or torch is not here; InputError where it is damaged, another network's, or lacks
    or adds a tensor.
    """
    file, found = _named_tensors(path)
    import torch

    from neural.exact_loading import difference, shapes_and_types

    expected = {name: (size, torch.float32) for name, size in expected_shapes(shape).items()}
    problem = difference(expected, shapes_and_types(found))
    if problem is not None:
        raise file.refusal(problem)
    return found


def _named_tensors(path: Path) -> tuple[WeightFile, dict[str, Tensor]]:
    """The file, and its tensors of the part that hears by our names."""
    try:
        from neural.own_files import WeightFile, read_tensors
    except ImportError as error:
        raise MissingError("neural.no_torch", command=NEURAL_INSTALL) from error
    file = WeightFile(path, "wav2vec 2.0 base", _fetch_words())
    own = {name: tensor for name, tensor in read_tensors(file).items() if not name.startswith(OTHER_PARTS)}
    plain = {name.removeprefix(PREFIX): tensor for name, tensor in own.items()}
    return file, {NEWER_NAMES.get(name, name): tensor for name, tensor in plain.items()}


def _fetch_words() -> str:
    """The clause that says how the right file is had."""
    return f"facebook/wav2vec2-base's own pytorch_model.bin or model.safetensors is needed, and {VARIABLE} may name it"
