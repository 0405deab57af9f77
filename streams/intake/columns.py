"""From validated events to the columns that the step works on."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from schemas.events.outcomes import DISMISSAL_REASONS, LOSS_REASONS
from schemas.ids import names
from scoring.arrays import Bools
from scoring.facts.categories import categories
from scoring.facts.consent import word
from scoring.facts.events import EVENT, Events, Hashes, hash_ids, short, within_sources
from scoring.facts.kinds import ANSWERS, SHOWS_CARD, Kind
from scoring.facts.touchpoints import mark
from scoring.warning.gate.streams import CHANNELS

CODES: Final = {channel: code for code, channel in enumerate(CHANNELS)}
TYPES: Final = {kind.name.lower(): int(kind) for kind in Kind}
KINDS: Final = {name: code for name, code in TYPES.items() if code not in ANSWERS}
"""Codes of what customers do, by type; a history has nothing else."""
REASONS_OF: Final[Mapping[str, tuple[str, ...]]] = {
    "lost": LOSS_REASONS,
    "false_alarm": DISMISSAL_REASONS,
}
UNKNOWN: Final = "unknown"  # what a history says of a card, merchant or purchase it does not know
REMOTE: Final = (CODES["online"], CODES["app"])
Event = Mapping[str, Any]


def columns(wire: Sequence[Event], times: Sequence[float], amounts: Sequence[int | None]) -> Events:
    """Turn validated events into columns.

    Args:
        wire: the events.
        times: their event times, epoch seconds.
        amounts: their amounts, minor units of the book currency.

    Returns:
        Structured array of dtype `EVENT`.
    """
    events = np.zeros(len(wire), EVENT)
    if not wire:
        return events
    events["kind"] = [TYPES[event["type"]] for event in wire]
    events["time"] = events["reversed_time"] = times
    events["amount"] = amounts
    events["id"] = _ids(wire, "event_id")
    events["channel"] = [CODES[event.get("channel", "")] for event in wire]
    bought = np.flatnonzero(events["kind"] == Kind.PURCHASE)
    events["category"][bought] = categories(
        [wire[at]["merchant_category"] for at in bought.tolist()]
    )
    _name(events, "card", wire, SHOWS_CARD[events["kind"]])
    _name(events, "merchant", wire, is_remote(events))
    for index in np.flatnonzero(events["kind"] != Kind.PURCHASE).tolist():
        event = wire[index]
        if "score" in event:
            events["score"][index] = event["score"]
        if "granted" in event:
            events["score"][index] = _consent(event)
        if "sentiment" in event:
            events["sentiment"][index] = event["sentiment"]
        if "touchpoint" in event and "answered_by" not in event:
            events["merchant"][index] = mark(event["touchpoint"])
        if "reverses" in event:
            _reverse(events, index, event)
        if "answered_by" in event:
            _answer(events, index, event)
    return events


def _ids(wire: Sequence[Event], field: str) -> Hashes:
    ids = hash_ids([event[field] for event in wire])
    sources = [event.get("source", "") for event in wire]
    return within_sources(ids, sources) if any(sources) else ids


def is_remote(events: Events) -> Bools:
    """Which events are purchases without the card at hand, by their channel: shape (n,)."""
    remote: Bools = (events["kind"] == Kind.PURCHASE) & np.isin(events["channel"], REMOTE)
    return remote


def _name(events: Events, column: str, wire: Sequence[Event], which: Bools) -> None:
    """Note whose card or which merchant some events name; one that is not known is none."""
    at = np.flatnonzero(which)
    if at.size:
        ids = [wire[index][f"{column}_id"] for index in at.tolist()]
        hashes = short(hash_ids(ids))
        events[column][at] = np.where([each == UNKNOWN for each in ids], 0, hashes)


def _consent(event: Event) -> int:
    return word(event["purpose"], granted=event["granted"], legal_basis=event["legal_basis"])


def _reverse(events: Events, index: int, event: Event) -> None:
    events["reverses"][index] = _ids([event], "reverses")[0]
    if "reversed_time" in event:
        events["reversed_time"][index] = event["reversed_time"].timestamp()


def _answer(events: Events, index: int, event: Event) -> None:
    """What an answer is about: a warning where one is named, else a case."""
    about = names(event.get("warning_id") or event["case_id"])
    events["amount"][index] = about.number
    if about.rule:
        events["reverses"][index] = hash_ids([about.rule])[0]
    if "reason" in event:
        events["score"][index] = REASONS_OF[event["type"]].index(event["reason"]) + 1
    if "offer" in event:
        events["merchant"][index] = short(hash_ids([event["offer"]]))[0]
    if "until" in event:
        events["reversed_time"][index] = event["until"].timestamp()
