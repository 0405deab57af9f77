import csv
from collections import defaultdict
from datetime import date
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
from cases import MODEL, changed, event, log, purchases, run
from hypothesis import given, settings
from hypothesis import strategies as st
from trying import few

from scoring.arrays import DAY
from scoring.facts.apply import Applied
from scoring.facts.events import EVENT, hash_ids
from scoring.facts.kinds import Kind
from scoring.facts.state import (
    LIFECYCLE,
    LIFECYCLE_SCORES,
    RECENT,
    STATE,
    Count,
    MoneyTotal,
    Sum,
    new_states,
)
from scoring.feature import Feature
from scoring.features import features
from scoring.rules import shipped
from scoring.step.outcome import score
from scoring.step.run import step

DATA = Path(__file__).parents[2] / "data"
EPOCH = date(1970, 1, 1).toordinal()
SLOT = {rule.name: slot for slot, rule in enumerate(shipped().rules)}


def cdnow(until="99999999"):
    """The packaged purchase log in order of time: events and customer names."""
    text = resources.files("ebbwatch.demo").joinpath("data/CDNOW_master.txt").read_text()
    rows = [line.split() for line in text.splitlines()[1:]]
    rows = sorted((r[1], n, r[0], r[3]) for n, r in enumerate(rows) if r[1] <= until)
    events = np.zeros(len(rows), EVENT)
    days = [date(int(d[:4]), int(d[4:6]), int(d[6:])).toordinal() - EPOCH for d, *_ in rows]
    events["time"] = events["reversed_time"] = np.array(days) * DAY
    events["amount"] = [round(float(r[3]) * 100) for r in rows]
    events["id"] = hash_ids([f"CDNOW_master.txt:{r[1]}" for r in rows])
    return events, [r[2] for r in rows]


def numbered(names):
    places = {name: at for at, name in enumerate(dict.fromkeys(names))}
    return np.array([places[name] for name in names]), list(places)


def test_the_cdnow_sample_at_week_39_equals_the_published_summary():
    events, names = cdnow(until="19970930")
    sample = {}
    for line in (DATA / "CDNOW_sample_ids.csv").read_text().splitlines():
        master, sid = line.split(",")
        sample[master] = sid
    picked = np.array([name in sample for name in names])
    rows, customers = numbered([name for name in names if name in sample])
    ended = run(events[picked], rows)
    end = (date(1997, 9, 30).toordinal() - EPOCH) * DAY
    found = features(ended.states, np.full(len(customers), end), MODEL)
    expected = {
        row["sid"]: row for row in csv.DictReader((DATA / "cdnow_sample_cbs_exact.csv").open())
    }
    assert len(customers) == len(expected) == 2357
    for at, name in enumerate(customers):
        row = expected[sample[name]]
        assert found[Feature.FREQUENCY, at] == float(row["x"])
        assert found[Feature.RECENCY, at] == pytest.approx(7 * float(row["tx"]), abs=1e-9)
        assert found[Feature.TENURE, at] == pytest.approx(7 * float(row["T"]), abs=1e-9)
        assert found[Feature.MONETARY_VALUE, at] == pytest.approx(100 * float(row["m"]), abs=1e-6)


def by_hand(days_amounts):
    """x, t_x and monetary value by plain Python."""
    values = defaultdict(int)
    for day, amount in days_amounts:
        values[int(day)] += amount
    first, *repeats = sorted(values)
    mean = sum(values[day] for day in repeats) / len(repeats) if repeats else 0.0
    return len(repeats), (max(values) - first), mean


@given(
    st.lists(st.tuples(st.integers(20_000, 20_060), st.integers(0, 10**7)), min_size=1, max_size=30)
)
def test_frequency_recency_and_value_are_those_of_the_distinct_days_in_any_order(days_amounts):
    events = log(*(event(Kind.PURCHASE, day, amount) for day, amount in days_amounts))
    states = run(events).states
    found = features(states, np.array([30_000 * DAY]), MODEL)[:, 0]
    x, t_x, mean = by_hand(days_amounts)
    assert (found[Feature.FREQUENCY], found[Feature.RECENCY]) == (x, t_x)
    assert found[Feature.MONETARY_VALUE] == pytest.approx(mean)


