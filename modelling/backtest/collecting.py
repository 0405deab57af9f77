"""What measuring takes of a history's replay, kept part by part."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from modelling.backtest.measures.defections import Defections, defections
from modelling.backtest.measures.placed import Period, PlacedWarnings
from modelling.backtest.measures.raised import joined, raised
from modelling.backtest.measures.scores import ScoresAnswered, answered, score_present
from modelling.backtest.rivals.levels import Changes, changed, together
from modelling.leaving.stretches import Fate, Stretches
from scoring.arrays import Ints
from scoring.model import ScoringModel
from scoring.step.replay import EventLog, Replayed, replay
from scoring.warning.gate import Holding


def no_one(replayed: Replayed) -> None:
    """Tell nobody of a block."""


class LivedPart(NamedTuple):
    """A part of a history up to a period's end.

    Attributes:
        rows: number of each of its customers among all.
        log: its events.
        lives: what became of its customers.
        before: how many customers there are in the parts before.
        of: and in all parts.
        end: of the period.
        held: when which rises are held, by what came of all customers.
    """

    rows: Ints
    log: EventLog
    lives: Stretches
    before: int
    of: int
    end: float
    held: Holding

    def replayed(
        self, model: ScoringModel, dates: Sequence[float], *, explained: bool
    ) -> Iterator[Replayed]:
        """Its blocks; arguments as `replay`."""
        return replay(
            self.log, model, until=self.end, stops=dates, explained=explained, held=self.held
        )

    def counts(self, period: Period) -> Counter[str]:
        """Figures of a `Backtest`."""
        lives = self.lives
        lapses = lives.lost & period.holds(lives.instant)
        return Counter(
            events=len(self.log.events),
            customers=len(np.unique(self.log.rows)),
            lapses=int(lapses.sum()),
            closures=int((lapses & (lives.instant == lives.closing)).sum()),
            open_stretches=int(((lives.fate == Fate.UNKNOWN) & np.isfinite(lives.start)).sum()),
        )


class Collector:
    """Keeps of the parts' replays what measuring them takes; customers are the history's."""

    def __init__(self, model: ScoringModel, period: Period, dates: Sequence[float]) -> None:
        self._model, self._period, self._dates = model, period, dates
        self.placed: list[PlacedWarnings] = []
        self.changes: list[Changes] = []
        self.defections: list[tuple[Defections, ...]] = []
        self.answered: list[ScoresAnswered] = []
        self.count: Counter[str] = Counter()

    def add(
        self,
        part: LivedPart,
        replays: Iterator[Replayed],
        on_replayed: Callable[[Replayed], None] = no_one,
    ) -> None:
        """Keep what is needed of a part's replay.

        Args:
            part: which.
            replays: its blocks.
            on_replayed: called with each.
        """
        entries, changes, scored = [], [], []
        for one in replays:
            entries.append(raised(one))
            changes.append(changed(one))
            self.count["warnings"] += len(one.outcome.warnings)
            self.count["timers"] += one.outcome.timers
            if one.is_stop and one.clock in self._dates:
                scored.append(score_present(one, self._model))
            on_replayed(one._replace(customers=part.rows[one.customers]))
        whole, moves = joined(entries), together(changes)
        moves["row"] = part.rows[moves["row"]]
        self.changes.append(moves)
        self.placed.append(PlacedWarnings.of(whole, part.lives, self._period))
        self.defections.append(defections(whole, part.log, self._period, self._model, part.of))
        self.count.update(part.counts(self._period))
        told = answered(scored, part.lives, self._model, part.log, part.end)
        self.answered.append(told._replace(row=part.rows[told.row]))
