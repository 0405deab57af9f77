"""A look at a history's files: columns, options, and what reading by them gives."""

import codecs
import gzip
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl

from modelling.history import Book, Cleaning, HistoryError, read_history
from modelling.history.files import Source, sources
from modelling.history.layout import WIRE, Layout, layout_of
from modelling.history.layout.cells import as_text
from modelling.history.layout.options import DEFAULT_ALLOWED
from modelling.history.summary import summarise
from modelling.history.table.notes import mostly_refunds
from modelling.history.table.opening import opened, sheets
from modelling.look.columns import ColumnLook, look_at_column
from modelling.look.roles import Proposal, operand, propose

SAMPLE: Final = 1_000_000  # rows that columns are looked at in
FEW, MOST_SKIPPED = 200, 16  # rows, and lines, that are tried where the first names no columns
HEAD: Final = 1 << 16  # bytes that separators are counted in
SEPARATORS: Final = (",", ";", "\t", "|")
NAMES: Final = {"\t": "tab"}
_UTF16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True)
class FileLook:
    """What is known of a history after a look.

    Attributes:
        path: the file whose columns were looked at.
        columns: in the file's order.
        sampled: in how many rows.
        proposal: options, and questions.
        cleaning: what reading by the options leaves out; None where they cannot read it.
        purchase_days: of each customer who bought, shape (n,).
        refused: why it cannot be read so; "" where it can.
    """

    path: Path
    columns: list[ColumnLook]
    sampled: int
    proposal: Proposal
    cleaning: Cleaning | None
    purchase_days: "np.ndarray[Any, np.dtype[np.float64]]"
    refused: str = ""


def look_at(
    history: Sequence[str | Path], book_in: Callable[[str | None], Book], given: Mapping[str, Any]
) -> FileLook:
    """Look at a history of tables.

    Args:
        history: files, folders or patterns; columns are those of the first file.
        book_in: the books that it is read into, where all of it is told to be in one currency, or
            none is told of.
        given: options that were typed: they hold, whatever the file looks like.

    Raises:
        HistoryError: it cannot be opened, or holds wire events, which need no options.
    """
    first = sources(history)[0]
    if first.is_wire:
        got = "wire events, which need no options"
        raise HistoryError(where=str(first.path), expected="a table", got=got)
    opening = {**_opening(first, given), **given}
    names = _sheets(first, given)
    look = _likeliest(first, opening, given, names)
    others = [name for name in names if name != look.proposal.options.get("sheet", names[0])]
    if others:
        told = f"Another of its sheets may be meant: {', '.join(others)}."
        look.proposal.questions.append(told)
    if look.proposal.missing:
        return look
    book = book_in(next(iter(look.proposal.currencies), None))
    return _read(history, book, look)


def _likeliest(
    first: Source, opening: Mapping[str, Any], given: Mapping[str, Any], names: Sequence[str]
) -> FileLook:
    """A look at the sheet, and from the line on, where columns are that a history needs.

    Raises:
        HistoryError: the file cannot be opened in any way.
    """
    refused: HistoryError | None = None
    plain: FileLook | None = None
    try:
        plain = _columns(first, opening, given)
    except HistoryError as error:
        refused = error
    if plain is not None and not plain.proposal.missing:
        return plain
    for sheet, skipped in _elsewhere(first, given, names):
        other = {**opening, **({"sheet": sheet} if sheet else {})}
        other |= {"skip-lines": skipped} if skipped else {}
        with suppress(HistoryError):
            if not _columns(first, other, given, FEW).proposal.missing:
                return _columns(first, other, given)
    if plain is None:
        raise refused or AssertionError
    return plain


def _elsewhere(
    first: Source, given: Mapping[str, Any], names: Sequence[str]
) -> Iterator[tuple[str | None, int]]:
    """Sheets, and lines before the one that names the columns, of which none was typed."""
    is_text = not first.path.name.lower().endswith((".parquet", ".xlsx"))
    lines = range(1, MOST_SKIPPED) if "skip-lines" not in given and (is_text or names) else ()
    yield from ((name, 0) for name in names[1:])
    yield from ((None, skipped) for skipped in lines)
    yield from ((name, skipped) for name in names[1:] for skipped in lines)


def _columns(
    first: Source, opening: Mapping[str, Any], given: Mapping[str, Any], rows: int = SAMPLE
) -> FileLook:
    """The columns of a file, opened in a way, and what they could be."""
    frame = _sample(first, layout_of(opening), rows)
    looks = [look_at_column(column) for column in frame]
    proposal = propose(looks, _kinds(frame), given)
    options = {**opening, **_without(proposal.options, given), **given}
    found = proposal._replace(options=options)
    return FileLook(first.path, looks, frame.height, found, None, np.zeros(0))


