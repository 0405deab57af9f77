"""What was, held against what should have been: customers, warnings and dead letters."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from judge.cases import expected_cases, told_cases, wrong_cases
from judge.laws import BANDS, HIGH, INTERVENTIONS, LOW, RULES, Law, done
from judge.life import Due
from judge.stored import SECOND, differences
from judge.trial import Expected, Place
from judge.worth import severities, worth

KEY = ("warning_id", "sequence")
EXACT = (
    "customer_id", "rule", "route", "topic", "lifecycle", "band", "intervention", "action",
    "model_version", "consent_withdrawn",
)  # fmt: skip
INSTANTS = ("event_time", "raised_at")
FIGURES = (
    "churn_risk", "p_alive", "p_no_purchase", "expected_purchases", "expected_spend", "clv",
    "value_at_stake", "severity",
)  # fmt: skip
CLOSE = 1e-6  # of figures, relative: a timer may come a second late
SHOWN = 5
KEEP = "keep_in_touch"  # the action once a warning has cleared


class Told(NamedTuple):
    """A warning as a consumer got it: where it stood, and what it said."""

    topic: str
    partition: int
    offset: int
    warning: Mapping[str, Any]


@dataclass
class Verdict:
    """What the judge found; `objections` is empty where all is as it should be.

    Attributes:
        applied: events of customers whose state is as it should be.
        events: events there were.
        states: customers compared.
        right: warnings that came once, and as they should.
        warnings: warnings that should have come.
        missing: how many of them never came.
        twice: how many came again.
        objections: in words, the first of each kind.
    """

    applied: int = 0
    events: int = 0
    states: int = 0
    right: int = 0
    warnings: int = 0
    missing: int = 0
    twice: int = 0
    objections: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"applied once {self.applied}/{self.events}, "
            f"warnings once {self.right}/{self.warnings}, "
            f"missing {self.missing}, twice {self.twice}"
        )

    def object(self, what: str, found: Iterable[Any]) -> int:
        """Note what is wrong, if anything is; returns how many."""
        listed = list(found)
        if listed:
            self.objections.append(f"{what}: {len(listed)}, such as {listed[:SHOWN]}")
        return len(listed)


def verdict(
    expected: Expected,
    states: Mapping[str, np.void],
    told: Sequence[Told],
    topics: Mapping[str, str],
    laws: Sequence[Law],
    *,
    letters: Iterable[Place] = (),
    bad: Iterable[Place] = (),
    cases: Sequence[Mapping[str, Any]] | None = None,
    due: pl.DataFrame | None = None,
    wall: float = 0.0,
) -> Verdict:
    """Judge a run.

    Args:
        expected: what should have come of it.
        states: every customer's stored state.
        told: every warning.
        topics: warning topic by route.
        laws: as of `lived`.
        letters: where the records stood that became dead letters; after a crash one may come
            again, as its place tells.
        bad: where records stood that had to.
        cases: every message of the case topic; None where they are not judged.
        due: of `expected_table`, where it is made already.
        wall: beyond which no clock may be that no event moved there; 0 in a replay.
    """
    found = Verdict(events=expected.events, states=len(expected.lives))
    _judge_states(found, expected, states)
    due_warnings = expected_table(expected, topics, laws) if due is None else due
    _judge_warnings(found, due_warnings, told)
    if cases is not None:
        dues = [due for life in expected.lives.values() for due in life.due]
        turned = [turn for life in expected.lives.values() for turn in life.turned]
        due_cases = expected_cases(dues, due_warnings["severity"].to_list(), turned)
        for what, which in wrong_cases(due_cases, told_cases(cases)):
            found.object(what, which)
    found.object(
        "clocks of partitions ahead of all events and of the wall",
        [at for at in expected.followed.items() if at[1][0] > max(at[1][1], wall)],
    )
    unusable, came = {*bad, *expected.too_late}, set(letters)
    found.object("records not set aside", unusable - came)
    found.object("records set aside that are good", came - unusable)
    return found


def _judge_states(found: Verdict, expected: Expected, states: Mapping[str, np.void]) -> None:
    found.object("customers without a state", expected.lives.keys() - states.keys())
    found.object("states of nobody", states.keys() - expected.lives.keys())
    wrong = []
    for customer, life in expected.lives.items():
        said = list(differences(life, states[customer])) if customer in states else ["nothing"]
        wrong += [f"{customer}: {'; '.join(said[:SHOWN])}"] if said else []
        if not said:
            found.applied += life.facts.counts["events"] + life.facts.counts["duplicates"]
    found.applied += len(expected.too_late)
    found.object("states that differ", wrong)


def _judge_warnings(found: Verdict, due: pl.DataFrame, told: Sequence[Told]) -> None:
    got = told_table(told)
    found.warnings = len(due)
    counts = got.group_by(KEY).len()
    found.twice = found.object("warnings twice", counts.filter(pl.col("len") > 1).rows())
    once = got.unique(KEY, keep="first", maintain_order=True)
    missing = due.join(once, on=KEY, how="anti")
    found.missing = found.object(
        "warnings missing", missing.select(*KEY, "customer_id", "rule").rows()
    )
    extra = once.join(due, on=KEY, how="anti").select(*KEY, "customer_id", "rule")
    found.object("warnings that were not due", extra.rows())
    both = due.join(once, on=KEY, how="inner", suffix="_got")
    wrong = both.filter(~_alike())
    found.object("warnings that say something else", map(_said, wrong.to_dicts()))
    found.object("warnings out of order", _disordered(got))
    again = counts.filter(pl.col("len") > 1)
    found.right = len(both.filter(_alike()).join(again, on=KEY, how="anti"))


def _alike() -> pl.Expr:
    """Whether an expected warning and the one that came say the same."""
    alike = [pl.col(name) == pl.col(f"{name}_got") for name in EXACT]
    alike += [(pl.col(name) - pl.col(f"{name}_got")).abs() <= SECOND for name in INSTANTS]
    for name in FIGURES:
        slack = 1.0 if name == "severity" else CLOSE
        apart = (pl.col(name) - pl.col(f"{name}_got")).abs()
        alike.append(apart <= CLOSE * pl.col(name).abs() + slack)
    return pl.all_horizontal(alike).fill_null(value=False)


def _said(row: Mapping[str, Any]) -> str:
    names = [*EXACT, *INSTANTS, *FIGURES]
    apart = [name for name in names if row[name] != row[f"{name}_got"]]
    said = [f"{name}: expected {row[name]!r}, got {row[f'{name}_got']!r}" for name in apart]
    return f"{row['warning_id']} {row['sequence']}: {'; '.join(said)}"


def _disordered(got: pl.DataFrame) -> list[Any]:
    """Warnings that stand behind a later one of the same customer in their topic."""
    ordered = got.sort("topic", "partition", "offset")
    before = {name: pl.col(name).shift().over("topic", "customer_id") for name in INSTANTS[:1]}
    last = pl.col("sequence").shift().over("topic", "warning_id")
    wrong = (pl.col("event_time") < before["event_time"]) | (pl.col("sequence") <= last)
    return ordered.filter(wrong).select("topic", "partition", "offset", *KEY).rows()


def expected_table(
    expected: Expected, topics: Mapping[str, str], laws: Sequence[Law]
) -> pl.DataFrame:
    """Every warning that was due, as it should read."""
    dues = [due for life in expected.lives.values() for due in life.due]
    figures: dict[int, dict[str, float]] = {}
    for law in laws:
        own = [place for place, due in enumerate(dues) if due.version == law.version]
        if own:
            worths = worth([dues[place] for place in own], law)
            for row, place in enumerate(own):
                shown = "profiling" not in dues[place].withdrawn
                told = worths._asdict().items()
                figures[place] = {name: float(of[row]) * shown for name, of in told}
    severity = severities(dues, [figures[place]["value_at_stake"] for place in range(len(dues))])
    rows = [
        {**_worded(due, topics), **figures[place], "severity": severity[place]}
        for place, due in enumerate(dues)
    ]
    return pl.DataFrame(rows, schema=_schema())


def _worded(due: Due, topics: Mapping[str, str]) -> dict[str, Any]:
    route, *actions = RULES[due.rule]
    moved = "escalated" if due.after == HIGH else "eased"
    turned = "raised" if due.before == LOW else "cleared" if due.after == LOW else moved
    return {
        "warning_id": due.warning_id,
        "sequence": due.sequence,
        "customer_id": due.customer,
        "rule": due.rule,
        "route": route,
        "topic": topics[route],
        "lifecycle": turned,
        "band": BANDS[due.after],
        "intervention": INTERVENTIONS[due.after],
        "action": KEEP if due.after == LOW else done(actions[due.after - 1], due.withdrawn),
        "consent_withdrawn": due.withdrawn,
        "model_version": due.version,
        "event_time": due.now,
        "raised_at": due.raised_at,
        "churn_risk": due.churn_risk,
    }


def told_table(told: Sequence[Told]) -> pl.DataFrame:
    """Every warning that came, as it reads."""
    places = {"partition": pl.Int64, "offset": pl.Int64}
    rows = []
    for topic, partition, offset, warning in told:
        row = {name: warning.get(name) for name in _schema()}
        row["consent_withdrawn"] = " ".join(warning["consent_withdrawn"])
        row |= {name: datetime.fromisoformat(warning[name]).timestamp() for name in INSTANTS}
        rows.append({**row, "topic": topic, "partition": partition, "offset": offset})
    return pl.DataFrame(rows, schema={**_schema(), **places})


def _schema() -> dict[str, Any]:
    kinds = {"warning_id": pl.String, "sequence": pl.Int64, **dict.fromkeys(EXACT, pl.String)}
    return kinds | dict.fromkeys((*INSTANTS, *FIGURES), pl.Float64)
