"""The state step: merged events, and the timers due among them, applied to customers' states.

Pure, and independent of how the log was cut into batches.
Customers do not see each other, so the batch is applied in rounds: the k-th round applies the k-th
event of every customer at once, each after the timers due by its instant. Where few customers have
events left, many each, their facts are gathered event by event and judged together.
"""

from typing import Final

import numpy as np

from scoring.arrays import NEVER, Bools, Floats, Ints, copied, joined, raw
from scoring.facts.apply import Applied, apply, count_duplicates, outcomes
from scoring.facts.events import Events
from scoring.facts.kinds import IS_ANSWER, TOUCHES_CASE
from scoring.facts.recent import remember
from scoring.facts.state import Count, States, order_bound, order_free
from scoring.facts.touchpoints import keep_contacts
from scoring.feature import Feature
from scoring.model import ScoringModel
from scoring.step.judged import Judged
from scoring.step.judging import Judging
from scoring.step.outcome import Evaluated, Outcome
from scoring.step.rounds import together
from scoring.warning import answers
from scoring.warning.case import returning
from scoring.warning.gate import ALL_OPEN, Holding

LOOK: Final = 64  # next events of a customer that are judged together, at first
LEAST: Final = 4  # and at least


def step(
    states: States,
    events: Events,
    rows: Ints,
    clocks: Floats,
    until: float,
    model: ScoringModel,
    activated: float = -NEVER,
    *,
    explained: bool = True,
    held: Holding = ALL_OPEN,
) -> Outcome:
    """Apply events and due timers.

    Args:
        states: distinct customers' states, shape (n,), left unchanged.
        events: in the partition's merged order, shape (m,), dtype `EVENT`.
        rows: index into `states` of each event's customer, shape (m,).
        clocks: the partition's clock (epoch seconds) at each event, non-decreasing, shape (m,).
        until: the clock at the batch's end; timers due by then fire.
        model: models, thresholds and calendar.
        activated: the clock when these parameters came into force; timers due by then judge every
            rule, also those that are otherwise judged at the customer's own events only.
        explained: whether to find what would clear each warning, which nothing else depends on.
        held: when rises of which rules are held, as the gate found; what is held keeps its level
            and is tried again at every whole hour of the clock.

    Returns:
        The outcome; the same, byte for byte, for any cut of the same log into batches.

    >>> import json
    >>> from importlib.resources import files
    >>> from scoring.arrays import DAY
    >>> from scoring.facts.events import EVENT
    >>> from scoring.facts.state import new_states
    >>> from scoring.parameters import parse
    >>> packaged = files("scoring.models").joinpath("cdnow.json").read_text()
    >>> model = ScoringModel(parse(json.loads(packaged)))
    >>> weekly = np.zeros(10, EVENT)  # ten purchases, a week apart, then silence
    >>> weekly["time"] = weekly["reversed_time"] = 7 * DAY * np.arange(10)
    >>> weekly["id"], weekly["amount"] = np.arange(1, 11), 1_000
    >>> rows, year = np.zeros(10, np.int64), 365 * DAY
    >>> outcome = step(new_states(1), weekly, rows, weekly["time"], year, model)
    >>> int(outcome.states["purchase_days"][0]), outcome.warnings["after"].tolist()
    (10, [1, 2])
    """
    judging = Judging(copied(states), model, activated, held, explained=explained)
    run = _Run(judging, events, rows, clocks)
    for turns in together(rows):
        if len(turns) > 1 and run.is_plain(turns):
            run.follow(turns)
        else:
            for turn in turns:
                run.apply(turn)
    judging.fire(np.arange(len(states)), np.full(len(states), until))
    return Outcome(
        judging.states,
        run.applied,
        judging.warnings,
        judging.last_scores(),
        judging.timers,
        judging.cases,
        judging.answers,
    )


