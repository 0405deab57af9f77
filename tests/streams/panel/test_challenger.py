import json
import sys
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cases import churn_section
from fakes import MODEL
from onnx import NodeProto, TensorProto, helper
from onnx_models import FLOAT, WIDTH, logistic, model_of

from scoring import ScoringError
from scoring.facts.state import new_states
from scoring.feature import Feature
from scoring.features import features
from scoring.model import ScoringModel
from scoring.monitoring import champion
from scoring.parameters import parse
from streams.panel.challenger import load_challenger

RANDOM = np.random.default_rng(0)
WEIGHTS = RANDOM.normal(size=WIDTH) / 10
MATRIX = RANDOM.normal(size=(WIDTH, 50))
STATES, NOW = new_states(50), np.zeros(50)


def written(folder: Path, content: bytes) -> Path:
    file = folder / "bank.onnx"
    file.write_bytes(content)
    return file


def packaged(**changes: Any) -> dict[str, Any]:
    text = resources.files("scoring.models").joinpath("cdnow.json").read_text("utf-8")
    return {**json.loads(text), **changes}


def sigmoid(odds: np.ndarray) -> np.ndarray:
    return 1.0 / (1.0 + np.exp(-odds))


@pytest.mark.parametrize("shape", [("n",), ("n", 1), ("n", 2), (None, 1), ("n", "k")])
@pytest.mark.parametrize("kind", [FLOAT, TensorProto.DOUBLE])
def test_a_logistic_regression_in_onnx_is_the_formula(
    tmp_path: Path, shape: tuple[Any, ...], kind: int
) -> None:
    file = written(tmp_path, logistic(WEIGHTS, -0.3, shape, kind))
    challenger = load_challenger(file, MODEL)
    risk = challenger.risk(STATES, NOW, MATRIX)
    assert (risk.shape, risk.dtype) == ((50,), np.float64)
    exact = 1e-6 if kind == FLOAT else 1e-14
    np.testing.assert_allclose(risk, sigmoid(WEIGHTS @ MATRIX - 0.3), rtol=exact)
    assert challenger.threshold is None
    assert challenger.name.startswith("bank-")


def test_a_model_may_ask_for_some_features_in_its_own_order(tmp_path: Path) -> None:
    content = logistic(np.array([0.5, -2.0]), features="days_since_last, frequency")
    risk = load_challenger(written(tmp_path, content), MODEL).risk(STATES, NOW, MATRIX)
    odds = 0.5 * MATRIX[Feature.DAYS_SINCE_LAST] - 2.0 * MATRIX[Feature.FREQUENCY]
    np.testing.assert_allclose(risk, sigmoid(odds), rtol=1e-5)


def test_a_model_may_say_whom_it_flags_and_other_content_has_another_name(tmp_path: Path) -> None:
    told = load_challenger(written(tmp_path, logistic(WEIGHTS, threshold="0.4")), MODEL)
    assert told.threshold == 0.4
    other = load_challenger(written(tmp_path, logistic(WEIGHTS, threshold="0.5")), MODEL)
    assert other.name != told.name


def test_labels_beside_the_probabilities_are_ignored(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("ReduceMean", ["x"], ["mean"], axes=[1], keepdims=0),
        helper.make_node("Sigmoid", ["mean"], ["probabilities"]),
        helper.make_node("Cast", ["mean"], ["label"], to=TensorProto.INT64),
    ]
    outputs = [("label", TensorProto.INT64, ("n",)), ("probabilities", FLOAT, ("n",))]
    content = model_of(nodes, [("x", FLOAT, ("n", WIDTH))], outputs)
    risk = load_challenger(written(tmp_path, content), MODEL).risk(STATES, NOW, MATRIX)
    np.testing.assert_allclose(risk, sigmoid(MATRIX.mean(axis=0)), rtol=1e-5)


