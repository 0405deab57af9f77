"""From a step's outcome to the messages that leave: warnings and scores, ready for the outbox."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache, partial
from typing import Any, Final

from schemas import (
    INTERVENTIONS,
    Band,
    CustomerScore,
    EarlyWarning,
    Lifecycle,
    Route,
    WouldClear,
)
from schemas.ids import names, warning_id
from schemas.outputs.cases import CustomerCase
from schemas.outputs.words import Language
from scoring.feature import Feature
from scoring.model import ScoringModel
from scoring.rules import CHURN, SILENCE, VALUE_TIERS, Rule
from scoring.segments import DEFINITIONS
from scoring.step.doing import Doing
from scoring.step.outcome import Outcome
from scoring.warning.arm import arm
from scoring.warning.lifecycle import HIGH, LOW
from streams.broker.headers import joined_headers
from streams.config import Settings
from streams.outbox.case_messages import CLOSED_BY, case_message
from streams.outbox.parts import (
    BANDS,
    FIGURED,
    FIGURED_CLASSES,
    NO_PROFILING,
    SCORED,
    WARNED,
    Row,
    allowed,
    band_before,
    confidence,
    consent_withdrawn,
    family_of,
    feed_of,
    instant,
    rows,
    tier_told,
)
from streams.outbox.phrases import Phrases, action_text, phrases
from streams.outbox.reasons import Reasons
from streams.outbox.wording import clearing
from streams.store import Entry

MAINTAIN: Final = "keep_in_touch"
ROUTES: Final[tuple[Route, ...]] = ("risk", "relationship")


@dataclass(frozen=True)
class Messages:
    """Writes warnings and scores in the words and topics of one model and configuration.

    Attributes:
        model: whose thresholds and version they carry.
        routes: warning topic by route.
        score_topic: where scores go.
        case_topic: where cases go.
        source: CloudEvents source, naming this installation.
        say: words of the language they are told in.
    """

    model: ScoringModel
    routes: Mapping[str, str]
    score_topic: str
    case_topic: str
    source: str
    say: Phrases = field(default_factory=partial(phrases, "en"))

    @classmethod
    def of(cls, settings: Settings, model: ScoringModel) -> "Messages":
        """As a worker with these settings writes them."""
        routes: dict[str, str] = {route: settings.route_topic(route) for route in ROUTES}
        topics = (settings.score_topic, settings.case_topic)
        source, say = f"/ebbwatch/{settings.group}", phrases(settings.language)
        return cls(model, routes, *topics, source, say)

    def in_language(self, language: Language) -> "Messages":
        """The same in another language."""
        return replace(self, say=phrases(language))

    def entries(self, outcome: Outcome, customers: Sequence[bytes]) -> list[Entry]:
        """All messages of a step: warnings and cases by time and customer, scores by customer."""
        named = [customers[row] for row in outcome.warnings["row"].tolist()]
        warnings = list(map(self._warning, rows(outcome.warnings), named))
        warnings.sort(key=lambda w: (w.event_time, w.customer_id, w.rule, w.sequence))
        named = [customers[row] for row in outcome.scores["row"].tolist()]
        scores = list(map(self.score, rows(outcome.scores), named))
        scores.sort(key=lambda s: s.customer_id)
        named = [customers[row] for row in outcome.cases["row"].tolist()]
        cases = list(map(self._case, rows(outcome.cases), named))
        cases.sort(key=lambda c: (c.event_time, c.customer_id, names(c.case_id), c.sequence))
        told = [self._entry(self.routes[warning.route], warning) for warning in warnings]
        told += [self._entry(self.case_topic, case) for case in cases]
        return [*told, *(self._entry(self.score_topic, score) for score in scores)]

    def score(self, row: Row, customer: bytes) -> CustomerScore:
        """One customer's scores as a message; `row` as `rows` makes it of dtype `SCORE`."""
        f, levels = row["features"], row["levels"]
        return CustomerScore(
            customer_id=customer.decode(),
            event_time=instant(row["now"]),
            frequency=int(f[Feature.FREQUENCY]),
            churn_risk=row["churn_risk"],
            is_churn_flagged=levels[SILENCE if self.model.churn is None else CHURN] > LOW,
            risk_band=self._band(levels, "risk"),
            relationship_band=self._band(levels, "relationship"),
            segments=self._segments(row),
            **self._origin,
            **{name: f[feature] for name, feature in SCORED.items()},
            **{name: row["figures"][place] for name, place in FIGURED.items()},
        )

    def _band(self, levels: Sequence[int], route: Route) -> Band:
        own = self.model.rules.by_route.get(route, ())
        return BANDS[max((levels[slot] for slot in own), default=LOW)]

    def _segments(self, row: Row) -> Any:  # noqa: ANN401 - validated with the whole message
        if self.model.parameters.segments is None:
            return None
        numbers = {name: row["figures"][place] for name, place in FIGURED_CLASSES.items()}
        return {**_classes(tuple(row["segments"])), **numbers}

    def _warning(self, row: Row, customer: bytes) -> EarlyWarning:
        rule, f, after = self.model.rules[row["rule"]], row["features"], row["after"]
        feed = feed_of(row) if rule.rises_in_silence else None
        tier = tier_told(f[Feature.VALUE_AT_STAKE], row["flags"], self.model)
        called = None if after == LOW else self.model.rules.calls_for(rule.slot, after, tier)
        action = MAINTAIN if called is None else allowed(called.action, row["flags"])
        return EarlyWarning(
            warning_id=warning_id(customer, rule.name, row["episode"]),
            sequence=row["sequence"],
            previous=band_before(row),
            lifecycle=_lifecycle(row["before"], after),
            closed_by=CLOSED_BY.get(row["closed_by"]),
            customer_id=customer.decode(),
            rule=rule.name,
            route=rule.route,
            band=BANDS[after],
            intervention=INTERVENTIONS["low"] if called is None else called.intervention,
            action=action,
            action_text=action_text(action, self.say.language, self.model.rules.texts),
            consent_withdrawn=consent_withdrawn(row["flags"]),
            weakest_touchpoint=family_of(row["weakest"]),
            event_time=instant(row["now"]),
            raised_at=instant(row["raised_at"]),
            severity=row["severity"],
            tier=None if tier is None else VALUE_TIERS[tier],
            churn_risk=row["churn_risk"],
            arm=arm(customer, self.model.rules.holdout),
            feed=feed,
            confidence=confidence(f, feed),
            **self._explained(row, rule),
            **self._origin,
            **{name: f[feature] for name, feature in WARNED.items()},
        )

    def _case(self, row: Row, customer: bytes) -> CustomerCase:
        origin = {name: self._origin[name] for name in ("currency", "model_version")}
        origin["arm"] = arm(customer, self.model.rules.holdout)
        return case_message(row, customer, self.model, self.say, origin)

    @cached_property
    def _origin(self) -> Mapping[str, Any]:
        """What every message says of the parameters behind it."""
        parameters = self.model.parameters
        return {
            "churn_horizon_days": self.model.churn_horizon,
            "horizon_days": self.model.horizon,
            "currency": parameters.book_currency,
            "model_version": parameters.version,
            "rules_version": self.model.rules.version,
        }

    @cached_property
    def reasons(self) -> Reasons:
        """Why warnings stand."""
        return Reasons(self.model, self.say)

    def _explained(self, row: Row, own: Rule) -> dict[str, Any]:
        """The score and what it is made of, and what would clear the warning."""
        return {
            "score": row["score"],
            "would_clear": None if row["after"] == LOW else self._would_clear(row),
            **self.reasons.behind(row, None if row["flags"] & NO_PROFILING else own),
        }

    def _would_clear(self, row: Row) -> WouldClear:
        days = row["days"], row["then_days"]
        return clearing(Doing(row["doing"]), row["times"], *days, self.say)

    def _entry(self, topic: str, message: EarlyWarning | CustomerCase | CustomerScore) -> Entry:
        key, body = message.customer_id.encode(), message.model_dump_json().encode()
        return Entry(topic, key, body, joined_headers(message, self.source))


@lru_cache(4_096)  # customers are many, combinations of classes few
def _classes(codes: tuple[int, ...]) -> Mapping[str, str]:
    classes = {d.name: d.classes[code] for d, code in zip(DEFINITIONS, codes, strict=True)}
    rfm = "".join(classes.pop(name) for name in ("recency", "frequency", "monetary"))
    return {**classes, "rfm": rfm}


def _lifecycle(before: int, after: int) -> Lifecycle:
    if before == LOW:
        return "raised"
    if after == LOW:
        return "cleared"
    return "escalated" if after == HIGH else "eased"