def _sheets(first: Source, given: Mapping[str, Any]) -> list[str]:
    """Sheets of a spreadsheet, where none was typed."""
    is_book = first.path.name.lower().endswith(".xlsx")
    return sheets(first.path) if is_book and "sheet" not in given else []


def _without(options: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Amounts are named in one way: the typed one."""
    rivals = {"amount": "amount-column", "amount-column": "amount"}
    return {name: value for name, value in options.items() if rivals.get(name) not in given}


def _read(history: Sequence[str | Path], book: Book, look: FileLook) -> FileLook:
    """What reading gives; a share of bad rows that is told is allowed in the options."""
    options = look.proposal.options
    layout = replace(layout_of(options), allow_bad=1.0)
    try:
        read = read_history(history, book, layout=layout)
    except HistoryError as error:
        return replace(look, refused=str(error))
    bad = read.cleaning.unusable / read.cleaning.rows
    if bad > options.get("allow-bad", DEFAULT_ALLOWED):
        allowed = min(np.ceil(100.0 * bad) / 100.0, 1.0)
        told = f"{100.0 * bad:.1f}% of the rows cannot be used: may they be left out?"
        asked = look.proposal._replace(
            options={**options, "allow-bad": float(allowed)},
            questions=[*look.proposal.questions, told],
        )
        look = replace(look, proposal=asked)
    last = read.cleaning.last_day
    turned = mostly_refunds(read.cleaning.used, read.cleaning.refunds)
    if turned and "amount" not in options:
        amount = operand(str(options.get("amount-column", WIRE.amount)))
        look.proposal.alternatives.append({"amount": f"0 - {amount}"})
        look.proposal.questions.extend(each.replace("COLUMN", amount) for each in turned)
    summary = summarise(read.events(), book.calendar, last) if last else None
    days = summary.x + 1.0 if summary else np.zeros(0)
    return replace(look, cleaning=read.cleaning, purchase_days=days)


def _sample(source: Source, layout: Layout, rows: int) -> pl.DataFrame:
    with opened(source.path, layout) as lazy:
        return lazy.head(rows).collect()


def _kinds(frame: pl.DataFrame) -> list[str] | None:
    if "type" not in frame.columns:
        return None
    return as_text(frame["type"].cast(pl.String)).drop_nulls().unique().sort().to_list()


def _opening(source: Source, given: Mapping[str, Any]) -> dict[str, Any]:
    """Encoding and separator of a text file."""
    name = source.path.name.lower()
    if name.endswith((".parquet", ".xlsx")):
        return {}
    encoding = given.get("encoding") or _encoding(source.path)
    text = _head(source.path).decode(encoding, "replace")
    separator = _separator(text)
    return {
        **({} if encoding == "utf-8" else {"encoding": encoding}),
        **({} if separator == "," else {"separator": NAMES.get(separator, separator)}),
    }


def _encoding(path: Path) -> str:
    """UTF-8 if all of it is; else that of Windows, or where it has no such bytes Latin-1."""
    if _head(path).startswith(_UTF16):
        return "utf-16"
    return next((each for each in ("utf-8", "cp1252") if _decodes(path, each)), "latin-1")


def _decodes(path: Path, encoding: str) -> bool:
    decode = codecs.getincrementaldecoder(encoding)().decode
    try:
        with _bytes(path) as coded:
            while part := coded.read(HEAD):
                decode(part)
        decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _head(path: Path) -> bytes:
    with _bytes(path) as coded:
        head: bytes = coded.read(HEAD)
    return head


def _bytes(path: Path) -> Any:  # noqa: ANN401 - a file of bytes, packed or not
    return gzip.open(path, "rb") if path.name.lower().endswith(".gz") else path.open("rb")


def _separator(text: str) -> str:
    """The sign that parts the header into most, and most lines into as many."""
    lines = [line for line in text.splitlines()[:50] if line.strip()]
    if not lines:
        return ","

    def score(sign: str) -> tuple[int, int]:
        counts = Counter(_outside_quotes(line).count(sign) for line in lines)
        header = _outside_quotes(lines[0]).count(sign) or max(counts, key=counts.__getitem__)
        return counts[header] if header else 0, header

    return max(SEPARATORS, key=score)


def _outside_quotes(line: str) -> str:
    return "".join(line.split('"')[::2])
