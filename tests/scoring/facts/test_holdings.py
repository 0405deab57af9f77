"""Newcomers, cards that lie unused and charges that recur: found, timed, and not imagined."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from cases import MODEL, changed, event, log, run
from hypothesis import given, settings
from hypothesis import strategies as st
from trying import few

from scoring.arrays import DAY
from scoring.facts.events import EVENT
from scoring.facts.kinds import Kind
from scoring.facts.state import CARD, CARDS, CHARGE, CHARGES, STATE
from scoring.feature import Feature
from scoring.features import measured
from scoring.rules import read_rules, shipped
from scoring.step.doing import Doing

SLOTS = shipped().slots
EPOCH = date(1970, 1, 1).toordinal()
START = 19_700.4


def told(name, events, until=None, model=MODEL, **how):
    """Of a rule the instants, days, and levels."""
    warnings = run(events, until=until, model=model, **how).warnings
    own = warnings[warnings["rule"] == SLOTS[name]]
    return [(now / DAY, int(after)) for now, after in zip(own["now"], own["after"], strict=True)]


def charged(days, amounts=1_000, merchant=7, **fields):
    amounts = np.broadcast_to(amounts, len(days)).tolist()
    return [
        event(Kind.PURCHASE, day + 0.3, amount, merchant=merchant, **fields)
        for day, amount in zip(days, amounts, strict=True)
    ]


def monthly(count, first=date(2024, 1, 31)):
    """Days since 1970 of the same day of each month, or the month's last."""
    found = []
    for number in range(count):
        year, month = divmod(first.month - 1 + number, 12)
        last = (date(first.year + year, month + 1, 28) + timedelta(4)).replace(day=1)
        day = min(first.day, (last - timedelta(1)).day)
        found.append(date(first.year + year, month + 1, day).toordinal() - EPOCH)
    return found


def in_order(*groups):
    return log(*sorted((one for group in groups for one in group), key=lambda e: e["time"][0]))


def told_of_each(name, lives):
    """How often a rule rose or fell in lives of customers of their own, all of them at once."""
    events, rows = np.concatenate(lives), np.repeat(np.arange(len(lives)), list(map(len, lives)))
    order = np.argsort(events["time"], kind="stable")
    return int((run(events[order], rows[order]).warnings["rule"] == SLOTS[name]).sum())


def at_the_end(events, feature, later=0.0):
    return at_the_end_of(run(events).states, feature, later)


def at_the_end_of(states, feature, later=0.0):
    return float(measured(states, states["last_event"] + later * DAY, MODEL)[feature, 0])


# Newcomers


@pytest.mark.parametrize(
    "first", [Kind.PURCHASE, Kind.APP_SESSION, Kind.SURVEY, Kind.CARD_ACTIVATED]
)
def test_a_newcomer_s_silence_is_told_at_the_instant_the_days_have_passed(first):
    found = told("newcomer", log(event(first, START)), until=START + 100)
    assert [level for _, level in found] == [1, 2]
    late = np.array([day for day, _ in found]) - [START + 30, START + 60]
    assert (late >= 0).all()
    assert (late * DAY < 1.0).all()


@pytest.mark.parametrize(
    "second",
    [
        Kind.PURCHASE,
        Kind.APP_SESSION,
        Kind.COMPLAINT,
        Kind.NPS,
        Kind.CAMPAIGN_OPENED,
        Kind.REFERRAL,
    ],
)
def test_who_comes_again_is_no_newcomer_and_a_warning_clears_then(second):
    first = event(Kind.PURCHASE, START)
    assert told("newcomer", log(first, event(second, START + 29)), until=START + 400) == []
    found = told("newcomer", log(first, event(second, START + 40)), until=START + 400)
    assert [level for _, level in found] == [1, 0]
    assert found[-1][0] == pytest.approx(START + 40)


@pytest.mark.parametrize(
    "nothing",
    [Kind.CAMPAIGN_SENT, Kind.BALANCE_SNAPSHOT, Kind.MARKETING_COST, Kind.FEE, Kind.PURCHASE],
)
def test_what_the_bank_does_and_a_second_purchase_of_the_day_are_no_coming_again(nothing):
    events = log(event(Kind.PURCHASE, START), event(nothing, START + 0.1))
    assert [level for _, level in told("newcomer", events, until=START + 31)] == [1]


def test_what_the_bank_does_begins_no_customer():
    events = log(event(Kind.BALANCE_SNAPSHOT, START), event(Kind.ACQUISITION_COST, START + 1))
    assert told("newcomer", events, until=START + 400) == []


