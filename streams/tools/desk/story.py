"""What became of warnings, as the topics tell it, read in any order of their partitions."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any, Final

from schemas import EarlyWarning
from schemas.events.examples import OUTCOME_EXAMPLES
from schemas.ids import names
from schemas.outputs.messages import Arm
from scoring.facts.consent import NO_PROFILING, PROFILING, word
from streams.tools.desk.courses import DISMISSAL, WarningCourses
from streams.tools.desk.worth import Acted, Costs, OutcomeReport, Precision, Uplift

ANSWERS: Final = tuple(OUTCOME_EXAMPLES)
RIGHT: Final = ("retained", "lost")
VERDICTS: Final = (*RIGHT, DISMISSAL)
NEVER_YET: Final = datetime.min.replace(tzinfo=UTC)
CONTACTS: Final = ("contacted", "offer_made")


@dataclass
class _Warned:
    """A customer since their first warning."""

    first: EarlyWarning
    has_returned: bool = False

    @property
    def at(self) -> datetime:
        return self.first.raised_at


@dataclass
class Story:
    """What was read, in any order of the topics' partitions.

    Attributes:
        days: within which who buys again has returned.
        upto: event time of the last purchase read.
    """

    days: float
    warned: dict[str, _Warned] = field(default_factory=dict)
    raised: dict[str, EarlyWarning] = field(default_factory=dict)
    verdicts: dict[str, tuple[str, str]] = field(default_factory=dict)  # verdict, band
    answers: dict[tuple[str, str, str], dict[str, Any]] = field(default_factory=dict)
    consents: dict[str, tuple[datetime, bool]] = field(default_factory=dict)  # at, withdrawn
    upto: datetime = NEVER_YET
    courses: WarningCourses = field(default_factory=WarningCourses)

    def warning(self, w: EarlyWarning) -> None:
        """Take a warning's message."""
        self.courses.take(w)
        if w.lifecycle == "raised":
            self.raised[w.warning_id] = w
            before = self.warned.get(w.customer_id)
            if before is None or (w.raised_at, w.warning_id) < (before.at, before.first.warning_id):
                self.warned[w.customer_id] = _Warned(w)
        if w.closed_by and w.previous:
            self.verdicts[w.warning_id] = (w.closed_by, w.previous.band)

    def answer(self, event: dict[str, Any]) -> None:
        """Take an answer; the same one once."""
        self.answers.setdefault(
            (event["customer_id"], event.get("source", ""), event["event_id"]), event
        )

    def purchase(self, customer: str, at: datetime) -> None:
        """Take a purchase; all warnings are known by then."""
        self.upto = max(self.upto, at)
        warned = self.warned.get(customer)
        if warned is not None:
            until = warned.at + timedelta(days=self.days)
            warned.has_returned |= warned.at < at <= until

    def consent(self, event: dict[str, Any]) -> None:
        """Take a word about profiling; the latest counts, of two at one instant the withdrawal."""
        code = word(event["purpose"], granted=event["granted"], legal_basis=event["legal_basis"])
        if code in (NO_PROFILING, PROFILING):
            said = event["event_time"], code == NO_PROFILING
            self.consents[event["customer_id"]] = max(
                said, self.consents.get(event["customer_id"], said)
            )

    def told(self, costs: Costs) -> OutcomeReport:
        """What it comes to."""
        for event in self.answers.values():  # to what had cleared by then
            if event["type"] in VERDICTS and self._is_about(event):
                self.verdicts.setdefault(event["warning_id"], (event["type"], "low"))
        right = {name: verdict in RIGHT for name, (verdict, _) in self.verdicts.items()}
        currencies = {w.currency for w in self.raised.values()}
        return OutcomeReport(
            self._counts(),
            self._reasons(),
            self._precision(),
            self._hours(),
            self._uplift(costs),
            currencies.pop() if len(currencies) == 1 else None,
            self._acted(),
            sum(map(self._has_withdrawn, self.warned)),
            self.courses.answered(self.raised, right, self.answers.values()),
        )

    def _is_about(self, event: dict[str, Any]) -> bool:
        """Whether an answer names a warning of its customer's that had been raised by then."""
        raised = self.raised.get(event.get("warning_id", ""))
        if raised is None or raised.customer_id != event["customer_id"]:
            return False
        is_behind: bool = event["event_time"] >= raised.raised_at
        return is_behind

    def _counts(self) -> dict[str, int]:
        found = Counter(event["type"] for event in self.answers.values())
        return {kind: found[kind] for kind in ANSWERS}

    def _reasons(self) -> dict[str, dict[str, int]]:
        found: dict[str, Counter[str]] = {}
        for event in self.answers.values():
            if "reason" in event:
                found.setdefault(event["type"], Counter())[event["reason"]] += 1
        return {kind: dict(counts.most_common()) for kind, counts in sorted(found.items())}

    def _precision(self) -> list[Precision]:
        counts: Counter[tuple[str, str, bool]] = Counter()
        for name, (verdict, band) in self.verdicts.items():
            counts[names(name).rule, band, verdict in RIGHT] += 1
        groups = sorted({group[:2] for group in counts})
        return [
            Precision(rule, band, counts[rule, band, True], counts[rule, band, False])
            for rule, band in groups
        ]

    def _hours(self) -> dict[str, float]:
        first: dict[str, datetime] = {}
        for event in self.answers.values():
            if self._is_about(event):
                name, at = event["warning_id"], event["event_time"]
                first[name] = min(at, first.get(name, at))
        waits: dict[str, list[float]] = {}
        for name, at in first.items():
            waited = (at - self.raised[name].raised_at).total_seconds() / 3600.0
            waits.setdefault(self.raised[name].rule, []).append(waited)
        return {rule: median(hours) for rule, hours in sorted(waits.items())}

    def _is_over(self, warned: _Warned) -> bool:
        """Whether there is no time left to return in."""
        return warned.at + timedelta(days=self.days) <= self.upto

    def _acted(self) -> list[Acted]:
        return [
            Acted(warned.first, warned.has_returned if self._is_over(warned) else None)
            for name, warned in sorted(self.warned.items())
            if not self._has_withdrawn(name)
        ]

    def _has_withdrawn(self, customer: str) -> bool:
        _, is_withdrawn = self.consents.get(customer, (NEVER_YET, False))
        return is_withdrawn

    def _uplift(self, costs: Costs) -> Uplift:
        over = {name: w for name, w in self.warned.items() if self._is_over(w)}
        arms: dict[Arm, list[_Warned]] = {"treated": [], "holdout": []}
        for warned in over.values():
            arms[warned.first.arm].append(warned)
        of = {
            arm: (sum(w.has_returned for w in all_of), len(all_of)) for arm, all_of in arms.items()
        }
        stakes = [w.first.value_at_stake or 0.0 for w in over.values()]
        return Uplift(
            self.days,
            of["treated"],
            of["holdout"],
            len(self.warned) - len(over),
            sum(stakes) / len(stakes) if stakes else 0.0,
            self._spent({name for name, w in over.items() if w.first.arm == "treated"}, costs),
        )

    def _spent(self, treated: set[str], costs: Costs) -> float:
        """Mean cost of acting on them."""
        contacted, accepted = set[str](), 0
        for event in self.answers.values():
            if event["customer_id"] in treated:
                accepted += event["type"] == "accepted"
                if event["type"] in CONTACTS:
                    contacted.add(event["customer_id"])
        spent = len(contacted) * costs.contact + accepted * costs.offer
        return spent / len(treated) if treated else 0.0
