"""Options of a history as they are typed or stand in a file, into a `Layout`."""

import codecs
import re
from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import polars as pl
from polars.exceptions import PolarsError

from modelling.history.cleaning import HistoryError
from modelling.history.layout.columns import Columns
from modelling.history.layout.filters import parse_filter
from modelling.history.layout.formula import parse_formula
from modelling.history.layout.layout import Layout
from modelling.history.layout.numbers import Numbers
from modelling.history.layout.times import EXCEL, ISO, PER_SECOND, Times

DEFAULT_ALLOWED: Final = 0.01  # share of unusable rows
FILES: Final = "files"  # where an options file says how single files differ
_WIRE: Final = tuple(field.name for field in fields(Columns))
_MOMENT: Final = datetime(2011, 12, 25, 13, 14, 15)  # noqa: DTZ001 - no two of its parts are alike
_NAMED: Final = {"tab": "\t", "\\t": "\t", "semicolon": ";", "comma": ",", "pipe": "|"}

Where = Callable[[str], str]


def layout_of(given: Mapping[str, Any], where: Where = "--{}".format) -> Layout:
    """A layout of options by name, those of `OPTIONS`, each once or a list where it may repeat.

    Args:
        given: the options; what is not given is as by default.
        where: names an option in errors.

    Raises:
        HistoryError: an option is unknown, or cannot be what it is.

    >>> layout_of({"id-column": "Cust", "decimal": ","}).numbers
    Numbers(decimals=(',',), thousands=(), signs=())
    """
    read = _Options(given, where)
    worked, column = read.one("amount"), read.one("amount-column")
    if worked is not None and column is not None:
        raise read.refused("amount", "this or amount-column", f"both, {column}")
    return Layout(
        columns=read.columns(),
        unit=read.choice("amount-unit", ("major", "minor")),
        numbers=read.numbers(),
        times=Times(read.formats(), read.choice("epoch", (None, *PER_SECOND, EXCEL))),
        times_in=read.zone(),
        separator=read.separator(),
        encoding=read.encoding(),
        sheet=read.one("sheet"),
        skip_lines=read.lines(),
        formula=None if worked is None else parse_formula(worked, where("amount")),
        exclude=tuple(parse_filter(each, where("exclude")) for each in read.many("exclude")),
        allow_bad=read.share(),
        identical=read.choice("identical", ("keep", "drop")),
    )


OPTIONS: Final = (
    "id-column", "time-column", "amount-column", "type-column", "column", "amount-unit", "amount",
    "separator", "encoding", "sheet", "skip-lines", "decimal", "thousands", "currency-sign",
    "time-format", "epoch", "times-in", "exclude", "allow-bad", "identical",
)  # fmt: skip


