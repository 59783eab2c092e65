"""The lips' network as an ONNX graph, from its safetensors file: the arithmetic of `networks/lip_network.py`, without torch."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.contracts import FloatArray
from core.errors import InputError, MissingError
from neural.onnx_graph import OnnxGraph

INPUT_NAME, OUTPUT_NAME = "rows", "curves"
_OPERATOR_SET = 20
_REMEDY = "Bring back the project's own file, or train it anew with `make train-lips`."


@dataclass(frozen=True)
class LipModel:
    """A trained network: its tensors by name, and the JSON values of its header (`shape`: see `LipNetworkShape`)."""

    tensors: Mapping[str, FloatArray]
    facts: Mapping[str, Any]

    @property
    def shape(self) -> Mapping[str, Any]:
        """Sizes of the network, by the names of `LipNetworkShape`."""
        shape: Mapping[str, Any] = self.facts["shape"]
        return shape

    @property
    def reach_rows(self) -> tuple[int, int]:
        """How many input rows before and after its own must be given for an output row to come out as in the whole sound."""
        reach = sum(dilation * (self.shape["kernel"] - 1) for dilation in self.shape["dilations"])
        if self.shape["causal"]:
            return reach + 2, self.shape["look_ahead"]
        return reach // 2 + 1, reach // 2 + 1


def read_lip_model(path: Path) -> LipModel:
    """Read and check a file of `weights/trained/`. Raises MissingError where there is none, InputError where it is another's."""
    from safetensors import SafetensorError, safe_open

    if not path.is_file():
        raise MissingError("motion.lips_missing", path=path, remedy=_REMEDY)
    try:
        with safe_open(path, framework="np") as file:
            facts = {name: json.loads(value) for name, value in (file.metadata() or {}).items()}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  # not a dictionary
        expected = _expected_shapes(facts["shape"])
    except (SafetensorError, OSError, ValueError, KeyError, TypeError) as error:
        raise InputError("motion.lips_damaged", path=path, error=error, remedy=_REMEDY) from error
    found = {name: tensor.shape for name, tensor in tensors.items()}
    if found != expected:
        wrong = min(name for name in found.keys() | expected.keys() if found.get(name) != expected.get(name))
        raise InputError(
            "motion.lips_with_another_network",
            path=path,
            what=wrong,
            found=found.get(wrong),
            expected=expected.get(wrong),
            remedy=_REMEDY,
        )
    return LipModel({name: tensor.astype(np.float32) for name, tensor in tensors.items()}, facts)


def _expected_shapes(shape: Mapping[str, Any]) -> dict[str, tuple[int, ...]]:
    inputs, width, kernel = shape["encoder_channels"] + shape["mel_channels"], shape["width"], shape["kernel"]
    base = shape.get("base_channels", 0)
    expected: dict[str, tuple[int, ...]] = {"input_mean": (inputs,), "input_scale": (inputs,)}
    expected |= {"curve_mean": (shape["outputs"] - 1,), "curve_scale": (shape["outputs"] - 1,)}
    layers = {"mel_in": (width, shape["mel_channels"], 3), "head": (shape["outputs"], width, 1)}
    if shape["encoder_channels"] > base:
        layers["encoder_in"] = (width, shape["encoder_channels"] - base, 1)
    if base:
        expected |= {"base_weight": (shape["outputs"], base, shape["base_kernel"]), "base_bias": (shape["outputs"],)}
    for number in range(len(shape["dilations"])):
        layers[f"blocks.{number}.dilated"] = (width, width, kernel)
        layers[f"blocks.{number}.pointwise"] = (width, width, 1)
    for name, weight in layers.items():
        expected[f"{name}.weight"], expected[f"{name}.bias"] = weight, weight[:1]
    return expected


