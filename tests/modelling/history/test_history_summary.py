from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from cases import MODEL, changed
from histories import BOOK, DATA, ZURICH, cdnow_sample, write
from hypothesis import given, settings
from hypothesis import strategies as st

from modelling.history import (
    Columns,
    Layout,
    first_day,
    last_day,
    midnight_after,
    purchase_days,
    read_events,
    summarise,
)
from scoring.facts.events import EVENT
from scoring.facts.kinds import Kind
from scoring.feature import Feature
from scoring.features import features
from scoring.step.replay import EventLog, final_states

HEAD = "customer_id,event_time,amount,type,event_id,reverses,reversed_time\n"
END = date(1997, 9, 30)


def test_the_sample_of_cdnow_is_summed_up_as_published(tmp_path: Path) -> None:
    cdnow_sample().write_csv(tmp_path / "sample.csv")
    columns = Columns(customer_id="Kunde", event_time="Tag", amount="Betrag")
    log = read_events([tmp_path / "sample.csv"], BOOK, layout=Layout(columns=columns))
    found = summarise(log, BOOK.calendar, END)
    file = DATA / "cdnow_sample_cbs_exact.csv"
    expected = pl.read_csv(file, schema_overrides={"sid": pl.String}).sort("sid")
    assert [customer.decode() for customer in found.ids] == expected["sid"].to_list()
    for got, name, unit in (
        (found.x, "x", 1),
        (found.t_x, "tx", 7),
        (found.T, "T", 7),
        (found.monetary_value, "m", 100),
    ):
        np.testing.assert_allclose(got, expected[name].to_numpy() * unit, rtol=1e-12)


def summary(folder: Path, rows: str, until: date, book=BOOK):
    return summarise(read_events([write(folder, HEAD + rows)], book), book.calendar, until)


def test_purchases_of_one_day_are_one_and_nothing_after_until_counts(tmp_path: Path) -> None:
    rows = (
        "a,1970-01-02T08:00:00Z,10,purchase,,,\n"
        "a,1970-01-02T20:00:00Z,10,purchase,,,\n"
        "a,1970-01-05,0,purchase,,,\n"
        "a,1970-01-09T23:59:59Z,8,purchase,,,\n"
        "a,1970-01-10,99,purchase,,,\n"
        "b,1970-01-10,1,purchase,,,\n"
        "c,1970-01-01,1,fee,,,\n"
    )
    found = summary(tmp_path, rows, date(1970, 1, 9))
    assert found.ids == [b"a"]
    told = (found.x, found.t_x, found.T, found.monetary_value, found.total_value)
    assert [each.tolist() for each in told] == [[2.0], [7.0], [7.0], [400.0], [2800.0]]


def test_days_are_those_of_the_books_zone(tmp_path: Path) -> None:
    rows = "a,2024-03-01T22:30:00Z,1,purchase,,,\na,2024-03-01T23:30:00Z,1,purchase,,,\n"
    assert summary(tmp_path, rows, date(2024, 3, 2), ZURICH).x.tolist() == [1.0]
    assert summary(tmp_path, rows, date(2024, 3, 2)).x.tolist() == [0.0]


@pytest.mark.parametrize(
    ("refund", "mean", "x"),
    [
        ("a,1970-01-20,4,refund,r,p2,\n", 800.0, 2),  # of the second purchase
        ("a,1970-01-20,4,refund,r,p1,\n", 1000.0, 2),  # of the first, which is no repeat
        ("a,1970-01-20,4,refund,r,,\n", 800.0, 2),  # of who knows which
        ("a,1970-01-20,-4,purchase,r,,\n", 800.0, 2),
        ("a,1970-01-20,4,refund,r,,1970-01-02\n", 1000.0, 2),  # of something on the first day
        ("a,1970-01-20,99,refund,r,p2,\n", 0.0, 2),  # more than there was
        ("a,1970-02-20,4,refund,r,p2,\n", 1000.0, 2),  # not yet known
    ],
)
def test_refunds_lower_value_and_never_frequency(
    tmp_path: Path, refund: str, mean: float, x: int
) -> None:
    rows = (
        "a,1970-01-02,10,purchase,p1,,\n"
        "a,1970-01-05,10,purchase,p2,,\n"
        "a,1970-01-09,10,purchase,p3,,\n"
    )
    found = summary(tmp_path, rows + refund, date(1970, 1, 31))
    assert found.x.tolist() == [x]
    assert found.monetary_value.tolist() == [mean]


