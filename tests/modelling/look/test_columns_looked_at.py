"""What a column could be, told from its cells alone."""

import polars as pl
import pytest

from modelling.look.columns import look_at_column


@pytest.mark.parametrize(
    "cells",
    [
        ["c-1060", "c-7", "c-22"],
        ["A100", "A7"],
        ["CUST_1", "CUST_2"],
        ["ID-1", "id-2", None],
    ],
)
def test_ids_of_letters_and_a_number_are_no_amounts(cells: list[str | None]) -> None:
    assert look_at_column(pl.Series("customer", cells)).as_number == ()


@pytest.mark.parametrize(
    ("cells", "options"),
    [
        (["CHF-100", "CHF20"], ("--currency-sign CHF",)),
        (["kr100", "kr5"], ("--currency-sign kr",)),
        (["$100", "$-5"], ("--currency-sign '$'",)),
        (["X10.50", "X7.25"], ("--currency-sign X",)),
        (["100", "5"], ("",)),
    ],
)
def test_amounts_with_a_sign_are_still_read_by_it(
    cells: list[str], options: tuple[str, ...]
) -> None:
    assert look_at_column(pl.Series("amount", cells)).as_number == options


def test_a_column_without_any_cell_is_nothing() -> None:
    found = look_at_column(pl.Series("customer", [None, None], dtype=pl.String))
    assert (found.as_number, found.as_time) == ((), ())
