"""An ONNX graph while it grows: what every converted network is written with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto, TensorProto

PRODUCER = "belcanto"
#: The format's version for each of the two operator sets that our networks are written in.
IR_VERSIONS = {17: 8, 20: 9}


class OnnxGraph:
    """Nodes and constants of a graph; a value is known by its name. Networks add what they are built from.

    The package `onnx` is loaded with the first node: who only runs a network does without it.
    """

    def __init__(self) -> None:
        self.nodes: list[NodeProto] = []
        self.constants: list[TensorProto] = []

    def node(self, operator: str, inputs: Sequence[str], output: str, **attributes: Any) -> str:
        """One node with one output; the node is called like it."""
        from onnx import helper

        self.nodes.append(helper.make_node(operator, list(inputs), [output], name=output, **attributes))
        return output

    def constant(self, name: str, value: npt.ArrayLike, dtype: npt.DTypeLike | None = None) -> str:
        """A constant of that name, of the value's own type where none is named."""
        from onnx import numpy_helper

        self.constants.append(numpy_helper.from_array(np.array(value, dtype=dtype, order="C"), name))
        return name

    def model(
        self,
        name: str,
        inputs: Mapping[str, Sequence[int | str]],
        outputs: Mapping[str, Sequence[int | str]],
        operator_set: int,
    ) -> ModelProto:
        """The checked model with float32 inputs and outputs of those shapes; a text in a shape names a free size.

        operator_set: the version of ONNX's operators, 17 or 20.
        """
        from onnx import TensorProto, checker, helper

        model = helper.make_model(
            helper.make_graph(
                self.nodes,
                name,
                [helper.make_tensor_value_info(key, TensorProto.FLOAT, shape) for key, shape in inputs.items()],
                [helper.make_tensor_value_info(key, TensorProto.FLOAT, shape) for key, shape in outputs.items()],
                self.constants,
            ),
            opset_imports=[helper.make_opsetid("", operator_set)],
            ir_version=IR_VERSIONS[operator_set],
            producer_name=PRODUCER,
        )
        checker.check_model(model, full_check=True)
        return model