def test_purchase_days_after_a_window_count_up_to_its_end(tmp_path: Path) -> None:
    rows = "".join(
        f"{who},1970-01-0{day},1,purchase,,,\n"
        for who, day in (("a", 2), ("a", 3), ("a", 3), ("a", 5), ("a", 6), ("b", 2), ("c", 4))
    )
    log = read_events([write(tmp_path, HEAD + rows)], BOOK)
    found = purchase_days(log, BOOK.calendar, date(1970, 1, 2), date(1970, 1, 5))
    assert found.tolist() == [2, 0, 1]
    assert (first_day(log, BOOK.calendar), last_day(log, BOOK.calendar)) == (
        date(1970, 1, 2),
        date(1970, 1, 6),
    )


def test_nobody_had_bought(tmp_path: Path) -> None:
    found = summary(tmp_path, "a,1970-01-02,10,purchase,,,\n", date(1970, 1, 1))
    assert found.ids == []
    assert found.x.shape == (0,)


@pytest.mark.parametrize("model", [MODEL, changed(book_timezone="America/New_York")])
@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 3),
            st.sampled_from([Kind.PURCHASE, Kind.PURCHASE, Kind.REFUND, Kind.CHARGEBACK, Kind.FEE]),
            st.integers(0, 40 * 4),
            st.integers(0, 500),
            st.integers(0, 12),
        ),
        min_size=1,
        max_size=30,
    )
)
def test_the_summary_equals_what_the_live_state_holds(model, rows) -> None:
    ordered = sorted(rows, key=lambda row: row[2])
    events = np.zeros(len(ordered), EVENT)
    for place, (_, kind, quarter, amount, reverses) in enumerate(ordered):
        time = 1_000_000.0 + quarter * 21_600.0
        events[place] = (kind, 0, 0, 0, 0.0, time, amount, place + 1, 0, time, 0, 0)
        if kind in {Kind.REFUND, Kind.CHARGEBACK} and 0 < reverses <= place:
            events["reverses"][place] = reverses
            events["reversed_time"][place] = events["time"][reverses - 1]
    log = EventLog([b"a", b"b", b"c", b"d"], np.array([row[0] for row in ordered]), events)
    until = date(1970, 3, 1)
    found = summarise(log, model.calendar, until)
    instant = midnight_after(type(BOOK)(model.calendar, BOOK.rates), date(1970, 2, 28))
    states = final_states(log, model, until=instant)[found.rows]
    matrix = features(states, np.full(len(states), instant), model)
    assert found.x.tolist() == matrix[Feature.FREQUENCY].tolist()
    assert found.t_x.tolist() == matrix[Feature.RECENCY].tolist()
    np.testing.assert_allclose(found.T, matrix[Feature.TENURE], atol=1 / 12)
    settled = ~_refunded_before_buying(log)[found.rows]
    means = matrix[Feature.MONETARY_VALUE]
    assert found.monetary_value[settled].tolist() == means[settled].tolist()
    assert found.total_value.tolist() == states["total_value"].tolist()


def _refunded_before_buying(log: EventLog) -> np.ndarray:
    """Of a refund before any purchase the state cannot know that it is of the first day."""
    bought = log.events["kind"] == Kind.PURCHASE
    return np.array(
        [
            bool((log.rows == row).any() and not bought[log.rows == row][0])
            for row in range(len(log.customers))
        ]
    )
