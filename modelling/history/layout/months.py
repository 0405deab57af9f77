"""Names of months in languages that a bank's files are written in, as English has them."""

from typing import Final

import polars as pl

# German, French, Spanish, Italian, Portuguese, Dutch; in full, and as they are shortened.
_NAMES: Final = {
    "Jan": "januar jänner jan jän janvier janv enero ene gennaio gen janeiro januari",
    "Feb": "februar feber feb février févr fév febrero febbraio fevereiro fev februari",
    "Mar": "märz mär mrz mars marzo mar março maart mrt",
    "Apr": "april apr avril avr abril abr aprile",
    "May": "mai mayo may maggio mag maio mei",
    "Jun": "juni jun juin junio giugno giu junho",
    "Jul": "juli jul juillet juil julio luglio lug julho",
    "Aug": "august aug août aoû agosto ago augustus",
    "Sep": "september sep sept septembre septiembre settembre set setembro",
    "Oct": "oktober okt oct octobre octubre ottobre ott outubro out",
    "Nov": "november nov novembre noviembre novembro",
    "Dec": "dezember dez décembre déc diciembre dic dicembre dezembro december dec",
}
_MONTHS: Final = {name: english for english, names in _NAMES.items() for name in names.split()}
_WORD: Final = r"\p{L}{3,}"


def in_english(texts: pl.Series) -> pl.Series:
    """Texts whose first word of three letters or more, if it is a month's name, is so in English.

    >>> in_english(pl.Series(["12. Mai 2024", "3 févr. 2024", "1 June 2024"])).to_list()
    ['12. May 2024', '3 Feb 2024', '1 June 2024']
    """
    word = pl.col("text").str.extract(_WORD, 0)
    english = word.str.to_lowercase().replace_strict(_MONTHS, default=None)
    named = pl.col("text").str.replace(rf"{_WORD}\.?", english)
    frame = pl.DataFrame({"text": texts.cast(pl.String)})
    return frame.select(pl.when(english.is_null()).then("text").otherwise(named)).to_series()
