"""What people answered to warnings, as metrics: how many were right, how soon somebody acted."""

from collections.abc import Iterable, Mapping
from typing import Final

import numpy as np
from prometheus_client import CollectorRegistry, Counter, Histogram

from schemas import INTERVENTIONS
from schemas.events.examples import OUTCOME_EXAMPLES
from schemas.events.outcomes import DISMISSAL_REASONS, LOSS_REASONS
from scoring.facts.kinds import Kind
from scoring.facts.state import States

ANSWERS: Final = tuple(OUTCOME_EXAMPLES)
BANDS: Final = tuple(INTERVENTIONS)
NO_ACTION: Final = {"reassigned"}  # nobody has looked after the case yet
NO_RULE: Final = "-"  # of answers to a case in which no warning was open; no rule's name
REASONS_OF: Final[Mapping[str, tuple[str, ...]]] = {
    "lost": LOSS_REASONS,
    "false_alarm": DISMISSAL_REASONS,
}
_HOUR: Final = 3_600.0
_HOURS: Final = (0.1, 0.5, 1, 2, 4, 8, 24, 48, 96, 168, 336, 672, 1_344, 2_160)
SPANS: Final = tuple(_HOUR * hours for hours in _HOURS)
_PLACE: Final = ("rule", "band")


class Answered:
    """Counts answers, each once its commit has happened.

    `rule` is that of the warning, or the leading one of the case; `band` is the warning's when the
    answer came: low where it had cleared.

    Args:
        registry: where the metrics are registered.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self.answers = Counter(
            "ebbwatch_answers",
            "Answers to warnings and cases; right are retained and lost, wrong is false_alarm.",
            (*_PLACE, "answer"),
            registry=registry,
        )
        self.reasons = Counter(
            "ebbwatch_answer_reasons",
            "Losses and false alarms by what was given as their reason.",
            ("rule", "answer", "reason"),
            registry=registry,
        )
        self.to_action = Histogram(
            "ebbwatch_time_to_action_seconds",
            "From the raise of a warning, or the opening of a case, to the first answer to it.",
            _PLACE,
            buckets=SPANS,
            registry=registry,
        )
        self.lead = Histogram(
            "ebbwatch_warning_lead_seconds",
            "From the raise of a warning to the loss of its customer.",
            _PLACE,
            buckets=SPANS,
            registry=registry,
        )

    def start_at_zero(self, rules: Iterable[str]) -> None:
        """Show every series of these rules, so that the first answer is a rise."""
        for rule in (*rules, NO_RULE):
            for band in BANDS:
                self.to_action.labels(rule, band)
                self.lead.labels(rule, band)
                for answer in ANSWERS:
                    self.answers.labels(rule, band, answer)
            for answer, reasons in REASONS_OF.items():
                for reason in reasons:
                    self.reasons.labels(rule, answer, reason)

    def count(self, answers: States, rules: Mapping[int, str]) -> None:
        """Count a step's answers.

        Args:
            answers: structured array of dtype `scoring.warning.answers.ANSWER`.
            rules: name by slot of those in force.
        """
        for one in answers:
            self._count(one, rules.get(int(one["rule"]), NO_RULE))

    def _count(self, one: np.void, rule: str) -> None:
        answer, band = Kind(int(one["kind"])).name.lower(), BANDS[int(one["level"])]
        waited = max(float(one["time"] - one["raised_at"]), 0.0)
        self.answers.labels(rule, band, answer).inc()
        if one["is_first"] and answer not in NO_ACTION:
            self.to_action.labels(rule, band).observe(waited)
        if answer == "lost":
            self.lead.labels(rule, band).observe(waited)
        if answer in REASONS_OF:
            reason = REASONS_OF[answer][max(int(one["reason"]), 1) - 1]
            self.reasons.labels(rule, answer, reason).inc()
