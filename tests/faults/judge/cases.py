"""The one case of each customer, made of the warnings that were due, and held against the topic."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

import polars as pl

from judge.laws import BANDS, LOW, RULES, SLOTS, done
from judge.life import Due, Turn

KEY = ("case_id", "sequence")
EXACT = ("customer_id", "kind", "status", "closed_by", "before", "warnings", "leading", "band",
         "route", "action", "consent_withdrawn")  # fmt: skip
INSTANTS = ("event_time", "opened_at")
SLACK = 1.0  # of severities, minor units
SECOND = 1.1


@dataclass
class _Case:
    """A customer's case as it goes on."""

    number: int = 0
    sequence: int = 0
    status: str | None = None
    opened: float = 0.0
    route: str = "relationship"
    open: dict[str, tuple[Due, float]] = field(default_factory=dict)

    def take(self, told: Sequence[tuple[Due | Turn, float]]) -> dict[str, Any]:
        """Take what one judgement made of warnings, with severities; tell the case's message."""
        before = self.status
        if before in {None, "closed"}:
            before = None
            self.number, self.sequence, self.opened = self.number + 1, 0, told[0][0].now
        self.sequence += 1
        for due, severity in told:
            if isinstance(due, Turn):
                continue
            self.open[due.rule] = (due, severity)
            if due.after == LOW:
                del self.open[due.rule]
        self.status = "open" if self.open else "closed"
        return {**self._said(told[0][0]), "before": before or "none"}

    def _said(self, due: Due | Turn) -> dict[str, Any]:
        whose = hashlib.blake2b(due.customer.encode(), digest_size=12).hexdigest()
        ranked = sorted(
            self.open.values(), key=lambda one: (-one[1], -one[0].after, SLOTS[one[0].rule])
        )
        near = [one for one in ranked if one[1] >= ranked[0][1] - 2 * SLACK]
        sure = len(near) <= 1  # else a second's difference may make another one lead
        first = ranked[0][0] if ranked else None
        self.route = RULES[first.rule][0] if first else self.route
        return {
            "case_id": f"{whose}.{self.number}",
            "sequence": self.sequence,
            "customer_id": due.customer,
            "kind": "retention",
            "status": self.status,
            "closed_by": "none" if self.open else "cleared",
            "warnings": " ".join(sorted(f"{d.warning_id}:{BANDS[d.after]}" for d, _ in ranked)),
            "leading": (first.warning_id if first else "none") if sure else None,
            "band": (BANDS[first.after] if first else "low") if sure else None,
            "route": RULES[first.rule][0] if first and sure else None,
            "action": _action(first, due.withdrawn) if sure else None,
            "consent_withdrawn": due.withdrawn,
            "event_time": due.now,
            "opened_at": self.opened,
        }


def _action(first: Due | None, withdrawn: str) -> str:
    return done(RULES[first.rule][first.after], withdrawn) if first else "keep_in_touch"


def expected_cases(
    dues: Sequence[Due], severities: Sequence[float], turned: Iterable[Turn]
) -> pl.DataFrame:
    """Every message of a case that was due, where nobody answers anything.

    Args:
        dues: warnings, each customer's in order.
        severities: of each.
        turned: values that left bands which warnings keep, or came back.
    """
    told: list[tuple[Due | Turn, float]] = [*zip(dues, severities, strict=True)]
    told = sorted([*told, *((turn, 0.0) for turn in turned)], key=_when)
    rows = [row for _, own in groupby(told, key=lambda one: one[0].customer) for row in _lived(own)]
    return pl.DataFrame(rows, schema=_schema())


def _when(one: tuple[Due | Turn, float]) -> tuple[str, int]:
    return one[0].customer, one[0].judgement


def _lived(own: Iterable[tuple[Due | Turn, float]]) -> Iterator[dict[str, Any]]:
    case = _Case()
    for _, together in groupby(own, key=lambda one: one[0].judgement):
        yield case.take(list(together))


def told_cases(messages: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    """Every message of a case that came, as it reads."""
    rows = [
        {
            **{name: said.get(name) for name in (*KEY, *EXACT)},
            "closed_by": said["closed_by"] or "none",
            "consent_withdrawn": " ".join(said["consent_withdrawn"]),
            "before": said["previous"]["status"] if said["previous"] else "none",
            "leading": said["leading"] or "none",
            "warnings": " ".join(
                sorted(f"{w['warning_id']}:{w['band']}" for w in said["warnings"])
            ),
            **{name: datetime.fromisoformat(said[name]).timestamp() for name in INSTANTS},
        }
        for said in messages
    ]
    return pl.DataFrame(rows, schema=_schema())


def _schema() -> dict[str, Any]:
    kinds = {"case_id": pl.String, "sequence": pl.Int64, **dict.fromkeys(EXACT, pl.String)}
    return kinds | dict.fromkeys(INSTANTS, pl.Float64)


def wrong_cases(due: pl.DataFrame, got: pl.DataFrame) -> Iterator[tuple[str, list[Any]]]:
    """What is wrong with the cases that came: in words, and which."""
    yield "cases twice", got.group_by(KEY).len().filter(pl.col("len") > 1).rows()
    once = got.unique(KEY, keep="first", maintain_order=True)
    yield "cases missing", due.join(once, on=KEY, how="anti").select(*KEY, "customer_id").rows()
    yield "cases that were not due", once.join(due, on=KEY, how="anti").select(*KEY).rows()
    both = due.join(once, on=KEY, how="inner", suffix="_got")
    alike = [(pl.col(name) == pl.col(f"{name}_got")).fill_null(value=True) for name in EXACT]
    alike += [(pl.col(name) - pl.col(f"{name}_got")).abs() <= SECOND for name in INSTANTS]
    differs = both.filter(~pl.all_horizontal(alike)).to_dicts()
    yield "cases that say something else", [_said(row) for row in differs]


def _said(row: Mapping[str, Any]) -> str:
    names = [name for name in (*EXACT, *INSTANTS) if row[name] not in {None, row[f"{name}_got"]}]
    said = [f"{name}: expected {row[name]!r}, got {row[f'{name}_got']!r}" for name in names]
    return f"{row['case_id']} {row['sequence']}: {'; '.join(said)}"
