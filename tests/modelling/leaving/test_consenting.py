"""Nothing is learnt from who withdrew consent to profiling, by whatever way a history comes."""

from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from cases import MODEL, document, event, log
from churn_cases import START, bought_log
from churn_cases import few_thresholds as few_thresholds  # noqa: PLC0414 - a fixture
from churn_cases import two_models as two_models  # noqa: PLC0414 - a fixture
from histories import BOOK

from modelling.calibrate import CalibrationRequest, calibrate
from modelling.churn.fit import ScorecardPlan
from modelling.churn.run import ChurnRequest, fit_churn
from modelling.fit.data import FitWindow, from_files, from_parts
from modelling.history import HistoryError, Layout, Live, summarise_live
from modelling.history.files import sources
from modelling.leaving.consenting import consenting, withdrew
from modelling.thresholds import Aim, fit_with_thresholds
from scoring.arrays import DAY
from scoring.facts.kinds import Kind
from scoring.parameters import Silence
from scoring.step.replay import EventLog, final_states

NO_OFFERS, OFFERS, WITHDRAWS, GRANTS = 1, 2, 3, 4
PLAN = ScorecardPlan(calibration="platt", strengths=(1.0,), folds=2)


def with_words(of: EventLog, *words: tuple[int, float, int]) -> EventLog:
    """A log with words about consent, each of a customer's row, a day and a code."""
    said = [event(Kind.CONSENT_CHANGED, day, 0, score=code) for _, day, code in words]
    events = np.concatenate([of.events, log(*said)])
    rows = np.concatenate([of.rows, [row for row, _, _ in words]])
    order = np.argsort(events["time"], kind="stable")
    return EventLog(of.customers, rows[order], events[order])


SIX = EventLog(
    [b"a", b"b", b"c", b"d", b"e", b"f"],
    np.arange(6),
    log(*(event(Kind.PURCHASE, 20_000 + n) for n in range(6))),
)


def test_the_latest_word_about_profiling_counts_and_of_two_at_once_the_withdrawal() -> None:
    said = with_words(
        SIX,
        *((0, 20_010, GRANTS), (0, 20_020, WITHDRAWS)),
        *((1, 20_010, WITHDRAWS), (1, 20_020, GRANTS)),
        *((2, 20_010, GRANTS), (2, 20_010, WITHDRAWS)),
        *((3, 20_010, NO_OFFERS), (3, 20_011, 0)),
        *((4, 20_010, WITHDRAWS), (4, 20_020, OFFERS)),
    )
    assert withdrew(said).tolist() == [True, False, True, False, True, False]
    rest = consenting(said)
    assert rest.customers == [b"b", b"d", b"f"]
    assert (np.diff(rest.times) >= 0).all()
    of_whom = [rest.customers[row] for row in rest.rows]
    assert of_whom == [b"b", b"d", b"f", b"b", b"d", b"d", b"b"]
    assert rest.events["id"][:3].tolist() == SIX.events["id"][[1, 3, 5]].tolist()
    assert consenting(SIX) is SIX


def test_a_worker_s_state_says_the_same_of_everybody() -> None:
    random = np.random.default_rng(5)
    words = [
        (int(random.integers(6)), 20_010.0 + int(random.integers(9)), int(random.integers(6)))
        for _ in range(40)
    ]
    said = with_words(SIX, *words)
    states = final_states(said, MODEL, until=20_100 * DAY)
    live = summarise_live(Live(list(said.customers), states, 20_100 * DAY), BOOK.calendar)
    assert live.ids == consenting(said).customers
    assert 0 < len(live.ids) < 6


DAYS = [f"2024-{1 + day // 28:02d}-{1 + day % 28:02d}" for day in range(0, 140, 7)]
BUYERS = ("ann", "bob", "cyd", "dan")


def history(folder: Path, *words: tuple[str, str, str, str]) -> str:
    """Four weekly buyers, and words: who, when, granted, on which basis."""
    rows: list[tuple[str | float | None, ...]] = [
        (who, day, 10.0 + n, "purchase", None, None, None)
        for n, who in enumerate(BUYERS)
        for day in DAYS[n:]
    ]
    rows += [(who, on, None, "consent_changed", "profiling", so, by) for who, on, so, by in words]
    names = ["customer_id", "event_time", "amount", "type", "purpose", "granted", "legal_basis"]
    frame = pl.DataFrame(rows, names, orient="row", infer_schema_length=None).sort("event_time")
    folder.mkdir(exist_ok=True)
    frame.write_parquet(folder / "log.parquet")
    return str(folder / "log.parquet")


