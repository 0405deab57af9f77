"""Validating a whole batch in one call, and finding the poison when that call fails."""

from collections.abc import Sequence
from functools import cache
from operator import itemgetter
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

from schemas.rejections import Rejection, from_error, rejection

Event = TypeVar("Event")

MAX_EVENT_BYTES = 65_536
"""Largest value, in bytes, that is looked at."""

_JSON_SPACE = b" \t\r\n"


class BatchAdapter(Generic[Event]):
    """The validators of one topic's events, for one record and for many.

    Args:
        contract: A discriminated union of flat event types, such as `schemas.Transaction`.

    Examples:
        >>> from schemas import BatchAdapter, Interaction, validate_batch
        >>> validate_batch(BatchAdapter(Interaction), [b"{}"])[1][0].reason
        'missing_field'
    """

    def __init__(self, contract: Any) -> None:  # noqa: ANN401 - a union is no type to type checkers
        self._one: TypeAdapter[Event] = _validator(contract)
        self._many: TypeAdapter[list[Event]] = _validator(list[contract])

    def together(self, values: Sequence[bytes]) -> list[Event] | None:
        """Validate all values in one call; None if they have to be tried one by one."""
        stripped = [value.strip(_JSON_SPACE) for value in values]
        joined = b",\n".join(stripped)
        if not (_are_braced(stripped) and _cannot_merge(joined) and _are_small(values)):
            return None
        try:
            events = self._many.validate_json(b"[" + joined + b"]")
        except ValidationError:
            return None
        return events if len(events) == len(values) else None

    def alone(self, index: int, value: bytes) -> tuple[Event | None, Rejection | None]:
        """Validate one value, the `index`-th of its batch: an event or a rejection, never both."""
        if len(value) > MAX_EVENT_BYTES:
            limit, size = f"at most {MAX_EVENT_BYTES} bytes", f"{len(value)} bytes"
            return None, rejection(index, "oversized", "$", limit, size)
        try:
            return self._one.validate_json(value), None
        except ValidationError as error:
            return None, from_error(index, error)


def validate_batch(
    adapter: BatchAdapter[Event], values: Sequence[bytes]
) -> tuple[list[Event | None], list[Rejection]]:
    """Validate the values of a batch of records; never raises for what they hold.

    Args:
        adapter: The contract.
        values: One JSON text per record.

    Returns:
        An event for each value in order, None where it was rejected, and the rejections in order.

    >>> import json
    >>> from schemas import EXAMPLES, Transaction
    >>> good = json.dumps(EXAMPLES["fee"]).encode()
    >>> events, rejections = validate_batch(BatchAdapter(Transaction), [good, b"half a re"])
    >>> [event and event["type"] for event in events], rejections[0].reason
    (['fee', None], 'not_json')
    """
    together = adapter.together(values)
    if together is not None:
        return [*together], []
    outcomes = [adapter.alone(index, value) for index, value in enumerate(values)]
    rejections = [refused for _, refused in outcomes if refused is not None]
    return [event for event, _ in outcomes], rejections


@cache
def _validator(contract: Any) -> TypeAdapter[Any]:  # noqa: ANN401 - as above
    """Made once: to make one takes as long as to validate thousands of events."""
    return TypeAdapter(contract)


def _cannot_merge(joined: bytes) -> bool:
    """Tell whether values that start with a brace keep apart when joined by a comma and a newline.

    Otherwise a record that opens what the next one closes could make two broken records read as
    two good ones. Strings cannot span the join: JSON strings hold no raw newline. Objects cannot:
    after a comma inside an object follows a key, but each value starts with a brace. Arrays could:
    `{..},{"a":[{}` and `{}],"a":1,..}`, where the second "a" wins. So without any bracket what is
    left are whole objects side by side, at least one per value; and equal counts of values and
    events then mean exactly one per value.
    """
    return b"[" not in joined


def _are_braced(stripped: Sequence[bytes]) -> bool:
    return all(stripped) and set(map(itemgetter(0), stripped)) <= {ord("{")}


def _are_small(values: Sequence[bytes]) -> bool:
    return max(map(len, values), default=0) <= MAX_EVENT_BYTES
