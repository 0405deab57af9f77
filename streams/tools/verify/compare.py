"""What was derived, held against what was published."""

import json
from collections.abc import Collection, Iterator, Sequence
from typing import Any, Final, NamedTuple

from streams.store import Entry
from streams.tools.verify.published import PublishedWarning


class Difference(NamedTuple):
    """A field that is not the same.

    Attributes:
        field: path to it, such as `reasons.0.points`.
        published: its JSON; None where it was not published.
        derived: its JSON; None where it was not derived.
    """

    field: str
    published: str | None
    derived: str | None


class Sequel(NamedTuple):
    """One published message of a warning, and what was derived in its place.

    Attributes:
        sequence: of the message.
        lifecycle: raised, escalated, eased or cleared.
        is_derived: whether a message of this sequence was.
        is_same: whether it is the same, byte for byte.
        differences: otherwise.
    """

    sequence: int
    lifecycle: str
    is_derived: bool
    is_same: bool
    differences: tuple[Difference, ...]


OF_FEED: Final = ("feed", "confidence")


def compared(
    published: Sequence[PublishedWarning], said: Sequence[Entry], *, is_feed_known: bool = True
) -> list[Sequel]:
    """Each published message against the derived one of its sequence.

    What is told of the feed is not compared where it is not known.
    """
    ids = {each.warning.warning_id for each in published}
    own: dict[int, bytes] = {}
    for entry in said:
        if any(name.encode() in entry.value for name in ids):
            message = json.loads(entry.value)
            if message.get("warning_id") in ids:  # and not a case that tells of it
                own.setdefault(message["sequence"], entry.value)
    left_out = () if is_feed_known else OF_FEED
    return [_sequel(each, own.get(each.warning.sequence), left_out) for each in published]


def _sequel(each: PublishedWarning, body: bytes | None, left_out: Collection[str]) -> Sequel:
    name = (each.warning.sequence, each.warning.lifecycle)
    if body is None:
        return Sequel(*name, is_derived=False, is_same=False, differences=())
    told, derived = json.loads(each.body), json.loads(body)
    if left_out:
        derived.update({field: told.get(field) for field in left_out})
        body = json.dumps(derived, separators=(",", ":"), ensure_ascii=False).encode()
    found = tuple(_differences("", told, derived))
    return Sequel(*name, is_derived=True, is_same=each.body == body, differences=found)


def _differences(path: str, published: Any, derived: Any) -> Iterator[Difference]:  # noqa: ANN401
    """Fields of two JSON values that differ."""
    if isinstance(published, dict) and isinstance(derived, dict):
        for name in [*published, *(name for name in derived if name not in published)]:
            inner = f"{path}.{name}" if path else name
            yield from _differences(inner, published.get(name), derived.get(name))
    elif isinstance(published, list) and isinstance(derived, list):
        for place in range(max(len(published), len(derived))):
            pair = (each[place] if place < len(each) else None for each in (published, derived))
            yield from _differences(f"{path}.{place}", *pair)
    elif json.dumps(published) != json.dumps(derived):
        yield Difference(path, _told(published), _told(derived))


def _told(value: Any) -> str | None:  # noqa: ANN401
    return None if value is None else json.dumps(value)
