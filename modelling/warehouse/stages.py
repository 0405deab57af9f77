"""A query as a chain of named steps, each of which adds columns to the one before."""

from collections.abc import Mapping, Sequence

INDENT = "\n    "


class Stages:
    """Steps of a query, written as one statement with a clause WITH.

    Args:
        name, select: the first step.
        fence: keeps a planner from writing what a step's columns are into the steps that use them,
            over and over.

    >>> stages = Stages("given", "SELECT day FROM log")
    >>> stages.add("numbered", {"next": "day + 1"})
    >>> print(stages.sql("SELECT * FROM numbered"))
    WITH given AS (
        SELECT day FROM log
    ), numbered AS (
        SELECT given.*,
        day + 1 AS next
        FROM given
    )
    SELECT * FROM numbered
    """

    def __init__(self, name: str, select: str, fence: str = "") -> None:
        self._steps, self._fence = [(name, f"{select}{fence}", "")], fence

    @property
    def last(self) -> str:
        """Name of the step added last."""
        return self._steps[-1][0]

    def add(self, name: str, columns: Mapping[str, str], where: str | None = None) -> None:
        """Add columns to the last step's, and keep the rows for which `where` holds."""
        added = [f",{INDENT}{sql} AS {column}" for column, sql in columns.items()]
        select = f"SELECT {self.last}.*{''.join(added)}{INDENT}FROM {self.last}"
        within = "" if where is None else f"{INDENT}WHERE {where}"
        self.then(name, f"{select}{within}{self._fence}")

    def then(self, name: str, select: str, how: str = "") -> None:
        """Add a step of any kind, and say how its clause is to be carried out."""
        self._steps.append((name, select, how))

    def sql(self, select: str) -> str:
        """The whole statement."""
        steps = ", ".join(f"{name} AS {how}({INDENT}{sql}\n)" for name, sql, how in self._steps)
        return f"WITH {steps}\n{select}"


def case(cases: Sequence[tuple[str, str]], otherwise: str = "NULL") -> str:
    """The value of the first condition that holds; where there is none, the other one.

    >>> case([("a > 0", "1")], "0"), case([], "0")
    ('CASE WHEN a > 0 THEN 1 ELSE 0 END', '0')
    """
    if not cases:
        return otherwise
    when = " ".join(f"WHEN {condition} THEN {value}" for condition, value in cases)
    return f"CASE {when} ELSE {otherwise} END"


def text(value: str) -> str:
    """A literal without quotes or backslashes in it, which all dialects write alike.

    >>> text("Europe/Zurich")
    "'Europe/Zurich'"
    """
    if "'" in value or "\\" in value:
        raise ValueError(value)
    return f"'{value}'"


def any_of(values: Sequence[str]) -> str:
    """Literals in brackets, for IN.

    >>> any_of(["a", "b"])
    "('a', 'b')"
    """
    return f"({', '.join(map(text, values))})"
