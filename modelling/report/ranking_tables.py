"""Tables of scores against outcomes."""

from collections.abc import Sequence

from modelling.report.figures import decimal, percent, whole
from modelling.report.page import Cell, Table
from scoring.evaluation import CalibrationBin, Decile


def tenths_table(tenths: Sequence[Decile], caption: str = "") -> Table:
    """Lift and gain by tenths, the riskiest first."""
    rows: list[list[Cell]] = [
        [str(at), whole(one.rows), whole(one.churned), decimal(one.lift, 2), percent(one.gain)]
        for at, one in enumerate(tenths, start=1)
    ]
    return Table(("Tenth", "Looks", "Lost", "Lift", "Lost so far"), rows, caption)


def calibration_table(curve: Sequence[CalibrationBin]) -> Table:
    """Foretold and happened by bins, from low risk to high."""
    rows: list[list[Cell]] = [
        [str(at), whole(one.rows), percent(one.foretold), percent(one.happened)]
        for at, one in enumerate(curve, start=1)
    ]
    return Table(("Tenth, by risk", "Looks", "Foretold", "Lost"), rows)
