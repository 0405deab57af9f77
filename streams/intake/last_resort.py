"""The last resort: no value in a record may end a process, whatever error it leads to.

The record is set aside by its metadata alone, since nobody knows what is in it, with the name of
the exception. That is a fault of this program, so it is logged with its place in the code, counted
under a reason of its own, and an alert fires.
"""

from typing import Final, Protocol

import structlog

from schemas import rejection
from streams.intake.chunk import Chunk, empty_chunk, join
from streams.intake.decode import Dead
from streams.intake.records import Record, Records

log = structlog.get_logger()

EXPECTED: Final = "a record that can be worked with"


class Decodes(Protocol):
    """Turns records of one topic-partition into a chunk and what cannot be used."""

    def decode(self, records: Records) -> tuple[Chunk, list[Dead]]:
        """Decode at least one record."""


def decode_surely(decoder: Decodes, records: Records) -> tuple[Chunk, list[Dead]]:
    """Decode records; those that alone raise an error are dead."""
    try:
        return decoder.decode(records)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - see the module
        if len(records) == 1:
            return empty_chunk(records[0].offset + 1), [unusable(records[0], error)]
    half = len(records) // 2
    parts = [decode_surely(decoder, part) for part in (records[:half], records[half:])]
    return join([chunk for chunk, _ in parts]), [dead for _, found in parts for dead in found]


def unusable(record: Record, error: Exception) -> Dead:
    """Set a record aside that raised an error; what the error says may hold its values."""
    name = type(error).__name__
    log.error(
        "record unusable",
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        error=name,
        at=_place(error),
    )
    return Dead(record, rejection(0, "unusable", "$", EXPECTED, name), metadata_alone=True)


def _place(error: Exception) -> list[str]:
    """Where in the code it was raised, innermost last: no values."""
    places, step = [], error.__traceback__
    while step is not None:
        places.append(f"{step.tb_frame.f_code.co_filename}:{step.tb_lineno}")
        step = step.tb_next
    return places[-_DEPTH:]


_DEPTH: Final = 4