class _Options:
    """Reads options one by one."""

    def __init__(self, given: Mapping[str, Any], where: Where) -> None:
        self.given, self.where = given, where
        for name in given:
            if name not in OPTIONS:
                raise self.refused(name, f"one of {', '.join(OPTIONS)}", "an option of no history")

    def refused(self, name: str, expected: str, got: object) -> HistoryError:
        return HistoryError(where=self.where(name), expected=expected, got=got)

    def one(self, name: str) -> str | None:
        value = self.given.get(name)
        if value is not None and not isinstance(value, str):
            raise self.refused(name, "text", value)
        return value

    def many(self, name: str) -> tuple[str, ...]:
        value = self.given.get(name) or ()
        texts = (value,) if isinstance(value, str) else tuple(value)
        if not all(isinstance(each, str) for each in texts):
            raise self.refused(name, "text, or a list of it", value)
        return texts

    def choice(self, name: str, choices: tuple[Any, ...]) -> Any:  # noqa: ANN401 - one of them
        value = self.given.get(name, choices[0])
        if value not in choices:
            named = ", ".join(each for each in choices if each is not None)
            raise self.refused(name, f"one of {named}", value)
        return value

    def columns(self) -> Columns:
        given = {name: self.one(f"{name}-column") for name in ("id", "time", "amount", "type")}
        named = {
            "customer_id": given["id"],
            "event_time": given["time"],
            "amount": given["amount"],
            "type": given["type"],
        }
        typed = {name: column or None for name, column in named.items() if column is not None}
        for name in ("customer_id", "event_time"):
            if name in typed and typed[name] is None:
                option = "id-column" if name == "customer_id" else "time-column"
                raise self.refused(option, "a column's name", "nothing")
        return Columns(**{**typed, **dict(self._pairs())})  # type: ignore[arg-type]

    def _pairs(self) -> list[tuple[str, str | None]]:
        value = self.given.get("column")
        if isinstance(value, Mapping):
            value = [f"{name}={column}" for name, column in value.items()]
        pairs = [(each, each.partition("=")) for each in (value or ())]
        for text, (name, equals, _) in pairs:
            if not equals or name not in _WIRE:
                expected = f"NAME=COLUMN, the name one of {', '.join(_WIRE)}"
                raise self.refused("column", expected, text)
        return [(name, column or None) for _, (name, _, column) in pairs]

    def numbers(self) -> Numbers:
        marks, parted = self.many("decimal") or (".",), self.many("thousands")
        if not set(marks) <= {".", ","}:
            raise self.refused("decimal", 'one of "." and ","', marks[-1])
        if not set(parted) <= set(".,' _"):
            expected = 'one of ".", ",", a blank, an apostrophe and "_"'
            raise self.refused("thousands", expected, parted[-1])
        if len(set(marks)) == 1 and set(marks) & set(parted):
            raise self.refused("thousands", f"another sign than --decimal {marks[0]}", marks[0])
        signs = self.many("currency-sign")
        if any(re.search(r"[\d.,+()-]", each) or not each.strip() for each in signs):
            raise self.refused("currency-sign", "a sign or code such as $ or CHF", signs[0])
        return Numbers(marks, parted, tuple(each.strip() for each in signs))

    def formats(self) -> tuple[str, ...]:
        # Python's %f is a fraction behind a point, which is %.f here.
        given = tuple(each.replace(".%f", "%.f") for each in self.many("time-format"))
        for each in given:
            if each != ISO and not _tells_days(each):
                expected = f"{ISO}, or a format such as %d/%m/%Y %H:%M that tells year, month, day"
                raise self.refused("time-format", expected, each)
        return given or (ISO,)

    def zone(self) -> str | None:
        name = self.one("times-in")
        try:
            if name is not None:
                ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise self.refused("times-in", "a zone such as Europe/Zurich", name) from error
        return name

    def separator(self) -> str:
        given = self.one("separator") or ","
        sign = _NAMED.get(given, given)
        if len(sign.encode()) != 1 or sign in '"\n\r':
            raise self.refused("separator", "one sign such as ; or |, or tab", given)
        return sign

    def encoding(self) -> str:
        name = self.one("encoding") or "utf-8"
        try:
            return codecs.lookup(name).name
        except LookupError as error:
            expected = "an encoding such as utf-8, cp1252, latin-1 or utf-16"
            raise self.refused("encoding", expected, name) from error

    def lines(self) -> int:
        value = self.given.get("skip-lines", 0)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise self.refused("skip-lines", "how many lines, from 0 on", value)
        return value

    def share(self) -> float:
        value = self.given.get("allow-bad", DEFAULT_ALLOWED)
        if not isinstance(value, int | float) or not 0.0 <= value <= 1.0:
            raise self.refused("allow-bad", "a share of the rows, from 0 to 1", value)
        return float(value)


def _tells_days(form: str) -> bool:
    """Whether what is written by a format can be read by it again, the day at least."""
    moment = pl.Series([_MOMENT])
    aware = is_aware(form)
    try:
        text = (moment.dt.replace_time_zone("UTC") if aware else moment).dt.strftime(form)
        zone = "UTC" if aware else None
        again = text.str.to_datetime(form, strict=False, time_unit="us", time_zone=zone).item()
    except PolarsError:
        return False
    return again is not None and again.date() == _MOMENT.date()


def is_aware(form: str) -> bool:
    """Whether a format tells the offset from UTC.

    >>> is_aware("%d/%m/%Y %H:%M %z"), is_aware("%d/%m/%Y")
    (True, False)
    """
    return re.search(r"%[:#]*z", form) is not None


def named_in(file: Path) -> Where:
    """Names options of a file in errors."""
    return lambda name: f"{file}: {name}"
