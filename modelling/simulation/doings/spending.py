"""What is paid by card: chosen uses, recurring charges, declines, cash and refunds."""

from typing import Final, NamedTuple

import numpy as np

from modelling.simulation.calendar import (
    Days,
    by_day,
    payday_lift,
    rhythm,
    season_of_values,
)
from modelling.simulation.customers.absences import Absences
from modelling.simulation.customers.leaving import RECURRING_LEAVE, Courses, LeavingReason, instants
from modelling.simulation.customers.people import People
from modelling.simulation.doings.merchants import (
    CASH,
    CATEGORY,
    IS_SHOPPING,
    RECURRING,
    VALUE,
    chosen,
    kept_places,
)
from modelling.simulation.figures import CardFigures
from modelling.simulation.happenings import (
    ATM,
    ONLINE,
    POS,
    Happenings,
    between,
    happenings,
    numbered,
)
from scoring.arrays import Bools, Floats, Ints
from scoring.facts.kinds import Kind

CENTS: Final = 100.0
FIRST_CARD: Final = 0.8  # share of uses of who has two (assumed)
RECURRING_SPREAD: Final = 0.5
LATEST_DAY: Final = 28  # of the month on which something is charged
RETURNED_AFTER: Final = (3 * 86_400, 21 * 86_400)  # seconds (assumed)
LARGEST: Final = 100_000_000  # minor units; the tail of a log-normal has no end


class Lives(NamedTuple):
    """A block of customers and what will become of them.

    Attributes:
        people: who they are.
        course: how they leave.
        level: use of a day by the usual one as they leave, shape (n, days).
        absences: trips and pauses.
    """

    people: People
    course: Courses
    level: Floats
    absences: Absences


def spending(
    rng: np.random.Generator, lives: Lives, days: Days, figures: CardFigures
) -> Happenings:
    """All card transactions of a block of customers but repayments, interest and fees."""
    uses = np.concatenate([_uses(rng, lives, days, figures), _recurring(rng, lives, days, figures)])
    stop = np.minimum(instants(lives.course.stop, days.origin), days.end)
    uses = uses[between(uses, lives.people.present(days.origin), stop)]
    _decline(rng, uses, lives.course, days, figures)
    uses["number"] = numbered(uses, np.zeros(lives.people.size, np.int64))
    return np.concatenate([uses, _refunds(rng, uses, lives.people, figures)])


def values(rng: np.random.Generator, means: Floats, spread: float) -> Ints:
    """Log-normal amounts of the given means in major units: minor units, at least one."""
    drawn = means * np.exp(rng.normal(-(spread**2) / 2.0, spread, len(means)))
    return np.clip(np.rint(drawn * CENTS), 1, LARGEST).astype(np.int64)


def _uses(rng: np.random.Generator, lives: Lives, days: Days, figures: CardFigures) -> Happenings:
    customer, day = _when(rng, lives, days, figures)
    count, people = len(customer), lives.people
    is_abroad = lives.absences.is_abroad[customer, day]
    merchant = chosen(rng, customer, kept_places(rng, people.size), is_abroad)
    season = season_of_values(days, figures)[day]
    means = figures.chosen_value * VALUE[merchant] * people.scale[customer] * season
    rows = happenings(
        Kind.PURCHASE,
        customer,
        days.origin + day * 86_400 + by_day(rng, count),
        amount=values(rng, means, figures.value_spread),
        merchant=merchant,
        category=CATEGORY[merchant],
        card=_card(rng, people.has_two_cards[customer]),
        channel=np.where((rng.random(count) < figures.remote) & ~is_abroad, ONLINE, POS),
        is_abroad=is_abroad,
    )
    _draw_cash(rng, rows, figures)
    return rows


def _when(
    rng: np.random.Generator, lives: Lives, days: Days, figures: CardFigures
) -> tuple[Ints, Ints]:
    """Customer and day of each use that is tried, some of which will be declined."""
    tried = lives.people.rate / (1.0 - figures.declined)
    expected = payday_lift(days, lives.people.payday, figures)
    expected *= lives.level
    expected *= lives.absences.level
    expected *= rhythm(days, figures)[None, :]
    expected *= tried[:, None]
    counts = rng.poisson(expected)
    customer, day = np.nonzero(counts)
    times = counts[customer, day]
    return np.repeat(customer, times), np.repeat(day, times)


