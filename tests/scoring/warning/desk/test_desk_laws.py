"""What holds at the desk whatever comes: nothing twice, nothing lost, no day too full."""

from collections import Counter, defaultdict
from datetime import timedelta

from desk_cases import MONDAY, a_case, closed
from hypothesis import given
from hypothesis import strategies as st

from schemas.ids import names
from scoring.facts.calendar import BookCalendar
from scoring.warning.desk import CaseDesk, desk_rules

RULES = desk_rules(
    b"""
quiet.hours = "20:00-06:00"
minor.below = 0.02
contact = { hand_outs = 2, days = 4 }
[route.risk]
capacity = 1
closed = ["wednesday"]
[route.relationship]
capacity = 3
closed = []
officer = { o1 = { capacity = 1, absent = ["tuesday"] }, o2 = { capacity = 1 } }
"""
)
CAPACITY = {"risk": 1, "relationship": 2}
CUSTOMERS = "abcdefgh"
DOINGS = st.sampled_from(["change", "change", "snooze", "answer", "close"])
NEWS = st.tuples(st.sampled_from(CUSTOMERS), DOINGS, st.integers(1, 6), st.booleans())
SCRIPT = st.lists(
    st.tuples(st.sampled_from([0, 1, 9, 15, 24, 60]), st.lists(NEWS, max_size=8)),
    min_size=1,
    max_size=14,
)


class Topics:
    """What the two compacted topics hold, and all that was ever told."""

    def __init__(self):
        self.cases, self.assignments, self.told = {}, {}, []

    def change(self, customer, doing, value, is_risk):
        """The customer's next case message, as a worker would write it."""
        last = self.cases.get(customer)
        is_new = last is None or last.status == "closed"
        number = 1 if last is None else names(last.case_id).number + is_new
        route = "risk" if is_risk else "relationship"
        case = a_case(customer, float(value), number=number, route=route)
        if not is_new:
            case = case.model_copy(update={"progress": last.progress})
        if doing == "snooze":
            case = case.model_copy(update={"status": "snoozed"})
        elif doing == "answer":
            case = case.model_copy(update={"progress": "contacted"})
        self.cases[customer] = closed(case) if doing == "close" and not is_new else case
        return self.cases[customer]

    def desk(self):
        """A desk as one is after a start: it knows what the topics hold, and nothing else."""
        desk = CaseDesk(RULES, BookCalendar("UTC"))
        for assignment in self.assignments.values():
            desk.recall(assignment)
        for case in self.cases.values():
            desk.hear(case)
        return desk

    def take(self, told):
        self.told += told
        self.assignments |= {each.customer_id: each for each in told}


def handed_out(told):
    """Hand-outs, each once, in order."""
    return list({m.handed_out: None for m in told if m.status == "handed_out"})


@given(SCRIPT)
def test_a_desk_that_starts_anew_decides_as_one_that_lives_on(script):
    topics, lives_on, now = Topics(), CaseDesk(RULES, BookCalendar("UTC")), MONDAY
    for hours, news in script:
        now += timedelta(hours=hours)
        for each in news:
            lives_on.hear(topics.change(*each))
        told = lives_on.decide(now)
        assert topics.desk().decide(now) == told
        topics.take(told)


@given(SCRIPT)
def test_nothing_is_handed_out_twice_nothing_is_lost_and_no_day_holds_too_much(script):
    topics, now = Topics(), MONDAY
    for hours, news in script:
        now += timedelta(hours=hours)
        for each in news:
            topics.change(*each)
        before = handed_out(topics.told)
        topics.take(topics.desk().decide(now))
        assert_best_first(topics, handed_out(topics.told)[len(before) :])
    given_out = handed_out(topics.told)
    assert len({each.case_id for each in given_out}) == len(given_out)
    of_days = Counter((each.route, each.day) for each in given_out)
    assert all(count <= CAPACITY[route] for (route, _), count in of_days.items())
    assert not any(each.route == "risk" and each.day.weekday() == 2 for each in given_out)
    assert not any(each.officer == "o1" and each.day.weekday() == 1 for each in given_out)
    for (route, day), count in of_days.items():
        ranks = [each.rank for each in given_out if (each.route, each.day) == (route, day)]
        assert sorted(ranks) == list(range(1, count + 1))
    assert_no_customer_too_often(given_out)
    for customer, case in topics.cases.items():
        own = topics.assignments.get(customer)
        if case.status == "open" and case.progress == "new":
            assert own is not None
            assert (own.case_id, own.status != "withdrawn") == (case.case_id, True)
        elif case.status == "closed" and own is not None:
            assert own.status == "withdrawn"


def assert_no_customer_too_often(given_out):
    days = defaultdict(list)
    for each in given_out:
        days[names(each.case_id).customer].append(each.day)
    for own in days.values():
        assert len(set(own)) == len(own)
        for day in own:
            assert sum(timedelta() <= day - other < timedelta(days=4) for other in own) <= 2


def assert_best_first(topics, fresh):
    """Whoever waits still, and was never handed out, is worth no more than who just was."""
    waiting = [each for each in topics.assignments.values() if each.status == "queued"]
    values = {m.case_id: m.value_at_risk for m in topics.told}
    for route in CAPACITY:
        worth = [values[each.case_id] for each in fresh if each.route == route]
        left = [each.value_at_risk for each in waiting if each.route == route and not each.lately]
        assert not worth or not left or max(left) <= min(worth)
