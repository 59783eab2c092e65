"""From Deezer's published checkpoint to the ONNX file that we run: strict in what it takes, converted once."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import InputError, MissingError
from weights.converted import write_converted
from weights.fetch import ensure
from weights.registry import find

if TYPE_CHECKING:
    from core.contracts import FloatArray

INDEX_WEIGHT = "spleeter_2stems_index"
DATA_WEIGHT = "spleeter_2stems_data"
#: Raised whenever the converted graph changes, so that a file converted by an older version is never taken.
CONVERTER_VERSION = 1


def ensure_onnx() -> Path:
    """Path of the converted network, made beside the checkpoint where it is not there yet.

    Raises MissingError where the checkpoint or the `onnx` package is missing or the folder can't be written to, InputError where
    the checkpoint is not the one expected.
    """
    digest = hashlib.sha256("".join(find(name).sha256 for name in (INDEX_WEIGHT, DATA_WEIGHT)).encode()).hexdigest()
    index, data = ensure(INDEX_WEIGHT), ensure(DATA_WEIGHT)
    path = index.with_name(f"spleeter_2stems-v{CONVERTER_VERSION}-{digest[:16]}.onnx")
    if not path.exists():
        convert(index, data, path)
    return path


def convert(index: Path, data: Path, path: Path) -> None:
    """Write the ONNX form of the checkpoint `index` + `data` to `path`, whole or not at all. Raises like `ensure_onnx`."""
    try:
        from separation.networks.unet import build_unet_model
    except ImportError as error:
        raise MissingError("separation.no_onnx") from error
    content = build_unet_model(load_checkpoint(index, data)).SerializeToString()
    write_converted(path, content, "separation network")


def load_checkpoint(index: Path, data: Path) -> dict[str, FloatArray]:
    """All tensors of the 2-stem network by their checkpoint names, in TensorFlow's axis order.

    Raises InputError where a tensor is missing, unknown or of another shape than the network's.
    """
    from separation.tensor_bundle import read_tensor_bundle

    tensors = read_tensor_bundle(index, data)
    expected = expected_shapes()
    missing = sorted(expected.keys() - tensors.keys())
    unknown = sorted(tensors.keys() - expected.keys())
    differing = sorted(name for name in expected.keys() & tensors.keys() if tensors[name].shape != expected[name])
    if missing or unknown or differing:
        found = [
            f"{len(names)} tensors are {what} (the first is {names[0]})"
            for what, names in (("missing", missing), ("unknown", unknown), ("of another shape", differing))
            if names
        ]
        raise InputError("separation.checkpoint_of_another_network", name=index.name, found=list(found))
    return tensors


def expected_shapes() -> dict[str, tuple[int, ...]]:
    """The shape of every tensor of the 2-stem checkpoint, by name. Stem k holds the layers conv2d_{7k..},
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

    for stem in range(len(layers.STEM_NAMES)):
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