@pytest.mark.parametrize("window", [FitWindow(), FitWindow(until=date(2024, 3, 1))])
def test_purchase_models_are_fitted_to_those_who_did_not_withdraw(
    window: FitWindow, tmp_path: Path
) -> None:
    words = (
        ("ann", "2024-02-01", "false", "consent"),
        ("bob", "2024-02-01", "false", "contract"),  # not the customer's to withdraw
        ("cyd", "2024-02-01", "No", "legitimate_interest"),
        ("cyd", "2024-02-02", "yes", "consent"),
        ("dan", "2024-04-01", "false", "consent"),
    )
    file = history(tmp_path, *words)
    whole = from_files([file], BOOK, Layout(), window)
    kept = {b"bob", b"cyd"} | ({b"dan"} if window.until else set())  # what is later is not read
    assert set(whole.summary.ids) == kept
    said = (
        f"Customers who withdrew consent to profiling, of whom nothing is learnt: {4 - len(kept)}."
    )
    assert said in whole.diagnostics
    parts = from_parts(sources([file]), BOOK, Layout(), window, piece=20, part=20)
    assert parts.summary.ids == whole.summary.ids
    assert said in parts.diagnostics
    for name in ("x", "t_x", "T", "monetary_value", "total_value"):
        ours = getattr(parts.summary, name)
        np.testing.assert_array_equal(ours, getattr(whole.summary, name))
    nobody = from_files([history(tmp_path / "no")], BOOK, Layout(), window)
    assert not [line for line in nobody.diagnostics if "consent" in line]


def test_where_everybody_withdrew_there_is_nothing_to_fit_to(tmp_path: Path) -> None:
    file = history(tmp_path, *((who, "2024-02-01", "false", "consent") for who in BUYERS))
    with pytest.raises(HistoryError, match="of who did not withdraw consent to profiling"):
        from_files([file], BOOK, Layout(), FitWindow())
    with pytest.raises(HistoryError, match="got none"):
        from_parts(sources([file]), BOOK, Layout(), FitWindow(), piece=20, part=20)


RANDOM = np.random.default_rng(4)
LEFT = np.where(RANDOM.random(140) < 0.4, RANDOM.uniform(30, 300, 140), 300.0)
BOUGHT = bought_log(LEFT, days=300)
GONE = range(0, 140, 7)
SAID = with_words(BOUGHT, *((row, START + 150.0 + row / 10, WITHDRAWS) for row in GONE))
REST = consenting(SAID)
REQUEST = ChurnRequest(leaving=Silence(type="silence", days=40.0), plan=PLAN)


def test_a_scorecard_is_that_of_a_history_without_them() -> None:
    assert len(REST.customers) == 120
    ours, theirs = (fit_churn(each, document(), REQUEST) for each in (SAID, REST))
    assert ours.document == theirs.document
    assert fit_churn(BOUGHT, document(), REQUEST).document != theirs.document


def test_thresholds_are_too_and_it_is_said() -> None:
    ours, theirs = (fit_with_thresholds(each, document(), REQUEST, Aim()) for each in (SAID, REST))
    assert ours.found.document == theirs.found.document
    told = "Customers who withdrew consent to profiling, of whom nothing is learnt: 20."
    assert ours.notes == (*theirs.notes, told)


def test_a_calibration_says_how_many_it_leaves_out() -> None:
    asked = CalibrationRequest(
        base=document(),
        name="bank",
        aim=Aim(),
        leaving={"type": "silence", "days": 40.0},
        plan=PLAN,
    )
    ours, theirs = (calibrate(each, asked) for each in (SAID, REST))
    assert ours.document == theirs.document
    assert "of whom nothing is learnt: 20." in ours.steps[0].words
    assert "consent" not in theirs.steps[0].words
    everybody = with_words(BOUGHT, *((row, START + 200.0, WITHDRAWS) for row in range(140)))
    with pytest.raises(HistoryError, match="of who did not withdraw consent"):
        calibrate(everybody, asked)