class _Run:
    """A batch's events under way.

    Args:
        judging: all customers.
        events: in the partition's merged order, shape (m,).
        rows: whose they are, shape (m,).
        clocks: the partition's clock at each event, shape (m,).
    """

    def __init__(self, judging: Judging, events: Events, rows: Ints, clocks: Floats) -> None:
        self.judging, self.events, self.rows, self.clocks = judging, events, rows, clocks
        self.days = judging.model.calendar.day(events["time"])
        self.applied = np.zeros(len(events), np.int64)

    def is_plain(self, turns: list[Ints]) -> bool:
        """Whether rounds touch no case but by levels, and nobody whom answers have to do with."""
        own = self.judging.states.take(self.rows[turns[0]])
        answered = (own["case_reason"] > 0) | (own["snoozed_until"] < NEVER)
        kinds = self.events["kind"][np.concatenate(turns)]
        return not (answered.any() or TOUCHES_CASE[kinds].any())

    def apply(self, turn: Ints) -> None:
        """Apply a round: an event of each of many customers."""
        self.judging.fire(self.rows[turn], self.clocks[turn])
        answered = IS_ANSWER[self.events["kind"][turn]]
        if answered.any():
            self._answer(turn[answered])
            turn = turn[~answered]
        rows, clocks = self.rows[turn], self.clocks[turn]
        good, states = self._facts(self.judging.states, rows, turn)
        back = returning(states, self.events["kind"][turn[good]])
        self.judging.judge(rows[good], states, clocks[good], _no(good.size), back)

    def _answer(self, turn: Ints) -> None:
        """Take answers, which change no fact of their customers."""
        rows, events = self.rows[turn], self.events.take(turn)
        states = self.judging.states.take(rows)
        self.applied[turn] = codes = answers.outcomes(states, events, self.judging.model.rules)
        count_duplicates(self.judging.states, rows, codes)
        good = np.flatnonzero(codes == Applied.APPLIED)
        rows, states, events = rows[good], states.take(good), events.take(good)
        remember(states, events)
        states["counts"][:, Count.EVENTS] += 1
        self.judging.answer(rows, states, events, self.clocks[turn[good]])

    def follow(self, turns: list[Ints]) -> None:
        """Apply rounds of few customers: facts event by event, then all of it judged together."""
        own = np.sort(self.rows[turns[0]])
        facts = self.judging.states.take(own)
        counted, made = [], []
        for turn in turns:
            at = np.searchsorted(own, self.rows[turn])
            good, states = self._facts(facts, at, turn)
            raw(facts)[at[good]] = raw(states)
            counted.append(turn[good])
            made.append(states)
        events = np.concatenate(counted)
        order = np.argsort(self.rows[events], kind="stable")
        states, events = joined(made).take(order), events[order]
        self._judge(self.judging.seen(self.rows[events], states, self.clocks[events]))
        order_free(self.judging.states)[own] = order_free(facts)

    def _facts(self, states: States, rows: Ints, turn: Ints) -> tuple[Ints, States]:
        """Apply an event to each of some of `states`; tell which counted, and what they made."""
        own, events, days = states.take(rows), self.events.take(turn), self.days[turn]
        codes = outcomes(own, events, days)
        self.applied[turn] = codes
        good = np.flatnonzero(codes == Applied.APPLIED)
        if good.size < rows.size:
            count_duplicates(states, rows, codes)
            own, events, days = own.take(good), events.take(good), days[good]
        model = self.judging.model
        apply(own, events, days, model.calendar, model.memory)
        keep_contacts(own, events, model.memory, model.touchpoints)
        return good, own

    def _judge(self, ahead: Evaluated) -> None:
        """Judge customers after each of their events, which come behind each other.

        What is known of a customer hangs on facts and time alone, and levels and timers seldom
        move: all of a customer's next events are judged as if none moved any. That holds up to the
        first that does, or that a timer comes before; from there on it is done again.
        """
        rows, now = ahead.rows, ahead.now
        at = np.flatnonzero(np.diff(rows, prepend=-1))
        ends, reach = np.append(at[1:], len(rows)), np.full(at.size, LOOK)
        while at.size:
            self.judging.fire(rows[at], now[at])
            looks = np.minimum(reach, ends - at)
            first = np.cumsum(looks) - looks
            upcoming = np.arange(looks.sum()) + np.repeat(at - first, looks)
            judged, holds = self._supposed(ahead.take(upcoming), first)
            self.judging.tell(judged.only(holds))
            done = np.add.reduceat(holds, first, dtype=np.int64)
            at, reach = at + done, np.maximum(2 * done, LEAST)
            left = at < ends
            at, ends, reach = at[left], ends[left], reach[left]

    def _supposed(self, ahead: Evaluated, first: Ints) -> tuple[Judged, Bools]:
        """Judge customers' next events, each as if those before it had moved nothing but facts.

        Args:
            ahead: customers after their next events, several each, behind each other.
            first: where each customer's begin.

        Returns:
            The judged, and of which of them the supposition holds.
        """
        rows, states, now, _, _ = ahead
        before = order_bound(self.judging.states)[rows]
        order_bound(states)[:] = before
        broken = states["armed_at"] <= now
        judged = self.judging.settled(ahead, _no(len(rows)))
        moved = (order_bound(states) != before).any(axis=1) | judged.worth
        broken[1:] |= moved[:-1]
        broken[first] = False
        sizes, count = np.diff(first, append=len(rows)), np.cumsum(broken)
        peaks = np.maximum(states["clv_peak"], ahead.known.matrix[Feature.CLV])
        for own in map(slice, first.tolist(), (first + sizes).tolist()):
            states["clv_peak"][own] = np.maximum.accumulate(peaks[own])
        return judged, count == np.repeat(count[first], sizes)


def _no(count: int) -> Bools:
    return np.zeros(count, np.bool_)
