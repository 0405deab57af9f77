"""What a fetch brings: plain records, so that who only reads a history needs no Faust for it."""

from datetime import UTC, datetime
from typing import Final, TypeAlias

from aiokafka.structs import ConsumerRecord

Record: TypeAlias = ConsumerRecord[bytes | None, bytes | None]
Records: TypeAlias = list[Record]

_FIRST: Final = datetime(1, 1, 1, tzinfo=UTC)
_LAST: Final = datetime(9999, 12, 31, tzinfo=UTC)


def instant(seconds: float) -> datetime:
    """Epoch seconds as a time; beyond what a calendar holds, its first or last day.

    A producer may stamp its records with anything, such as microseconds for milliseconds.

    >>> instant(1.8e12).isoformat()
    '9999-12-31T00:00:00+00:00'
    """
    held = min(max(seconds, _FIRST.timestamp()), _LAST.timestamp())
    return datetime.fromtimestamp(held, UTC)
