"""What the panels of a worker's partitions say, as metrics."""

from typing import Final

import numpy as np
from prometheus_client import CollectorRegistry, Counter, Gauge

from scoring.monitoring import MODELS, Figures, Panel, total
from streams.panel.promise_board import OUTCOMES, PromiseBoard

FLAGGED: Final = {"no": 0, "yes": 1}
RATIOS: Final = {
    "precision": "Of the panel customers flagged, the share that churned.",
    "recall": "Of the panel customers who churned, the share that had been flagged.",
    "auc": "Probability that who churned had a higher risk than who stayed.",
    "calibration_error": "Mean distance of risk and share churned.",
}


class PanelBoard:
    """Gauges over all panels of the partitions owned, of their latest rounds.

    Args:
        registry: where they are registered.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self._panels: dict[int, Panel] = {}
        self.promise = PromiseBoard(registry)
        self.customers = Gauge(
            "ebbwatch_panel_customers",
            "Customers scored in their partition's last panel round.",
            registry=registry,
        )
        self.outcomes = Gauge(
            "ebbwatch_panel_outcomes",
            "Panel forecasts of the latest rounds whose outcome is known.",
            ("model", "outcome", "flagged"),
            registry=registry,
        )
        self.unknown = Gauge(
            "ebbwatch_panel_unknown",
            "Panel forecasts of the latest rounds whose outcome cannot be told.",
            registry=registry,
        )
        self.ratios = {
            name: Gauge(f"ebbwatch_panel_{name}_ratio", words, ("model",), registry=registry)
            for name, words in RATIOS.items()
        }
        self.disagreement = Gauge(
            "ebbwatch_panel_disagreement_ratio",
            "Of the panel customers scored by both models, the share only one of them flags.",
            ("model",),
            registry=registry,
        )
        self.drift = Gauge(
            "ebbwatch_drift_psi",
            "Population stability index of the panel against the reference.",
            ("feature",),
            registry=registry,
        )
        self.errors = Counter(
            "ebbwatch_challenger_errors",
            "Forecasts of the challenger that could not be used.",
            ("reason",),
            registry=registry,
        )

    def show(self, partition: int, panel: Panel) -> None:
        """Show a partition's panel, and all others' with it."""
        self._panels[partition] = panel
        self._show(list(self._panels.values()))

    def forget(self) -> None:
        """Stop showing partitions that were let go."""
        self._panels.clear()
        self.promise.forget()
        self.customers.set(0)
        self.unknown.set(0)
        for gauge in (self.outcomes, self.disagreement, self.drift, *self.ratios.values()):
            gauge.clear()

    def _show(self, panels: list[Panel]) -> None:
        rounds = np.concatenate([panel.rounds for panel in panels])
        last = np.concatenate([panel.rounds[-1:] for panel in panels])
        self.customers.set(int(last["members"].sum()))
        self.unknown.set(int(rounds["unknown"].sum()))
        for gauge in (self.disagreement, *self.ratios.values()):
            gauge.clear()
        for place, model in enumerate(MODELS):
            self._show_figures(model, Figures.of(total(rounds["tally"][:, place])))
        if compared := int(last["compared"].sum()):
            share = int(last["disagreed"].sum()) / compared
            self.disagreement.labels(MODELS[-1]).set(share)
        self._show_drift(panels)

    def _show_figures(self, model: str, figures: Figures) -> None:
        for outcome, churned in OUTCOMES.items():
            for flagged, at in FLAGGED.items():
                count = figures.flagged[at][churned]
                self.outcomes.labels(model, outcome, flagged).set(count)
        for name, gauge in self.ratios.items():
            value = getattr(figures, name)
            if value is not None:
                gauge.labels(model).set(value)

    def _show_drift(self, panels: list[Panel]) -> None:
        together = panels[0].drift
        for panel in panels[1:]:
            together = together.plus(panel.drift)
        self.drift.clear()
        for name, index in together.stability().items():
            self.drift.labels(name).set(index)