def odd(
    *operations: str,
    taken: tuple[Any, ...] = ("n", WIDTH),
    told: tuple[Any, ...] = ("n",),
    kinds: tuple[int, int] = (FLOAT, FLOAT),
) -> bytes:
    """Operations one after the other, each given the one before as all of its arguments."""
    names = ["x", *(f"x{number}" for number in range(1, len(operations))), "risk"]
    nodes = [_node(one, names[at], names[at + 1]) for at, one in enumerate(operations)]
    return model_of(nodes, [("x", kinds[0], taken)], [("risk", kinds[1], told)])


def _node(operation: str, taken: str, told: str) -> NodeProto:
    fields = {
        "ReduceMean": {"axes": [1], "keepdims": 0},
        "Cast": {"to": FLOAT},
        "ReduceSum": {"keepdims": 0},
    }
    count = 2 if operation in {"Add", "Sub", "Div"} else 1
    return helper.make_node(operation, [taken] * count, [told], **fields.get(operation, {}))


def double(side: str) -> bytes:
    """Two inputs or two outputs."""
    names = ("a", "b")
    ins, outs = (names if side == kind else ("x",) for kind in ("in", "out"))
    nodes = [helper.make_node("Mean", [*ins], [f"o{name}"]) for name in outs]
    inputs = [(name, FLOAT, ("n", WIDTH)) for name in ins]
    return model_of(nodes, inputs, [(f"o{name}", FLOAT, ("n", WIDTH)) for name in outs])


def only_labels() -> bytes:
    nodes = [helper.make_node("Cast", ["x"], ["label"], to=TensorProto.INT64)]
    outputs = [("label", TensorProto.INT64, ("n", WIDTH))]
    return model_of(nodes, [("x", FLOAT, ("n", WIDTH))], outputs)


def for_ten_rows() -> bytes:
    nodes = [
        helper.make_node("Reshape", ["x", "shape"], ["ten"]),
        helper.make_node("ReduceMean", ["ten"], ["risk"], axes=[1], keepdims=0),
    ]
    shape = {"shape": np.array([10, WIDTH], np.int64)}
    return model_of(nodes, [("x", FLOAT, ("n", WIDTH))], [("risk", FLOAT, ("n",))], shape)


