"""Which option would read what could not be read, from how it is written.

Nothing here is applied: a file's ways are proposed, and whoever knows the file chooses.
"""

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Final, NamedTuple

import polars as pl

from modelling.history.layout.numbers import UNREADABLE, Numbers
from modelling.history.layout.times import EXCEL, ISO, PER_SECOND, Epoch, Times
from modelling.history.table.times import formats_of, microseconds

FEW: Final = 1_000  # texts that a way is tried on before it is tried on all
SINCE_1980: Final = 315_532_800_000_000
LONGEST, MOST_SIGNS = 4, 4  # of currency signs and codes
# Days and months stand in either order with the same signs: a history's own days have to tell.
_DAYS: Final = (
    "%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%d.%m.%Y", "%Y.%m.%d", "%d-%m-%Y", "%m-%d-%Y",
    "%d/%m/%y", "%m/%d/%y", "%y/%m/%d", "%d.%m.%y", "%d-%m-%y", "%m-%d-%y", "%d-%B-%Y",
    "%d-%B-%y", "%d %B %Y", "%B %d %Y", "%B %d, %Y", "%d%B%Y", "%d%m%Y", "%Y%m%d", "%Y-%m-%d",
    "%d. %B %Y", "%a, %d %B %Y",
)  # fmt: skip
_HOURS: Final = (
    "", " %H:%M", " %H:%M:%S", " %H:%M:%S%.f", "T%H:%M:%S", " %I:%M %p", " %I:%M:%S %p", "%H%M%S",
    " %H%M%S", ":%H:%M:%S", " %H.%M", " %H.%M.%S", "-%H.%M.%S%.f", " %H:%M %z", " %H:%M:%S %z",
    "T%H:%M:%S%.f%z", " %I.%M.%S%.f %p", " %I:%M:%S%.f %p",
)  # fmt: skip
_FORMATS: Final = tuple(day + hour for day, hour in product(_DAYS, _HOURS))
_WAYS: Final = tuple(
    (mark, parted)
    for parted in ("", ",", ".", " ", "'", "_")
    for mark in (".", ",")
    if mark != parted
)


class WrittenAlike(NamedTuple):
    """Cells that are written alike, digits and letters aside.

    Attributes:
        how_many: cells.
        first: index of the first one.
        texts: different ones.
    """

    how_many: int
    first: int
    texts: pl.Series


def kinds_of(texts: pl.Series, at: pl.Series, most: int) -> list[WrittenAlike]:
    """Sort cells by how they are written, the most frequent first.

    Args:
        texts: cells.
        at: index of each.
        most: how many kinds.

    >>> kinds = kinds_of(pl.Series(["1,5", "12,75", "6 May"]), pl.Series([4, 7, 9]), 2)
    >>> [(kind.how_many, kind.first, kind.texts.to_list()) for kind in kinds]
    [(2, 4, ['1,5', '12,75']), (1, 9, ['6 May'])]
    """
    shape = pl.col("text").str.replace_all(r"\d+", "9").str.replace_all(r"\p{L}+", "a")
    frame = pl.DataFrame({"text": texts, "at": at}).with_columns(shape=shape)
    first = (pl.len().alias("n"), pl.col("at").min(), pl.col("text").unique())
    kinds = frame.group_by("shape").agg(first).sort(["n", "at"], descending=[True, False])
    rows = kinds.head(most).to_dicts()
    return [WrittenAlike(row["n"], row["at"], pl.Series(row["text"])) for row in rows]


def time_options(texts: pl.Series, *, beside_iso: bool) -> list[str]:
    """Options each of which would read all of some texts as times.

    >>> time_options(pl.Series(["06/01/2025", "16/01/2025"]), beside_iso=False)
    ["--time-format '%d/%m/%Y'"]
    >>> time_options(pl.Series(["1736129680000"]), beside_iso=False)
    ['--epoch ms']
    """
    texts = texts.drop_nulls().unique()
    if texts.is_empty():
        return []
    first = f"--time-format {ISO} " if beside_iso else ""
    counts = (*PER_SECOND, EXCEL)
    epochs = [f"--epoch {each}" for each in counts if _counts(texts, each)]
    return epochs or [f"{first}--time-format '{form}'" for form in _formats(texts)]


def number_options(texts: pl.Series, *, beside_plain: bool) -> list[str]:
    """Options each of which would read all of some texts as numbers, none like another.

    >>> number_options(pl.Series(["$2,800.40", "$949.20"]), beside_plain=False)
    ["--thousands , --currency-sign '$'"]
    >>> number_options(pl.Series(["1.234,56"]), beside_plain=True)
    ['--decimal . --decimal , --thousands .']
    """
    texts = texts.drop_nulls().unique()
    found: list[tuple[pl.Series, str]] = []
    signs = tuple(_signs(texts))
    for mark, parted in _WAYS:
        way = Numbers((mark,), (parted,) if parted else (), signs)
        if _is_read(way, texts.head(FEW)) and _is_read(way, texts):
            read = way.read(texts)
            if not any(read.equals(other) for other, _ in found):
                options = _as_options(mark, parted, signs, beside_plain=beside_plain)
                found.append((read, options))
    return [options for _, options in found if options]


def _is_read(way: Numbers, texts: pl.Series) -> bool:
    return not (way.read(texts) == UNREADABLE).any()


def _as_options(mark: str, parted: str, signs: Sequence[str], *, beside_plain: bool) -> str:
    marks = ["--decimal ."] if beside_plain and mark == "," else []
    return " ".join(
        [
            *marks,
            *([f"--decimal {mark}"] if mark != "." else []),
            *([f"--thousands {_quoted(parted)}"] if parted else []),
            *(f"--currency-sign {_quoted(sign)}" for sign in signs),
        ]
    )


def _quoted(text: str) -> str:
    """As a shell takes it."""
    if text == "'":
        return '"\'"'
    return text if text.isalnum() or text in ".,_" else f"'{text}'"


def _signs(texts: pl.Series) -> Iterator[str]:
    """What stands beside numbers: currency signs and codes."""
    bare = texts.str.replace_all(r"[\d.,'_()+\-\s\u{2212}\u{2019}]", "")
    short = {each for each in bare.to_list() if 0 < len(each) <= LONGEST}
    yield from sorted(short)[:MOST_SIGNS]


def _counts(texts: pl.Series, epoch: Epoch) -> bool:
    """Whether numbers count that since 1970, of days from 1980 on: few digits count seconds too."""
    form = r"^\d{5}(\.\d+)?$" if epoch == EXCEL else r"^\d{9,19}(\.\d+)?$"
    if not texts.str.contains(form).all():
        return False
    times = microseconds(texts, "UTC", "", Times(epoch=epoch))
    return bool((times > SINCE_1980).fill_null(value=False).all())


def _formats(texts: pl.Series) -> list[str]:
    few = texts.head(FEW)
    found: list[tuple[pl.Series, str]] = []
    for form in formats_of(texts[0], _FORMATS):
        way = Times((form,))
        if _reads(few, way) and _reads(texts, way):
            read = microseconds(texts, "UTC", "", way)
            if not any(read.equals(other) for other, _ in found):
                found.append((read, form))
    return [form for _, form in found]


def _reads(texts: pl.Series, times: Times) -> bool:
    return microseconds(texts, "UTC", "", times).null_count() == 0
