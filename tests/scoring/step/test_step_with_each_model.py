"""The live step takes any purchase model: events, cuts, silence timers and all."""

import numpy as np
import pytest
from cases import changed, document, log, purchases, run

from scoring.arrays import DAY
from scoring.feature import Feature
from scoring.features import features
from scoring.model import ScoringModel
from scoring.parameters import parse

SECTIONS = {
    "bgnbd": document()["purchase_model"],
    "mbgnbd": {"type": "mbgnbd", "r": 0.524843, "alpha": 6.183084, "a": 0.891359, "b": 1.614002},
    "paretonbd": {
        "type": "paretonbd", "r": 0.553277, "alpha": 10.577683, "s": 0.606240, "beta": 11.668735
    },
}  # fmt: skip
BUYING, ONE = {"r": 0.5, "alpha": 6.0}, {"rate": 0.7}
LIMITS = {
    "nbd": {"type": "bgnbd", "limit": "nobody leaves", **BUYING},
    "poisson": {"type": "bgnbd", "limit": "nobody leaves, one rate of buying for all", **ONE},
    "one coin": {
        "type": "mbgnbd", "limit": "one probability of leaving for all", **BUYING,
        "leave_probability": 0.1,
    },
    "one rate of buying": {
        "type": "bgnbd", "limit": "one rate of buying for all", **ONE, "a": 0.9, "b": 2.0
    },
    "all alike": {
        "type": "paretonbd", "limit": "one rate of leaving for all, one rate of buying for all",
        **ONE, "leave_rate": 0.02,
    },
    "at once": {
        "type": "bgnbd", "limit": "some leave at once, the others never", **BUYING,
        "leave_share": 0.2,
    },
}  # fmt: skip
SECTIONS |= LIMITS
every_model = pytest.mark.parametrize("kind", SECTIONS)
STAYING = {"nbd", "at once"}
learns = pytest.mark.parametrize("kind", [kind for kind in SECTIONS if kind != "poisson"])


def with_model(kind: str) -> ScoringModel:
    changed_document = document()
    changed_document["purchase_model"] = SECTIONS[kind]
    return ScoringModel(parse(changed_document))


def two_customers() -> tuple[np.ndarray, np.ndarray]:
    """One who buys every fifth day and stops, one who buys once."""
    regular, once = purchases(*range(100, 160, 5)), purchases(120)
    events = log(regular, once)
    rows = np.repeat([0, 1], [len(regular), len(once)])
    order = np.argsort(events["time"], kind="stable")
    return events[order], rows[order]


@learns
def test_silence_is_warned_about_whatever_the_model(kind: str) -> None:
    model = with_model(kind)
    silent = run(*two_customers(), model=model, until=900)

    row = int(kind in STAYING)  # of twelve purchases in two months more are expected still
    assert (silent.warnings["row"] == row).any()
    at = features(silent.states, np.full(2, 900 * DAY), model)
    assert at[Feature.P_NO_PURCHASE, 0] > 0.5
    assert np.isfinite(at).all()


def test_silence_tells_nothing_where_all_buy_at_one_rate_and_nobody_leaves() -> None:
    model = with_model("poisson")
    states = run(*two_customers(), model=model, until=900).states
    at = features(states, np.full(2, 900 * DAY), model)
    assert at[Feature.P_NO_PURCHASE] == pytest.approx(np.exp(-0.1 * 28.0), rel=1e-12)
    assert (at[Feature.P_ALIVE] == 1.0).all()
    assert np.isfinite(at).all()


@every_model
def test_where_a_log_is_cut_does_not_matter_whatever_the_model(kind: str) -> None:
    events, rows = two_customers()
    whole, cut = (
        run(events, rows, cuts=cuts, model=with_model(kind), until=900)
        for cuts in ((), range(1, len(events)))
    )

    assert whole.states.tobytes() == cut.states.tobytes()
    assert whole.warnings.tobytes() == cut.warnings.tobytes()


@every_model
def test_a_score_is_the_models_own(kind: str) -> None:
    model = with_model(kind)
    events, rows = two_customers()
    states = run(events, rows, model=model).states
    matrix = features(states, np.full(2, 200 * DAY), model)
    x, t_x, age = (matrix[f] for f in (Feature.FREQUENCY, Feature.RECENCY, Feature.TENURE))

    np.testing.assert_array_equal(matrix[Feature.P_ALIVE], model.purchases.p_alive(x, t_x, age))
    np.testing.assert_allclose(
        matrix[Feature.EXPECTED_PURCHASES],
        model.purchases.expected_purchases(x, t_x, age, model.horizon),
        rtol=1e-11,
    )
    assert changed().purchases != model.purchases or kind == "bgnbd"
