"""Options in the forms people need them in: typed, and in an options file."""

import json
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from modelling.history.layout import OPTIONS


def options_of(words: str) -> dict[str, list[str]]:
    """Options by name from how they are typed.

    >>> options_of("--decimal . --decimal ,")
    {'decimal': ['.', ',']}
    """
    found: dict[str, list[str]] = {}
    parts = shlex.split(words)
    for name, value in zip(parts[::2], parts[1::2], strict=True):
        found.setdefault(name.removeprefix("--"), []).append(value)
    return found


def typed(options: Mapping[str, Any]) -> str:
    """Options as they are typed in a shell.

    >>> typed({"id-column": "Cust", "exclude": ["n < 0"]})
    "--id-column Cust --exclude 'n < 0'"
    """
    return " ".join(f"--{name} {shlex.quote(str(value))}" for name, value in _each(options))


def options_text(options: Mapping[str, Any], comments: Sequence[str] = ()) -> str:
    """An options file.

    >>> print(options_text({"decimal": [","], "allow-bad": 0.02}, ["Of a file."]))
    # Of a file.
    decimal = [","]
    allow-bad = 0.02
    <BLANKLINE>
    """
    told = [f"# {each}" for each in comments]
    lines = [f"{name} = {_toml(options[name])}" for name in OPTIONS if name in options]
    return "\n".join([*told, *lines, ""])


def _toml(value: Any) -> str:  # noqa: ANN401 - what options take
    # What JSON writes of text, numbers and lists TOML reads.
    return json.dumps(value, ensure_ascii=False)


def _each(options: Mapping[str, Any]) -> list[tuple[str, Any]]:
    pairs = ((name, options[name]) for name in OPTIONS if name in options)
    return [
        (name, one)
        for name, value in pairs
        for one in (value if isinstance(value, list) else [value])
    ]
