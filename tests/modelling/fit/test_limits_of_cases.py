"""From a history whose fit is a limit to warnings: a monthly debit that stops."""

import json
from pathlib import Path

import numpy as np
import pytest
from cases import run
from histories import DATA
from typer.testing import CliRunner

from ebbwatch.cli import command_line
from modelling.history import Book, read_events
from scoring.arrays import DAY
from scoring.model import ScoringModel
from scoring.models import OneMean, limit_of
from scoring.parameters import parse
from scoring.rules import CHURN, SILENCE

MONTHLY = DATA / "histories" / "monthly-debit.csv"


def command(*words: str) -> dict[str, object]:
    done = CliRunner().invoke(command_line(), [*words, "--json"])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def warned(document: dict[str, object]) -> tuple[np.ndarray, np.ndarray]:
    """Whom the history's silences are warned about, and after how many days of silence."""
    model = ScoringModel(parse(document))
    log = read_events([str(MONTHLY)], Book.of(model))
    end = float(log.times[-1]) + 120 * DAY
    found = run(log.events, log.rows, model=model, until=int(end // DAY)).warnings
    found = found[np.isin(found["rule"], [SILENCE, CHURN]) & (found["now"] <= log.times[-1])]
    before = [log.times[(log.rows == row) & (log.times <= now)].max() for row, now in
              zip(found["row"], found["now"], strict=True)]  # fmt: skip
    return found["row"], (found["now"] - np.array(before)) / DAY


@pytest.mark.slow
def test_a_missed_month_is_warned_about_when_it_is_over_and_not_before(tmp_path: Path) -> None:
    fitted, made = tmp_path / "fitted.json", tmp_path / "made.json"
    told = command("fit", str(MONTHLY), "--model", "bgnbd", "--out", str(fitted))
    assert told["limit"] == "nobody leaves, one rate of buying for all"
    document = json.loads(fitted.read_text())
    parameters = parse(document)
    assert limit_of(parameters.purchases) == told["limit"]
    assert isinstance(parameters.spend, OneMean)
    assert parameters.spend.mean == pytest.approx(999.0)
    # A silence tells a Poisson process nothing; the scorecard learns from silences what it means.
    assert not warned(document)[0].size
    asked = ("--params", str(fitted), "--horizon-days", "35", "--out", str(made))
    command("fit-churn", str(MONTHLY), *asked)
    scorecard = json.loads(made.read_text())
    scorecard.pop("sha256")
    scorecard["churn"]["thresholds"] |= {"middle": 0.5, "high": 0.9, "hysteresis": 0.1}
    rows, silent = warned(scorecard)
    stopped = 24  # of 200, after August
    assert len(np.unique(rows)) == stopped
    assert silent.min() > 31.0
    assert np.sort(silent)[:stopped].max() < 35.0