KINDS = st.sampled_from([k for k in Kind if k is not Kind.ACCOUNT_CLOSED] + [Kind.PURCHASE] * 40)


@st.composite
def logs(draw, customers=4):
    """Events of a few customers over months, some late, some twice; and their customers."""
    size = draw(st.integers(1, 60))
    events = np.zeros(size, EVENT)
    gaps = draw(st.lists(st.floats(0, 12), min_size=size, max_size=size))
    late = draw(st.lists(st.sampled_from([0, 0, 0, 0, 3, 20, 70]), min_size=size, max_size=size))
    events["time"] = (20_000 + np.cumsum(gaps) - np.array(late)) * DAY
    events["reversed_time"] = events["time"]
    events["kind"] = draw(st.lists(KINDS, min_size=size, max_size=size))
    events["amount"] = draw(st.lists(st.integers(0, 10**6), min_size=size, max_size=size))
    events["score"] = draw(st.lists(st.integers(0, 10), min_size=size, max_size=size))
    events["sentiment"] = draw(
        st.lists(st.sampled_from([0, -1, 0.5]), min_size=size, max_size=size)
    )
    events["id"] = draw(st.lists(st.integers(1, 80), min_size=size, max_size=size))
    rows = np.array(draw(st.lists(st.integers(0, customers - 1), min_size=size, max_size=size)))
    return events, rows


EAGER = changed(
    rules={"silence": {"middle": 0.5, "high": 0.7}, "overdue": {"middle": 0.2, "high": 0.3}},
    purchase_model={"type": "bgnbd", "r": 2.0, "alpha": 4.0},
    scorecard={"cooldown_days": 3},
)


@pytest.mark.by_lot(6, of="cuts")
@pytest.mark.slow
@settings(max_examples=few(20), deadline=None)
@given(logs(), st.data())
def test_any_cut_of_the_log_gives_the_same_bytes_and_the_same_warnings(case, data):
    events, rows = case
    cuts = data.draw(st.lists(st.integers(0, len(events)), max_size=5))
    whole = run(events, rows, model=EAGER, until=21_500)
    parts = run(events, rows, cuts=cuts, model=EAGER, until=21_500)
    assert parts.states.tobytes() == whole.states.tobytes()
    assert parts.warnings.tobytes() == whole.warnings.tobytes()
    assert parts.applied.tolist() == whole.applied.tolist()


def test_the_eager_model_warns_so_that_the_cut_test_can_fail():
    ended = run(purchases(20_000, 20_005, 20_010), model=EAGER, until=20_500)
    assert ended.warnings["after"].tolist() == [1, 2]


@pytest.mark.slow
@settings(max_examples=few(20), deadline=None)
@given(st.lists(st.integers(0, 59), min_size=1, max_size=25), st.randoms(use_true_random=False))
def test_late_events_give_the_facts_of_the_ordered_log(days, random):
    ordered = log(*(event(Kind.PURCHASE, 20_000 + day, 100 + day) for day in sorted(days)))
    ordered["kind"][::5] = Kind.APP_SESSION
    shuffled = ordered.copy()
    order = list(range(len(ordered)))
    random.shuffle(order)
    shuffled = shuffled[order]
    a, b = run(ordered).states[0], run(shuffled).states[0]
    for name in STATE.names:
        if name in (*RECENT, *LIFECYCLE, *LIFECYCLE_SCORES):
            continue
        if name in ("sums", "categories"):
            assert b[name] == pytest.approx(a[name], rel=1e-9, abs=1e-12)
        elif name == "contacts":
            assert b[name]["last"].tolist() == a[name]["last"].tolist()
            assert b[name]["sums"] == pytest.approx(a[name]["sums"], rel=1e-6)
        else:
            assert a[name].tolist() == b[name].tolist(), name


def test_a_purchase_older_than_the_days_kept_is_too_late_and_changes_nothing():
    good = purchases(20_000, 20_100)
    late = log(event(Kind.PURCHASE, 20_036, id=5), event(Kind.PURCHASE, 20_037, id=6))
    ended = run(np.concatenate([good, late]))
    assert ended.applied.tolist() == [0, 0, Applied.TOO_LATE, Applied.APPLIED]
    assert ended.states["purchase_days"][0] == 3


