"""What a demo showed: the one account behind the JSON and the closing summary."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from pydantic import BaseModel, ConfigDict

from ebbwatch.demo.events.personas import PERSONAS, Persona
from ebbwatch.demo.listener import Warned
from ebbwatch.demo.progress import Reading
from ebbwatch.demo.worth import Worth

BANDS: Final = ("low", "middle", "high")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class PersonaOutcome(_Part):
    """What became of a persona.

    Attributes:
        as_expected: whether its warning came, or none for a healthy twin.
        warnings: messages about it on either topic.
        route, band, rule, action, event_time: of its most telling warning, None without one.
        rules: rules among that warning's reasons, most points first.
        reasons: the same in plain words.
    """

    as_expected: bool
    warnings: int
    route: str | None = None
    band: str | None = None
    rule: str | None = None
    action: str | None = None
    event_time: str | None = None
    rules: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()


class Report(_Part):
    """The figures of a whole run.

    Attributes:
        produced: events written to Kafka.
        applied: events stepped: applied offsets less dead letters.
        dead_lettered: records set aside.
        customers: with a state in Redis.
        warnings: messages by risk band; band low is where warnings ease or clear to.
        warnings_by_rule: the same by rule, then band.
        seconds: the whole run, servers' start included.
        replay_seconds: from before the first to the last applied event.
        events_per_second: applied in `replay_seconds`.
        personas: outcome by customer id.
        worth: warnings about silence beside a plain rule's, None where it was not asked for.
    """

    produced: int
    applied: int
    dead_lettered: int
    customers: int
    warnings: dict[str, int]
    warnings_by_rule: dict[str, dict[str, int]]
    seconds: float
    replay_seconds: float
    events_per_second: float
    personas: dict[str, PersonaOutcome]
    worth: Worth | None = None


def report(
    progress: Reading,
    dead: int,
    warnings: Sequence[Warned],
    *,
    seconds: float,
    replay_seconds: float,
    worth: Worth | None = None,
) -> Report:
    """Sum up a run that has ended."""
    applied = progress.stepped - dead
    return Report(
        produced=progress.total,
        applied=applied,
        dead_lettered=dead,
        customers=progress.customers,
        warnings=by_band(warnings),
        warnings_by_rule=_by_rule(warnings),
        seconds=round(seconds, 1),
        replay_seconds=round(replay_seconds, 2),
        events_per_second=round(applied / replay_seconds),
        personas={persona.name: outcome(persona, warnings) for persona in PERSONAS},
        worth=worth,
    )


def by_band(warnings: Sequence[Warned]) -> dict[str, int]:
    """Count messages by risk band, low to high.

    >>> by_band([{"band": "high"}, {"band": "low"}, {"band": "high"}])
    {'low': 1, 'middle': 0, 'high': 2}
    """
    counts = Counter(warning["band"] for warning in warnings)
    return {band: counts[band] for band in BANDS}


def outcome(persona: Persona, warnings: Sequence[Warned]) -> PersonaOutcome:
    """Judge what a persona was warned about."""
    own = [warning for warning in warnings if warning["customer_id"] == persona.name]
    if not own:
        return PersonaOutcome(as_expected=persona.expects is None, warnings=0)
    own.sort(key=lambda w: w["event_time"])  # so that of equals the earliest is told
    telling = max(own, key=lambda w: (persona.meets(w), BANDS.index(w["band"])))
    return PersonaOutcome(
        as_expected=persona.meets(telling),
        warnings=len(own),
        **{name: telling[name] for name in ("route", "band", "rule", "action", "event_time")},
        rules=tuple(reason["rule"] for reason in telling["reasons"]),
        reasons=tuple(reason["text"] for reason in telling["reasons"]),
    )


def _by_rule(warnings: Sequence[Warned]) -> dict[str, dict[str, int]]:
    rules = sorted({warning["rule"] for warning in warnings})
    return {rule: by_band([w for w in warnings if w["rule"] == rule]) for rule in rules}