def _card(rng: np.random.Generator, has_two: Bools) -> Ints:
    return np.where(has_two & (rng.random(len(has_two)) >= FIRST_CARD), 2, 1)


def _draw_cash(rng: np.random.Generator, rows: Happenings, figures: CardFigures) -> None:
    """Turn a share of the uses into cash advances."""
    at = np.flatnonzero(rng.random(len(rows)) < figures.cash_share)
    rows["kind"][at], rows["channel"][at], rows["category"][at] = Kind.CASH_ADVANCE, ATM, CASH
    means = np.full(len(at), figures.cash_value)
    rows["amount"][at] = values(rng, means, figures.value_spread)


def _decline(
    rng: np.random.Generator, uses: Happenings, course: Courses, days: Days, figures: CardFigures
) -> None:
    """Turn a share of the uses into declines, more of them in a default."""
    customer = uses["customer"]
    onset = instants(course.onset, days.origin)
    breaking = course.are(LeavingReason.DEFAULT)[customer] & (uses["time"] >= onset[customer])
    share = np.where(breaking, figures.declined_in_default, figures.declined)
    # A charge that is always the same is refused only where nothing is let through.
    share = np.where(np.isin(uses["category"], RECURRING) & ~breaking, 0.0, share)
    uses["kind"][rng.random(len(uses)) < share] = Kind.DECLINED


def _recurring(
    rng: np.random.Generator, lives: Lives, days: Days, figures: CardFigures
) -> Happenings:
    """Charges of the same day of the month, the same second and the same amount."""
    count = lives.people.size
    owner = np.repeat(np.arange(count), rng.poisson(figures.recurring, count))
    size = len(owner)
    of_month, second = rng.integers(1, LATEST_DAY + 1, size), by_day(rng, size)
    amount = values(rng, np.full(size, figures.recurring_value), RECURRING_SPREAD)
    sort = rng.integers(0, len(RECURRING), size)
    which, day = np.nonzero(of_month[:, None] == days.of_month[None, :])
    kept = day < _recurring_until(rng, lives.course, owner)[which]
    which, day = which[kept], day[kept]
    return happenings(
        Kind.PURCHASE,
        owner[which],
        days.origin + day * 86_400 + second[which],
        amount=amount[which],
        merchant=sort[which],
        category=np.array(RECURRING)[sort[which]],
        channel=ONLINE,
    )


def _recurring_until(rng: np.random.Generator, course: Courses, owner: Ints) -> Floats:
    """Day of the simulation until which each charge is made: those of a moved card leave first."""
    leaves = course.onset[owner] + rng.uniform(0.0, RECURRING_LEAVE, len(owner))
    return np.where(course.are(LeavingReason.MOVED)[owner], leaves, np.inf)


def _refunds(
    rng: np.random.Generator, uses: Happenings, people: People, figures: CardFigures
) -> Happenings:
    """What is paid back, in whole, to those customers who return things at all."""
    share = np.where(uses["channel"] == ONLINE, figures.returned_remote, figures.returned_in_store)
    shopped = (uses["kind"] == Kind.PURCHASE) & IS_SHOPPING[uses["merchant"]]
    shopped &= ~np.isin(uses["category"], RECURRING) & people.returns[uses["customer"]]
    back = uses[shopped & (rng.random(len(uses)) < share / figures.returning)]
    return happenings(
        Kind.REFUND,
        back["customer"],
        back["time"] + rng.integers(*RETURNED_AFTER, len(back)),
        number=-1,
        amount=back["amount"],
        merchant=back["merchant"],
        category=back["category"],
        card=back["card"],
        channel=back["channel"],
        is_abroad=back["is_abroad"],
        reverses=back["number"],
        reversed_time=back["time"],
    )
