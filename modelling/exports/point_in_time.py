"""Point-in-time features with labels, for modellers: what was known at an instant, never more.

Features come of the events before the instant alone, through the very step the live worker takes;
labels come of the days from it on alone.
"""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from modelling.bulk.apart import HistoryApart
from modelling.history import HistoryError, day_number, midnight
from modelling.history.summary import date_of
from scoring.arrays import Ints
from scoring.facts.calendar import BookCalendar
from scoring.facts.kinds import VALUE, Kind
from scoring.feature import Feature
from scoring.features import features
from scoring.model import ScoringModel
from scoring.step.replay import EventLog, final_states
from scoring.warning.gate import ALL_OPEN

Say = Callable[[str, int, int], None]  # what is done, how far, of how much
FORMATS: Final = (".parquet", ".csv")
LABELS: Final = (
    "label_bought_nothing",
    "label_purchases",
    "label_purchase_days",
    "label_value",
)


def point_in_time(
    history: EventLog | HistoryApart,
    model: ScoringModel,
    at: date,
    horizon_days: int,
    say: Say = lambda *_: None,
) -> pl.DataFrame:
    """Features of every customer known at the beginning of a day, and what came of them.

    Args:
        history: A log, or parts of one.
        model: Makes the features.
        at: The day of the book at whose beginning customers are looked at.
        horizon_days: Days from then on that the labels are about.
        say: Told how far it is.

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
    whole = HistoryApart.of(history) if isinstance(history, EventLog) else history
    tables = []
    for number, (rows, log) in enumerate(whole):
        say("Replaying parts", number, len(whole.parts))
        table = _of_part(log, model, day_number(at), horizon_days)
        tables.append(table.with_columns(row=rows[table["row"].to_numpy()]))
    found = pl.concat(tables).sort("row").drop("row")
    if found.is_empty():
        raise HistoryError(where="--at", expected="a day after the history begins", got=str(at))
    if day_number(date_of(whole.last, model.calendar)) + 1 < day_number(at) + horizon_days:
        return found.with_columns(pl.lit(None).alias(n) for n in LABELS)
    return found


def _of_part(log: EventLog, model: ScoringModel, day: int, days: int) -> pl.DataFrame:
    """Features and labels of a log's customers known as a day begins, and `row`, in the log."""
    instant = midnight(day, model.calendar)
    past = log.before(instant)
    known = np.unique(past.rows)
    states = final_states(past, model, until=instant, held=ALL_OPEN)[known]
    matrix = features(states, np.full(len(known), instant), model)
    columns = {feature.name.lower(): matrix[feature] for feature in Feature}
    ids = pl.Series([log.customers[row].decode() for row in known.tolist()], dtype=pl.String)
    table = pl.DataFrame({"row": known, "customer_id": ids, **columns})
    return table.hstack(_labels(log, model.calendar, day, days)[known.tolist()])


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
    return pl.DataFrame(
        {
            "label_bought_nothing": purchases == 0,
            "label_purchases": purchases,
            "label_purchase_days": _days(rows[bought], calendar.day(events["time"][bought]), count),
            "label_value": value.astype(np.int64),
        }
    )


def _days(rows: Ints, days: Ints, count: int) -> Ints:
    pairs = pl.DataFrame({"row": rows, "day": days}).unique()
    distinct: Ints = np.bincount(pairs["row"].to_numpy(), minlength=count)
    return distinct
