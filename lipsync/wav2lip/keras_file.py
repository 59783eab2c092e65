"""Reads LipGAN's weights out of a file of Keras (HDF5), and brings them to our network's names and to torch's order of axes.

Keras numbers the layers of a kind in the order in which a program makes them; where the count begins depends on what the program
had made before. So the order counts here, not the number.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from core.contracts import FloatArray
from core.errors import MissingError
from core.places import NEURAL_PINS, pip_install

SIGNATURE = b"\x89HDF\r\n\x1a\n"
#: A layer of Keras among the parts of a path in the file, and the layers of torch that do the same.
LAYER = re.compile(r"(conv2d|conv2d_transpose|batch_normalization)(?:_(\d+))?")
KINDS = {"conv2d": nn.Conv2d, "conv2d_transpose": nn.ConvTranspose2d, "batch_normalization": nn.BatchNorm2d}
NAMES = {
    "kernel": "weight",
    "bias": "bias",
    "gamma": "weight",
    "beta": "bias",
    "moving_mean": "running_mean",
    "moving_variance": "running_var",
}
#: Where a file that holds the whole model, with its training, has the weights.
WHOLE_MODEL = "model_weights"
#: The largest array of the network has 9.4 million numbers; a file may claim any size.
MOST_NUMBERS = 1 << 25
#: Arrays by layer of Keras, as "conv2d_7", and by weight, as "kernel".
KerasLayers = dict[str, dict[str, FloatArray]]


def is_keras_file(path: Path) -> bool:
    """Whether the file is HDF5."""
    with path.open("rb") as file:
        return file.read(len(SIGNATURE)) == SIGNATURE


def read_keras_layers(path: Path) -> KerasLayers:
    """The weights in the file, as Keras orders their axes; nothing outside the file is followed.

    Raises MissingError where h5py is not here, OSError or ValueError where the file is damaged or refers to other files.
    """
    try:
        import h5py
    except ImportError as error:
        raise MissingError("lipsync.wav2lip.no_h5py", name=path.name, command=pip_install("h5py", NEURAL_PINS)) from error
    layers: KerasLayers = {}

    def take(name: str, item: Any) -> None:
        if not isinstance(item, h5py.Dataset):
            return
        *parts, last = name.split("/")
        layer = next((part for part in parts if LAYER.fullmatch(part)), None)
        if layer is not None:
            if item.external is not None or item.is_virtual or item.size is None or item.size > MOST_NUMBERS:
                raise ValueError(f"'{name}' lies outside the file or is too large")
            layers.setdefault(layer, {})[last.partition(":")[0]] = np.asarray(item[()], np.float32)

    with h5py.File(path, "r") as file:
        # Only what hangs in the file itself is visited, no link to another place or file.
        held = WHOLE_MODEL in file and isinstance(file.get(WHOLE_MODEL, getlink=True), h5py.HardLink)
        (file[WHOLE_MODEL] if held else file).visititems(take)
    return layers


def state_of(layers: Mapping[str, Mapping[str, FloatArray]], network: nn.Module) -> dict[str, Tensor]:
    """The state of `network` out of Keras's layers, which it has registered in the order of their making.

    Raises ValueError where there are more or fewer layers of a kind, or one has other weights. Shapes are not looked at.
    """
    state = {}
    for kind, ours in KINDS.items():
        theirs = sorted((name for name in layers if kind_of(name) == kind), key=number_of)
        places = [name for name, module in network.named_modules() if isinstance(module, ours)]
        if len(theirs) != len(places):
            raise ValueError(f"it has {len(theirs)} layers {kind} where {len(places)} are expected")
        for place, layer in zip(places, theirs, strict=True):
            for weight, values in layers[layer].items():
                if weight not in NAMES:
                    raise ValueError(f"layer {layer} has an unknown weight '{weight}'")
                state[f"{place}.{NAMES[weight]}"] = torch.from_numpy(in_torch_order(values))
            if kind == "batch_normalization":
                state[f"{place}.num_batches_tracked"] = torch.zeros((), dtype=torch.int64)
    return state


def in_torch_order(values: FloatArray) -> FloatArray:
    """A kernel (rows, columns, in, out), or of a transposed convolution (rows, columns, out, in), with the last two first."""
    return np.ascontiguousarray(values.transpose(3, 2, 0, 1)) if values.ndim == 4 else values


def kind_of(layer: str) -> str | None:
    """Its name without the number; None for a layer that the network has none of."""
    found = LAYER.fullmatch(layer)
    return found[1] if found else None


def number_of(layer: str) -> int:
    """The number in its name; the first may have none."""
    found = LAYER.fullmatch(layer)
    return int(found[2] or 0) if found else 0
