"""All customers' scores, levels, segments and open warnings in a file, as they are told of one."""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Generator, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl
from polars.io.plugins import register_io_source

from modelling.exports.point_in_time import check_target
from schemas import CustomerScore, Segments
from schemas.outputs.now import CustomerNow, Facts, OpenWarning
from scoring.rules import RuleSet
from streams.config import Settings
from streams.parameters.file import rules_of
from streams.tools.customers.look_up import everyone, how_many
from streams.tools.customers.view import NotScoredError, TooEarlyError

GROUP: Final = 16_384  # rows of a Parquet row group
IDENTITY: Final = ("customer_id", "at", "clock", "scored_with")
OWN: Final = (*IDENTITY, "value_at_stake", "points", "base_points")
HELD: Final = ("closed", "first_event", "last_event", "first_purchase_day", "last_purchase_day")
LATER: Final = ("other_points", "confidence", "next_timer")
KINDS: Final = {
    "string": pl.String,
    "integer": pl.Int64,
    "number": pl.Float64,
    "boolean": pl.Boolean,
    "date-time": pl.Datetime("us", "UTC"),
}
SCORE: Final = tuple(
    name
    for name in CustomerScore.model_fields
    if name not in {"customer_id", "event_time", "segments"}
)


@dataclass
class Exported:
    """What was written.

    Attributes:
        customers: rows of the file.
        too_early: customers left out, whose last event is later than the instant asked about.
        not_scored: likewise, who withdrew consent to profiling.
    """

    customers: int = 0
    too_early: int = 0
    not_scored: int = 0

    @property
    def seen(self) -> int:
        """All of them."""
        return self.customers + self.too_early + self.not_scored


def export(
    settings: Settings, out: Path, at: float | None, tell: Callable[[str, int, int], None]
) -> Exported:
    """Write a row for each customer of the store, in memory that does not grow with them.

    Args:
        settings: where Redis is, and the parameters in use.
        out: a file of .parquet or .csv, there once it is whole.
        at: the instant to score at, epoch seconds; None takes the present.
        tell: told how far it is.

    Raises:
        HistoryError: the file is of another kind.
        BasisError: customers were scored with parameters that these do not go with.
        StateError, DamagedError: another version wrote the store.
        redis.exceptions.RedisError: Redis cannot be reached.
    """
    check_target(out)
    is_flat, done, rules = out.suffix == ".csv", Exported(), rules_of(settings)
    schema, of = _schema(rules, is_flat=is_flat), asyncio.run(how_many(settings))

    def frames(*_: object) -> Iterator[pl.DataFrame]:
        with closing(_stepped(everyone(settings, at))) as batches:
            for found in batches:
                rows = [_row(each, rules, is_flat=is_flat) for each in _known(found, done)]
                done.customers += len(rows)
                tell("Exporting customers", done.seen, max(done.seen, of))
                yield pl.DataFrame(rows, schema=schema, orient="row")

    whole, part = register_io_source(frames, schema=schema), out.with_name(f".{out.name}.part")
    try:
        if is_flat:
            whole.sink_csv(part)
        else:
            whole.sink_parquet(part, row_group_size=GROUP)
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
    return done


def _stepped(found: AsyncGenerator[list[Any], None]) -> Generator[list[Any], None, None]:
    """What comes asynchronously, one after another."""
    with asyncio.Runner() as runner:
        try:
            while (batch := runner.run(_next(found))) is not None:
                yield batch
        finally:
            runner.run(found.aclose())


async def _next(found: AsyncGenerator[list[Any], None]) -> list[Any] | None:
    return await anext(found, None)


def _known(found: list[CustomerNow | Exception], done: Exported) -> Iterator[CustomerNow]:
    for each in found:
        if isinstance(each, TooEarlyError):
            done.too_early += 1
        elif isinstance(each, NotScoredError):
            done.not_scored += 1
        elif isinstance(each, Exception):
            raise each
        else:
            yield each


def _schema(rules: RuleSet, *, is_flat: bool) -> pl.Schema:
    """Columns in the order of `_row`."""
    warning = pl.List(pl.Struct(_kinds(OpenWarning, WARNED)))
    return pl.Schema(
        {
            **_kinds(CustomerNow, OWN),
            **_kinds(Facts, HELD),
            **_kinds(CustomerScore, SCORE),
            **_kinds(Segments, tuple(Segments.model_fields)),
            **_kinds(CustomerNow, LATER),
            **{f"level_{rule.name}": pl.String for rule in rules.rules},
            "warnings": pl.String if is_flat else warning,
        }
    )


WARNED: Final = (
    *("warning_id", "rule", "route", "band", "intervention", "action", "episode", "sequence"),
    *("since", "severity"),
)


def _kinds(contract: Any, names: tuple[str, ...]) -> dict[str, Any]:  # noqa: ANN401 - of any model
    """Columns of a contract's fields."""
    schema = contract.model_json_schema(mode="serialization")
    return {name: _kind(schema["properties"][name]) for name in names}


def _kind(told: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a type of polars
    """The column of a JSON Schema: what it may be beside null; a name of several is a text."""
    options = [each for each in told.get("anyOf", [told]) if each.get("type") != "null"]
    return KINDS[options[0].get("format", options[0].get("type", "string"))]


def _row(of: CustomerNow, rules: RuleSet, *, is_flat: bool) -> list[Any]:
    levels = {warning.rule: warning.band for warning in of.warnings}
    warnings = [{name: getattr(warning, name) for name in WARNED} for warning in of.warnings]
    segments = of.score.segments
    return [
        *(getattr(of, name) for name in OWN),
        *(getattr(of.facts, name) for name in HELD),
        *(getattr(of.score, name) for name in SCORE),
        *(getattr(segments, name, None) for name in Segments.model_fields),
        *(getattr(of, name) for name in LATER),
        *(levels.get(rule.name, "low") for rule in rules.rules),
        json.dumps(warnings, default=_iso) if is_flat else warnings,
    ]


def _iso(at: Any) -> str:  # noqa: ANN401 - as json asks
    """As the contracts tell an instant."""
    return str(at.isoformat()).replace("+00:00", "Z")
