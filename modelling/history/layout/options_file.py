"""Options in a TOML file beside the data, for all commands alike.

id-column = "CustomerID"
exclude = ["InvoiceNo starts with C"]

[files."west-*.csv"]
times-in = "America/Los_Angeles"
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from modelling.history.cleaning import HistoryError
from modelling.history.layout.layout import Layout
from modelling.history.layout.options import FILES, layout_of, named_in

OPTIONS_FILE: Final = "ebbwatch.toml"
_WHOLE: Final = ("allow-bad", "identical")  # about a history, not a file of it


def beside(paths: Sequence[str | Path]) -> Path | None:
    """The options file in the folder of a history's files; None where there is none.

    Raises:
        HistoryError: two folders have one each.
    """
    folders = (path if path.is_dir() else path.parent for path in map(Path, paths))
    found = {folder / OPTIONS_FILE: None for folder in folders}
    there = [file for file in found if file.is_file()]
    if len(there) > 1:
        expected = "one options file for all of a history, or --options naming it"
        raise HistoryError(where=OPTIONS_FILE, expected=expected, got=", ".join(map(str, there)))
    return there[0] if there else None


def read_options(file: Path | None, typed: Mapping[str, Any]) -> Layout:
    """The layout of an options file, where typed options go before those of the file.

    Args:
        file: TOML; None for none.
        typed: options by name.

    Raises:
        HistoryError: the file or an option cannot be used.
        OSError: the file cannot be opened.
    """
    if file is None:
        return layout_of(typed)
    whole = _parsed(file)
    single = whole.pop(FILES, {})
    layout_of(whole, named_in(file))  # so that what is wrong in the file is told of the file
    layout_of(typed)
    together = {**_without_rivals(whole, typed), **typed}
    files = tuple(
        (pattern, _single(file, pattern, options, whole, typed))
        for pattern, options in _tables(file, single).items()
    )
    return replace(layout_of(together), files=files, told_by=file)


def typed_over(file: Path | None, typed: Mapping[str, Any]) -> dict[str, Any]:
    """Options of all files of a history: as typed, else as an options file says.

    Raises:
        HistoryError: the file or an option cannot be used.
        OSError: the file cannot be opened.
    """
    read_options(file, typed)
    whole = {} if file is None else _parsed(file)
    whole.pop(FILES, None)
    return {**_without_rivals(whole, typed), **typed}


def _parsed(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise HistoryError(where=str(file), expected="TOML", got=str(error)) from error


def _tables(file: Path, single: object) -> dict[str, dict[str, Any]]:
    if not isinstance(single, dict) or not all(isinstance(each, dict) for each in single.values()):
        expected = f'tables such as [{FILES}."west-*.csv"]'
        raise HistoryError(where=f"{file}: {FILES}", expected=expected, got=single)
    return single


def _single(
    file: Path,
    pattern: str,
    options: Mapping[str, Any],
    whole: Mapping[str, Any],
    typed: Mapping[str, Any],
) -> Layout:
    where = named_in(Path(f"{file}: {FILES}.{pattern}"))
    for name in _WHOLE:
        if name in options:
            raise HistoryError(where=where(name), expected="it above all tables", got="it in one")
    layout_of(options, where)
    below = {**_without_rivals(whole, options), **options}
    return layout_of({**_without_rivals(below, typed), **typed})


def _without_rivals(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """What stays of options when others go before them: amounts are named in one way."""
    rivals = {"amount": "amount-column", "amount-column": "amount"}
    return {name: value for name, value in below.items() if rivals.get(name) not in above}
