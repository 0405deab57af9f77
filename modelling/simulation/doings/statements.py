"""What a card costs and how it is paid off: statements, repayments, interest, fees, overdue."""

from typing import Final, NamedTuple

import numpy as np

from modelling.simulation.calendar import Days
from modelling.simulation.customers.leaving import LeavingReason, instants
from modelling.simulation.doings.spending import CENTS, Lives
from modelling.simulation.figures import CardFigures
from modelling.simulation.happenings import APP, Happenings, happenings
from scoring.arrays import Bools, Floats, Ints
from scoring.facts.kinds import VALUE as SIGN
from scoring.facts.kinds import Kind

DUE_AFTER: Final = 20 * 86_400  # seconds from a statement to its instalment (assumed)
REMINDERS: Final = (5, 15, 30)  # days overdue at which it is told (assumed)
CURED_AFTER: Final = (6, 25)  # days, of who pays late (assumed)
LEAST_SHARE: Final = 0.05  # of a statement that makes up an instalment (assumed)
LIMIT_BY_SPEND: Final = 6.0  # a credit limit, by a month's mean spending (assumed)
DELINQUENT, IN_DEFAULT = 2, 3  # places in `STATUSES`
STATUSES: Final = ("good", "watch", "delinquent", "default")


class _Statement(NamedTuple):
    """One month's statements of all customers; amounts in minor units, shape (n,)."""

    month: int
    issued: int
    owed: Ints
    interest: Ints
    paid: Ints
    is_missed: Bools
    due: Ints


def statements(
    rng: np.random.Generator, lives: Lives, spent: Happenings, days: Days, figures: CardFigures
) -> Happenings:
    """Repayments, interest, fees, snapshots and what is overdue, month by month."""
    monthly = _spent(spent, lives.people.size, days)
    carried = _carried(rng, lives, figures)
    limit = np.rint(LIMIT_BY_SPEND * np.maximum(monthly.mean(1), CENTS * 100)).astype(np.int64)
    rows: list[Happenings] = []
    for place, month in enumerate(np.unique(days.months).tolist()):
        at = np.flatnonzero(days.months == month)
        issued = days.origin + (int(at[-1]) + 1) * 86_400 - 1
        issue = _issued(rng, lives, carried + monthly[:, place], month, issued, days, figures)
        rows += _told(rng, lives, issue, limit, figures)
        carried = (issue.owed - issue.paid).astype(np.float64)
    return np.concatenate([*rows, *_yearly(rng, lives, days, figures), *_bureau(lives, days)])


