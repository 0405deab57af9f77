"""The bank: block of customers by block, or all of it as the core's columns."""

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np

from modelling.simulation.calendar import Days, days_of
from modelling.simulation.customers.absences import absences
from modelling.simulation.customers.leaving import courses, instants, level
from modelling.simulation.customers.people import drawn
from modelling.simulation.doings.contacts import contacts
from modelling.simulation.doings.spending import Lives, spending
from modelling.simulation.doings.statements import statements
from modelling.simulation.happenings import (
    CUSTOMER_DIGITS,
    Happenings,
    as_events,
    between,
    in_order,
    numbered,
)
from modelling.simulation.plan import SimulationPlan
from modelling.simulation.truth import Truth, together, truth_of
from scoring.step.replay import EventLog

BLOCK: Final = 1_024  # customers made together, which bounds the memory for what makes them


class Block(NamedTuple):
    """Some customers of the bank: their events, as a worker merges them, lives, and the truth."""

    rows: Happenings
    truth: Truth
    lives: Lives


def blocks(plan: SimulationPlan) -> Iterator[Block]:
    """Make the bank, block of customers by block; what is made depends on the plan alone."""
    days = days_of(plan)
    for number, first in enumerate(range(0, plan.customers, BLOCK)):
        rng = np.random.default_rng([plan.seed, number])
        yield _block(rng, first, min(BLOCK, plan.customers - first), days, plan)


def simulated(plan: SimulationPlan) -> tuple[EventLog, Truth]:
    """Make the bank in memory, as if its files had been written and read.

    Args:
        plan: what to make.

    Returns:
        The events of the customers who have any, and the truth about all customers.

    >>> log, truth = simulated(SimulationPlan(customers=3, days=60, seed=1))
    >>> log.customers[0], len(truth.customers), len(log.events) > 100
    (b's0000000', 3, True)
    """
    made = list(blocks(plan))
    rows = in_order(np.concatenate([block.rows for block in made]))
    known, row = np.unique(rows["customer"], return_inverse=True)
    log = EventLog([customer_id(number) for number in known.tolist()], row, as_events(rows))
    return log, together([block.truth for block in made])


def customer_id(number: int) -> bytes:
    """Pseudonymous id of a customer.

    >>> customer_id(42)
    b's0000042'
    """
    return f"s{number:0{CUSTOMER_DIGITS}d}".encode()


def _block(
    rng: np.random.Generator, first: int, count: int, days: Days, plan: SimulationPlan
) -> Block:
    lives = _lives(rng, count, days, plan)
    spent = spending(rng, lives, days, plan.figures)
    rest = [
        statements(rng, lives, spent, days, plan.figures),
        contacts(rng, lives, days, plan.figures),
    ]
    rows = in_order(_numbered(_observed(np.concatenate([spent, *rest]), lives, days), count))
    truth = truth_of(lives, rows, first, days.origin, days.end)
    rows["customer"] += first
    return Block(rows, truth, lives)


def _lives(rng: np.random.Generator, count: int, days: Days, plan: SimulationPlan) -> Lives:
    people = drawn(rng, count, days.total, plan.figures)
    course = courses(rng, people, days.total, plan.figures)
    away = absences(rng, people, days, plan.figures)
    return Lives(people, course, level(course, days.total), away)


def _observed(rows: Happenings, lives: Lives, days: Days) -> Happenings:
    """What happened while the customer was one: nothing before the card, nothing once closed."""
    closed = instants(lives.course.closed, days.origin)
    # The closing itself is the last thing that happens.
    end = np.minimum(closed + 1, days.end)
    return rows[between(rows, lives.people.present(days.origin), end)]


def _numbered(rows: Happenings, count: int) -> Happenings:
    """Number what has no number yet, after the purchases, which refunds name by theirs."""
    new = rows["number"] < 0
    taken = np.zeros(count, np.int64)
    np.maximum.at(taken, rows["customer"][~new], rows["number"][~new] + 1)
    others = rows[new]
    others["number"] = numbered(others, taken)
    rows[new] = others
    return rows
