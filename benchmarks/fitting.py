# ruff: noqa: N806 - T is the field's own name for the time since the first purchase.
"""Fits and scores beside lifetimes, on the same customers in one process.

    python -m benchmarks.fitting [--rounds 3] [--customers 1000000] [--card-holders 20000]

The fits are timed from one row a customer to standard errors, best of the rounds; lifetimes, which
takes minutes, once.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from time import perf_counter
from typing import Final

import numpy as np

from benchmarks import fitting_peer as peer
from benchmarks.fitting_data import Customers, Floats, card_holders, cdnow, simulated
from benchmarks.machine import describe
from benchmarks.report import save, typed
from modelling.fit.likelihood import PurchaseModelName, cells, fit_purchases, log_likelihood
from scoring.model import ScoringModel
from streams.config import Settings
from streams.parameters.file import load_model

SCORED: Final = 100_000
BATCH: Final = 8192  # customers a step scores at once
TIMES: Final = ("alpha", "beta")
NOTES: Final = """\
A fit is timed from one row a customer on: counting cells, several starts, standard errors. "Above"
is by how much our log-likelihood exceeds that of lifetimes' parameters. A score is P(alive), P(no
purchase in 28 days), expected purchases in them, and CLV of 12 months: discounted by month from
expected purchases by lifetimes, continuously here, tables made once per parameter file apart."""


@dataclass(frozen=True)
class Race:
    """One job done by both.

    Attributes:
        job: What.
        customers: How many.
        seconds: That we took.
        theirs: That lifetimes took; None if it failed.
        above: Log-likelihood beyond lifetimes'; None where nothing was fitted.
        parameters: Ours, times in days.
        their_parameters: lifetimes', times in days.
    """

    job: str
    customers: int
    seconds: float
    theirs: float | None = None
    above: float | None = None
    parameters: Mapping[str, float] | None = None
    their_parameters: Mapping[str, float] | None = None

    @property
    def ratio(self) -> float | None:
        """Times as fast as lifetimes."""
        return self.theirs / self.seconds if self.theirs else None


def main() -> None:
    options = _options()
    races = []
    for race in _races(options):
        races.append(race)
        print(_row(race), file=sys.stderr)
    page = _page(races)
    if options.save:
        print(f"written: {save('fitting', page)}", file=sys.stderr)
    print(json.dumps([asdict(race) for race in races]) if options.json else page)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--card-holders", type=int, default=20_000)
    parser.add_argument("--json", action="store_true", help="print one JSON object, not the page")
    parser.add_argument("--save", action=argparse.BooleanOptionalAction, default=True)
    return parser.parse_args()


def _races(options: argparse.Namespace) -> Iterator[Race]:
    drawn, holders = simulated(options.customers), card_holders(options.card_holders)
    rounds = options.rounds
    yield _fitted("BG/NBD, simulated", "bgnbd", drawn, rounds)
    yield _fitted("Pareto/NBD, CDNOW", "paretonbd", cdnow(), rounds)
    yield _fitted("Pareto/NBD, card holders, in days", "paretonbd", holders, rounds)
    weeks = holders.in_weeks()
    yield _fitted("Pareto/NBD, card holders, in weeks", "paretonbd", weeks, rounds, unit=7.0)
    yield _scored(Customers(*(column[:SCORED] for column in drawn)), rounds)


def _fitted(
    job: str, model: PurchaseModelName, customers: Customers, rounds: int, unit: float = 1.0
) -> Race:
    counted = cells(*customers)
    fitted = fit_purchases(model, counted)
    seconds = _best(lambda: fit_purchases(model, cells(*customers)), rounds)
    race = Race(job, len(customers.x), seconds, parameters=_days(fitted.parameters, unit))
    theirs, taken = peer.fit(model, customers)
    if theirs is None:
        return race
    above = fitted.log_likelihood - log_likelihood(model, counted, theirs)
    extras = {"theirs": taken, "above": above, "their_parameters": _days(theirs, unit)}
    return Race(**{**asdict(race), **extras})


def _days(parameters: Mapping[str, float], unit: float) -> dict[str, float]:
    return {name: v * unit if name in TIMES else v for name, v in parameters.items()}


def _scored(customers: Customers, rounds: int) -> Race:
    model = load_model(Settings())
    spend = np.random.default_rng(3).gamma(5.0, 700.0, len(customers.x))
    _scores(model, customers, spend)  # makes the tables of the model, once for a parameter file
    seconds = _best(lambda: _scores(model, customers, spend), rounds)
    theirs = _best(peer.scores(model, customers, spend), 1)
    return Race("full score", len(customers.x), seconds, theirs)


def _scores(model: ScoringModel, customers: Customers, spend: Floats) -> None:
    for start in range(0, len(spend), BATCH):
        x, t_x, T = (column[start : start + BATCH] for column in customers)
        alive = model.purchases.p_alive(x, t_x, T)
        model.p_no_purchase(x, t_x, T)
        alive * model.purchases_ahead(x, T)
        value = model.spend.expected_spend(x, spend[start : start + BATCH])
        model.margin * value * alive * model.discounted_ahead(x, T)


def _best(job: Callable[[], object], rounds: int) -> float:
    def timed() -> float:
        start = perf_counter()
        job()
        return perf_counter() - start

    return min(timed() for _ in range(rounds))


def _page(races: list[Race]) -> str:
    day = datetime.now(UTC).date().isoformat()
    facts = {**describe(), "numerics": _numerics()}
    lines = "\n".join(f"- {name}: {value}" for name, value in facts.items())
    command = typed("benchmarks.fitting")
    head = (
        "| job | customers | seconds | lifetimes | times as fast | above |\n| --- " + "| ---: " * 5
    )
    table = "\n".join([f"{head}|", *(_row(race) for race in races)])
    parts = (f"# Fits and scores beside lifetimes, {day}", lines, table, _units(races[2:4]), NOTES)
    return "\n\n".join((*parts, f"Measure again with\n\n```\n{command}\n```")) + "\n"


def _numerics() -> str:
    return ", ".join(f"{name} {version(name)}" for name in ("numpy", "scipy", "lifetimes"))


def _row(race: Race) -> str:
    theirs = "failed" if race.theirs is None else f"{race.theirs:.3f}"
    ratio = "" if race.ratio is None else f"{race.ratio:.1f}"
    above = "" if race.above is None else f"{race.above:.4f}"
    cells_ = (race.job, f"{race.customers:,}", f"{race.seconds:.3f}", theirs, ratio, above)
    return f"| {' | '.join(cells_)} |"


def _units(races: list[Race]) -> str:
    """How far parameters fitted in days and in weeks differ."""
    ours = _apart(*(race.parameters for race in races))
    theirs = _apart(*(race.their_parameters for race in races))
    return f"Days and weeks differ by {ours} in a parameter, lifetimes' by {theirs}."


def _apart(days: Mapping[str, float] | None, weeks: Mapping[str, float] | None) -> str:
    if days is None or weeks is None:
        return "what is not known, one having failed"
    return f"{max(abs(weeks[name] / value - 1.0) for name, value in days.items()):.1e} at most"


if __name__ == "__main__":
    main()