@pytest.mark.parametrize("sign", [Kind.REPAYMENT, Kind.INTEREST, Kind.INSTALMENT_OVERDUE])
def test_a_history_that_begins_in_the_midst_of_a_life_is_no_newcomer_s(sign):
    before = log(event(sign, START - 1), event(Kind.PURCHASE, START))
    assert told("newcomer", before, until=START + 400) == []
    assert told("newcomer", before[::-1], until=START + 400) == [], "told late"
    after = log(event(Kind.PURCHASE, START), event(sign, START + 20))
    assert len(told("newcomer", after, until=START + 31)) == 1
    back = event(Kind.REFUND, START + 2, reversed_time=(START - 9) * DAY)
    assert told("newcomer", log(event(Kind.PURCHASE, START), back), until=START + 400) == []


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "America/New_York"])
def test_who_began_before_the_first_day_of_newcomers_is_none(zone):
    rules = read_rules(b"newcomers_from = 2024-02-01")
    model = replace(changed(book_timezone=zone), rules=rules)
    midnight = datetime(2024, 2, 1, tzinfo=ZoneInfo(zone)).timestamp() / DAY
    before, on = (log(event(Kind.PURCHASE, midnight + late)) for late in (-1e-4, 0.0))
    assert told("newcomer", before, until=midnight + 400, model=model) == []
    assert [level for _, level in told("newcomer", on, until=midnight + 31, model=model)] == [1]
    assert (
        len(told("newcomer", before, until=midnight + 31, model=changed(book_timezone=zone))) == 1
    )


def test_a_newcomer_s_warning_says_what_clears_it():
    warnings = run(log(event(Kind.PURCHASE, START)), until=START + 31).warnings
    (own,) = warnings[warnings["rule"] == SLOTS["newcomer"]]
    assert (own["doing"], own["times"], own["days"]) == (Doing.PURCHASE, 1, 14)


# Recurring charges


@pytest.mark.parametrize("day", range(1, 32))
def test_a_monthly_charge_is_found_whatever_its_day_and_told_once_it_is_overdue(day):
    days = monthly(5, date(2024, 1, day))
    found = told("recurring_stopped", log(*charged(days)), until=days[-1] + 200)
    assert [level for _, level in found] == [1, 0], "raised, and forgotten"
    late = found[0][0] - days[-1]
    assert 37 <= late <= 41
    assert found[0][0] % 1 * DAY < 1.0, "at a day's beginning"
    assert found[1][0] - found[0][0] == pytest.approx(90, abs=1e-4)


@pytest.mark.parametrize(
    ("step", "count", "grace"), [(7, 6, 4), (14, 5, 6), (28, 4, 7)], ids=["7", "14", "28"]
)
def test_shorter_rhythms_need_more_charges(step, count, grace):
    days = [19_700 + step * number for number in range(count)]
    assert told("recurring_stopped", log(*charged(days[1:])), until=days[-1] + 80) == []
    ((at, level),) = told("recurring_stopped", log(*charged(days)), until=days[-1] + 80)
    assert (level, at) == (1, pytest.approx(days[-1] + step + grace, abs=1e-4))


@pytest.mark.parametrize(("months", "late"), [(3, 14), (12, 21)])
def test_quarterly_and_yearly_charges_are_found_of_three(months, late):
    days = monthly(3 * months, date(2023, 2, 28))[::months]
    ((at, _),) = told("recurring_stopped", log(*charged(days)), until=days[-1] + 31 * months + 60)
    assert 0 <= at - days[-1] - late - 30.4 * months <= 5


def test_weekends_months_ends_and_leap_days_shift_no_charge_out_of_its_rhythm():
    days = [d + (2, 1, 0, 0, 0, 0, 0)[(d + 3 - 5) % 7] for d in monthly(30, date(2023, 1, 31))]
    assert told("recurring_stopped", log(*charged(days))) == []
    assert at_the_end(log(*charged(days)), Feature.RECURRING_CHARGES) == 1


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/Sao_Paulo", "Pacific/Auckland"])
def test_it_is_overdue_at_the_book_s_midnight_on_either_side_of_a_change_of_clocks(zone):
    model = changed(book_timezone=zone)
    days = monthly(5, date(2024, 10, 20))
    ((at, _),) = told("recurring_stopped", log(*charged(days)), days[-1] + 60, model)
    local = datetime.fromtimestamp(at * DAY, UTC).astimezone(ZoneInfo(zone))
    assert (local.hour, local.minute, local.second) == (0, 0, 0)


def test_rates_of_exchange_and_price_rises_end_no_subscription():
    days = monthly(24, date(2022, 5, 3))
    moving = 1_000 * np.cumprod(1 + np.tile([0.03, -0.045, 0.02, 0.05, -0.05], 5))[:24]
    moving[12:] *= 1.25
    assert told("recurring_stopped", log(*charged(days, np.rint(moving)))) == []
    assert at_the_end(log(*charged(days, np.rint(moving))), Feature.RECURRING_CHARGES) == 1


