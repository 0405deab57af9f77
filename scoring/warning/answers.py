"""What people's answers do to warnings: close, suppress, mark, hold; they change no fact."""

from typing import Final

import numpy as np

from scoring.arrays import Bools, Floats, Ints
from scoring.facts.apply import Applied
from scoring.facts.events import Events, hash_ids
from scoring.facts.kinds import Kind
from scoring.facts.recent import is_remembered
from scoring.facts.state import RULE_SLOTS, States
from scoring.model import ScoringModel
from scoring.rules import RuleSet
from scoring.warning.case_row import Status
from scoring.warning.lifecycle import LOW, Moves
from scoring.warning.offers import note_offers

NO_SLOT: Final = RULE_SLOTS
CLOSING: Final = (Kind.RETAINED, Kind.LOST, Kind.FALSE_ALARM)
RESTING: Final = (Kind.RETAINED, Kind.FALSE_ALARM)
LATEST: Final = 2**32 - 1  # second that `quiet_until` can hold

ANSWER: Final = np.dtype(
    [
        ("row", "<i8"),
        ("kind", "u1"),
        ("reason", "u1"),  # place in the event type's reasons, and one; 0 where it has none
        ("rule", "u1"),  # slot, of a case its leading one; NO_SLOT where there is none
        ("level", "u1"),  # of the rule when the answer came
        ("time", "<f8"),  # when it was given
        ("raised_at", "<f8"),  # when what it is about was
        ("is_first", "?"),  # nobody had answered to the case before
    ]
)


def outcomes(states: States, answers: Events, rules: RuleSet) -> Ints:
    """Tell for each customer's answer whether it can be taken.

    Args:
        states: shape (n,).
        answers: the answer of each, shape (n,): `reverses` is the hash of the rule's name, 0 for
            one to a case, and `amount` the episode, or the number of the case.
        rules: those that answers may name.

    Returns:
        `Applied` codes, shape (n,): UNKNOWN where nothing of that name had been raised by the time
        of the answer, EARLIER where something was raised anew since. An answer acts alike in
        whatever order it comes with the raise: one from before it is about nothing.
    """
    slots, number = slots_of(answers, rules), answers["amount"]
    rows = np.arange(len(states))
    of_rule = states["episode"][rows, slots % RULE_SLOTS].astype(np.int64)
    is_case = answers["reverses"] == 0
    known = np.where(is_case, states["case"].astype(np.int64), of_rule)
    codes = np.where(number < known, int(Applied.EARLIER), int(Applied.APPLIED))
    is_before = (number == known) & (answers["time"] < _raised(states, slots, is_case))
    unheard = (number > known) | is_before | (~is_case & (slots == NO_SLOT))
    codes = np.where(unheard, int(Applied.UNKNOWN), codes)
    return np.where(is_remembered(states, answers), int(Applied.DUPLICATE), codes)


def slots_of(answers: Events, rules: RuleSet) -> Ints:
    """Slot of the rule that each answer names, `NO_SLOT` where none has that name."""
    slots = np.full(len(answers), NO_SLOT)
    names = hash_ids([rule.name for rule in rules.rules]).tolist()
    for rule, name in zip(rules.rules, names, strict=True):
        slots[answers["reverses"] == name] = rule.slot
    return slots


def _raised(states: States, slots: Ints, is_case: Bools) -> Floats:
    """When what each answer is about was raised, or the case opened, shape (n,)."""
    raised = states["raised"][np.arange(len(states)), slots % RULE_SLOTS]
    return np.where(is_case, states["case_opened"], raised)


def take(states: States, answers: Events, now: Floats, model: ScoringModel) -> tuple[Moves, States]:
    """Close what answers close and let its rules rest, in place.

    Args:
        states: shape (n,).
        answers: the answer of each, all `APPLIED` by `outcomes`, shape (n,).
        now: the clock at each, epoch seconds, shape (n,).
        model: its rules, and how long one rests.

    Returns:
        The warnings that were closed, and an array of dtype `ANSWER`, one an answer, `row` being
        its place.
    """
    slots = slots_of(answers, model.rules)
    meant, told = _meant(states, answers, slots), _told(states, answers, slots)
    kind = answers["kind"]
    rests = meant & np.isin(kind, RESTING)[:, None]
    rest = np.minimum(np.ceil(now + model.suppression), LATEST)[:, None]
    quiet = np.maximum(states["quiet_until"], rest)
    states["quiet_until"] = np.where(rests, quiet, states["quiet_until"]).astype(np.uint32)
    note_offers(states, answers, model.calendar.day(answers["time"]))
    _lose(states, answers)
    _snooze(states, answers, now)
    lost = (kind == Kind.LOST)[:, None]
    closes = (states["level"] > LOW) & (lost | (meant & np.isin(kind, CLOSING)[:, None]))
    at = rows, rules = np.nonzero(closes)
    before, raised_at = states["level"][at].astype(np.int64), states["since"][at]
    states["level"][at], states["since"][at], states["below_since"][at] = LOW, now[rows], 0
    states["sequence"][at] += 1
    by = kind[rows].astype(np.int64)
    return Moves(rows, rules, before, np.full(len(rows), LOW), raised_at, by), told


def _lose(states: States, answers: Events) -> None:
    """Who is lost is warned about no more until they buy, or are said not to be lost after all."""
    kind, before = answers["kind"], states["case_reason"]
    why = np.where(before > 0, before, np.maximum(answers["score"], 1))
    found = np.where(np.isin(kind, RESTING), 0, before)
    states["case_reason"] = np.where(kind == Kind.LOST, why, found)


def _snooze(states: States, answers: Events, now: Floats) -> None:
    """A case that is there comes back at the instant that is still ahead."""
    is_there = np.isin(states["case_status"], (Status.OPEN, Status.SNOOZED))
    until = answers["reversed_time"]
    snoozed = is_there & (answers["kind"] == Kind.SNOOZED) & (until > now)
    states["snoozed_until"] = np.where(snoozed, until, states["snoozed_until"])


def _meant(states: States, answers: Events, slots: Ints) -> Bools:
    """Slots that answers are about, shape (n, slots): one, or all that are open in a case."""
    one = slots[:, None] == np.arange(RULE_SLOTS)
    is_case = (answers["reverses"] == 0)[:, None]
    meant: Bools = np.where(is_case, states["level"] > LOW, one)
    return meant


def _told(states: States, answers: Events, named: Ints) -> States:
    told = np.zeros(len(answers), ANSWER)
    rows, is_case = np.arange(len(answers)), answers["reverses"] == 0
    leading = states["case_leading"].astype(np.int64) - 1
    slots = np.where(is_case, np.where(leading < 0, NO_SLOT, leading), named)
    at = rows, slots % RULE_SLOTS
    told["row"], told["kind"], told["reason"] = rows, answers["kind"], answers["score"]
    told["rule"], told["time"] = slots, answers["time"]
    told["level"] = np.where(slots == NO_SLOT, LOW, states["level"][at])
    told["raised_at"] = _raised(states, slots, is_case)
    told["is_first"] = states["case_mark"] == 0
    return told
