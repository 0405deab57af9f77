"""A backtest as one JSON value."""

from dataclasses import asdict
from typing import Any

from modelling.backtest.run import BacktestRun, instant
from modelling.backtest.settings import RuleThresholds
from modelling.backtest.worth import equal_lead_json


def backtest_json(run: BacktestRun) -> dict[str, Any]:
    """The backtest as one JSON value; money in minor units, times in ISO 8601."""
    result = run.result
    return {
        "model_version": run.model.parameters.version,
        "currency": run.model.parameters.book_currency,
        "events": result.events,
        "customers": result.customers,
        "from": instant(result.period.start),
        "until": instant(result.period.end),
        "horizon_days": result.days,
        "lapses": result.lapses,
        "closures": result.closures,
        "open_stretches": result.open_stretches,
        "warnings": result.warnings,
        "timers": result.timers,
        "seconds": round(run.seconds, 3),
        "events_per_second": round(run.events_per_second),
        "equal_lead": equal_lead_json(result),
        "settings": [
            {
                "thresholds": thresholds_json(setting.thresholds),
                "rules": [asdict(r) for r in setting.rules],
                "defections": [asdict(one) for one in setting.defections],
            }
            for setting in result.settings
        ],
        "snapshots": _snapshots(run),
    }


def thresholds_json(thresholds: RuleThresholds) -> dict[str, dict[str, float]]:
    """Thresholds by rule as JSON.

    >>> thresholds_json({"silence": (0.9, 0.95)})
    {'silence': {'middle': 0.9, 'high': 0.95}}
    """
    return {rule: {"middle": middle, "high": high} for rule, (middle, high) in thresholds.items()}


def _snapshots(run: BacktestRun) -> dict[str, Any]:
    found = run.result.snapshots
    return {
        "dates": [instant(date) for date in found.dates],
        "customers": found.customers,
        "scores": [
            {
                "score": each.score,
                "horizon_days": each.days,
                "customers": each.customers,
                "lost": each.lost,
                "auc": each.auc and each.auc._asdict(),
                "deciles": [decile._asdict() for decile in each.deciles],
                "calibration": [one._asdict() for one in each.calibration],
                "calibration_error": each.calibration_error,
            }
            for each in found.scores
        ],
    }