def test_a_step_leaves_what_it_was_given_as_it_was():
    states, events = new_states(1), purchases(20_000, 20_001)
    before = states.tobytes(), events.tobytes()
    step(states, events, np.zeros(2, np.int64), events["time"], float(events["time"][-1]), MODEL)
    assert (states.tobytes(), events.tobytes()) == before


def test_an_empty_step_is_no_step():
    nothing = np.empty(0, EVENT)
    outcome = step(new_states(0), nothing, np.empty(0, np.int64), np.empty(0), 0.0, MODEL)
    assert len(outcome.states) == len(outcome.warnings) == len(outcome.scores) == 0


def test_a_refund_lowers_the_value_of_the_day_it_reverses_and_never_the_frequency():
    bought = log(
        event(Kind.PURCHASE, 20_000, 1000, id=1),
        event(Kind.PURCHASE, 20_010, 3000, id=2),
        event(Kind.PURCHASE, 20_020, 5000, id=3),
    )
    back = event(Kind.REFUND, 20_021, 2000, id=4, reverses=3)
    first_back = event(Kind.REFUND, 20_022, 400, id=5, reverses=1)
    dated = event(Kind.CHARGEBACK, 20_023, 100, id=6, reverses=9, reversed_time=20_000 * DAY)
    states = run(log(bought, back, first_back, dated)).states
    assert states["purchase_days"][0] == 3
    assert states["total_value"][0] == 9000 - 2500
    assert states["first_day_value"][0] == 500
    assert states["money"][0, MoneyTotal.REFUNDED] == 2400
    assert states["money"][0, MoneyTotal.FRAUD_LOSS] == 100
    found = features(states, np.array([20_030 * DAY]), MODEL)
    assert found[Feature.MONETARY_VALUE, 0] == 3000


@pytest.mark.parametrize(
    ("kind", "bucket"),
    [
        (Kind.FEE, MoneyTotal.DIRECT_REVENUE),
        (Kind.INTEREST, MoneyTotal.DIRECT_REVENUE),
        (Kind.LOAN_INTEREST, MoneyTotal.INDIRECT_REVENUE),
        (Kind.ACQUISITION_COST, MoneyTotal.ACQUISITION_COST),
        (Kind.MARKETING_COST, MoneyTotal.MARKETING_COST),
    ],
)
def test_revenue_and_cost_go_to_their_own_totals(kind, bucket):
    states = run(log(event(kind, 20_000, 700))).states
    assert states["money"][0, bucket] == states["money"].sum() == 700
    assert states["counts"][0, Count.EVENTS] == states["counts"].sum() == 1


def test_of_two_answers_at_one_instant_the_worse_is_kept_in_any_order():
    answers = [event(Kind.SURVEY, 20_000, score=s, id=10 + s) for s in (4, 2)]
    later = event(Kind.NPS, 20_001, score=9)
    for order in (answers, answers[::-1]):
        state = run(log(*order, later)).states[0]
        assert (state["survey"], state["nps"]) == (2, 9)


def test_negative_sentiment_adds_to_dissatisfaction():
    state = run(log(event(Kind.CHAT, 20_000, sentiment=-1.0))).states[0]
    assert state["sums"][Sum.NEGATIVE_SENTIMENT] == pytest.approx(0.3)
    assert state["sums"][Sum.VISITS_SHORT] == 1.0


def silent_root(model, x, t_x, threshold):
    """Bisection on the paper's formula in plain Python."""
    p = model.purchases

    def risk(age):
        ratio = ((p.alpha + age) / (p.alpha + t_x)) ** (p.r + x)
        alive = 1 / (1 + p.a / (p.b + x - 1) * ratio) if x else 1.0
        return 1 - alive * (1 - ((p.alpha + age) / (p.alpha + age + model.horizon)) ** (p.r + x))

    low, high = t_x, 1e5
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if risk(middle) < threshold else (low, middle)
    return high


@pytest.mark.parametrize("days", [(0,), (0, 9), (0, 9, 18), tuple(range(0, 300, 3))])
def test_silence_is_warned_about_at_its_instant_to_a_second(days):
    ended = run(purchases(*(20_000 + day for day in days)), until=40_000)
    silent = ended.warnings[ended.warnings["rule"] == SLOT["silence"]]
    for warning, threshold in zip(silent[-2:], (0.95, 0.98), strict=True):
        root = silent_root(MODEL, len(days) - 1, days[-1], threshold)
        if len(days) < 3:
            root = max(root, MODEL.horizon)
        assert abs(warning["now"] - (20_000 + root) * DAY) < 1.0


