"""Which purchase model is taken where none is named."""

from datetime import date
from types import SimpleNamespace

import pytest

from modelling.fit.choice import choose
from scoring.facts.calendar import BookCalendar

HELD_OUT = SimpleNamespace(
    later=[], holdout=date(2025, 6, 30), summary=SimpleNamespace(until=date(2025, 3, 31))
)


def ranked(**errors):
    def fit(_data, name):
        return SimpleNamespace(log_likelihood=-1.0), SimpleNamespace(
            mean_absolute_error=errors[name]
        )

    return [each.model for each in choose(HELD_OUT, BookCalendar("UTC"), fit).tried]


@pytest.mark.parametrize(
    ("errors", "order"),
    [
        ({"bgnbd": 1.2, "mbgnbd": 1.1, "paretonbd": 1.0}, ["paretonbd", "mbgnbd", "bgnbd"]),
        ({"bgnbd": 1.009, "mbgnbd": 1.2, "paretonbd": 1.0}, ["bgnbd", "paretonbd", "mbgnbd"]),
        ({"bgnbd": 1.011, "mbgnbd": 1.009, "paretonbd": 1.0}, ["mbgnbd", "paretonbd", "bgnbd"]),
    ],
)
def test_of_models_that_foretell_as_well_the_quickest_to_run_is_taken(errors, order):
    assert ranked(**errors) == order
