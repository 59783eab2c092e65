"""From Deezer's published checkpoints to the ONNX files that we run: strict in what is taken, converted once.

The network of two stems is fetched with the other model files; those of four and five are a user's own (`own_networks.py`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import InputError, MissingError
from core.places import call_of
from separation.networks.layers import TWO_STEMS, StemNetwork
from weights.converted import has_converted, write_converted
from weights.fetch import ensure_all, weights_dir
from weights.registry import find

if TYPE_CHECKING:
    from core.contracts import FloatArray

INDEX_WEIGHT = "spleeter_2stems_index"
DATA_WEIGHT = "spleeter_2stems_data"
#: Raised whenever the converted graph changes, so that a file converted by an older version is never taken.
CONVERTER_VERSION = 1


def wrong_published(index: Path, found: Sequence[str]) -> InputError:
    """The error for a checkpoint in the place of the fetched one that holds another network."""
    return InputError("separation.checkpoint_of_another_network", name=index.name, found=list(found))


@dataclass(frozen=True)
class NetworkFiles:
    """A published checkpoint on this machine.

    network: what it holds. index, data: its two files. sha256: of all bytes of each. remedy: the sentence that says how the
    right files are had. wrong: makes the error for files of another network, of what was found in the index.
    """

    network: StemNetwork
    index: Path
    data: Path
    sha256: tuple[str, str]
    remedy: str = f"Fetch it again with `{call_of('weights')} fetch`."
    wrong: Callable[[Path, Sequence[str]], InputError] = wrong_published

    @property
    def onnx_path(self) -> Path:
        """Where its converted form lies, told from that of other files and of other versions of the converter."""
        digest = hashlib.sha256("".join(self.sha256).encode()).hexdigest()
        return weights_dir() / f"{self.network.name}-v{CONVERTER_VERSION}-{digest[:16]}.onnx"


def two_stems() -> NetworkFiles:
    """The checkpoint of two stems, fetched where it is not there yet. Raises MissingError."""
    names = (INDEX_WEIGHT, DATA_WEIGHT)
    index, data = ensure_all(names)
    return NetworkFiles(TWO_STEMS, index, data, (find(names[0]).sha256, find(names[1]).sha256))


def ensure_onnx(files: NetworkFiles | None = None) -> Path:
    """Path of the converted network, made among the model files where it is not there yet. files: None: those of two stems.

    Raises MissingError where the checkpoint or the `onnx` package is missing or the folder can't be written to, InputError where
    the checkpoint is not the one expected.
    """
    files = files or two_stems()
    if not has_converted(files.onnx_path):
        convert(files, files.onnx_path)
    return files.onnx_path


def convert(files: NetworkFiles, path: Path) -> None:
    """Write the ONNX form of a checkpoint to `path`, whole or not at all. Raises like `ensure_onnx`."""
    try:
        from separation.networks.unet import build_unet_model
    except ImportError as error:
        raise MissingError("separation.no_onnx") from error
    content = build_unet_model(load_checkpoint(files), network=files.network).SerializeToString()
    write_converted(path, content, "separation network")


def load_checkpoint(files: NetworkFiles) -> dict[str, FloatArray]:
    """All tensors of the network by their checkpoint names, in TensorFlow's axis order.

    Raises InputError where a tensor is missing, unknown or of another shape than the network's.
    """
    from separation.tensor_bundle import read_tensor_bundle

    tensors = read_tensor_bundle(files.index, files.data, files.remedy)
    expected = expected_shapes(files.network)
    missing = sorted(expected.keys() - tensors.keys())
    unknown = sorted(tensors.keys() - expected.keys())
    differing = sorted(name for name in expected.keys() & tensors.keys() if tensors[name].shape != expected[name])
    if missing or unknown or differing:
        found = [
            f"{len(names)} tensors are {what} (the first is {names[0]})"
            for what, names in (("missing", missing), ("unknown", unknown), ("of another shape", differing))
            if names
        ]
        raise files.wrong(files.index, found)
    return tensors


def expected_shapes(network: StemNetwork = TWO_STEMS) -> dict[str, tuple[int, ...]]:
    """The shape of every tensor of a network's checkpoint, by name. Stem k holds the layers conv2d_{7k..},
    batch_normalization_{12k..} and conv2d_transpose_{6k..}; transposed kernels are (row, column, out, in), the others
    (row, column, in, out)."""
    from separation.networks import layers

    shapes: dict[str, tuple[int, ...]] = {}

    def layer(kind: str, number: int, filters: int, kernel: tuple[int, ...] | None) -> None:
        name = layers.layer_name(kind, number)
        if kernel:
            shapes[f"{name}/kernel"] = kernel
        for part in ("bias",) if kernel else ("gamma", "beta", "moving_mean", "moving_variance"):
            shapes[f"{name}/{part}"] = (filters,)

    for stem in range(len(network.stems)):
        inputs = 2
        for level, filters in enumerate(layers.ENCODER_FILTERS):
            layer("conv2d", 7 * stem + level, filters, (layers.KERNEL, layers.KERNEL, inputs, filters))
            layer("batch_normalization", 12 * stem + level, filters, None)
            inputs = filters
        for level, filters in enumerate(layers.DECODER_FILTERS):
            layer("conv2d_transpose", 6 * stem + level, filters, (layers.KERNEL, layers.KERNEL, filters, inputs))
            layer("batch_normalization", 12 * stem + 6 + level, filters, None)
            inputs = 2 * filters
        layer("conv2d", 7 * stem + 6, 2, (layers.OUTPUT_KERNEL, layers.OUTPUT_KERNEL, 1, 2))
    return shapes
