import numpy as np
import pytest
from cases import MODEL, changed, event, log, run

from schemas import CustomerScore, Segments
from scoring.arrays import DAY
from scoring.facts.categories import Category, categories
from scoring.facts.kinds import Kind
from scoring.facts.state import new_states
from scoring.feature import Feature
from scoring.features import features
from scoring.models import ParameterError
from scoring.segments import DEFINITIONS, FIGURES, Basis, segments
from scoring.segments.figures import category_shift, satisfaction

NAMES = [definition.name for definition in DEFINITIONS]
SEGMENTED = changed(
    segments={"frequency": [1, 2, 4, 8], "monetary_value": [15, 25, 35, 55], "clv": [5, 20]}
)
CUTS = SEGMENTED.parameters.segments
NOW = 20_000.0


def basis(count=1, model=SEGMENTED, *, bought=True, **values):
    """Customers whose features are as given."""
    states = new_states(count)
    states["purchase_days"] = int(bought)
    matrix = np.zeros((len(Feature), count))
    for name, value in values.items():
        matrix[Feature[name.upper()]] = value
    return Basis(states, matrix, np.full(count, NOW * DAY), model)


def told(of, name):
    """The classes of one segmentation."""
    definition = DEFINITIONS[NAMES.index(name)]
    return [definition.classes[code] for code in segments(of)[:, NAMES.index(name)]]


def at_border(cut):
    return np.array([np.nextafter(cut, -np.inf), cut])


@pytest.mark.parametrize(
    ("name", "feature", "cuts", "classes"),
    [
        ("frequency", "frequency", CUTS.frequency, "12345"),
        ("monetary", "monetary_value", CUTS.monetary_value, "12345"),
        ("recency", "days_since_last", CUTS.recency_days, "54321"),
        ("value_tier", "clv", CUTS.clv, ("low", "middle", "high")),
        ("term", "tenure", CUTS.tenure_days, ("short", "middle", "long")),
    ],
)
def test_a_value_at_a_cut_is_of_the_class_above_it(name, feature, cuts, classes):
    for below, above, cut in zip(classes, classes[1:], cuts, strict=False):
        assert told(basis(2, **{feature: at_border(cut)}), name) == [below, above]


def test_who_never_bought_is_of_the_lowest_recency():
    assert told(basis(bought=False), "recency") == ["1"]


def test_nps_classes_begin_at_seven_and_nine():
    of = basis(11)
    of.states["nps"], of.states["nps_at"] = np.arange(11), 0.0
    assert told(of, "nps") == ["detractor"] * 7 + ["passive"] * 2 + ["promoter"] * 2
    assert told(basis(), "nps") == ["none"]


@pytest.mark.parametrize(
    ("stage", "values"),
    [
        ("new", {"tenure": 89.9}),
        ("retained", {"tenure": 90.0}),
        ("growing", {"tenure": 90.0, "use_then": 4.0, "use_now": 5.0}),
        ("retained", {"tenure": 90.0, "use_then": 4.0, "use_now": 4.9}),
        ("lapsed", {"tenure": 90.0, "p_no_purchase": 0.98}),
        ("lapsed", {"tenure": 27.9, "frequency": 2, "p_no_purchase": 0.98}),
        ("new", {"tenure": 27.9, "frequency": 1, "p_no_purchase": 0.98}),
        ("retained", {"tenure": 90.0, "p_no_purchase": 0.979}),
    ],
)
def test_stages_of_the_lifecycle(stage, values):
    assert told(basis(**values), "lifecycle") == [stage]


@pytest.mark.parametrize("slot", range(4))
def test_an_open_warning_of_silence_or_decline_makes_a_declining_customer(slot):
    of = basis(tenure=400.0)
    of.states["level"][0, slot] = 1
    assert told(of, "lifecycle") == ["declining"]
    assert told(of, "standing") == ["at_risk"]


def test_loyalty_needs_activity_frequency_and_content():
    active = {"days_since_last": 28.0, "frequency": 5.0}
    assert told(basis(**active), "loyalty") == ["loyal"]
    assert told(basis(**{**active, "frequency": 4.0}), "loyalty") == ["active"]
    assert told(basis(**{**active, "days_since_last": 28.1}), "loyalty") == ["normal"]
    detractor = basis(**active)
    detractor.states["nps_at"] = 0.0
    assert told(detractor, "loyalty") == ["active"]
    warned = basis(**active)
    warned.states["level"][0, 0] = 1
    assert told(warned, "loyalty") == ["active"]


