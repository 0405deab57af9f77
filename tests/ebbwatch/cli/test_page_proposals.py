"""What is said of each threshold that answers speak about, or do not."""

import io
from dataclasses import replace

import pytest
from rich.console import Console

from ebbwatch.cli.customers.outcomes.proposals import (
    changes,
    proposals_document,
    proposals_page,
    why,
)
from modelling.thresholds.answers import ThresholdProposal
from scoring.evaluation import Separation

FOUND = ThresholdProposal(
    "silence", "middle", 0.95, 0.98, "proposed", 0.9, {"still_active": 30, "travelling": 4}, 4, 1,
    0, 0, (9.0, 9.0), Separation(0.98, 50, 30, 46, 20),
)  # fmt: skip


def shown(*proposals: ThresholdProposal) -> str:
    text = io.StringIO()
    Console(file=text, width=100).print(proposals_page(proposals))
    return " ".join(text.getvalue().split())


def test_a_proposal_tells_what_it_keeps_spares_and_costs_with_intervals() -> None:
    said = why(FOUND)
    assert said.startswith("0.95 -> 0.98 keeps 92.0% of the right ones (81.2% to 96.8%)")
    assert "spares 20 of 30 that were too early" in said
    assert said.endswith("now, 82.1% (70.2% to 90.0%) then.")
    assert "30, 4 apart" in shown(FOUND)
    assert [each[:3] for each in changes([FOUND, replace(FOUND, then=None)])] == [
        ("silence", "middle", 0.98)
    ]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"finding": "turned_off"}, "turned off"),
        ({"finding": "by_segment"}, "differ by segment"),
        ({"finding": "too_few"}, "50 right and 30 dismissed as too early: expected 20 and 20"),
        ({"finding": "too_few", "keep": 0.99}, "expected 99 and 20 at least"),
        ({"finding": "none_apart", "unknown": 7}, "Of 7 too early nobody knows how far"),
        ({"finding": "no_better", "left_out": 3}, "Left out: 3 raised by a stricter threshold"),
        ({"days": (9.0, 2.5)}, "followed for 9.0 days and those too early for 2.5"),
    ],
)
def test_what_cannot_be_told_is_said_in_words(change: dict[str, object], told: str) -> None:
    assert told in why(replace(FOUND, **change))


def test_of_no_answer_nothing_is_proposed_and_no_share_is_nan() -> None:
    assert "nothing is proposed" in shown()
    none = replace(
        FOUND, then=None, finding="too_few", separation=Separation(None, 0, 0, 0, 0), days=None
    )
    (told,) = proposals_document([none])
    assert told["precision_now"] == {"value": None, "lower": 0.0, "upper": 1.0}
    assert "nan" not in shown(none)
