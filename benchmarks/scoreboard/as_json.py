"""The scoreboard's figures for machines."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from benchmarks.scoreboard.calibrated import Third, json_thirds
from benchmarks.scoreboard.equal import Held, json_rows
from benchmarks.scoreboard.truth import RuleTruth


def board(
    day: str,
    held: Iterable[Held],
    thirds: Mapping[str, Iterable[Third]],
    truth: Iterable[RuleTruth],
) -> str:
    """One JSON value, indented.

    Args:
        day: ISO 8601.
        held: Warnings at equal lead, by case.
        thirds: Calibration, by case's name.
        truth: Rules against the truth of the made-up bank.
    """
    value: dict[str, Any] = {
        "day": day,
        "equal_lead": [row for found in held for row in json_rows(found)],
        "calibration": [json_thirds(third) for own in thirds.values() for third in own],
        "truth": [_truth(one) for one in truth],
    }
    return json.dumps(value, indent=1, allow_nan=False) + "\n"


def _truth(one: RuleTruth) -> dict[str, Any]:
    kinds = {name: caught._asdict() for name, caught in one.kinds.items()}
    return {**asdict(one), "kinds": kinds}