def test_a_return_clears_the_silence_and_a_later_one_is_a_new_episode():
    days = [20_000, 20_010, 20_020, 21_000, 21_005, 21_010]
    ended = run(purchases(*days), until=30_000)
    silent = [
        (int(w["before"]), int(w["after"]), int(w["episode"]), int(w["sequence"]))
        for w in ended.warnings
    ]
    first = [(0, 1, 1, 1), (1, 2, 1, 2), (2, 1, 1, 3), (1, 0, 1, 4)]
    assert silent == [*first, (0, 1, 2, 1), (1, 2, 2, 2)]
    assert len(set(ended.warnings["raised_at"][:4])) == 1


def test_a_warning_is_not_raised_again_while_it_cools_down():
    model = changed(scorecard={"cooldown_days": 60}, rules={"dissatisfaction": {"middle": 0.9}})
    complaints = log(*(event(Kind.COMPLAINT, day) for day in (20_000, 20_060, 20_070)))
    ended = run(complaints, model=model, until=21_000)
    own = ended.warnings[ended.warnings["rule"] == SLOT["dissatisfaction"]]
    told = [(round(w["now"] / DAY), int(w["after"])) for w in own]
    assert told == [(20_000, 1), (20_035, 0), (20_095, 1), (20_172, 0)]


def test_a_rule_held_back_by_its_cooldown_is_raised_when_it_has_cooled():
    model = changed(scorecard={"cooldown_days": 30})
    ended = run(
        log(event(Kind.COMPLAINT, 20_000), event(Kind.COMPLAINT, 20_040)), model=model, until=20_400
    )
    own = ended.warnings[ended.warnings["rule"] == SLOT["dissatisfaction"]]
    (_, cleared, again, _), levels = own["now"] / DAY, own["after"].tolist()
    assert levels == [1, 0, 1, 0]
    assert again == pytest.approx(cleared + 30, abs=1e-3)


def test_dissatisfaction_fades_and_eases_at_its_instant():
    events = log(*(event(Kind.COMPLAINT, 20_000, id=50 + n) for n in range(2)))
    ended = run(events, until=21_000)
    moves = [(int(w["before"]), int(w["after"])) for w in ended.warnings]
    assert moves == [(0, 1), (1, 2), (2, 1), (1, 0)]
    for warning, floor in zip(ended.warnings[2:], (1.8 - 0.25, 0.9 - 0.25), strict=True):
        days = 56 * np.log2(2 / floor)
        assert warning["now"] / DAY - 20_000 == pytest.approx(days, abs=1e-6)


def test_overdue_instalments_fade_too_and_repayment_clears_them():
    overdue = log(*(event(Kind.INSTALMENT_OVERDUE, 20_000 + n) for n in range(3)))
    faded = run(overdue, until=22_000)
    assert [int(w["after"]) for w in faded.warnings] == [2, 1, 0]
    paid = log(overdue, *(event(Kind.REPAYMENT, 20_010 + n, id=70 + n) for n in range(12)))
    assert [int(w["after"]) for w in run(paid).warnings] == [2, 1, 0]


def steady(days, rate, seed, kind=Kind.PURCHASE, amount=2000):
    rng = np.random.default_rng(seed)
    times = np.cumsum(rng.exponential(1 / rate, int(days * rate * 2)))
    return [
        event(kind, 20_000 + t, amount, id=int(seed * 10**6 + n))
        for n, t in enumerate(times[times < days])
    ]


def test_a_decline_is_warned_about_while_the_customer_still_comes():
    events = steady(300, 1.0, 1) + [event(Kind.PURCHASE, 20_300 + 7 * n, 2000) for n in range(8)]
    ended = run(log(*events))
    rules = {shipped().rules[w["rule"]].name for w in ended.warnings}
    assert rules == {"card_use_decline", "spend_decline"}
    assert ended.warnings["now"].min() / DAY < 20_345


@pytest.mark.slow
def test_a_steady_customer_is_never_warned_about():
    for seed in range(1, 20):
        assert not len(run(log(*steady(400, 0.7, seed))).warnings)


