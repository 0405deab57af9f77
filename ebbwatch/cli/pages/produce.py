"""What became of a file, as `ebbwatch produce` tells of it."""

from collections.abc import Iterator
from typing import Any

from streams.tools.currencies import told
from streams.tools.producing.produce_file import Produced


def document(written: Produced) -> dict[str, Any]:
    """What was written as one JSON value."""
    return {
        "written": dict(written.topics),
        "written_before": written.before,
        "repeats": written.repeats,
        "without_rate": dict(written.checked.without_rate),
        "out_of_order": written.checked.out_of_order,
    }


def page(file: str, written: Produced) -> Iterator[str]:
    """What was written for people, in lines."""
    if written.before:
        more = "gone on behind them" if written.topics else "nothing to write; --again writes all"
        yield f"{file}: {written.before} lines were written before: {more}"
    for name, count in written.topics.items():
        yield f"{count} events written to {name}"
    if written.repeats:
        yield f"{written.repeats} lines left out: an earlier line has their event id"


def warnings(file: str, written: Produced, book: str) -> Iterator[str]:
    """What workers will make of it that may not be meant; `book` is their currency."""
    if without := written.checked.without_rate:
        yield f"{file}: workers with these parameters set amounts aside: {told(without, book)}"
    if written.checked.out_of_order:
        yield (
            f"{file}: {written.checked.out_of_order} events come behind later ones: they count as "
            "they should, but warnings are judged in the order of the lines; sort a history by "
            "time, or load it by ebbwatch backfill"
        )
