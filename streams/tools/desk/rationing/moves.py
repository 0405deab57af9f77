"""Words of people that a case goes to another officer, out of the outcome topic."""

from collections.abc import Iterator
from typing import Any, Final

import structlog

from schemas import BatchAdapter, validate_batch
from schemas.events.outcomes import CustomerOutcome
from schemas.ids import customer_hash, names
from scoring.warning.desk import CaseDesk, Move
from streams.tools.desk.topics import Record

log = structlog.get_logger()
_CONTRACT: Final = BatchAdapter[Any](CustomerOutcome)
_KIND: Final = "reassigned"


def moves_in(record: Record, tolerance: float) -> Iterator[Move]:
    """Yield the move that a record is, if it is one that workers take as well.

    Args:
        record: of the outcome topic.
        tolerance: seconds that an event may lie after its record's timestamp.
    """
    value = record.value or b""
    if _KIND.encode() not in value:
        return
    for event in validate_batch(_CONTRACT, [value])[0]:
        if event is None or event["type"] != _KIND:
            continue
        customer, move = event["customer_id"].encode(), Move.of(event)
        is_own = customer == record.key and names(move.case_id).customer == customer_hash(customer)
        if is_own and move.at.timestamp() <= record.timestamp / 1_000.0 + tolerance:
            yield move


def tell_of_refused(desk: CaseDesk) -> None:
    """Log the moves that a desk has refused, once each."""
    for move in desk.refused:
        log.warning("not reassigned", case_id=move.case_id, note="not at that desk that day")
    desk.refused.clear()
