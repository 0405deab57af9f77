"""Opening a table's file, and reading the columns in use from it."""

import codecs
import gzip
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, NamedTuple

import polars as pl
from polars.exceptions import PolarsError

from modelling.history.cleaning import HistoryError
from modelling.history.files import Source
from modelling.history.layout import Layout
from modelling.history.layout.cells import as_text
from modelling.history.layout.filters import RowFilter
from modelling.history.layout.numbers import UNREADABLE, Numbers

UTF8: Final = "utf-8"
UNDECODED: Final = "\ufffd"  # stands for what is not of the encoding
_AT_ONCE: Final = 1 << 22  # bytes decoded together
_SEPARATORS: Final = {";": "';'", "\t": "tab", "|": "'|'"}
_OTHER: Final = "other: "  # before names of columns that only formula and filters look at
_ROW: Final = "row"


class Opened(NamedTuple):
    """The columns in use of a table.

    Attributes:
        frame: named as on the wire, and `row`, from 1; rows that are not excluded.
        rows: how many there were with those.
        excluded: how many each filter left out, with the first row of them; in the filters' order.
    """

    frame: pl.DataFrame
    rows: int
    excluded: list[tuple[RowFilter, int, int]]


def read_table(source: Source, layout: Layout, first: int = 0, rows: int | None = None) -> Opened:
    """Read the columns in use, named as on the wire; a CSV file's are text.

    Args:
        source: The file.
        layout: How it is written down.
        first: Row to begin with, from 0.
        rows: How many to read; all by default.

    Raises:
        HistoryError: The file is damaged or empty, or lacks a column.
    """
    with opened(source.path, layout) as lazy:
        present = lazy.collect_schema().names()
        selected = lazy.select(_selected(source.path, present, layout))
        frame = selected.slice(first, rows).collect()
    frame = frame.with_columns(_plain(frame)).with_row_index(_ROW, offset=first + 1)
    read = frame.height
    frame, excluded = _without(frame, layout)
    if layout.formula is not None:
        frame = frame.with_columns(_worked_out(frame, layout))
    return Opened(frame.drop(f"{_OTHER}{each}" for each in layout.others()), read, excluded)


@contextmanager
def opened(path: Path, layout: Layout) -> Iterator[pl.LazyFrame]:
    """A file as a table that is read when it is collected, which has to be within.

    Raises:
        HistoryError: The file is damaged or empty, or not of the encoding told.
    """
    name = path.name.lower()
    try:
        if name.endswith(".parquet"):
            yield pl.scan_parquet(path, glob=False)
        elif name.endswith(".xlsx"):
            yield _sheet(path, layout)
        else:
            with _as_utf8(path, layout.encoding) as text:
                yield pl.scan_csv(
                    text,
                    infer_schema=False,
                    glob=False,
                    separator=layout.separator,
                    skip_lines=layout.skip_lines,
                )
    except (PolarsError, UnicodeDecodeError) as error:
        raise _damaged(path, name, layout, error) from error


def sheets(path: Path) -> list[str]:
    """Names of a spreadsheet's sheets.

    Raises:
        HistoryError: It cannot be read.
    """
    names: list[str] = _book(path).sheet_names
    return names


def _book(path: Path) -> Any:  # noqa: ANN401 - of an extra, which may not be there
    import fastexcel  # noqa: PLC0415 - an extra of its own

    try:
        return fastexcel.read_excel(path)
    except fastexcel.FastExcelError as error:
        expected = "a spreadsheet that can be read"
        raise HistoryError(where=str(path), expected=expected, got=str(error)) from error


def _sheet(path: Path, layout: Layout) -> pl.LazyFrame:
    book, sheet = _book(path), layout.sheet
    if sheet is not None and sheet not in book.sheet_names:
        expected = f"one of its sheets: {', '.join(book.sheet_names)}"
        raise HistoryError(where=f"{path}: --sheet", expected=expected, got=sheet)
    frame: pl.DataFrame = book.load_sheet(sheet or 0, header_row=layout.skip_lines).to_polars()
    return frame.lazy()


@contextmanager
def _as_utf8(path: Path, encoding: str) -> Iterator[Path]:
    """The file itself, or where it is written otherwise a copy in UTF-8."""
    if encoding == UTF8:
        yield path
        return
    with TemporaryDirectory() as folder:
        copy = Path(folder, "copy.csv")
        decode = codecs.getincrementaldecoder(encoding)().decode
        opens = gzip.open if path.name.lower().endswith(".gz") else open
        with opens(path, "rb") as coded, copy.open("wb") as plain:
            while part := coded.read(_AT_ONCE):
                plain.write(decode(part).encode())
            plain.write(decode(b"", final=True).encode())
        yield copy


def _damaged(path: Path, name: str, layout: Layout, error: Exception) -> HistoryError:
    reason = str(error).split("\n", 1)[0]
    if isinstance(error, UnicodeDecodeError) or "utf-8" in reason.lower():
        got = _undecodable(path, layout.encoding)
        return HistoryError(where=str(path), expected=f"text in {layout.encoding}", got=got)
    kind = "a Parquet" if name.endswith(".parquet") else "a CSV"
    hint = "" if name.endswith(".parquet") else f", columns parted by {layout.separator!r}"
    expected = f"{kind} file that can be read{hint}"
    return HistoryError(where=str(path), expected=expected, got=reason)


