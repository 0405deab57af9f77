"""Point-in-time features with labels, for modellers: what was known at an instant, never more.

Features come of the events before the instant alone, through the very step the live worker takes;
labels come of the days from it on alone.
"""

from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from modelling.history import HistoryError, day_number, last_day, midnight
from scoring.arrays import Ints
from scoring.facts.calendar import BookCalendar
from scoring.facts.kinds import VALUE, Kind
from scoring.feature import Feature
from scoring.features import features
from scoring.model import ScoringModel
from scoring.step.replay import EventLog, final_states

FORMATS: Final = (".parquet", ".csv")
LABELS: Final = (
    "label_bought_nothing",
    "label_purchases",
    "label_purchase_days",
    "label_value",
)


def point_in_time(log: EventLog, model: ScoringModel, at: date, horizon_days: int) -> pl.DataFrame:
    """Features of every customer known at the beginning of a day, and what came of them.

    Args:
        log: The history.
        model: Makes the features.
        at: The day of the book at whose beginning customers are looked at.
        horizon_days: Days from then on that the labels are about.

    Returns:
        A row a customer, by id: `customer_id`; each `Feature` by its name in lower case, times in
        days and money in minor units; whether nothing was bought in the days ahead, how many
        purchases, on how many distinct days, and of what value net of refunds, all null where the
        history ends before those days do.

    Raises:
        HistoryError: Nothing is known before that day.

    >>> from scoring.facts.events import EVENT
    >>> from scoring.parameters import parse
    >>> from streams.parameters.file import read_document
    >>> events = np.zeros(3, EVENT)  # purchases on days 0, 10 and 40
    >>> events["id"], events["time"] = [1, 2, 3], np.array([0.0, 10.0, 40.0]) * 86_400.0
    >>> log = EventLog([b"ann"], np.zeros(3, np.int64), events)
    >>> ann = point_in_time(log, ScoringModel(parse(read_document(None))), date(1970, 1, 31), 10)
    >>> ann.select("frequency", "recency", "label_purchases").row(0)
    (1.0, 10.0, 0)
    """
    first = day_number(at)
    instant = midnight(first, model.calendar)
    past = log.before(instant)
    known = np.unique(past.rows)
    if not known.size:
        raise HistoryError(where="--at", expected="a day after the history begins", got=str(at))
    states = final_states(past, model, until=instant)[known]
    matrix = features(states, np.full(len(known), instant), model)
    columns = {feature.name.lower(): matrix[feature] for feature in Feature}
    ids = [log.customers[row].decode() for row in known.tolist()]
    labels = _labels(log, model.calendar, first, horizon_days)
    return pl.DataFrame({"customer_id": ids, **columns}).hstack(labels[known.tolist()])


def check_target(file: Path) -> None:
    """Refuse a file of which the kind is not known.

    Raises:
        HistoryError: It ends in neither .parquet nor .csv.

    >>> check_target(Path("features.parquet"))
    >>> check_target(Path("a.xlsx"))
    Traceback (most recent call last):
    modelling.history.cleaning.HistoryError: --out: expected a file of .parquet or .csv, got a.xlsx
    """
    if file.suffix not in FORMATS:
        expected = "a file of .parquet or .csv"
        raise HistoryError(where="--out", expected=expected, got=str(file))


def write_table(frame: pl.DataFrame, file: Path) -> None:
    """Write a table as the file's name has it; see `check_target`."""
    if file.suffix == ".csv":
        frame.write_csv(file)
    else:
        frame.write_parquet(file)


def _labels(log: EventLog, calendar: BookCalendar, day: int, days: int) -> pl.DataFrame:
    """Labels of all customers of the log."""
    ends = midnight(day, calendar), midnight(day + days, calendar)
    first, last = np.searchsorted(log.events["time"], ends)
    rows, events = log.rows[first:last], log.events[first:last]
    bought = events["kind"] == Kind.PURCHASE
    count = len(log.customers)
    value = np.bincount(rows, weights=VALUE[events["kind"]] * events["amount"], minlength=count)
    purchases = np.bincount(rows[bought], minlength=count)
    labels = pl.DataFrame(
        {
            "label_bought_nothing": purchases == 0,
            "label_purchases": purchases,
            "label_purchase_days": _days(rows[bought], calendar.day(events["time"][bought]), count),
            "label_value": value.astype(np.int64),
        }
    )
    return (
        labels
        if day_number(last_day(log, calendar)) + 1 >= day + days
        else labels.with_columns(pl.lit(None).alias(n) for n in LABELS)
    )


def _days(rows: Ints, days: Ints, count: int) -> Ints:
    pairs = pl.DataFrame({"row": rows, "day": days}).unique()
    distinct: Ints = np.bincount(pairs["row"].to_numpy(), minlength=count)
    return distinct
