import copy
import json

import pytest
from cases import MODEL, document
from churn_cases import matrix_at

from scoring.churn import Isotonic, Platt
from scoring.churn.inputs import BY_NAME
from scoring.parameters import ParameterError, parse

SECTION = {
    "horizon_days": 90,
    "base_rate": 0.2,
    "points_to_double": 20,
    "intercept": -1.5,
    "terms": [
        {"input": "silence_in_gaps", "weight": 0.8, "centre": 1.1},
        {"input": "frequency", "weight": -0.4, "centre": 0.6},
    ],
    "calibration": {
        "type": "isotonic",
        "knots": [{"log_odds": -2.0, "risk": 0.05}, {"log_odds": 1.0, "risk": 0.7}],
    },
    "thresholds": {"middle": 0.3, "high": 0.6, "hysteresis": 0.03, "chosen_by": "rate"},
    "fit": {
        "dates": ["2026-01-01"],
        "rows": 1000,
        "customers": 1000,
        "churned": 200,
        "folds": 5,
        "strength": 10.0,
        "monotone": True,
        "auc": {"value": 0.8, "low": 0.75, "high": 0.85},
        "calibration_error": 0.01,
        "calibration_limit": 0.02,
        "brier": 0.12,
        "baselines": {
            "days_since_last": {
                "auc": {"value": 0.7, "low": 0.65, "high": 0.75},
                "gain": {"value": 0.1, "low": 0.05, "high": 0.15},
            }
        },
        "left_out": {"gone": "sign", "bad_nps": "constant"},
    },
}


def parsed(**changes):
    return parse({**document(), "churn": {**copy.deepcopy(SECTION), **changes}}).churn


def test_a_file_without_the_section_has_no_scorecard():
    assert parse(document()).churn is None


def test_the_section_becomes_the_scorecard_it_says():
    card = parsed()
    assert [(t.input.name, t.weight, t.centre) for t in card.terms] == [
        ("silence_in_gaps", 0.8, 1.1),
        ("frequency", -0.4, 0.6),
    ]
    assert card.calibration == Isotonic((-2.0, 1.0), (0.05, 0.7))
    assert (card.intercept, card.horizon_days, card.points_to_double) == (-1.5, 90, 20)
    assert (card.middle, card.high, card.hysteresis) == (0.3, 0.6, 0.03)
    assert (card.risk(matrix_at(3.0), MODEL.purchases) > 0.0).all()


def test_what_it_was_fitted_on_may_be_missing():
    without = {name: part for name, part in SECTION.items() if name != "fit"}
    assert parse({**document(), "churn": without}).churn == parsed()


def test_every_calibration_can_be_written():
    assert parsed(calibration={"type": "none"}).calibration == Platt()
    line = {"type": "platt", "slope": 0.0, "shift": -1.0}
    assert parsed(calibration=line).calibration == Platt(0.0, -1.0)


def test_every_input_may_be_weighed():
    terms = [{"input": name, "weight": 0.1, "centre": 0.0} for name in BY_NAME]
    assert len(parsed(terms=terms).terms) == len(BY_NAME)


TERM = SECTION["terms"][0]
KNOTS = SECTION["calibration"]["knots"]


def bent(*pairs):
    curve = [{"at": at, "share": share} for at, share in pairs]
    return {"terms": [{"input": "lapse", "weight": 1.0, "centre": 0.3, "curve": curve}]}


def test_a_curve_becomes_the_terms_own():
    pairs = ((-2.0, 0.0), (0.0, 0.3), (0.5, 0.3), (4, 1.0))
    assert parsed(**bent(*pairs)).terms[0].curve == pairs
    assert parsed().terms[0].curve == ()


