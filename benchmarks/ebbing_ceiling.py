"""How many who ebb away can be warned of in time at all, by who knows all but the outcome.

python -m benchmarks.ebbing_ceiling [--seed 9001] [--customers 6144]

The detector knows what nobody can: each customer's own rate of card use and of visits on each day,
seasons, paydays and journeys included, which charges recur by themselves, how often customers begin
to ebb, and by which curve. It tells the posterior probability of having begun (Shiryaev 1963). What
it does not reach on the simulator's figures, no scorecard will.
"""

import argparse
from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np

from modelling.simulation import LeavingReason, SimulationPlan, Truth, blocks
from modelling.simulation.calendar import Days, days_of, payday_lift, rhythm
from modelling.simulation.customers.leaving import EBBED, LASTS
from modelling.simulation.figures import MONTH, YEAR, CardFigures
from modelling.simulation.run import Block
from scoring.arrays import DAY, Bools, Floats, Ints
from scoring.facts.kinds import Kind

DAYS: Final = 730
START: Final = 365  # first day judged
EARLY: Final = 14  # days before the last purchase
AGAIN: Final = 45  # days after which a warning is a new one
LENGTHS: Final = np.linspace(*LASTS[LeavingReason.EBBING], 5)  # days an ebbing may last
RISKS: Final = (0.05, 0.08, 0.1, 0.15, 0.2, 0.3, 0.5, 0.7)
USES: Final = (Kind.PURCHASE, Kind.CASH_ADVANCE, Kind.DECLINED)
VISITS: Final = (Kind.APP_SESSION, Kind.WEB_VISIT)
REPEATS: Final = 3  # times that the same second of a day makes a charge a recurring one


class Seen(NamedTuple):
    """Events by customer and day, and how many a customer who stays would have had.

    Attributes:
        counts: uses and visits, shape (customers, days).
        expected: shape (customers, days).
        truth: of the customers.
    """

    counts: Floats
    expected: Floats
    truth: Truth


def main() -> None:
    options = _options()
    plan = SimulationPlan(customers=options.customers, days=DAYS, seed=options.seed)
    days, found = days_of(plan), []
    for block in blocks(plan):
        seen = _seen(block, days, plan.figures)
        found.append(_judged(seen, _risk(seen, plan.figures), days))
    print(f"seed {plan.seed}, {plan.customers:,} customers, days {START} to {DAYS}\n")
    print("| from a risk of | warnings | precision | ebbing leavers | caught 14 days before |")
    print("| ---: | ---: | ---: | ---: | ---: |")
    for least, (warnings, right, leavers, caught) in zip(RISKS, np.sum(found, axis=0), strict=True):
        told = f"{warnings:,} | {right / warnings:.1%} | {leavers} | {caught / leavers:.1%}"
        print(f"| {least:g} | {told} |")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=9001)
    parser.add_argument("--customers", type=int, default=6144)
    return parser.parse_args()


def _seen(block: Block, days: Days, figures: CardFigures) -> Seen:
    people, first = block.lives.people, int(block.truth.customers[0])
    uses = np.isin(block.rows["kind"], USES) & ~_recurs(block)
    counted = uses | np.isin(block.rows["kind"], VISITS)
    day = (block.rows["time"][counted] - days.origin) // int(DAY)
    counts = np.zeros((people.size, days.total))
    np.add.at(counts, (block.rows["customer"][counted] - first, day), 1.0)
    used = payday_lift(days, people.payday, figures) * block.lives.absences.level
    used = used * rhythm(days, figures) * (people.rate / (1.0 - figures.declined))[:, None]
    visits = people.on_app * figures.app_sessions + people.on_web * figures.web_visits
    there = np.arange(days.total) >= people.joined[:, None]
    return Seen(counts, (used + (visits / MONTH)[:, None]) * there, block.truth)


def _recurs(block: Block) -> Bools:
    """Which purchases are charges that come by themselves: always at the same second of a day."""
    rows = block.rows
    bought = rows["kind"] == Kind.PURCHASE
    key = np.stack([rows["customer"], rows["merchant"], rows["time"] % 86_400, ~bought])
    _, which, times = np.unique(key, axis=1, return_inverse=True, return_counts=True)
    again: Bools = bought & (times[which.ravel()] >= REPEATS)
    return again


def _risk(seen: Seen, figures: CardFigures) -> Floats:
    """Posterior probability of having begun to ebb, shape (customers, days)."""
    ebbing = figures.switching * figures.kinds[1] / sum(figures.kinds) / YEAR / len(LENGTHS)
    odds, total = np.zeros_like(seen.counts), seen.counts.shape[1]
    longest = int(LENGTHS.max()) + 1
    for length in LENGTHS:
        fallen = -EBBED * np.minimum((np.arange(longest) + 0.5) / length, 1.0)
        for onset in range(total):
            part = slice(onset, min(onset + longest, total))
            size = part.stop - onset
            lost = seen.expected[:, part] * np.expm1(fallen[:size])
            likelier = np.cumsum(seen.counts[:, part] * fallen[:size] - lost, axis=1)
            odds[:, part] += ebbing * np.exp(np.minimum(likelier, 40.0))
    return odds / (1.0 + odds)


def _judged(seen: Seen, risk: Floats, days: Days) -> Ints:
    return np.array([list(_at(seen, risk >= least, days)) for least in RISKS])


def _at(seen: Seen, up: Bools, days: Days) -> Iterator[int]:
    """Warnings, right ones, ebbing leavers, and those caught early."""
    onset, last = (
        (times - days.origin) / DAY for times in (seen.truth.onset, seen.truth.last_purchase)
    )
    row, day = np.nonzero(up[:, START:])
    new = np.append(True, (np.diff(row) > 0) | (np.diff(day) >= AGAIN))[: len(row)]
    yield int(new.sum())
    yield int((day[new] + START + 1 >= onset[row[new]]).sum())
    ebbing = seen.truth.reason == LeavingReason.EBBING
    ebbing &= (onset >= START) & (onset <= days.total - 60)
    yield int(ebbing.sum())
    yield sum(
        bool(up[at, int(onset[at]) : max(int(last[at]) - EARLY + 1, 0)].any())
        for at in np.flatnonzero(ebbing)
    )


if __name__ == "__main__":
    main()
