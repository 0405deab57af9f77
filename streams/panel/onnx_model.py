"""Running a classifier in ONNX over a feature matrix; `onnxruntime` is an optional extra."""

import importlib
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from scoring import ScoringError
from scoring.arrays import Floats

EXTRA: Final = "ebbwatch[onnx]"
FLOATS: Final[dict[str, type[np.floating[Any]]]] = {
    "tensor(float)": np.float32,
    "tensor(double)": np.float64,
}
QUIET: Final = 4  # the runtime's log level: fatal
CLASSES: Final = 2
CHURNED: Final = 1  # column of two classes' probabilities


class OnnxModel:
    """A binary classifier with one input of floats (n, features) and one output of probabilities.

    The output is (n,), (n, 1) or, as scikit-learn's converters write it, (n, 2) with the second
    class's probability last; an output of labels beside it is ignored. Two properties of the
    model's metadata count: `features`, comma-separated names in the input's order, without
    which all are expected; and `threshold`, the risk from which a customer is flagged.

    Args:
        content: the file.
        names: of the feature matrix's rows.

    Raises:
        ScoringError: it cannot be used.
    """

    def __init__(self, content: bytes, names: Sequence[str]) -> None:
        self._session = _session(content)
        metadata = self._session.get_modelmeta().custom_metadata_map
        self._rows = self._chosen(metadata.get("features"), names)
        self.threshold = self._limit(metadata.get("threshold"))
        self._input, self._dtype = self._one_input()
        self._output = self._one_output()

    def run(self, matrix: Floats) -> Floats:
        """Probabilities of a feature matrix (features, n), shape (n,).

        Raises:
            ScoringError: what comes back has another shape.
        """
        table = np.ascontiguousarray(matrix[self._rows].T, self._dtype)
        (answer,) = self._session.run([self._output], {self._input: table})
        count = matrix.shape[1]
        if answer.shape not in {(count,), (count, 1), (count, CLASSES)}:
            raise _error(f"output {self._output} of shape (n,), (n, 1) or (n, 2)", answer.shape)
        by_row = answer.reshape(count, -1).astype(np.float64)
        risk: Floats = by_row[:, CHURNED if by_row.shape[1] == CLASSES else 0]
        return risk

    def _chosen(self, asked: str | None, names: Sequence[str]) -> list[int]:
        if asked is None:
            return list(range(len(names)))
        wanted = [name.strip() for name in asked.split(",")]
        for name in wanted:
            if name not in names:
                raise _error(f"features among {', '.join(names)}", name)
        return [names.index(name) for name in wanted]

    def _limit(self, text: str | None) -> float | None:
        if text is None:
            return None
        try:
            limit = float(text)
        except ValueError:
            limit = -1.0
        if not 0.0 < limit < 1.0:
            raise _error("threshold above 0 and below 1", text)
        return limit

    def _one_input(self) -> tuple[str, type[np.floating[Any]]]:
        width = len(self._rows)
        inputs = self._session.get_inputs()
        shapes = [one.shape for one in inputs if one.type in FLOATS]
        fits = len(inputs) == len(shapes) == 1 and _fits(shapes[0], width)
        if not fits:
            got = ", ".join(f"{one.name}: {one.type} {one.shape}" for one in inputs)
            raise _error(f"one input of floats (n, {width})", got or "none")
        return inputs[0].name, FLOATS[inputs[0].type]

    def _one_output(self) -> str:
        outputs = self._session.get_outputs()
        floats = [one.name for one in outputs if one.type in FLOATS]
        if len(floats) != 1:
            got = ", ".join(f"{one.name}: {one.type}" for one in outputs)
            expected = "one output of floats (of scikit-learn's converters: without zipmap)"
            raise _error(expected, got)
        return str(floats[0])


def _error(expected: str, got: object) -> ScoringError:
    return ScoringError(where="model", expected=expected, got=got)


def _fits(shape: Sequence[Any], width: int) -> bool:
    """Whether a declared shape, with names or None where it is open, takes (n, width)."""
    if len(shape) != 2:  # noqa: PLR2004 - rows and columns
        return False
    rows, columns = shape
    return not isinstance(rows, int) and (columns == width or not isinstance(columns, int))


def _session(content: bytes) -> Any:  # noqa: ANN401 - the runtime has no types
    try:
        runtime = importlib.import_module("onnxruntime")
    except ImportError as error:
        raise _error(f"{EXTRA} to be installed", "no onnxruntime") from error
    options = runtime.SessionOptions()
    # One thread: the worker's other partitions go on beside it.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = QUIET
    try:
        return runtime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # the runtime's own classes share no public base
        reason = " ".join(str(error).split())
        raise _error("an ONNX model", reason) from error
