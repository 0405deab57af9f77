"""What SREs watch. Labels never carry customers or events."""

from collections.abc import Iterable, Mapping
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info

from schemas import REASONS
from streams.telemetry.answered import ANSWERS, Answered

Told = tuple[str, str, str]  # rule, band, route
FAST: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
SLOW: Final = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 3600.0)
SIZES: Final = (1, 10, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 20_000)


class Metrics:
    """All of a worker's metrics.

    Args:
        registry: where they are registered.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        place = ("topic", "partition")
        self.events = Counter(
            "ebbwatch_events",
            "Input records by what became of them.",
            ("topic", "type", "outcome"),
            registry=registry,
        )
        self.batch = Histogram(
            "ebbwatch_batch_events",
            "Events stepped in one batch.",
            buckets=SIZES,
            registry=registry,
        )
        self.decode = Histogram(
            "ebbwatch_decode_seconds",
            "Decoding and validating one batch.",
            buckets=FAST,
            registry=registry,
        )
        self.step = Histogram(
            "ebbwatch_step_seconds",
            "The state step of one batch.",
            buckets=FAST,
            registry=registry,
        )
        self.redis = Histogram(
            "ebbwatch_redis_seconds",
            "One call to Redis.",
            ("operation",),
            buckets=FAST,
            registry=registry,
        )
        self.redis_memory = Gauge(
            "ebbwatch_redis_memory_bytes",
            "Memory of the fullest Redis written to: used, and the most it may take if limited.",
            ("of",),
            registry=registry,
        )
        self.event_to_warning = Histogram(
            "ebbwatch_event_to_warning_seconds",
            "From the instant a warning is about to its publication; hours and more in a replay.",
            buckets=SLOW,
            registry=registry,
        )
        self.lag = Gauge(
            "ebbwatch_lag_messages", "Records not yet applied.", place, registry=registry
        )
        self.lag_seconds = Gauge(
            "ebbwatch_lag_seconds",
            "Age of the oldest record that waits to be applied, 0 with nothing waiting.",
            place,
            registry=registry,
        )
        self.fetch_age = Gauge(
            "ebbwatch_fetch_age_seconds",
            "Time since Kafka last answered a fetch, 0 while enough waits to be applied.",
            place,
            registry=registry,
        )
        self.warnings = Counter(
            "ebbwatch_warnings",
            "Warnings published.",
            ("rule", "band", "route"),
            registry=registry,
        )
        self.answered = Answered(registry)
        self.dead_letters = Counter(
            "ebbwatch_dead_letters", "Records set aside.", ("topic", "reason"), registry=registry
        )
        self.offsets_lost = Counter(
            "ebbwatch_offsets_lost",
            "Records Kafka deleted before they were applied.",
            ("topic",),
            registry=registry,
        )
        self.went_back = Gauge(
            "ebbwatch_redis_went_back_timestamp_seconds",
            "When Redis was last found to be older than Kafka knows it, 0 for never.",
            registry=registry,
        )
        self.outbox = Gauge(
            "ebbwatch_outbox_depth",
            "Messages not yet published.",
            ("partition",),
            registry=registry,
        )
        self.timers_due = Gauge(
            "ebbwatch_timers_due",
            "Silence timers armed for an instant already past.",
            ("partition",),
            registry=registry,
        )
        self.timers = Counter("ebbwatch_timers", "Silence timers that fired.", registry=registry)
        self.customers = Gauge(
            "ebbwatch_customers", "Customers with a state.", ("partition",), registry=registry
        )
        self.reloads = Counter(
            "ebbwatch_parameters_reloads",
            "Changed parameter files by what became of them.",
            ("outcome",),
            registry=registry,
        )
        for outcome in ("loaded", "refused"):
            self.reloads.labels(outcome)  # shown from the start, so that the first one is a rise
        self.activations = Counter(
            "ebbwatch_parameters_activations",
            "Partitions that took up other parameters than their customers were scored with.",
            registry=registry,
        )
        self.disputed = Gauge(
            "ebbwatch_clock_disputed",
            "1 while the worker's clock leapt and Redis's does not agree; silence waits.",
            registry=registry,
        )
        self.feed_held = Gauge(
            "ebbwatch_feed_held",
            "1 while a feed is abnormally quiet, so that silence is not warned of.",
            ("partition", "stream"),
            registry=registry,
        )
        self.brake_held = Gauge(
            "ebbwatch_brake_held",
            "Warnings raised or escalated that are held, since an hour had more than the budget.",
            ("partition",),
            registry=registry,
        )
        self.ahead = Counter(
            "ebbwatch_events_ahead",
            "Events told of the future and taken as of when they came.",
            ("topic",),
            registry=registry,
        )
        self.consent_unheard = Counter(
            "ebbwatch_consent_unheard",
            "Words about consent to purposes that are not known, which change nothing.",
            registry=registry,
        )
        self.elsewhere = Counter(
            "ebbwatch_touchpoints_unknown",
            "Interactions at touchpoints that no family is known of, taken as other.",
            registry=registry,
        )
        self.spans = Counter(
            "ebbwatch_spans",
            "Spans of traces by what became of them, where an endpoint is set.",
            ("outcome",),
            registry=registry,
        )
        self.model = Info("ebbwatch_model", "The parameters and rules in use.", registry=registry)
        self.preset = Gauge(
            "ebbwatch_parameters_preset",
            "1 while the parameters in use are a preset and not the bank's own.",
            registry=registry,
        )
        self.fitted_until = Gauge(
            "ebbwatch_parameters_fitted_until_timestamp_seconds",
            "End of the last day that the fit of the parameters in use saw, 0 where none is told.",
            registry=registry,
        )
        self.live = Gauge(
            "ebbwatch_live",
            "1 where silence follows the wall clock (mode live), 0 in a replay.",
            registry=registry,
        )

    def start_at_zero(self, topic_of: Mapping[str, str], warnings: Iterable[Told]) -> None:
        """Show every series from the start: one that appears with a burst has no increase.

        Args:
            topic_of: input topic by event type.
            warnings: the rules, with a band and the route of each, that can be warned about.
        """
        for kind, topic in topic_of.items():
            for outcome in ("applied", "duplicate", "earlier")[: 2 + (kind in ANSWERS)]:
                self.events.labels(topic, kind, outcome)
        for topic in set(topic_of.values()):
            self.offsets_lost.labels(topic)
            self.ahead.labels(topic)
            self.events.labels(topic, "unknown", "dead_letter")
            for reason in REASONS:
                self.dead_letters.labels(topic, reason)
        self.warnings_at_zero(warnings)

    def warnings_at_zero(self, warnings: Iterable[Told]) -> None:
        """Show the series of warnings and answers, also of rules that come later."""
        rules = dict[str, None]()
        for told in warnings:
            self.warnings.labels(*told)
            rules[told[0]] = None
        self.answered.start_at_zero(rules)

    def dead_letter(self, topic: str, reason: str) -> None:
        """Count a record set aside."""
        self.dead_letters.labels(topic, reason).inc()
        self.events.labels(topic, "unknown", "dead_letter").inc()

    def forget_partitions(self) -> None:
        """Stop showing partitions that were let go: whoever owns them next shows them."""
        places = (self.lag, self.lag_seconds, self.fetch_age, self.feed_held, self.brake_held)
        for gauge in (*places, self.outbox, self.timers_due, self.customers):
            gauge.clear()
