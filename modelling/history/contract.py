"""Which event types the contract asks which fields of, so that no list here has to follow it."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import get_args, get_type_hints

from schemas import Interaction, Transaction
from scoring.facts.kinds import Kind


@cache
def required() -> Mapping[Kind, frozenset[str]]:
    """The fields that an event must have, by its type; optional ones are left out.

    >>> sorted(required()[Kind.ACCOUNT_CLOSED])
    ['customer_id', 'event_id', 'event_time', 'type']
    """
    return dict(_events())


def kinds_with(field: str) -> tuple[int, ...]:
    """Codes of the event types that must have a field.

    >>> [Kind(code).name for code in kinds_with("score")]
    ['SURVEY', 'NPS']
    """
    return tuple(int(kind) for kind, fields in required().items() if field in fields)


def _events() -> Iterator[tuple[Kind, frozenset[str]]]:
    for topic in (Transaction, Interaction):
        of_any_type, *_ = get_args(topic)
        for event in get_args(of_any_type):
            (name,) = get_args(get_type_hints(event)["type"])
            yield Kind[name.upper()], event.__required_keys__
