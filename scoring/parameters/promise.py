"""Section of the promise that warnings are held to while workers run."""

from typing import Annotated

from pydantic import Field

from scoring.parameters._section import Section

Open = Annotated[float, Field(gt=0.0, lt=1.0)]


class Promise(Section):
    """What share of the warnings is right, and how much proof it takes to say otherwise.

    Attributes:
        precision: Of those newly flagged, the share promised to churn within the horizon, above 0
            and below 1.
        alpha: The promise counts as broken at evidence of 1 / alpha; above 0 and below 1. While
            it holds, that happens once in 1 / alpha weeks of outcomes at most, on average.
    """

    precision: Open
    alpha: Open = 0.01
