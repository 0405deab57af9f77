"""Small classifiers in ONNX, built by hand."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

from scoring.feature import Feature

WIDTH = len(Feature)
FLOAT = TensorProto.FLOAT


def model_of(
    nodes: Sequence[NodeProto],
    inputs: Sequence[tuple[str, int, Sequence[Any]]],
    outputs: Sequence[tuple[str, int, Sequence[Any]]],
    constants: Mapping[str, np.ndarray] | None = None,
    properties: Mapping[str, str] | None = None,
) -> bytes:
    """A model's file content."""
    told = [[helper.make_tensor_value_info(*one) for one in side] for side in (inputs, outputs)]
    held = [numpy_helper.from_array(value, name) for name, value in (constants or {}).items()]
    graph = helper.make_graph(list(nodes), "model", *told, initializer=held)
    made: ModelProto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    made.ir_version = 8
    helper.set_model_props(made, dict(properties or {}))
    content: bytes = made.SerializeToString()
    return content


def logistic(
    weights: np.ndarray,
    bias: float = 0.0,
    shape: Sequence[Any] = ("n", 1),
    kind: int = FLOAT,
    **properties: str,
) -> bytes:
    """A logistic regression that tells (n, 1); or (n,) or (n, 2) where `shape` says so."""
    dtype = np.float32 if kind == FLOAT else np.float64
    constants = {"w": weights.reshape(-1, 1).astype(dtype), "b": np.array([bias], dtype)}
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["z"]),
        helper.make_node("Add", ["z", "b"], ["odds"]),
        helper.make_node("Sigmoid", ["odds"], ["one"]),
    ]
    if len(shape) == 1:
        constants["flat"] = np.array([-1], np.int64)
        nodes.append(helper.make_node("Reshape", ["one", "flat"], ["risk"]))
    elif shape[1] == 2:
        constants["unity"] = np.array([1.0], dtype)
        nodes.append(helper.make_node("Sub", ["unity", "one"], ["zero"]))
        nodes.append(helper.make_node("Concat", ["zero", "one"], ["risk"], axis=1))
    else:
        nodes.append(helper.make_node("Identity", ["one"], ["risk"]))
    inputs = [("x", kind, ("n", len(weights)))]
    return model_of(nodes, inputs, [("risk", kind, shape)], constants, properties)
