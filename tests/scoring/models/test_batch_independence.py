# ruff: noqa: N803, N806 - T is the field's own name.
"""A customer's result is the same bytes in whatever batch, place and memory layout it comes."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from purchase_models import CDNOW, MODELS

from scoring.arrays import Floats
from scoring.models import GammaGamma, PurchaseModel, PurchaseTable

SPEND = GammaGamma(6.249572, 3.744225, 1544.3524)
TABLE = PurchaseTable(CDNOW["bgnbd"], 365.0, 0.000383, largest_x=64)
SIZE = 997

Rows = tuple[Floats, Floats, Floats]
Score = Callable[[Floats, Floats, Floats], Floats]


def of_model(model: PurchaseModel) -> dict[str, Score]:
    return {
        "p_alive": model.p_alive,
        "p_no_purchase": lambda x, t_x, T: model.p_no_purchase(x, t_x, T, 28.0),
        "expected": lambda x, t_x, T: model.expected_purchases(x, t_x, T, 28.0),
        "discounted": lambda x, t_x, T: model.discounted_purchases(x, t_x, T, 365.0, 0.000383),
        "root of p_alive": lambda x, t_x, _: model.silence_root_p_alive(x, t_x, 0.2),
        "root of p_no_purchase": lambda x, t_x, T: model.silence_root_p_no_purchase(
            x, t_x, threshold=0.9, horizon=28.0, T_low=T, T_max=T + 3e3
        ),
    }


SCORES: dict[str, Score] = {
    "table expected": lambda x, _, T: TABLE.expected(x, T),
    "table discounted": lambda x, _, T: TABLE.discounted(x, T),
    "spend": lambda x, t_x, _: SPEND.expected_spend(x, t_x),
    **{
        f"{kind} {name}": score
        for kind, model in MODELS.items()
        for name, score in of_model(model).items()
    },
}


def customers() -> Rows:
    rng = np.random.default_rng(7)
    x = np.floor(rng.gamma(0.4, 40.0, SIZE))
    T = rng.uniform(0.0, 4000.0, SIZE)
    return x, np.where(x > 0, T * rng.random(SIZE), 0.0), T


ROWS = customers()
WHOLE = {name: score(*ROWS) for name, score in SCORES.items()}
every_score = pytest.mark.parametrize("name", SCORES)


@pytest.mark.by_lot(12)
@pytest.mark.slow
@every_score
def test_one_at_a_time_equals_all_at_once(name: str) -> None:
    step = 20 if "paretonbd" in name else 1
    alone = [SCORES[name](*(row[i : i + 1] for row in ROWS)) for i in range(0, SIZE, step)]
    assert np.concatenate(alone).tobytes() == WHOLE[name][::step].tobytes()


@every_score
def test_numbers_equal_arrays(name: str) -> None:
    alone = [SCORES[name](*(row[i] for row in ROWS)) for i in range(0, SIZE, 10)]
    assert np.array(alone).tobytes() == WHOLE[name][::10].tobytes()


@pytest.mark.by_lot(30)
@every_score
@settings(max_examples=12)  # of each of some hundred and fifty
@given(st.lists(st.integers(0, SIZE - 1), min_size=1, max_size=50))
def test_any_selection_in_any_order_equals_its_part(name: str, picked: list[int]) -> None:
    part = SCORES[name](*(row[picked] for row in ROWS))
    assert part.tobytes() == WHOLE[name][picked].tobytes()


@pytest.mark.by_lot(30)
@every_score
@settings(max_examples=12)  # of each of some hundred and fifty
@given(st.integers(0, SIZE - 1), st.integers(1, SIZE), st.sampled_from([-3, -1, 1, 2, 7]))
def test_any_cut_and_stride_equals_its_part(name: str, start: int, size: int, step: int) -> None:
    cut = slice(start, start + size)
    part = SCORES[name](*(row[cut][::step] for row in ROWS))
    assert part.tobytes() == WHOLE[name][cut][::step].tobytes()


@every_score
def test_fields_of_a_packed_record_equal_columns(name: str) -> None:
    packed = np.zeros(SIZE, np.dtype([("id", "V3"), ("x", "f8"), ("t_x", "f8"), ("T", "f8")]))
    packed["x"], packed["t_x"], packed["T"] = ROWS
    part = SCORES[name](packed["x"], packed["t_x"], packed["T"])
    assert part.tobytes() == WHOLE[name].tobytes()


@every_score
def test_inputs_are_left_alone(name: str) -> None:
    before = [row.tobytes() for row in ROWS]
    SCORES[name](*ROWS)
    assert [row.tobytes() for row in ROWS] == before


@pytest.mark.parametrize("kernel", [np.exp, np.expm1, np.log, np.log1p])
def test_kernels_in_use_do_not_depend_on_place_or_length(kernel: np.ufunc) -> None:
    """What the models rely on of NumPy; if it fails here, no batch cut is safe."""
    values = np.random.default_rng(1).lognormal(0.0, 1.0, SIZE)
    whole = kernel(values)

    for size in (1, 2, 3, 5, 8, 13, 64, 100):
        parts = [kernel(values[i : i + size]) for i in range(0, SIZE, size)]
        assert np.concatenate(parts).tobytes() == whole.tobytes()
