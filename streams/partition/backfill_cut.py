"""Where files end and topics begin, of a partition whose past was loaded from files."""

from streams.store import Claim


class UnfinishedBackfillError(ValueError):
    """A history is half loaded: no event may be applied before the rest of it."""


def cut_of(partition: int, claim: Claim) -> float | None:
    """The instant before which events are in the states already; None where nothing was loaded.

    Raises:
        UnfinishedBackfillError: loading was cut short.
    """
    loaded = claim.backfill
    if loaded is None:
        return None
    if loaded.left:
        expected = "a finished backfill, to be had by `ebbwatch backfill --resume`"
        got = f"{loaded.left} commits left to make"
        raise UnfinishedBackfillError(f"partition {partition}: expected {expected}, got {got}")
    return loaded.until
