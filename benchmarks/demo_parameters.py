"""Making the demo's parameter file: fitted to the first half of its log, few enough warnings.

`python -m benchmarks.demo_parameters` writes ebbwatch/demo/data/parameters.json anew.
"""

from pathlib import Path
from typing import Any, Final

from benchmarks.scoreboard.data import cdnow
from benchmarks.scoreboard.files import fitted, with_churn
from streams.parameters.file import write_document

FILE: Final = Path(__file__).parents[1] / "ebbwatch/demo/data/parameters.json"
MIDDLE, HIGH = 0.7, 0.9  # risks at which the bands begin
LEAST_VALUE: Final = (
    40.0  # dollars at stake: in no month more than 2 in 100 customers are warned of
)
# A log of people who all began in its first quarter, and half of whom never came back.
NEWCOMER: Final = {"middle": 30, "high": 60, "hysteresis": 0.0, "points": 0, "raises": False}


def document() -> dict[str, Any]:
    """The file's JSON value."""
    case = cdnow()
    made = with_churn(case, fitted(case, "bgnbd"))
    thresholds = {"middle": MIDDLE, "high": HIGH, "hysteresis": MIDDLE / 10.0, "chosen_by": "hand"}
    made["churn"] = {**made["churn"], "thresholds": thresholds}
    made["scorecard"] = {**made["scorecard"], "least_value": LEAST_VALUE}
    return {**made, "name": "demo", "rules": {**made["rules"], "newcomer": NEWCOMER}}


if __name__ == "__main__":
    write_document(FILE, document())
    print(f"written: {FILE}")
