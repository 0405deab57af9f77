"""How far each answered warning's value went, as its own messages tell it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NamedTuple

from schemas import EarlyWarning
from schemas.ids import customer_hash, names

DISMISSAL: Final = "false_alarm"
UNTOLD: Final = "untold"


class AnsweredWarning(NamedTuple):
    """A warning that somebody said was right or wrong.

    Attributes:
        customer: hash of the customer's id.
        rule: that raised it.
        is_right: whether it was.
        reason: why it was wrong, `untold` where no topic holds that; None where it was right.
        threshold: of band middle when it was raised, in the unit of `values`, money in minor
            units; None where it depended on the customer's segment.
        values: of its rule in each message, the first one's at the raise.
        was_high: whether it was in band high.
        ended_by_itself: whether its value cleared it, and no answer.
        days: from its raise to its last message, over which its value is known.
        versions: of the parameters and rules that it was raised by.
    """

    customer: str
    rule: str
    is_right: bool
    reason: str | None
    threshold: float | None
    values: tuple[float, ...]
    was_high: bool
    ended_by_itself: bool
    days: float
    versions: tuple[str, str | None]


class _Heard(NamedTuple):
    """What a message tells of its warning."""

    value: float | None
    threshold: float | None
    is_high: bool
    at: datetime
    is_cleared: bool
    closed_by: str | None

    @classmethod
    def of(cls, w: EarlyWarning) -> "_Heard":
        own = next((reason for reason in w.reasons if reason.rule == w.rule), None)
        return cls(
            None if own is None else own.value,
            None if own is None else own.threshold,
            w.band == "high",
            w.event_time,
            w.lifecycle == "cleared",
            w.closed_by,
        )


@dataclass
class WarningCourses:
    """Messages of warnings, in any order of the topics' partitions."""

    _heard: dict[str, dict[int, _Heard]] = field(default_factory=dict)

    def take(self, warning: EarlyWarning) -> None:
        """Take a message; the same one once."""
        own = self._heard.setdefault(warning.warning_id, {})
        own.setdefault(warning.sequence, _Heard.of(warning))

    def answered(
        self,
        raised: Mapping[str, EarlyWarning],
        verdicts: Mapping[str, bool],
        answers: Iterable[Mapping[str, Any]],
    ) -> list[AnsweredWarning]:
        """Those that were answered and whose raise tells its value.

        Args:
            raised: first messages by id.
            verdicts: whether a warning was right, by id.
            answers: all events of answers.
        """
        dismissed: dict[str, list[Mapping[str, Any]]] = {}
        for event in answers:
            if event["type"] == DISMISSAL:
                dismissed.setdefault(event["customer_id"], []).append(event)
        found = []
        for name in sorted(verdicts.keys() & raised.keys()):
            first, own = raised[name], self._heard[name]
            course = [own[number] for number in sorted(own)]
            values = tuple(each.value for each in course if each.value is not None)
            if course[0].value is None:
                continue
            last = course[-1]
            events = dismissed.get(first.customer_id, [])
            why = None if verdicts[name] else _reason(first, last.at, events)
            found.append(
                AnsweredWarning(
                    customer_hash(first.customer_id.encode()),
                    names(name).rule,
                    verdicts[name],
                    why,
                    course[0].threshold,
                    values,
                    any(each.is_high for each in course),
                    last.is_cleared and last.closed_by is None,
                    (last.at - first.raised_at).total_seconds() / 86_400.0,
                    (first.model_version, first.rules_version),
                )
            )
        return found


def _reason(raised: EarlyWarning, until: datetime, events: list[Mapping[str, Any]]) -> str:
    """Why it was dismissed: by an answer to itself, or else to the case that it stood in."""
    behind = [event for event in events if event["event_time"] >= raised.raised_at]
    own = [event for event in behind if event.get("warning_id") == raised.warning_id]
    if own:
        return str(min(own, key=lambda event: event["event_time"])["reason"])
    cases = [event for event in behind if "case_id" in event and event["event_time"] <= until]
    if not cases:
        return UNTOLD
    return str(max(cases, key=lambda event: event["event_time"])["reason"])
