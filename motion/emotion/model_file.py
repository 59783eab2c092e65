"""A trained network as one safetensors file: its tensors, and in the header what whoever uses it must know. No torch is needed.

Tensors bear the names that they have in `networks.deitalk.Deitalk`; the motion encoder, which training alone needs, is not there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.contracts import FloatArray
from core.errors import InputError, MissingError
from core.output_files import whole_file
from motion.emotion.networks.shape import KERNEL, DeitalkShape, Switches
from motion.emotion.styles import FPS, STYLES

SUFFIX = ".safetensors"
#: What the header's entry says that the file is, and by which version of its meaning.
KIND, VERSION = "deitalk", 2
#: The header's one entry; the library would write several in an order of chance.
ENTRY = "facts"


@dataclass(frozen=True)
class Facts:
    """What a file tells of its network.

    encoder: name of the speech encoder ("whisper" or "wav2vec2"); layers: which of its outputs are heard, side by side.
    rig, curves: name of the rig and of its curves, in the order of the outputs. shape: the network's sizes.
    styles, fps: as this program has them. training: the set with its source and licence, epochs, losses, seed; for people.
    """

    encoder: str
    layers: tuple[int, ...]
    rig: str
    curves: tuple[str, ...]
    shape: DeitalkShape
    styles: tuple[str, ...] = STYLES
    fps: int = FPS
    training: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class DeitalkModel:
    """A trained network: its tensors by name, float32, and its facts."""

    tensors: Mapping[str, FloatArray]
    facts: Facts


def save_model(path: Path, tensors: Mapping[str, npt.NDArray[Any]], facts: Facts, half: bool = False) -> None:
    """Write a file, whole or not at all.

    half: weights as float16, which halves the file; scales (`*_mean`, `*_scale`) stay float32.
    Raises InputError where it can't be written, ValueError where the tensors are not those of the shape.
    """
    from safetensors.numpy import save

    if fault := _fault(tensors, facts.shape):
        raise ValueError(f"{fault[0]} is {fault[1]} where {fault[2]} is expected")
    kept = {name: np.ascontiguousarray(value, _kept_type(name, half)) for name, value in sorted(tensors.items())}
    header = {"kind": KIND, "version": VERSION, **asdict(facts)}
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path, "The model") as file:
        file.write(save(kept, metadata={ENTRY: json.dumps(header)}))


def load_model(path: Path) -> DeitalkModel:
    """Read and check a file. Raises MissingError where there is none, InputError where it is damaged or another's."""
    from safetensors import SafetensorError, safe_open

    if not path.is_file():
        raise MissingError("motion.deitalk_missing", path=path)
    try:
        with safe_open(path, framework="np") as file:
            header = json.loads((file.metadata() or {})[ENTRY])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  # not a dictionary
        if header["kind"] != KIND or header["version"] != VERSION:
            raise ValueError(f"it is a {str(header['kind'])[:40]} of version {str(header['version'])[:10]}")
        facts = _facts(header)
    except (SafetensorError, OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError("motion.deitalk_damaged", path=path, error=error) from error
    if facts.styles != STYLES or facts.fps != FPS:
        raise InputError("motion.deitalk_of_other_styles", path=path, styles=list(facts.styles), fps=facts.fps)
    if fault := _fault(tensors, facts.shape):
        raise InputError("motion.deitalk_with_another_network", path=path, what=fault[0], found=fault[1], expected=fault[2])
    return DeitalkModel({name: tensor.astype(np.float32) for name, tensor in tensors.items()}, facts)


def _kept_type(name: str, half: bool) -> type[np.floating[Any]]:
    return np.float16 if half and not name.endswith(("_mean", "_scale")) else np.float32


def _facts(header: Mapping[str, Any]) -> Facts:
    """The facts of a header. Raises ValueError, KeyError or TypeError where they are none."""
    sizes_told: dict[str, Any] = _with_tuples(header["shape"])
    shape = DeitalkShape(**{**sizes_told, "switches": Switches(**header["shape"]["switches"])})
    rest: dict[str, Any] = _with_tuples({each.name: header[each.name] for each in fields(Facts)})
    facts = Facts(**{**rest, "shape": shape})
    sizes = (shape.features, shape.outputs, shape.styles, shape.style_width, shape.intensity_width, shape.class_width)
    whole = (
        *sizes,
        shape.filters,
        shape.breadth_frames,
        *shape.dilations,
        *shape.motion_filters,
        *shape.motion_dilations,
        *facts.layers,
    )
    if not all(isinstance(each, int) and 0 <= each < 1_000_000 for each in whole) or not all(sizes):
        raise ValueError("its sizes are no sizes")
    if len(facts.curves) != shape.outputs or len(facts.styles) != shape.styles:
        raise ValueError(f"it names {len(facts.curves)} curves and {len(facts.styles)} styles")
    return facts


def _with_tuples(told: Mapping[str, Any]) -> dict[str, Any]:
    """JSON's lists as tuples."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in told.items()}


def expected_shapes(shape: DeitalkShape) -> dict[str, tuple[int, ...]]:
    """Shape of every tensor of a file by its name."""
    expected: dict[str, tuple[int, ...]] = {"feature_mean": (shape.features,), "feature_scale": (shape.features,)}
    expected |= {"curve_mean": (shape.outputs,), "curve_scale": (shape.outputs,)}
    layers: dict[str, tuple[int, ...]] = {"decoder.style": (shape.style_width, shape.styles)}
    if shape.switches.intensity:
        layers["intensity.projection"] = (shape.intensity_width, shape.features)
        layers["intensity.hidden"] = (shape.class_width, shape.intensity_width)
        layers["intensity.told"] = (shape.styles, shape.class_width)
    width = shape.features
    for number in range(len(shape.dilations)):
        layers[f"decoder.layers.{number}.convolution"] = (shape.filters, width + shape.beside_width, KERNEL)
        width = shape.filters
    layers["decoder.curves"] = (shape.outputs, width)
    for name, weight in layers.items():
        expected[f"{name}.weight"], expected[f"{name}.bias"] = weight, weight[:1]
    return expected


def _fault(tensors: Mapping[str, npt.NDArray[Any]], shape: DeitalkShape) -> tuple[str, object, object] | None:
    """The first tensor that is not as the shape says: its name, what it is, what is expected; None: all are."""
    expected = expected_shapes(shape)
    for name in sorted(tensors.keys() | expected.keys()):
        found = tensors[name].shape if name in tensors else "missing"
        wanted = expected.get(name, "nothing of that name")
        if found != wanted:
            return name, found, wanted
        if not np.issubdtype(tensors[name].dtype, np.floating) or not np.isfinite(tensors[name]).all():
            return name, "no array of finite numbers", "one"
    return None
