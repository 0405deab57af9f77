"""What keeps warnings calm: hysteresis, cooldown and patience, each tried on the same logs.

python -m benchmarks.calm [--only NAME]... [--customers 3000] [--rules FILE]...

A warning is right if its customer lapses while it is open, wrong if it cleared before, and open
where the log ends first. Lapses are caught if a warning is open at their instant.
"""

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np

from benchmarks.scoreboard.data import Case, cdnow, complete_journey, complete_journey_sooner
from benchmarks.scoreboard.files import fitted_any, with_churn
from modelling.leaving import Stretches, stretches
from modelling.simulation import SimulationPlan, simulated
from scoring.arrays import DAY, NEVER, Floats, Ints
from scoring.model import ScoringModel
from scoring.parameters import parse
from scoring.rules import RuleSet, read_rules, shipped
from scoring.step.replay import EventLog, holds_of, replay
from scoring.warning.gate import Holding
from scoring.warning.lifecycle import LOW

FLAP: Final = 30.0  # days after the last warning was raised within which another is a flap
YEAR: Final = 365.25
KNOWN: Final = 365  # days of the made-up bank before it is judged
DECLINES: Final = ("spend_decline", "card_use_decline", "engagement_decline")
HEAD: Final = (
    *("rules", "of", "warnings", "flaps", "a customer and year", "precision", "caught"),
    *("lead", "open"),
)
TRIED: Final = {
    "no patience": "",
    "hysteresis .5": "hysteresis = 0.5",
    "cooldown 30 days": "cooldown_days = 30",
    **{f"clear after {days} days": f"clear_after_days = {days}" for days in (14, 28, 42, 60)},
}


@dataclass(frozen=True)
class Log:
    """A log, and what judges it.

    Attributes:
        name: for people.
        log: all of it.
        start, end: what is judged, epoch seconds.
        days: N of a lapse.
        document: the parameter file.
    """

    name: str
    log: EventLog
    start: float
    end: float
    days: float
    document: dict[str, Any]


class Warned(NamedTuple):
    """Warnings of a rule, one each, shape (n,).

    Attributes:
        row: the customer's.
        rule: slot.
        begun, ended: epoch seconds; the latter NEVER while open.
    """

    row: Ints
    rule: Ints
    begun: Floats
    ended: Floats


class Calm(NamedTuple):
    """What a rule came to."""

    warnings: int
    flaps: int
    years: float
    right: int
    wrong: int
    caught: int
    lapses: int
    lead: float
    open_days: float

    def line(self) -> str:
        """As cells of a table."""
        judged = max(self.right + self.wrong, 1)
        lead = f"{self.lead:.0f}" if np.isfinite(self.lead) else "-"
        return (
            f"{self.warnings:,} | {self.flaps:,} | {self.flaps / self.years:.4f} | "
            f"{self.right / judged:.1%} | {self.caught / max(self.lapses, 1):.1%} | {lead} | "
            f"{self.open_days:.1f}"
        )


