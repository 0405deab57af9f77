"""The scoreboard: one Markdown page."""

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any, Final

from benchmarks.scoreboard import bank, held_page, tables
from benchmarks.scoreboard.calibrated import Third
from benchmarks.scoreboard.data import Case
from benchmarks.scoreboard.equal import Held
from benchmarks.scoreboard.holdout import Expected
from benchmarks.scoreboard.ranking import Ranked
from benchmarks.scoreboard.truth import RuleTruth
from benchmarks.scoreboard.warned import Warned

PACKAGES: Final = ("numpy", "scipy", "lifetimes")
HEAD: Final = """\
# Scoreboard, {day}

What the scores and warnings are worth on two public purchase logs, beside days since the last
purchase and beside lifetimes. Every figure is of a run of

```
{command}
```

and, but for the speed at the end, does not depend on the machine
({versions}).

| data | customers | purchases | learnt from, up to | judged on, up to |
| --- | ---: | ---: | --- | --- |
{data}

Nothing is fitted to what comes after the first date: no model, scorecard or threshold sees it.

## What to read from it, and what not

- CD and grocery shops are not cards. The figures show that the code does what it says on data
  anyone can get, and where a plain rule does as well. What a bank may expect is told by
  `ebbwatch backtest` on its own history.
- Lost is here who falls silent, so plain silence is hard to beat. The rule `silence` asks whether
  anything will be bought in the days to come, whenever the last purchase was: it can reach its
  threshold when the customer counts as lost already, and is late; or, of one who buys seldom, stand
  from the first purchase on.
- These logs hold purchases only: no complaints, instalments, surveys or sessions, so the rules
  on them say nothing.
- One log is made up, and its figures say so: by [the simulator](simulator.md), whose kinds of
  leaving are its own.
- The scorecard's inputs were chosen after looking at these two logs. Its figures are out of
  fold by customer, but not blind to the choice of inputs.
- An interval is of 95%. A gain whose interval includes 0 proves nothing."""
RANKING: Final = """\
## Ranking of who buys nothing in the holdout

Each customer known at its beginning is scored once. AUC is how likely one who buys nothing is
put above one who buys. The scorecard's risk of a customer comes from a fit without them, in
five folds. "Over" is how much more a score's AUC is, of the same customers and paired: over days
since the last purchase, and over P(no purchase in the holdout) and the expected purchases, fewest
first, of the same purchase model fitted by us. ECE is the expected calibration error over ten bins
of equal counts; below the limit beside it stay 95% of perfectly calibrated forecasts. Purchase
models are fitted to all customers, but not to the holdout."""
HOLDOUT: Final = """\
## Purchases in the holdout, expected and actual

Fitted to the first 39 weeks, judged by the days after on which customers bought. Correlation
and MAE are over customers. lifetimes fits the same models to the same customers, so the figures
should be the same to its optimiser's precision; where it has no number for some customers, its
row counts the others only. Our fit says so where the likelihood has no interior maximum,
instead of returning a point on the way."""
WARNED: Final = """\
## Warnings by the live code

The parameter file is fitted as `ebbwatch fit` and `ebbwatch fit-churn` do, to what comes before
the holdout: BG/NBD and Gamma-Gamma, the churn scorecard and its thresholds by the historic
rate. Then the whole log is replayed through the step and the timers of the worker, and the
warnings raised in the holdout are judged as [the backtest's
definitions](backtest.md#what-is-counted) say, in short:

- **lost**: N days without a purchase, at the instant when they are over. **right**: raised in
  that silence, before that instant; **late**: after it; **wrong**: a purchase ended the silence
  in time; **open**: the log ends first.
- **precision**: right / (right + wrong + late). **recall**: of the customers lost in the
  holdout, those with a right warning. **lead**: median days from the first right warning to the
  instant. **flaps**: raised again within 30 days.
- **standing**: of the customers lost in the holdout, those whose warning was up just then, be
  it since before their last purchase. Who is warned of already is not warned of again by buying
  once, so recall leaves them out.
- **from**: the value at which the band begins: P(no purchase in {horizon:g} days) for
  `silence`, a risk for `churn`, the proven share lost for the declines. The file's own
  thresholds come first, then the grids, one rule each.
- *silent for D days*, below a rule: the plain rule that warns whoever has not bought for D days,
  with the whole number D below N that warns about **as often**, within a tenth, if there is one,
  and with the one that leads as much, **as early**. As any silence of N days passes D, it misses
  nobody, and leads by N - D days: what it costs is the number of its warnings."""