def test_a_second_price_at_one_merchant_is_a_subscription_of_its_own():
    first, second = monthly(6, date(2024, 1, 4)), monthly(6, date(2024, 1, 18))
    both = in_order(charged(first, 999), charged(second[:5], 1_499))
    assert at_the_end(both, Feature.RECURRING_CHARGES) == 2
    assert [level for _, level in told("recurring_stopped", both, until=first[-1] + 28)] == [1]


def test_a_charge_moved_to_another_card_of_the_customer_goes_on():
    days = monthly(12, date(2024, 1, 4))
    events = [*charged(days[:6], card=1), *charged(days[6:], card=2)]
    assert told("recurring_stopped", log(*events)) == []


@pytest.mark.parametrize(
    "fields", [{"merchant": 0}, {"amounts": 0}], ids=["no merchant", "no amount"]
)
def test_without_a_merchant_or_an_amount_nothing_recurs(fields):
    days = monthly(9, date(2024, 1, 4))
    assert told("recurring_stopped", log(*charged(days, **fields)), until=days[-1] + 200) == []


def test_a_refunded_charge_was_one():
    days = monthly(6, date(2024, 1, 4))
    back = [event(Kind.REFUND, day + 1, 1_000, merchant=7) for day in days]
    assert told("recurring_stopped", in_order(charged(days), back), until=days[-1] + 32) == []


def test_a_shop_with_one_price_that_is_gone_to_irregularly_is_no_subscription():
    rng, lives = np.random.default_rng(3), []
    for _ in range(40):
        days = 19_700 + np.cumsum(rng.exponential(rng.choice([3.0, 7.0, 14.0, 30.0]), 60))
        lives.append(log(*charged(np.floor(days), 450)))
    assert told_of_each("recurring_stopped", lives) == 0


def test_all_subscriptions_stopped_are_told_higher_and_what_clears_them_is_that_they_come():
    days = monthly(6, date(2024, 1, 4))
    events = in_order(*(charged(days, 1_000, merchant) for merchant in (7, 8)))
    warnings = run(events, until=days[-1] + 60).warnings
    own = warnings[warnings["rule"] == SLOTS["recurring_stopped"]]
    assert own["after"].tolist() == [2]
    assert (own["doing"].tolist(), own["times"].tolist()) == ([Doing.CHARGE], [2])
    again = in_order([events[at : at + 1] for at in range(len(events))], charged([days[-1] + 62]))
    assert [level for _, level in told("recurring_stopped", again, until=days[-1] + 63)] == [2, 1]


# Cards


def used(card, first, last, gap, kind=Kind.PURCHASE):
    return [event(kind, day, card=card) for day in np.arange(first, last, gap).tolist()]


def test_a_card_let_lie_while_another_goes_on_is_told_and_clears_once_it_is_used():
    first = used(1, START, START + 100, 2.0)
    other = used(2, START + 0.5, START + 250, 3.0)
    found = told("card_abandoned", in_order(first, other))
    assert [level for _, level in found] == [1, 2]
    assert 60 <= found[0][0] - (START + 98) <= 63
    assert 120 <= found[1][0] - (START + 98) <= 123
    again = in_order(first, other, [event(Kind.PURCHASE, START + 240.1, card=1)])
    assert told("card_abandoned", again)[-1] == (pytest.approx(START + 240.1), 0)
    warnings = run(in_order(first, other)).warnings
    own = warnings[warnings["rule"] == SLOTS["card_abandoned"]]
    assert (own["doing"] == Doing.CARD_USE).all()
    assert (own["times"] == 1).all()


@pytest.mark.parametrize("end", [Kind.CARD_BLOCKED, Kind.CARD_CLOSED])
def test_a_card_blocked_or_closed_is_not_abandoned_unless_used_again(end):
    first, other = used(1, START, START + 100, 2.0), used(2, START + 0.5, START + 250, 3.0)
    ended = event(end, START + 105, card=1)
    assert told("card_abandoned", in_order(first, other, [ended])) == []
    before = event(end, START + 50.2, card=1)
    assert len(told("card_abandoned", in_order(first, other, [before]))) == 2


def test_a_card_that_another_took_the_place_of_is_not_abandoned():
    first, other = used(1, START, START + 100, 2.0), used(2, START + 0.5, START + 250, 3.0)
    successor = used(3, START + 110, START + 250, 2.0)
    assert told("card_abandoned", in_order(first, other, successor)) == []
    assert told("card_abandoned", in_order(first, successor)) == []


