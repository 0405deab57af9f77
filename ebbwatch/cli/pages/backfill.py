"""A backfill, as `ebbwatch backfill` tells of it."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from streams.tools.backfill import Loaded


def document(loaded: Loaded, seconds: float) -> dict[str, Any]:
    """What was loaded as one JSON value; `seconds` are those of the whole command."""
    result = asdict(loaded)
    for name in ("until", "last_event"):
        result[name] = result[name] and datetime.fromtimestamp(result[name], UTC).isoformat()
    return {**result, "seconds": round(seconds, 3)}


def page(result: dict[str, Any]) -> str:
    """What was loaded for people, in a line."""
    return (
        f"{result['events']} events of {result['customers']} customers loaded into "
        f"{result['partitions']} partitions up to {result['until']}, the last one at "
        f"{result['last_event']}; {result['duplicates']} duplicates, "
        f"{result['too_late']} too late, {result['timers']} timers, {result['warnings']} warnings, "
        f"{result['published']} messages to publish; {result['seconds']:.1f} s"
    )