SPEED: Final = """\
## Speed

Events a second of these backtests in one process, judging included. They depend on the machine
and on what else it does, and fall with the number of timers that fire."""
CASE: Final = """\
Why {case.lapse_days:g} days: {case.lapse_reason}; {case.longer_gaps:.1%} of the silences between
two purchases last longer. In the {result.period.days:.0f} days judged {result.lapses:,} silences
became that long."""
SCORES: Final = """\
The same file's scores on dates in the holdout ({dates}), of {snapshots.customers:,} customers
together: who buys nothing in the H days from then?"""
WIDTH: Final = 100


@dataclass(frozen=True)
class Results:
    """All that was found, by case's name.

    Attributes:
        cases: That were judged.
        ranked: Of cases whose customers were ranked.
        expected: Of cases whose purchases were foretold.
        warned: Of cases that were replayed.
        horizon: H of the replayed parameter files.
        held: Warnings at equal lead, by case.
        thirds: Calibration by thirds of the silence, by case's name.
        truth: Rules against the truth of the made-up bank.
    """

    cases: Sequence[Case]
    ranked: Mapping[str, Sequence[Ranked]]
    expected: Mapping[str, Sequence[Expected]]
    warned: Mapping[str, Warned]
    horizon: float
    held: Sequence[Held] = ()
    thirds: Mapping[str, Sequence[Third]] = field(default_factory=dict)
    truth: Sequence[RuleTruth] = ()


def page(results: Results, day: str, command: str) -> str:
    """The page.

    Args:
        results: What was found.
        day: ISO 8601.
        command: That finds it again.
    """
    by_name = {case.name: case for case in results.cases}
    data = "\n".join(_data(case) for case in results.cases)
    plan = bank.PLAN
    head = HEAD.format(day=day, command=command, data=data, versions=_versions())
    parts = [
        head,
        *held_page.equal_parts(results.held),
        *held_page.thirds_parts(results.thirds),
        *held_page.truth_parts(results.truth, plan.customers, plan.seed, bank.LAPSE_DAYS),
        RANKING,
        *_sections(results.ranked, tables.ranking),
        HOLDOUT,
        *_sections(results.expected, tables.holdout),
        WARNED.format(horizon=results.horizon),
        *(part for name, found in results.warned.items() for part in _warned(by_name[name], found)),
        SPEED,
        "\n".join(_speed(name, found) for name, found in results.warned.items()),
    ]
    return "\n\n".join(parts) + "\n"


def _data(case: Case) -> str:
    counts = f"{len(case.log.customers):,} | {len(case.log.events):,}"
    return f"| {case.name} | {counts} | {case.until} | {case.last} |"


def _versions() -> str:
    return ", ".join(f"{name} {version(name)}" for name in PACKAGES)


def _sections(found: Mapping[str, Iterable[Any]], table: Any) -> Iterable[str]:  # noqa: ANN401
    for name, rows in found.items():
        yield f"### {name}"
        yield table(rows)


def _warned(case: Case, found: Warned) -> Iterable[str]:
    result = found.result
    yield f"### {case.name}: N = {case.lapse_days:g} days"
    yield textwrap.fill(CASE.format(case=case, result=result), WIDTH)
    yield "By the file's own thresholds:"
    yield tables.warnings(found.own)
    if found.others:
        yield "By other thresholds of band middle, one rule's at a time:"
        yield tables.warnings(found.others)
    yield "The plain rule by itself:"
    yield tables.rivals(found.rivals)
    yield textwrap.fill(SCORES.format(snapshots=result.snapshots, dates=tables.dates(found)), WIDTH)
    yield tables.scores(found)


def _speed(name: str, found: Warned) -> str:
    return f"- {name}: {found.events_per_second:,.0f}, {found.result.timers:,} timers a replay"
