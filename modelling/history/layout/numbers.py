"""How a file writes numbers: decimal marks, thousands separators, currency signs, signs.

A number is read in each of the ways asked for; what two of them read differently is read by none.
Parentheses and a minus behind it are a minus, as in books of account.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import polars as pl

UNREADABLE: Final = "?"  # stands for text that is no number
# One blank stands for all that part digits, one apostrophe for both.
_ALIKE: Final = {" ": r"[ \u{a0}\u{2009}\u{202f}]", "'": r"['\u{2019}]"}
_MINUS: Final = r"-\u{2212}"


@dataclass(frozen=True, slots=True)
class Numbers:
    """How numbers are written.

    Attributes:
        decimals: Decimal marks, one or several of "." and ",".
        thousands: What may part thousands; each with the decimal marks that differ from it.
        signs: Currency signs and codes that may stand before or behind.

    >>> Numbers((",",), (".",), ("€",)).read(pl.Series(["1.234,50 €", "(7)", "8.5", ""])).to_list()
    ['1234.50', '-7', '?', None]
    """

    decimals: tuple[str, ...] = (".",)
    thousands: tuple[str, ...] = ()
    signs: tuple[str, ...] = ()

    @property
    def is_plain(self) -> bool:
        """Whether numbers are written as programs write them."""
        return self == PLAIN

    def read(self, texts: pl.Series) -> pl.Series:
        """Texts as programs write numbers, `UNREADABLE` what is none, null what is empty."""
        frame = texts.str.strip_chars().alias("text").to_frame()
        found = [way.alias(f"{n}") for n, way in enumerate(self._readings())]
        read = frame.select("text", *found)
        ways = [pl.col(each.meta.output_name()) for each in found]
        first = pl.coalesce(ways)
        differ = pl.any_horizontal((way != first).fill_null(value=False) for way in ways)
        # 2.50 and 2.5 are the same text here, since every way keeps all digits.
        told = pl.when(~differ).then(first).fill_null(UNREADABLE)
        empty = pl.col("text").is_null() | (pl.col("text") == "")
        return read.select(pl.when(~empty).then(told)).to_series().alias(texts.name)

    def _readings(self) -> Iterator[pl.Expr]:
        for mark in self.decimals:
            parted = [each for each in self.thousands if each != mark]
            yield _reading(mark, parted, self.signs)


PLAIN: Final = Numbers()


def _reading(mark: str, parted: list[str], signs: tuple[str, ...]) -> pl.Expr:
    """One way: the number as programs write it, null where it is not written so."""
    groups = pl.col("text").str.extract_groups(_pattern(mark, parted, signs))
    part = groups.struct.field
    bare = part("number")
    for each in parted:
        bare = bare.str.replace_all(_alike(each), "")
    plain = bare.str.replace(mark, ".", literal=True).str.replace(r"\.$", "")
    is_minus = pl.any_horizontal(part(name).is_not_null() for name in ("before", "within", "after"))
    signed = pl.when(is_minus).then(pl.concat_str(pl.lit("-"), plain)).otherwise(plain)
    paired = part("open").is_null() == part("close").is_null()
    bracketed = pl.when(part("open").is_null()).then(signed).otherwise("-" + plain)
    once = pl.sum_horizontal(part(n).is_not_null() for n in ("before", "within", "after", "open"))
    return pl.when(paired & (once <= 1)).then(bracketed)


def _pattern(mark: str, parted: list[str], signs: tuple[str, ...]) -> str:
    between = "|".join(_alike(each) for each in parted)
    whole = rf"\d+|\d{{1,3}}(?:(?:{between})\d{{2,3}})*(?:{between})\d{{3}}" if parted else r"\d+"
    number = rf"(?P<number>(?:{whole})(?:{re.escape(mark)}\d*)?|{re.escape(mark)}\d+)"
    sign = rf"(?:(?:{'|'.join(map(re.escape, signs))})\s*)?" if signs else ""
    minus, within = rf"(?:(?P<before>[{_MINUS}])|\+)?\s*", rf"(?P<within>[{_MINUS}])?"
    opened, closed = r"(?P<open>\()?\s*", r"\s*(?P<close>\))?"
    after = rf"\s*(?P<after>[{_MINUS}])?"
    return rf"^{opened}{minus}{sign}{within}\s*{number}\s*{sign.rstrip()}{after}{closed}$"


def _alike(character: str) -> str:
    return _ALIKE.get(character, re.escape(character))
