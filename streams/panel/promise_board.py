"""Whether the warnings of a worker's partitions keep the promise, as metrics."""

import math
from typing import Final

from prometheus_client import CollectorRegistry, Gauge

from scoring.facts.state import States
from scoring.monitoring import MODELS, Evidence, Panel, together
from scoring.monitoring.panel import CHAMPION
from scoring.monitoring.tallies import CHURNED, STAYED
from scoring.parameters import Parameters, Promise

OUTCOMES: Final = {"stayed": STAYED, "churned": CHURNED}
FIGURES: Final = {
    "promise_precision_ratio": "Of the customers newly flagged, the share promised to churn.",
    "promise_evidence_limit": "log10 of the evidence from which on the promise is broken.",
    "promise_evidence": "log10 of the e-detector against the promise, over recent outcomes.",
    "promise_lifetime_evidence": "log10 of the test martingale against it, over all outcomes.",
    "promise_precision_lower_ratio": "Precision that recent warnings surpassed, by that evidence.",
    "promise_precision_upper_ratio": "Precision that recent warnings fell below, by that evidence.",
}
MOST: Final = 300.0  # log10; ten to its power is still a number to who adds evidence of workers up


class PromiseBoard:
    """Gauges over the partitions owned, of warnings by the parameters in use.

    Without a promise nothing is shown, and no evidence before the first outcome. The label names
    the one model that warns; a gauge without labels would show 0, which says that all is well.

    Args:
        registry: where they are registered.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self._panels: dict[int, Panel] = {}
        self.outcomes = Gauge(
            "ebbwatch_promise_outcomes",
            "Customers of the panel newly flagged whose outcome is known.",
            ("model", "outcome"),
            registry=registry,
        )
        self.figures = {
            name: Gauge(f"ebbwatch_{name}", words, ("model",), registry=registry)
            for name, words in FIGURES.items()
        }

    def show(self, partition: int, panel: Panel, parameters: Parameters) -> None:
        """Show a partition's outcomes of warnings with all others'.

        Args:
            partition: number.
            panel: its panel, perhaps still of parameters other than those in use.
            parameters: those in use.
        """
        self._panels[partition] = panel
        self._clear()
        if parameters.promise is not None:
            self._show(parameters.promise, parameters.version)

    def forget(self) -> None:
        """Stop showing partitions that were let go."""
        self._panels.clear()
        self._clear()

    def _clear(self) -> None:
        for gauge in (self.outcomes, *self.figures.values()):
            gauge.clear()

    def _show(self, promise: Promise, version: str) -> None:
        self._set("promise_precision_ratio", promise.precision)
        self._set("promise_evidence_limit", -math.log10(promise.alpha))
        panels = [one for one in self._panels.values() if one.models[CHAMPION] == version]
        if warned := [one.warned for one in panels if len(one.warned)]:
            self._show_outcomes(together(*warned), promise)

    def _show_outcomes(self, warned: States, promise: Promise) -> None:
        evidence = Evidence.of(warned["outcomes"], promise)
        self._set("promise_evidence", min(evidence.lately, MOST))
        self._set("promise_lifetime_evidence", min(evidence.lifetime, MOST))
        self._set("promise_precision_lower_ratio", evidence.lower)
        self._set("promise_precision_upper_ratio", evidence.upper)
        counts = warned["outcomes"].sum(axis=0)
        for outcome, place in OUTCOMES.items():
            self.outcomes.labels(MODELS[CHAMPION], outcome).set(int(counts[place]))

    def _set(self, name: str, value: float) -> None:
        self.figures[name].labels(MODELS[CHAMPION]).set(value)