def main() -> None:
    options = _options()
    for log in _logs(options):
        print(f"\n### {log.name}\n")
        lives = stretches(log.log.before(np.nextafter(log.end, NEVER)), log.days, log.end)
        holds = holds_of(log.log, log.end)
        print(f"| {' | '.join(HEAD)} |")
        print("| --- | --- |" + " ---: |" * (len(HEAD) - 2))
        for name, rules in _variants(options):
            model = ScoringModel(parse(log.document), rules)
            warned = _warned(log, model, holds)
            for which, slots in _which(model, every=options.all):
                own = Warned._make(part[np.isin(warned.rule, slots)] for part in warned)
                if which == "all" or own.row.size:
                    print(f"| {name} | {which} | {_calm(own, log, lives).line()} |", flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--only", action="append", help="the logs whose names begin so")
    parser.add_argument("--customers", type=int, default=3_000, help="of the made-up bank")
    parser.add_argument("--all", action="store_true", help="each rule, not `churn` and all alone")
    parser.add_argument("--rules", action="append", type=Path, help="these files instead")
    return parser.parse_args()


def _variants(options: argparse.Namespace) -> Iterator[tuple[str, RuleSet]]:
    for file in options.rules or ():
        yield file.stem, read_rules(file.read_bytes())
    if options.rules:
        return
    hasty = "".join(f"[rule.{rule}]\nclear_after_days = 0\n" for rule in DECLINES)
    for name, line in TRIED.items():
        churn = line if "clear_after" in line else f"clear_after_days = 0\n{line}"
        yield name, read_rules(f"{hasty}[rule.churn]\n{churn}\n".encode())
    yield "as shipped", shipped()


def _which(model: ScoringModel, *, every: bool) -> Iterator[tuple[str, list[int]]]:
    if every:
        yield from ((rule.name, [rule.slot]) for rule in model.rules.rules)
    else:
        yield "churn", [model.rules.slots["churn"]]
    yield "all", [rule.slot for rule in model.rules.rules]


def _logs(options: argparse.Namespace) -> Iterator[Log]:
    made = {"Simulator": lambda: _bank(options.customers), "Complete": _baskets, "CDNOW": _discs}
    for name, make in made.items():
        if not options.only or any(name.startswith(asked) for asked in options.only):
            yield make()


def _bank(customers: int) -> Log:
    """A bank that the preset for cards has not seen."""
    plan = SimulationPlan(customers=customers, days=730, seed=2024)
    text = resources.files("scoring.parameters").joinpath("cards.json").read_text("utf-8")
    start, end = (plan.origin + days * DAY for days in (KNOWN, plan.days))
    name = f"Simulator, {customers:,} customers, by the preset for cards"
    return Log(name, simulated(plan)[0], start, end, 60.0, json.loads(text))


def _baskets() -> Log:
    return _of(complete_journey_sooner(complete_journey()))


def _discs() -> Log:
    return _of(cdnow())


def _of(case: Case) -> Log:
    document = with_churn(case, fitted_any(case))
    log = case.log.before(np.nextafter(case.end, NEVER))
    return Log(case.name, log, case.start, case.end, case.lapse_days, document)


def _warned(log: Log, model: ScoringModel, holds: Holding) -> Warned:
    found = []
    for one in replay(log.log, model, until=log.end, held=holds):
        told = one.outcome.warnings
        at = np.flatnonzero((told["before"] == LOW) | (told["after"] == LOW))
        own = np.zeros(len(at), [("row", "i8"), ("rule", "i8"), ("ends", "?"), ("now", "f8")])
        own["row"], own["rule"] = one.customers[told["row"][at]], told["rule"][at]
        own["ends"], own["now"] = told["after"][at] == LOW, told["now"][at]
        found.append(own)
    turns = np.concatenate(found)
    turns = turns[np.lexsort((turns["now"], turns["rule"], turns["row"]))]
    begins = np.flatnonzero(~turns["ends"])
    follows = np.minimum(begins + 1, len(turns) - 1)
    is_ended = turns["ends"][follows]
    ended = np.where(is_ended, turns["now"][follows], NEVER)
    return Warned(turns["row"][begins], turns["rule"][begins], turns["now"][begins], ended)


def _calm(warned: Warned, log: Log, lives: Stretches) -> Calm:
    lost = np.flatnonzero(lives.lost & (lives.instant >= log.start))
    who, when = lives.row[lost], lives.instant[lost]
    inside = warned.begun >= log.start
    again = np.zeros(len(inside), np.bool_)
    same = (np.diff(warned.row) == 0) & (np.diff(warned.rule) == 0)
    again[1:] = same & (np.diff(warned.begun) <= FLAP * DAY)
    right, caught, lead = np.zeros(len(inside), np.bool_), np.zeros(len(who), np.bool_), []
    begins = np.searchsorted(warned.row, who, side="left")
    ends = np.searchsorted(warned.row, who, side="right")
    for number, (low, high) in enumerate(zip(begins.tolist(), ends.tolist(), strict=True)):
        own = slice(low, high)
        is_open = (warned.begun[own] < when[number]) & (when[number] <= warned.ended[own])
        right[own] |= is_open
        if is_open.any():
            caught[number] = True
            first = float(warned.begun[own][is_open].min())
            lead.append(min((when[number] - first) / DAY, log.days))
    wrong = inside & ~right & np.isfinite(warned.ended)
    spent = np.minimum(warned.ended, log.end) - np.maximum(warned.begun, log.start)
    judged = np.isin(np.arange(len(log.log.customers)), log.log.rows).sum()
    years = judged * (log.end - log.start) / DAY / YEAR
    return Calm(
        int(inside.sum()),
        int((inside & again).sum()),
        years,
        int((inside & right).sum()),
        int(wrong.sum()),
        int(caught.sum()),
        len(who),
        float(np.median(lead)) if lead else np.nan,
        float(np.maximum(spent, 0.0).sum() / DAY / years),
    )


if __name__ == "__main__":
    main()