def _spent(spent: Happenings, customers: int, days: Days) -> Floats:
    """Spending of each month, shape (customers, months), refunds taken back, never below 0."""
    place = np.searchsorted(np.unique(days.months), days.months)
    day = np.minimum((spent["time"] - days.origin) // 86_400, days.total - 1)
    sign = SIGN[spent["kind"]] + (spent["kind"] == Kind.CASH_ADVANCE)
    months = int(place[-1]) + 1
    cells = spent["customer"] * months + place[day]
    sums = np.bincount(cells, weights=sign * spent["amount"], minlength=customers * months)
    return np.maximum(sums.reshape(customers, months), 0.0)


def _carried(rng: np.random.Generator, lives: Lives, figures: CardFigures) -> Floats:
    """Balances at the start, minor units: of who revolves and is no new customer."""
    people = lives.people
    carries = (people.repaid < 1.0) & (people.joined < 0)
    return np.where(carries, CENTS * figures.carried * rng.lognormal(0.0, 0.5, people.size), 0.0)


def _issued(
    rng: np.random.Generator,
    lives: Lives,
    before: Floats,
    month: int,
    issued: int,
    days: Days,
    figures: CardFigures,
) -> _Statement:
    people, course = lives.people, lives.course
    interest = np.where(people.repaid < 1.0, before * figures.yearly_interest / 12.0, 0.0)
    interest = np.rint(interest).astype(np.int64)
    owed = np.rint(before).astype(np.int64) + interest
    due = issued + 1 + DUE_AFTER + (people.due % 7) * 86_400 + 36_000
    broke = course.are(LeavingReason.DEFAULT) & (due >= instants(course.onset, days.origin))
    dead = course.are(LeavingReason.DEATH) & (due >= instants(course.stop, days.origin))
    late = rng.random(people.size) < figures.missed
    paid = np.where(broke | dead, 0, np.ceil(people.repaid * owed)).astype(np.int64)
    return _Statement(month, issued, owed, interest, paid, (broke | late) & ~dead, due)


def _told(
    rng: np.random.Generator, lives: Lives, one: _Statement, limit: Ints, figures: CardFigures
) -> list[Happenings]:
    """All events of one month's statements."""
    owing = np.flatnonzero(one.owed > 0)
    charged = owing[one.interest[owing] > 0]
    issued = np.full(len(lives.people.joined), one.issued)
    wait = 86_400 * rng.integers(*CURED_AFTER, len(issued))
    paid_at = np.where(one.is_missed, one.due + wait, one.due)
    paying = owing[one.paid[owing] > 0]
    return [
        happenings(Kind.INTEREST, charged, issued[charged], amount=one.interest[charged]),
        happenings(
            Kind.BALANCE_SNAPSHOT,
            owing,
            issued[owing],
            amount=-one.owed[owing],
            detail=limit[owing],
        ),
        happenings(Kind.REPAYMENT, paying, paid_at[paying], amount=one.paid[paying], channel=APP),
        *_late(one, owing, paid_at, figures),
    ]


def _late(one: _Statement, owing: Ints, paid_at: Ints, figures: CardFigures) -> list[Happenings]:
    """Reminders, the fee with the first of them, and the cure."""
    missed = owing[one.is_missed[owing]]
    cured = missed[one.paid[missed] > 0]
    amount = np.maximum(np.rint(LEAST_SHARE * one.owed), 1).astype(np.int64)
    rows = []
    for days in REMINDERS:
        at = one.due[missed] + days * 86_400
        still = missed[(one.paid[missed] == 0) | (paid_at[missed] > at)]
        when = one.due[still] + days * 86_400
        overdue = {"amount": amount[still], "detail": days, "month": one.month}
        rows.append(happenings(Kind.INSTALMENT_OVERDUE, still, when, **overdue))
    fee_at = one.due[missed] + REMINDERS[0] * 86_400
    fee = round(figures.late_fee * CENTS)
    rows.append(happenings(Kind.FEE, missed, fee_at, amount=fee))
    rows.append(happenings(Kind.INSTALMENT_CURED, cured, paid_at[cured], month=one.month))
    return rows


def _yearly(
    rng: np.random.Generator, lives: Lives, days: Days, figures: CardFigures
) -> list[Happenings]:
    """The yearly fee, on a day of the customer's own."""
    paying = np.flatnonzero(lives.people.pays_fee)
    first = rng.integers(0, 365, len(paying))
    years = range(days.total // 365 + 1)
    amount = round(figures.yearly_fee * CENTS)
    return [
        happenings(Kind.FEE, paying, days.origin + (first + 365 * year) * 86_400, amount=amount)
        for year in years
    ]


def _bureau(lives: Lives, days: Days) -> list[Happenings]:
    """What the credit bureau says of who stops paying, and that the card is blocked then."""
    broke = np.flatnonzero(lives.course.are(LeavingReason.DEFAULT))
    onset = instants(lives.course.onset, days.origin)[broke]
    stop = instants(lives.course.stop, days.origin)[broke]
    halfway = (onset + stop) // 2
    return [
        happenings(Kind.CREDIT_BUREAU_STATUS, broke, halfway, detail=DELINQUENT),
        happenings(Kind.CREDIT_BUREAU_STATUS, broke, stop, detail=IN_DEFAULT),
        happenings(Kind.CARD_BLOCKED, broke, stop),
    ]
