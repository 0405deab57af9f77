"""Open cases in columns: some 200 bytes each, all told, so that a million can be kept."""

import re
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from scoring.arrays import Ints

Columns: TypeAlias = Mapping[str, NDArray[Any]]
FIRST_ROOM: Final = 1_024
GROWTH: Final = 1.5
HITS: Final = 50_000
CUSTOMER: Final = "S65"  # ids of 64 characters, and an end: a text is sought in all at once
FIELDS: Final[Mapping[str, str]] = {
    "case": "u4",  # its number, 0 for none
    "since": "f8",
    "opened": "f8",
    "value": "f8",
    "severity": "f8",
    "snoozed": "f8",
    "rule": "u4",
    "action": "u4",
    "currency": "u4",
    "route": "u4",
    "band": "u4",
    "kind": "u4",
    "progress": "u4",
    "is_snoozed": "?",
    "is_holdout": "?",
    "desk_case": "u4",  # that the assignment is of, 0 for none
    "desk_status": "u4",
    "day": "i4",  # of the hand-out
    "rank": "u4",
    "officer": "u4",
    "desk_route": "u4",
    "free_from": "i4",  # first day on which the limit of contacts lets it out
    "no_offers": "u1",  # a bit for each reason
}
OF_CASE: Final = [*FIELDS][: [*FIELDS].index("desk_case")]


class Codes:
    """Numbers for words that come again and again; 0 is the empty word."""

    def __init__(self) -> None:
        self._words, self._numbers = [""], {"": 0}

    def __call__(self, word: str) -> int:
        """The number of a word, a new one where it was never heard."""
        found = self._numbers.setdefault(word, len(self._words))
        if found == len(self._words):
            self._words.append(word)
        return found

    def known(self, word: str) -> int:
        """The number of a word, -1 where it was never heard."""
        return self._numbers.get(word, -1)

    def word(self, number: int) -> str:
        """The word of a number."""
        return self._words[number]

    @property
    def words(self) -> list[str]:
        """All words that were heard, the empty one aside."""
        return sorted(self._words[1:])


class CaseTable:
    """A place in every column for each customer of whom there is something to keep.

    Attributes:
        columns: by name, of `FIELDS`; at places of no customer all are 0.
        customers: whose each place is, `CUSTOMER`.
    """

    def __init__(self) -> None:
        self.columns = {name: np.zeros(FIRST_ROOM, of) for name, of in FIELDS.items()}
        self.customers = np.zeros(FIRST_ROOM, CUSTOMER)
        self._places: dict[bytes, int] = {}
        self._free: list[int] = []

    def place(self, customer: bytes) -> int | None:
        """Where a customer is, None for nowhere."""
        return self._places.get(customer)

    def put(self, customer: bytes, values: Iterable[tuple[str, Any]]) -> None:
        """Keep some values of a customer's."""
        place = self._places.get(customer)
        if place is None:
            place = self._made(customer)
        for name, value in values:
            self.columns[name][place] = value

    def drop(self, customer: bytes) -> None:
        """Let go of a customer, where they are there."""
        place = self._places.pop(customer, None)
        if place is not None:
            for column in self.columns.values():
                column[place] = 0
            self.customers[place] = b""
            self._free.append(place)

    def named(self, text: bytes) -> Ints:
        """Places of customers whose ids have a text in them, of at most `HITS` of them."""
        if b"\0" in text:  # which fills ids up
            return np.zeros(0, np.int64)
        width = self.customers.itemsize
        everyone = self.customers.view(np.uint8).data
        found = islice(re.finditer(re.escape(text), everyone), HITS)
        return np.array([at.start() // width for at in found], np.int64)

    def _made(self, customer: bytes) -> int:
        place = self._free.pop() if self._free else len(self._places)
        if place == len(self.customers):
            room = int(place * GROWTH)
            self.columns = {name: _longer(each, room) for name, each in self.columns.items()}
            self.customers = _longer(self.customers, room)
        self._places[customer] = place
        self.customers[place] = customer
        return place


def _longer(array: NDArray[Any], room: int) -> NDArray[Any]:
    longer = np.zeros(room, array.dtype)
    longer[: len(array)] = array
    return longer
