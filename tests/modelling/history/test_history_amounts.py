from decimal import ROUND_HALF_EVEN, Decimal

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelling.history.cleaning import HistoryError
from modelling.history.table.amounts import minor_units


def minor(values, exponent=2, unit="major"):
    series = values if isinstance(values, pl.Series) else pl.Series(values)
    exponents = np.full(len(series), exponent)
    return minor_units(series, exponents, unit, "a.csv: column amount")


@pytest.mark.parametrize(
    ("value", "cents"),
    [
        ("0.29", 29),
        ("1.005", 100),  # the middle goes to the even one
        ("1.015", 102),
        ("-1.015", -102),
        ("1.0150000000000000001", 102),
        ("1.0149999999999999999", 101),
        (" 7 ", 700),
        ("1e3", 100_000),
        (0.29, 29),
        (1.005, 100),
        (1.015, 102),
        (2.675, 268),
        (-0.29, -29),
        (8, 800),
        (99_999_999_999.99, 9_999_999_999_999),
        (Decimal("0.125"), 12),
        (Decimal("0.135"), 14),
    ],
)
def test_major_units_become_minor_units_exactly(value, cents) -> None:
    found = minor([value])
    assert found.values.tolist() == [cents]
    assert not (found.missing | found.bad | found.too_large).any()


@pytest.mark.parametrize(("exponent", "expected"), [(0, 1), (2, 123), (3, 1230), (4, 12300)])
def test_the_currencys_exponent_counts(exponent: int, expected: int) -> None:
    assert minor(["1.23"], exponent).values.tolist() == [expected]


def test_short_floats_are_read_as_they_are_shown() -> None:
    assert minor(pl.Series([0.29, 16.005, 1.1], dtype=pl.Float32)).values.tolist() == [
        29,
        1600,
        110,
    ]


def test_minor_units_are_taken_as_they_are_and_have_to_be_whole() -> None:
    found = minor([29.0, 29.5, 30.0], unit="minor")
    assert found.values[[0, 2]].tolist() == [29, 30]
    assert found.bad.tolist() == [False, True, False]


@pytest.mark.parametrize("empty", [None, "", "  ", "nan", "NaN"])
def test_what_is_not_there_is_missing_and_not_bad(empty) -> None:
    found = minor(pl.Series([empty], dtype=pl.String))
    assert found.missing.all()
    assert not found.bad.any()


@pytest.mark.parametrize("bad", ["1,50", "1.234,56", "$5", "abc", "0x10", "1_000", "5 EUR", "--1"])
def test_text_that_is_no_number_is_bad(bad: str) -> None:
    assert minor([bad]).bad.all()


@pytest.mark.parametrize("huge", ["1e12", "1e400", "inf", "-inf", 1e300, float("inf"), 10**18])
def test_amounts_beyond_what_an_event_may_carry_are_too_large(huge) -> None:
    found = minor([huge])
    assert found.too_large.all()
    assert not (found.missing | found.bad).any()


@pytest.mark.parametrize("values", [[True], [b"1"], [[1]], pl.Series(["2020-01-01"]).str.to_date()])
def test_a_column_of_another_type_is_refused(values) -> None:
    with pytest.raises(HistoryError, match="column amount: expected amounts, got values of type"):
        minor(values)


@given(
    st.decimals(min_value="-99999999.9999", max_value="99999999.9999", places=4),
    st.sampled_from([0, 2, 3]),
)
def test_text_and_float_round_as_the_decimal_does(amount: Decimal, exponent: int) -> None:
    exact = int(amount.scaleb(exponent).quantize(Decimal(1), ROUND_HALF_EVEN))
    assert minor([str(amount)], exponent).values.tolist() == [exact]
    assert minor([float(amount)], exponent).values.tolist() == [exact]
