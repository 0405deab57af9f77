"""The labels below P(alive): no day twice, none over another, however short or long the past is."""

from itertools import pairwise

import pytest
from cases import MODEL, purchases, run

from ebbwatch.serve.pages.charts import ROOM, Tick, alive_chart
from ebbwatch.serve.pages.wording import Wording
from ebbwatch.serve.portfolio import alive_curve
from scoring.arrays import DAY

FIRST = 20_000


def labels(tenure: float) -> list[Tick]:
    curve = alive_curve(run(purchases(FIRST)).states, (FIRST + tenure) * DAY, MODEL)
    assert curve is not None
    return sorted(alive_chart(curve, Wording.of("en", "EUR")).ticks, key=lambda tick: tick.at)


def span(tick: Tick) -> tuple[float, float]:
    wide = ROOM - 6.0 if "-" in tick.text else 8.0
    left = {"start": 0.0, "middle": 0.5, "end": 1.0}[tick.anchor] * wide
    return tick.at - left, tick.at - left + wide


@pytest.mark.parametrize("tenure", [0.0, 0.01, 0.6, 1.2, 1.9, 5, 9, 12, 25, 45, 70, 90, 400])
def test_no_day_is_told_twice_and_no_label_lies_on_another(tenure: float) -> None:
    ticks = labels(tenure)
    texts = [tick.text for tick in ticks]
    assert "now" in texts
    assert len(texts) == len(set(texts)) >= 2
    spans = [span(tick) for tick in ticks]
    assert all(left[1] <= right[0] for left, right in pairwise(spans)), ticks
    assert spans[0][0] >= -1e-9
    assert spans[-1][1] <= 100.0 + 4.0


def test_a_label_stands_at_its_day() -> None:
    first, middle, now = labels(200.0)
    assert (first.text, first.at) == ("2024-10-04", 0.0)
    assert middle.text == "2025-01-12"
    assert now.at == pytest.approx(100.0 * 200 / 228)