def test_standing_is_by_value_unless_warned():
    assert told(basis(2, clv=[0.0, 1e9]), "standing") == ["potential", "core"]


def test_activity_counts_purchases_and_visits_lately():
    def after(days):
        events = log(*(event(Kind.APP_SESSION, day) for day in range(19_000, 20_000, days)))
        states = run(events).states
        now = events["time"][-1:]
        return told(Basis(states, features(states, now, MODEL), now, MODEL), "activity")

    assert [after(days)[0] for days in (150, 30, 10)] == ["low", "middle", "high"]


def test_top_categories_and_their_shift():
    assert category_shift(basis()).tolist() == [0.0]
    dining = [event(Kind.PURCHASE, 19_000 + day, category=Category.DINING) for day in range(200)]
    travel = [event(Kind.PURCHASE, 19_200 + day, category=Category.TRAVEL) for day in range(60)]
    steady, shifted = run(log(*dining)).states, run(log(*dining, *travel)).states
    matrix = features(steady, steady["last_event"], MODEL)
    assert category_shift(Basis(steady, matrix, np.zeros(1), MODEL)) == pytest.approx([0.0])
    of = Basis(shifted, features(shifted, shifted["last_event"], MODEL), np.zeros(1), MODEL)
    assert 0.2 < category_shift(of)[0] < 0.6
    assert (told(of, "top_category"), told(of, "usual_category")) == (["travel"], ["dining"])
    assert told(basis(), "top_category") == ["none"]


def test_satisfaction_is_half_of_words_and_half_of_deeds():
    assert satisfaction(basis()).tolist() == [1.0]
    assert satisfaction(basis(visits_decline=0.4)).tolist() == [0.6]
    asked = basis(bad_survey=1.0, visits_decline=0.4)
    asked.states["survey_at"] = 0.0
    assert satisfaction(asked).tolist() == [0.5 * 0.0 + 0.5 * 0.6]
    twice = basis(bad_survey=1.0, bad_nps=0.0)
    twice.states["survey_at"] = twice.states["nps_at"] = 0.0
    assert satisfaction(twice).tolist() == [0.75]
    assert satisfaction(basis(complaints=2.0)).tolist() == [0.0]


def test_without_cut_points_nobody_is_in_a_segment():
    assert not segments(basis(3, changed(segments=None), clv=1e9)).any()


def test_every_field_of_the_contract_is_a_definition_or_a_figure_and_none_is_both():
    figures = [figure.name for figure in FIGURES]
    assert len(set(figures)) == len(figures)
    assert set(figures) <= Segments.model_fields.keys() | CustomerScore.model_fields.keys()
    classes = [name for name in NAMES if name not in {"recency", "frequency", "monetary"}]
    own = [name for name in figures if name in Segments.model_fields]
    assert sorted([*classes, *own, "rfm"]) == sorted(Segments.model_fields)
    assert all(definition.meaning and len(definition.classes) > 1 for definition in DEFINITIONS)


@pytest.mark.parametrize(
    "bad",
    [
        {"clv": [20, 5]},
        {"frequency": [1, 2, 3]},
        {"growth": 1.0},
        {"tenure_days": "long"},
        {"newcomer_days": None},
        {"clv": [1, float("nan")]},
    ],
)
def test_bad_cut_points_are_refused(bad):
    with pytest.raises(ParameterError, match="segments"):
        changed(segments=bad)


def test_cut_points_of_money_are_in_the_files_unit():
    assert CUTS.clv == (500.0, 2000.0)
    assert MODEL.parameters.segments.clv == pytest.approx((245.0, 1218.0))


def test_equal_cuts_leave_the_class_between_them_empty():
    tied = changed(segments={"frequency": [1, 1, 2, 4]})
    assert told(basis(3, tied, frequency=[0, 1, 2]), "frequency") == ["1", "3", "4"]


def test_merchant_categories_are_grouped_by_their_code():
    codes = ["5411", "5812", "3500", "7512", "4121", "5651", "7832", "4814", "9999", "0000"]
    assert [Category(group).name.lower() for group in categories(codes)] == [
        "groceries", "dining", "travel", "travel", "transport", "shopping", "leisure", "household",
        "other", "other",
    ]  # fmt: skip
    assert categories([]).tolist() == []
