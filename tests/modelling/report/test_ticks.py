"""Ticks of every chart of the reports that has an axis of counts, days or money."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from modelling.backtest import charts as backtest
from modelling.backtest.rivals.curves import CurvePoint, PlainCurve
from modelling.churn import charts as churn
from modelling.fit.report import charts as fit
from modelling.fit.report import value_charts
from modelling.fit.report.tracking import Tracked
from modelling.report import drawing
from modelling.thresholds import charts as thresholds
from modelling.thresholds.choosing import ThresholdChoice
from scoring.arrays import DAY
from scoring.models import BGNBD

FEW = (0.4, 1.0, 2.0, 3.0, 3.9, 12.0)  # tops of axes on which rounded labels were alike


@pytest.fixture
def drawn(monkeypatch):
    """Figures in the order in which they are drawn."""
    made = []

    class Kept(Figure):
        def __init__(self, *args, **options):
            super().__init__(*args, **options)
            made.append(self)

    monkeypatch.setattr(drawing, "Figure", Kept)
    return made


def labels(axis):
    """What is written at an axis's ticks that are in view."""
    low, high = sorted(axis.get_view_interval())
    at = axis.get_majorticklocs()
    texts = axis.get_major_formatter().format_ticks(at)
    return [text for place, text in zip(at, texts, strict=True) if low <= place <= high]


def apart(axis):
    texts = labels(axis)
    assert texts, "no tick is in view"
    assert len(set(texts)) == len(texts), texts
    return texts


def whole(axis):
    texts = apart(axis)
    assert all(text.rstrip("+").replace(",", "").isdigit() for text in texts), texts
    return texts


@pytest.mark.parametrize("top", FEW)
def test_tracked_purchases_are_whole_and_so_are_weeks(drawn, top):
    days = np.array([0.0, 7.0, 14.0, 21.0])
    purchases = top * days / 21.0
    fit.tracking(Tracked(days, purchases, np.floor(purchases), 14.0))
    for axes in drawn[0].axes:
        whole(axes.xaxis)
        assert len(whole(axes.yaxis)) <= 6


@pytest.mark.parametrize("top", FEW[1:])
def test_customers_by_frequency_are_whole(drawn, top):
    spans = [(0, 0), (1, 11), (12, None)]
    fit.frequencies(spans, np.array([np.floor(top), 0.0, 0.0]), np.array([top, 0.2, 0.0]))
    whole(drawn[0].axes[0].yaxis)
    assert labels(drawn[0].axes[0].xaxis) == ["0", "1-11", "12+"]


@pytest.mark.parametrize("mean", [0.001, 0.3, 3.0, 3_000.0])
def test_means_of_the_holdout_are_told_apart(drawn, mean):
    bins = [
        {"frequency": x, "most": x + 1 if x < 4 else None, "actual": mean * x, "expected": mean}
        for x in (0, 2, 4)
    ]
    fit.conditional(bins)
    apart(drawn[0].axes[0].yaxis)
    assert labels(drawn[0].axes[0].xaxis) == ["0-1", "2-3", "4+"]


@pytest.mark.parametrize("tenure", [1.0, 2.0, 5.0, 60.0, 61.0, 400.0])
def test_the_map_of_who_is_still_there_has_whole_days_or_weeks(drawn, tenure):
    value_charts.alive_map(BGNBD(0.243, 30.9, 0.793, 2.426), tenure, 6)
    whole(drawn[0].axes[0].xaxis)
    whole(drawn[0].axes[0].yaxis)


@pytest.mark.parametrize("values", [[5.0], [5.0, 6.0, 7.0], [0.01, 3e7], [12.0] * 3 + [80.0] * 2])
def test_customers_by_value_are_whole_and_values_are_told_apart(drawn, values):
    value_charts.value_spread(np.array(values), "JPY")
    axis = drawn[0].axes[0].xaxis
    whole(drawn[0].axes[0].yaxis)
    assert len(apart(axis)) > 1
    assert not any(axis.get_minor_formatter().format_ticks(axis.get_minorticklocs()))


@pytest.mark.parametrize("looks", [1, 2, 3, 4, 7, 2_000])
def test_looks_by_risk_are_whole(drawn, looks):
    risks = np.full(looks, 0.3)
    churn.risks(risks, np.arange(looks) % 2 == 0, 0.2, 0.4)
    whole(drawn[0].axes[0].yaxis)


@pytest.mark.parametrize("most", [1, 2, 3, 4, 2_000])
@pytest.mark.parametrize("days", [1.0, 7.0, 14.0, 30.0, 45.0, 12_345.0])
def test_lapses_and_days_of_their_leads_are_whole(drawn, days, most):
    backtest.leads(np.linspace(0.0, days, 11).tolist(), [0] * 9 + [most], days / 2.0)
    axes = drawn[0].axes[0]
    whole(axes.yaxis)
    texts = whole(axes.xaxis)
    assert (texts[0], texts[-1]) == ("0", f"{days:,.0f}+")
    assert len(texts) <= 11


def test_days_of_leads_are_the_bars_edges_where_those_are_whole(drawn):
    backtest.leads(np.linspace(0.0, 30.0, 11).tolist(), [1] * 10, 12.0)
    edges = ["0", "3", "6", "9", "12", "15", "18", "21", "24", "27", "30+"]
    assert labels(drawn[0].axes[0].xaxis) == edges


@pytest.mark.parametrize("warnings", [0.0, 1.0, 2.0, 3.0, 2_000.0])
@pytest.mark.parametrize("lead", [0.2, 3.0, 40.0])
def test_warnings_and_mean_leads_of_rules_are_whole(drawn, warnings, lead):
    points = tuple(
        CurvePoint(at, warnings * share, 0.5, lead * share, 0.5 * share)
        for at, share in ((10.0, 1.0), (20.0, 0.5))
    )
    backtest.worth([PlainCurve("no purchase for c days", points)], {"silence": points[:1]}, 14.0)
    leads, cost = drawn[0].axes
    whole(cost.yaxis)
    apart(leads.xaxis)
    if lead >= 1.0:
        whole(leads.xaxis)


@pytest.mark.parametrize("middle", [[0, 1], [3, 2], [2_000, 10]])
def test_warnings_a_day_are_told_apart(drawn, middle):
    backtest.warnings_a_day(backtest.Weekly(0.0, 14.0 * DAY, middle, [0, 0]))
    apart(drawn[0].axes[0].yaxis)


@pytest.mark.parametrize("profit", [-3.0, 0.5, 12_345.0, 9_876_543.0])
def test_profits_are_told_apart_and_written_out(drawn, profit):
    tried = [ThresholdChoice(at, 2.0, 0.5, 0.5, 9.0, profit + 4.0 * at) for at in (0.25, 0.5, 0.75)]
    thresholds.profits(tried, 0.5, 1.0)
    texts = apart(drawn[0].axes[0].yaxis)
    assert not any("e" in text for text in texts), texts
