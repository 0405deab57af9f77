"""What a check comes to."""

from collections.abc import Iterable, Sequence
from typing import Final, Literal, NamedTuple

State = Literal["ok", "warning", "wrong"]
SHOWN: Final = 3  # of many alike


class Finding(NamedTuple):
    """One check's result, in words.

    Attributes:
        check: what was looked at.
        state: `wrong`: workers do not start, lose something or stand still. `warning`: they go on.
        found: what is there; of what is not as it should be, what was expected and what came.
        mend: commands that mend it, any one of which may be enough.
    """

    check: str
    state: State
    found: str
    mend: tuple[str, ...] = ()


class Trouble(NamedTuple):
    """A part of what a check found amiss."""

    state: State
    told: str
    mend: str = ""


def finding(check: str, troubles: Sequence[Trouble], well: str) -> Finding:
    """One finding of all that a check found amiss; `well` is said where that is nothing.

    >>> finding("disk", [Trouble("warning", "half full", "rm old")], "empty")
    Finding(check='disk', state='warning', found='half full', mend=('rm old',))
    """
    if not troubles:
        return Finding(check, "ok", well)
    worst = max((each.state for each in troubles), key=("ok", "warning", "wrong").index)
    mend = dict.fromkeys(each.mend for each in troubles if each.mend)
    return Finding(check, worst, some(each.told for each in troubles), tuple(mend))


def some(told: Iterable[object]) -> str:
    """The first of many things, and how many more there are.

    >>> some(range(5))
    '0; 1; 2; and 2 more'
    """
    every = list(dict.fromkeys(map(str, told)))
    more = [f"and {len(every) - SHOWN} more"] if len(every) > SHOWN else []
    return "; ".join(every[:SHOWN] + more)
