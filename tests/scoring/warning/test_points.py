"""The points of a warning add up to its score, and the score is the risk that it tells."""

import json
from importlib import resources

import numpy as np
import pytest
from cases import MODEL, event, log, run

from scoring.facts.kinds import Kind
from scoring.model import ScoringModel
from scoring.parameters import parse

CARDS = ScoringModel(
    parse(json.loads(resources.files("scoring.parameters").joinpath("cards.json").read_text()))
)
LIFE = log(
    *(event(Kind.PURCHASE, 10_000 + 3 * n, 2_000 + 40 * n) for n in range(60)),
    *(event(Kind.APP_SESSION, 10_001 + 5 * n) for n in range(30)),
    *(event(Kind.INSTALMENT_OVERDUE, 10_150 + 9 * n) for n in range(4)),
    *(event(Kind.COMPLAINT, 10_160 + n) for n in range(3)),
    event(Kind.SURVEY, 10_164, score=1),
    event(Kind.PURCHASE, 10_300),
)
EVENTS = LIFE[np.argsort(LIFE["time"], kind="stable")]


def test_the_rules_points_are_the_score_where_no_scorecard_was_fitted():
    warnings = run(EVENTS, until=10_800).warnings
    assert len(warnings) > 8
    card = MODEL.parameters.scorecard
    for one in warnings:
        assert sum(one["points"]) == pytest.approx(one["score"], abs=1e-9)
        odds = card.base_rate / (1 - card.base_rate) * 2 ** (one["score"] / card.points_to_double)
        assert odds / (1 + odds) == pytest.approx(one["churn_risk"], abs=1e-12)


def test_base_points_and_all_terms_are_the_score_of_a_scorecard():
    card = CARDS.churn
    warnings = run(EVENTS, model=CARDS, until=10_800).warnings
    assert len(warnings) > 4
    spoken = np.array([term.input.rule is not None for term in card.terms])
    for one in warnings:
        matrix = one["features"][:, None]
        terms = card.contributions(matrix, CARDS.purchases)[:, 0]
        assert card.base_points + sum(terms) == pytest.approx(one["score"], abs=1e-9)
        others = one["score"] - card.base_points - sum(one["points"])
        assert others == pytest.approx(sum(terms[~spoken]), abs=1e-9)
        log_odds = one["score"] * np.log(2.0) / card.points_to_double
        assert card.calibration.risk(np.array([log_odds]))[0] == pytest.approx(one["churn_risk"])