INPUT, OUTPUT = rf"one input of floats \(n, {WIDTH}\), got ", "one output of floats"
SHAPE = r"output risk of shape \(n,\), \(n, 1\) or \(n, 2\), got "
BAD = {
    "empty": (b"", "an ONNX model"),
    "no model": (b"not a model", "an ONNX model"),
    "damaged": (logistic(WEIGHTS)[:-40], "an ONNX model|a model that runs"),
    "unknown operation": (logistic(WEIGHTS).replace(b"Sigmoid", b"Zigmoid"), "an ONNX model"),
    "too narrow": (logistic(np.ones(3)), rf"{INPUT}x: .*3\]"),
    "too wide": (logistic(np.ones(99)), INPUT),
    "one row only": (odd("ReduceMean", taken=(1, WIDTH), told=(1,)), INPUT),
    "a vector": (odd("Sigmoid", taken=("n",)), INPUT),
    "whole numbers": (odd("Cast", told=("n", WIDTH), kinds=(TensorProto.INT64, FLOAT)), INPUT),
    "two inputs": (double("in"), INPUT),
    "two outputs": (double("out"), OUTPUT),
    "labels only": (only_labels(), f"{OUTPUT} .*without zipmap"),
    "unknown feature": (logistic(np.ones(1), features="shoe_size"), "features among .* got shoe"),
    "no feature": (logistic(np.ones(1), features=""), "features among"),
    "threshold in words": (logistic(WEIGHTS, threshold="high"), "threshold above 0 .* got high"),
    "threshold beyond": (logistic(WEIGHTS, threshold="1.5"), "threshold above 0"),
    "threshold nan": (logistic(WEIGHTS, threshold="nan"), "threshold above 0"),
    "a row a feature": (odd("Sigmoid", told=("n", WIDTH)), SHAPE),
    "one number": (odd("ReduceSum", told=()), SHAPE),
    "for ten rows": (for_ten_rows(), "trial: expected a model that runs"),
    "above one": (odd("ReduceMean", "Exp", "Add"), "trial: expected probabilities"),
    "nan": (odd("ReduceMean", "Sub", "Div"), "trial: expected probabilities"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_model_that_cannot_be_used_is_refused_in_one_line(tmp_path: Path, name: str) -> None:
    content, told = BAD[name]
    file = written(tmp_path, content)
    with pytest.raises(ScoringError, match=told) as refused:
        load_challenger(file, MODEL)
    assert str(refused.value).startswith(f"challenger {file}: ")
    assert "\n" not in str(refused.value)


def test_without_the_extra_its_name_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(ScoringError, match=r"expected ebbwatch\[onnx\] to be installed"):
        load_challenger(written(tmp_path, logistic(WEIGHTS)), MODEL)


def test_a_file_that_is_not_there_is_an_error_of_the_system(tmp_path: Path) -> None:
    for name in ("gone.onnx", "gone.json"):
        with pytest.raises(FileNotFoundError):
            load_challenger(tmp_path / name, MODEL)


def test_a_parameter_file_scores_by_its_own_models(tmp_path: Path) -> None:
    model = {"type": "bgnbd", "r": 0.5, "alpha": 3.0, "a": 0.9, "b": 2.0}
    document = packaged(purchase_model=model, name="other")
    file = tmp_path / "other.json"
    file.write_text(json.dumps(document))
    challenger, own = load_challenger(file, MODEL), ScoringModel(parse(document))
    states = new_states(3)
    states["purchase_days"], states["last_day"], states["counts"] = [1, 3, 9], 200, 1
    now = np.full(3, 230 * 86_400.0)
    risk = challenger.risk(states, now, features(states, now, MODEL))
    np.testing.assert_array_equal(risk, champion(features(states, now, own), own).risk)
    assert (risk != champion(features(states, now, MODEL), MODEL).risk).any()
    assert challenger.name == own.parameters.version
    assert challenger.threshold == 0.95


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"book_timezone": "Asia/Shanghai"}, "book_timezone: expected .*as the model in use"),
        ({"book_currency": "EUR"}, "book_currency: expected USD"),
        ({"currency_exponent": 0}, "currency_exponent: expected 2"),
        (
            {"half_lives_days": {"short": 7.0, "middle": 60.0, "long": 999.0}},
            "half_lives_days: expected",
        ),
        ({"horizon_days": 56}, r"horizon_days: expected 28.*got 56"),
        ({"margin": 7.0}, "margin"),
        ({"shoe_size": 7}, "shoe_size"),
    ],
    ids=lambda value: "" if isinstance(value, str) else next(iter(value)),
)
def test_a_parameter_file_that_does_not_fit_the_one_in_use_is_refused(
    tmp_path: Path, changes: dict[str, Any], told: str
) -> None:
    file = tmp_path / "other.json"
    file.write_text(json.dumps(packaged(**changes)))
    with pytest.raises(ScoringError, match=told) as refused:
        load_challenger(file, MODEL)
    assert str(refused.value).startswith(f"challenger {file}: ")


def test_a_parameter_file_that_foretells_something_else_is_refused(tmp_path: Path) -> None:
    churn = churn_section(28, intercept=0.0, centre=3.0, middle=0.6)
    file = tmp_path / "other.json"
    file.write_text(json.dumps(packaged(churn=churn, leaving={"type": "silence", "days": 28})))
    with pytest.raises(ScoringError, match=r"leaving: expected .*partial.*got .*silence"):
        load_challenger(file, MODEL)
    same = {"type": "partial", "within_days": 28, "share": 0.0}
    file.write_text(json.dumps(packaged(churn=churn, leaving=same)))
    assert load_challenger(file, MODEL).threshold == 0.6


def test_a_parameter_file_that_is_no_json_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "other.json"
    file.write_text("{")
    with pytest.raises(ScoringError, match="expected a JSON object"):
        load_challenger(file, MODEL)
