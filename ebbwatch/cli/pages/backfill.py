"""A backfill, as `ebbwatch backfill` tells of it."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from streams.tools.backfill import Loaded


def document(loaded: Loaded, seconds: float) -> dict[str, Any]:
    """What was loaded as one JSON value; `seconds` are those of the whole command."""
    told = asdict(loaded)
    for name in ("until", "last_event"):
        told[name] = told[name] and datetime.fromtimestamp(told[name], UTC).isoformat()
    return {**told, "seconds": round(seconds, 3)}


def page(told: dict[str, Any]) -> str:
    """What was loaded for people, in a line."""
    return (
        f"{told['events']} events of {told['customers']} customers loaded into "
        f"{told['partitions']} partitions up to {told['until']}, the last one at "
        f"{told['last_event']}; {told['duplicates']} duplicates, {told['too_late']} too late, "
        f"{told['timers']} timers, {told['warnings']} warnings, {told['published']} messages to "
        f"publish; {told['seconds']:.1f} s"
    )