@pytest.mark.parametrize("second", [0, 1])
def test_without_another_card_none_is_abandoned(second):
    events = in_order(used(1, START, START + 100, 2.0), used(second, START + 0.5, START + 250, 3.0))
    assert told("card_abandoned", events) == []


def test_who_is_silent_altogether_abandons_no_card():
    events = in_order(used(1, START, START + 100, 2.0), used(2, START + 0.5, START + 100, 3.0))
    assert told("card_abandoned", events, until=START + 500) == []


def test_a_card_used_seldom_is_not_called_abandoned_by_chance():
    rng, lives = np.random.default_rng(5), []
    for _ in range(60):
        seldom = START + np.cumsum(rng.exponential(rng.choice([5.0, 15.0, 30.0]), 400))
        events = [event(Kind.PURCHASE, day, card=1) for day in seldom[seldom < START + 700]]
        lives.append(in_order(events, used(2, START, START + 700, 3.0)))
    assert told_of_each("card_abandoned", lives) == 0


def test_two_thousand_cards_take_the_room_of_a_few():
    events = np.zeros(2_000, EVENT)
    events["time"] = events["reversed_time"] = START * DAY + 3_600.0 * np.arange(2_000)
    events["id"] = events["card"] = np.arange(1, 2_001)
    states = run(events).states
    assert states["card"][0].tolist() == [2_000 - at for at in range(CARDS)]
    assert at_the_end_of(states, Feature.CARD_UNUSED_DAYS) == 0.0


def test_two_thousand_merchants_leave_a_subscription_its_place():
    days = monthly(12, date(2024, 1, 4))
    rng = np.random.default_rng(2)
    shops = [
        event(Kind.PURCHASE, day, int(rng.integers(100, 9_000)), merchant=100 + number)
        for number, day in enumerate(np.linspace(days[3] + 1, days[-1], 2_000).tolist())
    ]
    events = in_order(charged(days), shops)
    states = run(events).states
    assert at_the_end_of(states, Feature.RECURRING_CHARGES) == 1
    assert (states["charge"] != 0).sum() == CHARGES


# Any cut, any order


@st.composite
def lives(draw, most=3):
    size = draw(st.integers(1, 50))
    events = np.zeros(size, EVENT)
    gaps = draw(
        st.lists(st.sampled_from([0.0, 0.5, 1, 7, 7, 30, 31]), min_size=size, max_size=size)
    )
    late = draw(st.lists(st.sampled_from([0, 0, 0, 5, 40]), min_size=size, max_size=size))
    events["time"] = (20_000.25 + np.cumsum(gaps) - np.array(late)) * DAY
    events["reversed_time"], events["id"] = events["time"], np.arange(1, size + 1)
    kinds = st.sampled_from([*[Kind.PURCHASE] * 12, *Kind])
    events["kind"] = draw(st.lists(kinds, min_size=size, max_size=size))
    events["kind"] = np.where(events["kind"] >= Kind.ACKNOWLEDGED, 0, events["kind"])
    for name, values in (
        ("card", [0, 1, 2, most]),
        ("merchant", [0, 7, 7, most]),
        ("amount", [0, 1_000, 1_000, 1_010, 1_300]),
    ):
        events[name] = draw(st.lists(st.sampled_from(values), min_size=size, max_size=size))
    rows = np.array(draw(st.lists(st.integers(0, 2), min_size=size, max_size=size)))
    return events, rows


@pytest.mark.by_lot(6, of="cuts")
@pytest.mark.slow
@settings(max_examples=few(12), deadline=None)
@given(lives(), st.data())
def test_any_cut_gives_the_same_bytes(case, data):
    events, rows = case
    cuts = data.draw(st.lists(st.integers(0, len(events)), max_size=5))
    whole, parts = (run(events, rows, cuts=each, until=22_500) for each in ([], cuts))
    assert parts.states.tobytes() == whole.states.tobytes()
    assert parts.warnings.tobytes() == whole.warnings.tobytes()


@pytest.mark.slow
@settings(max_examples=few(12), deadline=None)
@given(lives(), st.randoms(use_true_random=False))
def test_cards_beginnings_and_charges_are_the_same_in_any_order(case, random):
    events, _ = case
    events["amount"] = np.where(events["merchant"] == 7, 1_000, 5_000)  # each charge one price
    events["time"] = np.maximum(events["time"], events["time"].max() - 60 * DAY)
    events["reversed_time"] = events["time"]
    order = list(range(len(events)))
    random.shuffle(order)
    ordered, shuffled = events[np.argsort(events["time"], kind="stable")], events[order]
    a, b = run(ordered).states[0], run(shuffled).states[0]
    assert set(CARD) | set(CHARGE) <= set(STATE.names)
    for name in (*CARD, *CHARGE, "begun", "known_since"):
        assert a[name].tolist() == b[name].tolist(), name
