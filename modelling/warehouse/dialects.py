"""The few words in which the dialects of SQL differ, each a template.

Times are passed on as whole microseconds, so that no engine's own rules of time come into it:
`{0}` of `local_us` is an instant, and what comes out is what the zone's clocks show, counted as if
it were UTC; `placed_us` is the way back.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

DialectName = Literal["duckdb", "postgres", "spark"]
TimeType = Literal["date", "timestamp", "instant"]


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """How one dialect says what a query needs.

    Attributes:
        quote: around names of columns.
        text: of any column.
        stripped: text without blanks around it.
        matches: whether text has a pattern.
        number, decimal, bigint: of text that is known to be a number; `decimal` has room for 14
            digits before the point and 16 behind it.
        typed: names of column types, as `typeof` tells them, by what they hold.
        floats: names of floating-point types.
        typeof: of a column.
        fails: ends the query with words.
        naive_us: microseconds of a date or of a timestamp without a zone.
        instant_us: microseconds of a timestamp with a zone.
        local_us, placed_us: between an instant and its local time, both microseconds.
        whole: division of whole numbers above 0.
        iso_day: text of a number of days since 1970-01-01.
        fence: of steps, see `Stages`.
        once: has a clause's rows made once, not for every row that they are joined to.
        note: what to do before running the query.
    """

    quote: str
    text: str
    stripped: str
    matches: str
    number: str
    decimal: str
    bigint: str
    typed: Mapping[TimeType, tuple[str, ...]]
    floats: tuple[str, ...]
    typeof: str
    fails: str
    naive_us: str
    instant_us: str
    local_us: str
    placed_us: str
    whole: str
    iso_day: str
    fence: str = ""
    once: str = ""
    note: str = ""

    def name(self, column: str) -> str:
        """A column's name, whatever is in it.

        >>> DIALECTS["spark"].name("a`b")
        '`a``b`'
        """
        return f"{self.quote}{column.replace(self.quote, self.quote * 2)}{self.quote}"


_DUCKDB: Final = Dialect(
    quote='"',
    text="CAST({0} AS VARCHAR)",
    number="TRY_CAST({0} AS DOUBLE)",
    decimal="TRY_CAST({0} AS DECIMAL(30, 16))",
    bigint="CAST(TRY_CAST({0} AS DECIMAL(30, 0)) AS BIGINT)",
    matches="regexp_matches({0}, {1})",
    stripped=r"regexp_replace({0}, '^\s+|\s+$', '', 'g')",
    typed={
        "date": ("DATE",),
        "timestamp": ("TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"),
        "instant": ("TIMESTAMP WITH TIME ZONE",),
    },
    floats=("DOUBLE", "FLOAT"),
    typeof="typeof({0})",
    fails="CAST(error({0}) AS BIGINT)",
    naive_us="epoch_us(CAST({0} AS TIMESTAMP))",
    instant_us="epoch_us(CAST({0} AS TIMESTAMP WITH TIME ZONE))",
    local_us="epoch_us(make_timestamptz({0}) AT TIME ZONE '{zone}')",
    placed_us="epoch_us(make_timestamp({0}) AT TIME ZONE '{zone}')",
    whole="({0} // {1})",
    iso_day="CAST(DATE '1970-01-01' + CAST({0} AS INTEGER) AS VARCHAR)",
)
_POSTGRES: Final = Dialect(
    quote='"',
    text="CAST({0} AS TEXT)",
    number="CAST({0} AS DOUBLE PRECISION)",
    decimal="CAST({0} AS NUMERIC(30, 16))",
    bigint="CAST(CAST({0} AS NUMERIC(30, 0)) AS BIGINT)",
    matches="({0} ~ {1})",
    stripped=r"regexp_replace({0}, '^\s+|\s+$', '', 'g')",
    typed={
        "date": ("date",),
        "timestamp": ("timestamp without time zone",),
        "instant": ("timestamp with time zone",),
    },
    floats=("double precision", "real"),
    typeof="CAST(pg_typeof({0}) AS TEXT)",
    fails="CAST({0} AS BIGINT)",  # text that is no number, which the error repeats
    naive_us="CAST(EXTRACT(EPOCH FROM CAST({0} AS TIMESTAMP)) * 1000000 AS BIGINT)",
    instant_us="CAST(EXTRACT(EPOCH FROM CAST({0} AS TIMESTAMPTZ)) * 1000000 AS BIGINT)",
    local_us=(
        "CAST(EXTRACT(EPOCH FROM (TIMESTAMPTZ 'epoch' + {0} * INTERVAL '1 microsecond')"
        " AT TIME ZONE '{zone}') * 1000000 AS BIGINT)"
    ),
    placed_us=(
        "CAST(EXTRACT(EPOCH FROM (TIMESTAMP 'epoch' + {0} * INTERVAL '1 microsecond')"
        " AT TIME ZONE '{zone}') * 1000000 AS BIGINT)"
    ),
    whole="({0} / {1})",
    iso_day="CAST(DATE '1970-01-01' + CAST({0} AS INTEGER) AS TEXT)",
    fence=" OFFSET 0",
    once="MATERIALIZED ",
)
_SPARK: Final = Dialect(
    quote="`",
    text="CAST({0} AS STRING)",
    number="TRY_CAST({0} AS DOUBLE)",
    decimal="TRY_CAST({0} AS DECIMAL(30, 16))",
    bigint="CAST(TRY_CAST({0} AS DECIMAL(30, 0)) AS BIGINT)",
    matches="({0} RLIKE {1})",
    stripped=r"regexp_replace({0}, '^\\s+|\\s+$', '')",
    typed={"date": ("date",), "timestamp": ("timestamp_ntz",), "instant": ("timestamp",)},
    floats=("double", "float"),
    typeof="typeof({0})",
    fails="CAST(raise_error({0}) AS BIGINT)",
    naive_us="unix_micros(CAST({0} AS TIMESTAMP))",
    instant_us="unix_micros(CAST({0} AS TIMESTAMP))",
    local_us="unix_micros(from_utc_timestamp(timestamp_micros({0}), '{zone}'))",
    placed_us="unix_micros(to_utc_timestamp(timestamp_micros({0}), '{zone}'))",
    whole="({0} DIV {1})",
    iso_day="CAST(date_add(DATE '1970-01-01', CAST({0} AS INT)) AS STRING)",
    note="Run SET TIME ZONE 'UTC' first: Spark's times without a zone are in the session's.",
)
DIALECTS: Final[Mapping[DialectName, Dialect]] = MappingProxyType(
    {"duckdb": _DUCKDB, "postgres": _POSTGRES, "spark": _SPARK}
)