def knots(*pairs):
    return {"type": "isotonic", "knots": [{"log_odds": s, "risk": r} for s, r in pairs]}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"terms": []}, "churn.terms"),
        ({"terms": [TERM, TERM]}, "terms should name each input once"),
        ({"terms": [{**TERM, "input": "shoe_size"}]}, "input should be one of lapse, silence_"),
        ({"terms": [{**TERM, "weight": "much"}]}, "churn.terms.0.weight"),
        ({"terms": [{**TERM, "weight": float("nan")}]}, "churn.terms.0.weight"),
        ({"terms": [{**TERM, "colour": 1}]}, "churn.terms.0.colour"),
        (bent(), "churn.terms.0.curve"),
        (bent((0.0, 0.0)), "churn.terms.0.curve"),
        (bent((0.0, 0.0), (0.0, 1.0)), "a curve should rise in at, and not fall in share"),
        (bent((1.0, 0.0), (0.0, 1.0)), "a curve should rise in at, and not fall in share"),
        (bent((0.0, 0.0), (1.0, 0.6), (2.0, 0.5), (3.0, 1.0)), "not fall in share"),
        (bent((0.0, 0.1), (1.0, 1.0)), "a curve's share should go from 0 to 1"),
        (bent((0.0, 0.0), (1.0, 0.9)), "a curve's share should go from 0 to 1"),
        (bent((0.0, 1.0), (1.0, 1.0)), "a curve's share should go from 0 to 1"),
        (bent((0.0, -0.1), (1.0, 1.0)), "churn.terms.0.curve.0.share"),
        (bent((0.0, 0.0), (1.0, 1.1)), "churn.terms.0.curve.1.share"),
        (bent((0.0, 0.0), (1.0, float("nan")), (2.0, 1.0)), "churn.terms.0.curve.1.share"),
        (bent((float("nan"), 0.0), (1.0, 1.0)), "churn.terms.0.curve.0.at"),
        (bent((float("-inf"), 0.0), (1.0, 1.0)), "churn.terms.0.curve.0.at"),
        (bent(("-1", 0.0), (1.0, 1.0)), "churn.terms.0.curve.0.at"),
        ({"terms": [{**TERM, "curve": [[0.0, 0.0], [1.0, 1.0]]}]}, "churn.terms.0.curve.0"),
        ({"terms": [{**TERM, "curve": {}}]}, "churn.terms.0.curve"),
        ({"horizon_days": 0}, "churn.horizon_days"),
        ({"base_rate": 1.0}, "churn.base_rate"),
        ({"points_to_double": 0.0}, "churn.points_to_double"),
        ({"intercept": float("inf")}, "churn.intercept"),
        ({"calibration": {"type": "oracle"}}, "churn.calibration"),
        ({"calibration": {"type": "platt", "slope": -1.0, "shift": 0.0}}, "slope"),
        ({"calibration": knots((0.0, 0.5))}, "knots"),
        ({"calibration": knots((0.0, 0.5), (0.0, 0.6))}, "knots should rise in log_odds"),
        ({"calibration": knots((0.0, 0.5), (1.0, 0.4))}, "not fall in risk"),
        ({"calibration": knots((0.0, 0.0), (1.0, 0.4))}, "risk"),
        ({"thresholds": {"middle": 0.7, "high": 0.6}}, "hysteresis < middle <= high"),
        ({"thresholds": {"middle": 0.3, "high": 0.6, "hysteresis": 0.3}}, "should rise"),
        ({"thresholds": {"middle": 0.3, "high": 1.0}}, "churn.thresholds.high"),
        ({"fit": {**SECTION["fit"], "auc": {"value": 2, "low": 0, "high": 1}}}, "fit.auc.value"),
        ({"fit": {**SECTION["fit"], "dates": ["yesterday"]}}, "fit.dates.0"),
        ({"fit": {**SECTION["fit"], "left_out": {"gone": "bored"}}}, "fit.left_out.gone"),
    ],
)
def test_damage_is_refused_by_name(changes, message):
    with pytest.raises(ParameterError) as raised:
        parsed(**changes)
    assert message in str(raised.value)


def test_the_section_survives_json_to_the_last_digit():
    again = json.loads(json.dumps({**document(), "churn": SECTION}))
    assert parse(again).churn == parsed()
