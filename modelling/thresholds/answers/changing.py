"""A rules file with other thresholds: each line as it was, but those that change."""

import re
import tomllib
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from scoring import ScoringError
from scoring.rules.document import key_lines

_VALUE: Final = re.compile(r"^(?P<key>[^=]*=\s*)(?P<value>[^\s#]+)(?P<rest>.*)$")


class ProposalFileError(ScoringError):
    """A rules file whose thresholds cannot be changed line by line."""


class Change(NamedTuple):
    """A threshold that is to be another one.

    Attributes:
        rule: its name.
        edge: middle or high.
        then: what it is to be, in the file's unit.
        why: for people who read the file, without a line's end.
    """

    rule: str
    edge: str
    then: float
    why: str


def changed(text: str, changes: Sequence[Change], source: str = "rules") -> str:
    r"""State other thresholds, each with its reason in a comment above it.

    Args:
        text: of a rules file that can be used, or nothing.
        changes: of its thresholds.
        source: the file, for messages.

    Raises:
        ProposalFileError: a rule's keys do not stand in lines of their own.

    >>> change = Change("silence", "middle", 0.92, "so")
    >>> print(changed("[rule.silence]\nmiddle = 0.9  # ours", [change]), end="")
    [rule.silence]
    # so
    middle = 0.92  # ours
    """
    lines = text.removeprefix("\ufeff").splitlines()
    wanted: dict[str, Any] = tomllib.loads("\n".join(lines))
    for change in changes:
        _change(lines, change)
        wanted.setdefault("rule", {}).setdefault(change.rule, {})[change.edge] = change.then
    made = "\n".join(lines) + "\n"
    try:
        is_so = tomllib.loads(made) == wanted
    except tomllib.TOMLDecodeError:
        is_so = False
    if not is_so:
        expected = "a table [rule.NAME] for each rule, and a line for each of its keys"
        raise ProposalFileError(where=source, expected=expected, got="another way to write them")
    return made


def _change(lines: list[str], change: Change) -> None:
    at = key_lines("\n".join(lines))
    table = ("rule", change.rule)
    comment, stated = f"# {change.why}", f"{change.edge} = {change.then!r}"
    if (*table, change.edge) in at:
        place = at[*table, change.edge] - 1
        line = _VALUE.sub(rf"\g<key>{change.then!r}\g<rest>", lines[place])
        lines[place : place + 1] = [comment, line]
    elif table in at:
        lines[at[table] : at[table]] = [comment, stated]
    else:
        lines += ["", f"[rule.{change.rule}]", comment, stated]