def build_lip_graph(model: LipModel) -> bytes:
    """The checked ONNX model: `rows` (1, T, C) float32 at 50 Hz -> `curves` (T, outputs) in the curves' own units, the last the
    probability that the lips are closed. Beyond both ends the network hears zeros, as in training."""
    shape, graph = model.shape, _Graph(model.tensors)
    heard = _heard(graph, shape)
    before = (2, 0) if shape["causal"] else (1, 1)
    hidden = graph.convolution(graph.columns(heard, shape["encoder_channels"], None, "mel"), "mel_in", pads=before)
    base = shape.get("base_channels", 0)
    if shape["encoder_channels"] > base:
        vectors = graph.convolution(graph.columns(heard, base, shape["encoder_channels"], "vectors"), "encoder_in")
        hidden = graph.node("Add", [hidden, vectors], "heard_together")
    hidden = graph.node("Gelu", [hidden], "hidden")
    for number, dilation in enumerate(shape["dilations"]):
        reach = dilation * (shape["kernel"] - 1)
        pads = (reach, 0) if shape["causal"] else (reach // 2, reach // 2)
        change = graph.convolution(hidden, f"blocks.{number}.dilated", pads=pads, dilation=dilation)
        change = graph.node("Gelu", [change], f"blocks.{number}.gelu")
        change = graph.convolution(change, f"blocks.{number}.pointwise")
        hidden = graph.node("Add", [hidden, change], f"blocks.{number}.out")
    out = graph.convolution(graph.node("Gelu", [hidden], "told"), "head")
    if base:
        reach = shape["base_kernel"] // 2
        linear = [graph.columns(heard, 0, base, "base"), graph.tensor("base_weight"), graph.tensor("base_bias")]
        out = graph.node("Add", [out, graph.node("Conv", linear, "base.out", pads=[reach, reach])], "with_base")
    _in_units(graph, graph.node("Transpose", [out], "rows_out", perm=[0, 2, 1]), shape["outputs"])
    rows = [1, "frames", shape["encoder_channels"] + shape["mel_channels"]]
    built = graph.model("lips", {INPUT_NAME: rows}, {OUTPUT_NAME: ["frames", shape["outputs"]]}, _OPERATOR_SET)
    content: bytes = built.SerializeToString()
    return content


class _Graph(OnnxGraph):
    """The graph with the trained tensors at hand."""

    def __init__(self, tensors: Mapping[str, FloatArray]) -> None:
        super().__init__()
        self.tensors = tensors

    def tensor(self, name: str) -> str:
        return self.constant(name, self.tensors[name])

    def convolution(self, source: str, layer: str, pads: tuple[int, int] = (0, 0), dilation: int = 1) -> str:
        inputs = [source, self.tensor(f"{layer}.weight"), self.tensor(f"{layer}.bias")]
        return self.node("Conv", inputs, f"{layer}.out", pads=list(pads), dilations=[dilation])

    def columns(self, source: str, start: int, stop: int | None, name: str, axis: int = 1) -> str:
        """A part of one axis; `stop` None is up to its end."""
        last = np.iinfo(np.int64).max if stop is None else stop
        bounds = [
            self.constant(f"{name}.{part}", np.array([at])) for part, at in (("start", start), ("stop", last), ("axis", axis))
        ]
        return self.node("Slice", [source, *bounds], name)


def _heard(graph: _Graph, shape: Mapping[str, Any]) -> str:
    """Rows on the normal scale, as (1, C, T); with a look-ahead of n, row k is row k + n, and zeros follow the last."""
    heard = graph.node("Sub", [INPUT_NAME, graph.tensor("input_mean")], "centred")
    heard = graph.node("Div", [heard, graph.tensor("input_scale")], "normal")
    heard = graph.node("Transpose", [heard], "turned", perm=[0, 2, 1])
    if shape["look_ahead"]:
        later = graph.columns(heard, shape["look_ahead"], None, "later", axis=2)
        ends = graph.constant("later.ends", np.array([0, 0, 0, 0, 0, shape["look_ahead"]]))
        heard = graph.node("Pad", [later, ends], "ahead")
    return heard


def _in_units(graph: _Graph, rows: str, outputs: int) -> None:
    """(1, T, outputs) -> (T, outputs): the curves in their units, and the closure's probability."""
    curves = graph.columns(rows, 0, outputs - 1, "normal_curves", axis=2)
    curves = graph.node("Mul", [curves, graph.tensor("curve_scale")], "scaled_curves")
    curves = graph.node("Add", [curves, graph.tensor("curve_mean")], "curves_in_units")
    closure = graph.node("Sigmoid", [graph.columns(rows, outputs - 1, None, "closure_logit", axis=2)], "closure")
    together = graph.node("Concat", [curves, closure], "together", axis=2)
    graph.node("Squeeze", [together, graph.constant("batch_axis", np.array([0]))], OUTPUT_NAME)