def _undecodable(path: Path, encoding: str) -> str:
    """Where the text stops being of its encoding, and what it may be."""
    opens = gzip.open if path.name.lower().endswith(".gz") else open
    decode, lines = codecs.getincrementaldecoder(encoding)().decode, 1
    with opens(path, "rb") as coded:
        for line in coded:
            try:
                decode(line)
            except UnicodeDecodeError as error:
                byte = line[min(error.start, len(line) - 1)]
                starts = line[:2] if lines == 1 else b""
                likely = "utf-16" if starts in {b"\xff\xfe", b"\xfe\xff"} else "cp1252"
                others = "" if likely == "utf-16" else " or latin-1"
                told = f"byte {byte:#04x} in line {lines}"
                return f"{told}; name its encoding, such as --encoding {likely}{others}"
            lines += 1
    return "something else; name its encoding by --encoding"


def _selected(path: Path, present: Sequence[str], layout: Layout) -> list[pl.Expr]:
    needed = [*layout.must_be_there().values(), *layout.others()]
    missing = [name for name in needed if name not in present]
    if missing:
        raise _lacking(path, missing[0], present, layout)
    names = layout.columns.names()
    if layout.formula is not None:
        names.pop("amount", None)
    used = [(name, column) for name, column in names.items() if column in present]
    return [
        *(pl.col(column).alias(name) for name, column in used),
        *(pl.col(column).alias(_OTHER + column) for column in layout.others()),
    ]


def _lacking(path: Path, column: str, present: Sequence[str], layout: Layout) -> HistoryError:
    """What helps where a column is missing: another separator, or its name."""
    if any(UNDECODED in name for name in present):
        got = _undecodable(path, layout.encoding)
        return HistoryError(where=str(path), expected=f"text in {layout.encoding}", got=got)
    is_text = not path.name.lower().endswith((".parquet", ".xlsx"))
    other = next((told for sign, told in _SEPARATORS.items() if sign in present[0]), None)
    if is_text and len(present) == 1 and other is not None:
        expected = f"columns parted by {layout.separator!r}, one of them {column}"
        got = f"one column, {present[0]}; part them by --separator {other}"
        return HistoryError(where=str(path), expected=expected, got=got)
    wire = {own: name for name, own in layout.must_be_there().items()}.get(column)
    options = {"customer_id": "id", "event_time": "time", "amount": "amount", "type": "type"}
    named = f"name it by --{options[wire]}-column" if wire in options else "mind how it is spelt"
    if wire == "amount":
        named += ", work it out by --amount, or say --amount-column '' where there are none"
    got = f"columns {', '.join(present)}; {named}; `ebbwatch look` proposes options"
    return HistoryError(where=str(path), expected=f"columns, one of them {column}", got=got)


def _plain(frame: pl.DataFrame) -> list[pl.Series]:
    """Columns that stand for text as text: categories, and bytes that are UTF-8."""
    coded = [each for each in frame if isinstance(each.dtype, pl.Categorical | pl.Enum | pl.Binary)]
    return [each.cast(pl.String, strict=False) for each in coded]


def _without(
    frame: pl.DataFrame, layout: Layout
) -> tuple[pl.DataFrame, list[tuple[RowFilter, int, int]]]:
    excluded = []
    for each in layout.exclude:
        fails = each.rows(frame[_OTHER + each.column], layout.numbers)
        if fails.any():
            first = int(frame[_ROW][int(fails.arg_max() or 0)])
            excluded.append((each, int(fails.sum()), first))
            frame = frame.filter(~fails)
    return frame, excluded


def _worked_out(frame: pl.DataFrame, layout: Layout) -> pl.Series:
    """Amounts by the formula; text that tells its operands where one of them is no number."""
    if layout.formula is None:
        return pl.Series("amount", [], pl.Float64)
    given = {name: frame[_OTHER + name] for name in layout.formula.columns}
    floats = {name: _floats(column, layout.numbers) for name, column in given.items()}
    amount = pl.DataFrame(floats).select(layout.formula.value.alias("amount")).to_series()
    bad = pl.Series(pl.repeat(False, frame.height, eager=True))
    for column in floats.values():
        bad |= column.is_nan().fill_null(value=False)
    if not bad.any():
        return amount
    told = pl.concat_str(
        [pl.lit(f"{n} ") + as_text(c).fill_null("nothing") for n, c in given.items()],
        separator=", ",
    )
    texts = pl.select(pl.when(bad).then(told).otherwise(amount.cast(pl.String)))
    return texts.to_series().alias("amount")


def _floats(column: pl.Series, numbers: Numbers) -> pl.Series:
    """Null where a cell is blank, not-a-number where it is no number."""
    if column.dtype.is_numeric():
        return column.cast(pl.Float64).fill_nan(None)
    texts = as_text(column)
    texts = texts if numbers.is_plain else numbers.read(texts).replace(UNREADABLE, "nothing")
    floats = texts.cast(pl.Float64, strict=False)
    return floats.set(floats.is_null() & texts.is_not_null(), float("nan"))