def test_a_closed_account_is_left_in_peace():
    events = log(purchases(20_000, 20_005, 20_010), event(Kind.ACCOUNT_CLOSED, 20_011))
    ended = run(events, until=30_000)
    assert not len(ended.warnings)
    assert ended.states["armed_at"][0] == np.inf


def test_scores_are_told_when_a_level_moves_and_when_they_drift_at_most_daily():
    ended = run(purchases(*range(20_000, 20_003)), cuts=[1, 2, 3], until=25_000)
    assert round(ended.scores[0]["now"] / DAY, 3) == 20_002
    assert ended.scores[-1]["levels"][SLOT["silence"]] == 2


def test_scoring_now_changes_nothing_and_equals_what_the_step_told():
    states = run(purchases(*range(20_000, 20_010))).states
    before = states.tobytes()
    scored = score(states, np.array([20_050 * DAY]), MODEL)
    assert states.tobytes() == before
    assert 0 < scored["churn_risk"][0] < 1
    assert scored["features"][0, Feature.FREQUENCY] == 9


@pytest.mark.slow
def test_every_event_of_a_busy_customer_is_stepped_in_order():
    events = purchases(*(20_000 + n / 50 for n in range(500)))
    assert run(events).states.tobytes() == run(events, cuts=range(1, 500)).states.tobytes()


@pytest.mark.slow
@given(logs())
@settings(max_examples=few(20), deadline=None)
def test_probabilities_stay_probabilities_and_nothing_is_nan(case):
    ended = run(*case, model=EAGER, until=21_000)
    found = features(ended.states, np.full(len(ended.states), ended.clock), EAGER)
    assert np.isfinite(found).all()
    for row in (Feature.P_ALIVE, Feature.P_NO_PURCHASE, Feature.OVERDUE_RATE, Feature.USE_DECLINE):
        assert ((found[row] >= 0) & (found[row] <= 1)).all()
    assert (found[Feature.EXPECTED_SPEND] >= 0).all()


@pytest.mark.slow
@settings(max_examples=few(30))
@given(st.lists(st.floats(0, 60), min_size=1, max_size=20), st.integers(1, 10**6))
def test_purchases_that_were_all_refunded_prove_no_decline(days, amount):
    bought = [
        event(Kind.PURCHASE, 20_000 + day, amount, id=n + 1) for n, day in enumerate(sorted(days))
    ]
    back = [
        event(Kind.REFUND, 20_061 + n, amount, id=100 + n, reverses=n + 1, reversed_time=e["time"])
        for n, e in enumerate(bought)
    ]
    states = run(log(*bought, *back)).states
    found = features(states, np.array([20_200 * DAY]), MODEL)
    assert found[Feature.SPEND_DECLINE, 0] == 0.0


def test_a_customers_worth_counts_fees_and_costs_beside_purchases():
    bought = [event(Kind.PURCHASE, 20_000 + 7 * at, 10_000) for at in range(10)]
    costs = {
        Kind.ACQUISITION_COST: 5_000,
        Kind.SERVICE_COST: 300,
        Kind.MAINTENANCE_COST: 200,
        Kind.MARKETING_COST: 100,
        Kind.FEE: 900,
        Kind.LOAN_INTEREST: 800,
        Kind.CHARGEBACK: 1_000,
    }
    money = [event(kind, 20_063, amount) for kind, amount in costs.items()]
    plain, full = run(log(*bought)).states, run(log(*bought, *money)).states
    now = full["last_event"]
    before, after = (features(states, now, MODEL) for states in (plain, full))
    margin = MODEL.margin
    assert before[Feature.NET_VALUE] == pytest.approx([margin * 100_000])
    net = margin * 99_000 + 900 + 800 - 5_000 - 300 - 200 - 100 - 1_000
    assert after[Feature.NET_VALUE] == pytest.approx([net])
    purchases_ahead = before[Feature.CLV] * (
        after[Feature.EXPECTED_SPEND] / before[Feature.EXPECTED_SPEND]
    )
    yearly = 900 + 800 - 300 - 200 - 100
    assert after[Feature.CLV] - purchases_ahead == pytest.approx([yearly * MODEL.flow_ahead / 365])
    assert 340 < MODEL.flow_ahead < 365
