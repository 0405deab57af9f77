"""What `fit-churn` keeps of the customers it was fitted to."""

import numpy as np
import pytest
from panel_oracle import log_of, spread_purchases

from modelling.churn.run import ChurnFitResult, ChurnRequest, fit_churn
from scoring.churn import INPUTS
from scoring.monitoring import SCORES, Drift, observed
from scoring.parameters import Parameters, parse
from streams.parameters.file import read_document


@pytest.fixture(scope="module")
def fitted() -> ChurnFitResult:
    return fit_churn(log_of(spread_purchases(800)), read_document(None), ChurnRequest())


@pytest.fixture(scope="module")
def parameters(fitted: ChurnFitResult) -> Parameters:
    return parse(fitted.document)


def test_the_file_tells_how_every_input_and_the_risk_were_distributed(
    fitted: ChurnFitResult, parameters: Parameters
) -> None:
    rows = len(fitted.cross_validation.churned)
    assert set(parameters.reference) == {*(one.name for one in INPUTS), "churn_risk"}
    assert all(sum(deciles.counts) == rows for deciles in parameters.reference.values())


def test_the_customers_it_was_fitted_to_have_not_drifted(
    fitted: ChurnFitResult, parameters: Parameters
) -> None:
    inputs = fitted.cross_validation.observed.inputs
    risks = fitted.fitted.risks(inputs, INPUTS)
    table = np.vstack([inputs.T, risks, np.full(len(risks), np.nan)])
    found = observed(Drift.new(), table, parameters.reference).stability()
    assert found.keys() == set(SCORES) - {"challenger_risk"}
    assert max(found.values()) == pytest.approx(0.0)


@pytest.mark.slow
def test_fitting_anew_replaces_the_reference(fitted: ChurnFitResult) -> None:
    stale = {**fitted.document, "reference": {"rows": 1, "distributions": {}}}
    del stale["sha256"]
    again = fit_churn(log_of(spread_purchases(800)), stale, ChurnRequest())
    assert again.document["reference"] == fitted.document["reference"]
