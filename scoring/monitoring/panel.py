"""A partition's panel: what was foretold in its rounds and what came of it, as one packed value.

It holds hashes of customer ids, never the ids.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple, Self

import numpy as np

from scoring.evaluation.distribution import BINS
from scoring.facts.packing import StateError
from scoring.facts.state import States
from scoring.monitoring.drift import Drift
from scoring.monitoring.questions import Question
from scoring.monitoring.scores import CHALLENGER_SCORE, SCORES
from scoring.monitoring.tallies import TALLY
from scoring.monitoring.warned import WARNED

VERSION: Final = 3
MODELS: Final = ("champion", "challenger")
CHAMPION, CHALLENGER = range(2)
OPEN, CLOSED = 0, 1
KEPT: Final = 13  # closed rounds that are told of: a quarter, of weekly ones

ENTRY: Final = np.dtype(
    [
        ("at", "<f8"),  # of its round
        ("customer", "<u8"),  # hash of the id
        ("risk", "<f8", (2,)),  # by model, nan where none was to be had
        ("flagged", "?", (2,)),
        ("warned", "?"),  # newly flagged by the champion
        ("purchase_days", "<u4"),  # at that time
        ("last_day", "<i4", (len(Question),)),  # last day of each question's window
        ("answer", "u1", (len(Question),)),  # codes of `Answer`
        ("least", "<f8"),  # purchase days in the window, below which activity fell
    ]
)
ROUND: Final = np.dtype(
    [
        ("at", "<f8"),  # the clock, epoch seconds
        ("last_day", "<i4"),  # last day of the latest of its members' windows
        ("status", "u1"),
        ("members", "<u4"),
        ("unknown", "<u4"),  # members of whom it cannot be told whether they left
        ("compared", "<u4"),  # members of whom both models foretold something
        ("disagreed", "<u4"),  # of these, flagged by one model only
        ("tally", TALLY, (2,)),  # by model, once closed
        ("warned", "<i8", (2,)),  # outcomes of the champion's warnings, once closed
    ]
)
DRIFT: Final = np.dtype(
    [
        ("cuts", "<f8", (len(SCORES), BINS - 1)),
        ("expected", "<f8", (len(SCORES), BINS)),
        ("actual", "<f8", (len(SCORES), BINS)),
    ]
)
PARTS: Final = {"rounds": ROUND, "entries": ENTRY, "warned": WARNED}  # of a panel, as packed
HEAD: Final = np.dtype(
    [
        ("version", "<u2"),
        *((name, "<u4") for name in PARTS),  # how many rows
        ("models", "S160", (2,)),  # versions
    ]
)


class Panel(NamedTuple):
    """All that is remembered of a partition's panel.

    Attributes:
        models: version of champion and challenger, the latter empty where there is none.
        rounds: dtype `ROUND`, by time.
        entries: dtype `ENTRY`, of the open rounds.
        drift: of the last round.
        warned: outcomes of the champion's warnings by week, dtype `WARNED`.
    """

    models: tuple[str, str]
    rounds: States
    entries: States
    drift: Drift
    warned: States

    @classmethod
    def new(cls, models: tuple[str, str]) -> Self:
        """No rounds yet."""
        fresh = np.zeros(0, ROUND), np.zeros(0, ENTRY), Drift.new(), np.zeros(0, WARNED)
        return cls(models, *fresh)

    def of_models(self, models: tuple[str, str]) -> "Panel":
        """The same, having forgotten what models other than these foretold.

        With the champion everything goes that is measured by its features.
        """
        if models[CHAMPION] != self.models[CHAMPION]:
            kept = self._forgetting(CHAMPION, *SCORES)._replace(models=(models[CHAMPION], ""))
            return kept.of_models(models)
        if models[CHALLENGER] != self.models[CHALLENGER]:
            return self._forgetting(CHALLENGER, CHALLENGER_SCORE)._replace(models=models)
        return self

    def _forgetting(self, model: int, *scores: str) -> "Panel":
        rounds, entries = self.rounds.copy(), self.entries.copy()
        rounds["tally"][:, model] = np.zeros(1, TALLY)
        rounds["compared"] = rounds["disagreed"] = 0
        entries["risk"][:, model], entries["flagged"][:, model] = np.nan, False
        drift, warned = self.drift.without(*scores), self.warned
        if model == CHAMPION:  # whose the warnings were
            rounds["warned"], entries["warned"], warned = 0, False, warned[:0]
        return Panel(self.models, rounds, entries, drift, warned)


def is_due(panel: Panel, clock: float, period: float) -> bool:
    """Whether the clock has passed a multiple of `period`, seconds, since the last round."""
    if not len(panel.rounds):
        return clock > 0.0
    last: float = panel.rounds["at"][-1]
    return clock // period > last // period


def pack_panel(panel: Panel) -> bytes:
    """Pack a panel to bytes."""
    head = np.zeros(1, HEAD)
    head["version"], head["models"] = VERSION, [name.encode()[:160] for name in panel.models]
    parts = {name: getattr(panel, name) for name in PARTS}
    for name, rows in parts.items():
        head[name] = len(rows)
    drift = np.zeros(1, DRIFT)
    for name, part in panel.drift._asdict().items():
        drift[name] = part
    return b"".join(part.tobytes() for part in (head, drift, *parts.values()))


def unpack_panel(packed: bytes) -> Panel:
    """Unpack what `pack_panel` packed.

    Raises:
        StateError: it is of another version, or damaged.
    """
    fixed = HEAD.itemsize + DRIFT.itemsize
    version = int.from_bytes(packed[:2], "little")
    if version != VERSION or len(packed) < fixed:
        raise _unreadable(fixed, version, packed)
    head = np.frombuffer(packed, HEAD, 1)[0]
    counts = {name: int(head[name]) for name in PARTS}
    size = fixed + sum(counts[name] * dtype.itemsize for name, dtype in PARTS.items())
    if len(packed) != size:
        raise _unreadable(size, version, packed)
    drift = np.frombuffer(packed, DRIFT, 1, HEAD.itemsize)[0]
    champion, challenger = (name.decode("utf-8", "replace") for name in head["models"].tolist())
    known = Drift(*(drift[name] for name in Drift._fields))
    parts = _parts(packed, fixed, counts)
    return Panel((champion, challenger), drift=known, **parts)


def _parts(packed: bytes, at: int, counts: Mapping[str, int]) -> dict[str, States]:
    found = {}
    for name, dtype in PARTS.items():
        found[name] = np.frombuffer(packed, dtype, counts[name], at)
        at += counts[name] * dtype.itemsize
    return found


def _unreadable(size: int, version: int, packed: bytes) -> StateError:
    expected = f"version {VERSION}, {size} bytes"
    return StateError(
        where="panel", expected=expected, got=f"version {version}, {len(packed)} bytes"
    )
