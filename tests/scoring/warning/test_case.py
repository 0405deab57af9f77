"""The one case of a customer, and what people's answers do to it and to warnings."""

from datetime import UTC, datetime

import numpy as np
import pytest
from cases import MODEL, answer, changed, event, log, purchases, run
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from trying import few

from scoring.arrays import DAY, NEVER
from scoring.facts.apply import Applied
from scoring.facts.events import EVENT, hash_ids
from scoring.facts.kinds import ANSWERS, Kind
from scoring.facts.packing import pack, unpack
from scoring.facts.state import RULE_SLOTS
from scoring.rules import BUILT_IN
from scoring.warning.answers import NO_SLOT
from scoring.warning.case_row import Mark, Status

WEEKLY = purchases(*(20_000 + 7 * week for week in range(12)))
RAISED, ESCALATED = 20_144.68, 20_159.70  # days of the silence behind it
SILENCE = 0


def told(*answers, model=MODEL, until=20_400):
    """The messages of warnings and of cases, in short: a weekly buyer who falls silent."""
    ended = run(log(WEEKLY, *answers), model=model, until=until)
    warnings = [
        (round(w["now"] / DAY, 2), int(w["before"]), int(w["after"]), int(w["closed_by"]))
        for w in ended.warnings
    ]
    cases = [
        (int(c["number"]), int(c["sequence"]), round(c["now"] / DAY, 2), Status(c["status"]).name,
         Mark(c["mark"]).name, Mark(c["closed_by"]).name)
        for c in ended.cases
    ]  # fmt: skip
    return warnings, cases, ended


def test_a_case_opens_with_the_first_warning_and_tells_each_change_once():
    _, cases, ended = told()
    assert cases == [
        (1, 1, RAISED, "OPEN", "NEW", "NEW"),
        (1, 2, ESCALATED, "OPEN", "NEW", "NEW"),
    ]
    first, second = ended.cases
    assert (first["before"], second["before"]) == (Status.NONE, Status.OPEN)
    assert (first["leading_before"], second["leading_before"], second["episode_before"]) == (
        0,
        1,
        1,
    )
    assert (second["leading"], second["levels"][SILENCE]) == (1, 2)
    assert second["severities"][SILENCE] == ended.warnings["severity"][1]
    assert second["opened_at"] == first["now"]


def test_once_nothing_is_left_to_warn_about_the_case_is_closed_and_the_next_one_is_another():
    bought = [event(Kind.PURCHASE, 20_170 + day, id=50 + day) for day in range(0, 20, 2)]
    warnings, cases, ended = told(*bought, until=21_000)
    assert warnings[-1][1:3] != (1, 0)
    closed = [c for c in cases if c[3] == "CLOSED"]
    assert [(c[0], c[5]) for c in closed] == [(1, "CLEARED")]
    assert ended.cases["number"].tolist()[-2:] == [2, 2]
    at = ended.cases["status"] == Status.CLOSED
    assert not ended.cases["levels"][at].any()
    assert ended.cases["leading"][at].tolist() == [0]


def test_of_equal_severity_the_graver_leads_and_then_the_earlier_rule():
    """Nothing is at stake, so that both severities are 0."""
    repaid = [event(Kind.REPAYMENT, 19_990 + day) for day in range(2)]
    overdue = [event(Kind.INSTALMENT_OVERDUE, 20_000 + day) for day in range(2)]
    complaints = [event(Kind.COMPLAINT, 20_003 + day) for day in range(9)]
    ended = run(log(*repaid, *overdue, *complaints), model=MODEL, until=20_013)
    slots = [BUILT_IN.index("overdue"), BUILT_IN.index("dissatisfaction")]
    assert ended.cases["levels"][:, slots].tolist() == [[1, 0], [1, 1], [1, 2]]
    assert not ended.warnings["severity"].any()
    assert (ended.cases["leading"] - 1).tolist() == [slots[0], slots[0], slots[1]]


MARKING = [Kind.ACKNOWLEDGED, Kind.CONTACTED, Kind.OFFER_MADE, Kind.ACCEPTED]


@pytest.mark.parametrize("kind", MARKING)
@pytest.mark.parametrize("rule", ["silence", ""])
def test_what_was_done_marks_the_case_and_moves_no_warning(kind, rule):
    warnings, cases, ended = told(answer(kind, 20_150, rule), answer(kind, 20_151, rule, id=77))
    assert warnings == told()[0]
    assert [c[2:5] for c in cases] == [
        (RAISED, "OPEN", "NEW"), (20_150.0, "OPEN", kind.name), (ESCALATED, "OPEN", kind.name),
    ]  # fmt: skip
    assert ended.answers["is_first"].tolist() == [True, False]
    assert ended.answers["level"].tolist() == [1, 1]
    assert ended.answers["raised_at"] / DAY == pytest.approx([RAISED, RAISED], abs=0.01)


@pytest.mark.parametrize("kind", [Kind.FALSE_ALARM, Kind.RETAINED])
@pytest.mark.parametrize("rule", ["silence", ""])
def test_a_settled_warning_is_cleared_and_its_rule_rests(kind, rule):
    warnings, cases, _ = told(answer(kind, 20_150, rule, score=1), until=20_500)
    assert warnings == [
        (RAISED, 0, 1, 0),
        (20_150.0, 1, 0, int(kind)),
        (20_240.0, 0, 2, 0),  # 90 days later, over its threshold all the time
    ]
    assert cases == [
        (1, 1, RAISED, "OPEN", "NEW", "NEW"),
        (1, 2, 20_150.0, "CLOSED", "NEW", kind.name),
        (2, 1, 20_240.0, "OPEN", "NEW", "NEW"),
    ]


def test_how_long_a_rule_rests_is_the_banks_choice():
    model = changed(feedback={"suppress_days": 30.0})
    warnings, _, _ = told(answer(Kind.FALSE_ALARM, 20_150, score=1), model=model)
    assert warnings[2] == (20_180.0, 0, 2, 0)


def test_who_is_lost_is_warned_about_no_more_and_has_a_case_to_be_won_back():
    warnings, cases, ended = told(answer(Kind.LOST, 20_150, score=3), until=21_500)
    assert warnings == [(RAISED, 0, 1, 0), (20_150.0, 1, 0, int(Kind.LOST))]
    assert cases == [
        (1, 1, RAISED, "OPEN", "NEW", "NEW"),
        (1, 2, 20_150.0, "CLOSED", "NEW", "LOST"),
        (2, 1, 20_150.0, "OPEN", "NEW", "NEW"),
    ]
    assert ended.cases["is_win_back"].tolist() == [False, False, True]
    assert ended.cases["reason"].tolist() == [0, 3, 3]
    assert ended.states["armed_at"][0] == NEVER


def test_who_was_lost_and_buys_has_returned_and_is_warned_about_again():
    warnings, cases, _ = told(
        answer(Kind.LOST, 20_150, score=3), event(Kind.PURCHASE, 20_160, id=7), until=20_400
    )
    assert cases[3] == (2, 2, 20_160.0, "CLOSED", "NEW", "RETURNED")
    assert [w[1:3] for w in warnings] == [(0, 1), (1, 0), (0, 1), (1, 2)]
    assert cases[4][:2] == (3, 1)


@pytest.mark.parametrize("kind", [Kind.RETAINED, Kind.LOST])
def test_a_case_to_win_back_ends_with_its_answer(kind):
    warnings, cases, _ = told(
        answer(Kind.LOST, 20_150, score=3),
        answer(kind, 20_155, "", 2, score=3),
        until=21_000,
    )
    assert cases[3] == (2, 2, 20_155.0, "CLOSED", "NEW", kind.name)
    is_warned = kind is Kind.RETAINED  # once its cooldown is over; who is lost stays lost
    assert (len(warnings) > 2, len(cases) > 4) == (is_warned, is_warned)


def test_a_snoozed_case_holds_its_messages_and_is_open_again_to_the_second():
    warnings, cases, ended = told(answer(Kind.SNOOZED, 20_150, reversed_time=20_200 * DAY))
    assert warnings == told()[0]  # warnings themselves are never held
    assert cases == [
        (1, 1, RAISED, "OPEN", "NEW", "NEW"),
        (1, 2, 20_150.0, "SNOOZED", "NEW", "NEW"),
        (1, 3, 20_200.0, "OPEN", "NEW", "NEW"),
    ]
    assert 0.0 <= ended.cases["now"][2] - 20_200 * DAY < 1.0
    assert ended.cases["snoozed_until"].tolist() == [NEVER, 20_200 * DAY, NEVER]
    assert ended.cases["levels"][2, SILENCE] == 2


def test_what_cleared_while_it_was_snoozed_is_closed_at_its_instant():
    bought = [event(Kind.PURCHASE, 20_150 + day, id=50 + day) for day in range(1, 20, 2)]
    _, cases, _ = told(
        answer(Kind.SNOOZED, 20_150, reversed_time=20_180 * DAY), *bought, until=20_190
    )
    assert cases[2] == (1, 3, 20_180.0, "CLOSED", "NEW", "CLEARED")


def test_a_snooze_that_is_over_before_it_comes_does_nothing():
    assert told(answer(Kind.SNOOZED, 20_150, reversed_time=20_150 * DAY))[:2] == told()[:2]


def test_a_snooze_outlives_the_account():
    _, cases, ended = told(
        answer(Kind.SNOOZED, 20_150, reversed_time=20_200 * DAY),
        event(Kind.ACCOUNT_CLOSED, 20_160),
    )
    assert cases[2][:4] == (1, 3, 20_200.0, "OPEN")
    assert ended.states["armed_at"][0] == NEVER


@pytest.mark.parametrize(
    ("rule", "number", "code"),
    [
        ("silence", 2, Applied.UNKNOWN), ("silence", 0, Applied.EARLIER), ("", 2, Applied.UNKNOWN),
        ("overdue", 1, Applied.UNKNOWN), ("unheard_of", 1, Applied.UNKNOWN),
        ("silence", 10**9, Applied.UNKNOWN),
    ],
)  # fmt: skip
def test_an_answer_to_what_was_never_raised_changes_nothing(rule, number, code):
    asked = answer(Kind.LOST, 20_150, rule, number, score=1)
    warnings, cases, ended = told(asked)
    assert ended.applied[-1] == code
    assert (warnings, cases) == told()[:2]
    assert ended.states.tobytes() == told()[2].states.tobytes()
    assert not len(ended.answers)


@pytest.mark.parametrize("kind", sorted(ANSWERS))
@pytest.mark.parametrize("rule", ["silence", ""])
@pytest.mark.parametrize("has_cleared", [False, True], ids=["open", "cleared"])
def test_an_answer_dated_before_the_raise_is_about_nothing_in_whatever_order_it_comes(
    kind, rule, has_cleared
):
    bought = [event(Kind.PURCHASE, 20_160 + 2 * n, id=50 + n) for n in range(4 * has_cleared)]
    clock = event(Kind.PURCHASE, 20_175, id=99)  # another customer's
    dated = answer(kind, RAISED - 1, rule, score=1, id=98)
    own = np.concatenate([WEEKLY, log(*bought)]) if bought else WEEKLY
    live, replayed = np.concatenate([own, log(clock, dated)]), np.concatenate([own, log(clock)])
    at = np.searchsorted(replayed["time"], dated["time"])
    replayed = np.insert(replayed, at, dated)
    outcomes = []
    for events in (live, replayed):
        ended = run(events, (events["id"] == 99).astype(int), until=20_176)
        (place,) = np.flatnonzero(events["id"] == 98)
        assert ended.applied[place] == Applied.UNKNOWN
        assert not len(ended.answers)
        outcomes.append([ended.states.tobytes(), ended.warnings.tobytes(), ended.cases.tobytes()])
    assert outcomes[0] == outcomes[1]
    assert (ended.states["level"][0, SILENCE] == 0) == has_cleared


def test_an_answer_of_the_very_instant_of_the_raise_as_it_was_published_is_taken():
    raised = told()[2].warnings["raised_at"][0]
    wire = datetime.fromisoformat(datetime.fromtimestamp(raised, UTC).isoformat()).timestamp()
    asked = answer(Kind.ACKNOWLEDGED, wire / DAY, time=wire, id=98)
    for day in (wire / DAY, 20_150):
        later = event(Kind.PURCHASE, day, id=99)
        events = np.concatenate([WEEKLY, log(later, asked)])
        rows = (events["id"] == 99).astype(int)
        assert run(events, rows, until=20_160).applied[-1] == Applied.APPLIED


def test_an_answer_about_nobody_makes_no_customer():
    ended = run(log(answer(Kind.ACKNOWLEDGED, 20_150)))
    assert ended.applied.tolist() == [Applied.UNKNOWN]
    assert ended.states["counts"].sum() == 0


def test_an_answer_to_an_earlier_episode_is_told_apart_and_changes_nothing():
    closing = answer(Kind.FALSE_ALARM, 20_150, score=1)
    late = answer(Kind.LOST, 20_300, "silence", 1, score=1)
    _, _, ended = told(closing, late, until=20_400)
    assert ended.applied[-2:].tolist() == [Applied.APPLIED, Applied.EARLIER]
    before = told(closing, until=20_400)[2]
    assert ended.states.tobytes() == before.states.tobytes()


def test_an_answer_that_comes_twice_counts_once():
    twice = answer(Kind.FALSE_ALARM, 20_150, score=1, id=9)
    _, cases, ended = told(twice, twice)
    assert ended.applied[-2:].tolist() == [Applied.APPLIED, Applied.DUPLICATE]
    assert cases == told(twice)[1]
    assert len(ended.answers) == 1


def test_an_answer_moves_no_fact():
    marked, plain = (told(*each)[2].states for each in ([answer(Kind.CONTACTED, 20_150)], []))
    for name in marked.dtype.names[: marked.dtype.names.index("armed_at")]:
        if name != "counts" and not name.startswith("recent"):
            assert marked[name].tobytes() == plain[name].tobytes(), name


def test_answers_to_an_untold_case_name_no_rule():
    _, _, ended = told(
        answer(Kind.FALSE_ALARM, 20_150, "", score=1), answer(Kind.RETAINED, 20_151, "")
    )
    assert ended.answers["rule"].tolist() == [SILENCE, NO_SLOT]
    assert ended.answers["raised_at"] / DAY == pytest.approx([RAISED, RAISED], abs=0.01)


EAGER = changed(
    rules={"silence": {"middle": 0.5, "high": 0.7}, "overdue": {"middle": 0.2, "high": 0.3},
           "dissatisfaction": {"middle": 0.5}},
    purchase_model={"type": "bgnbd", "r": 2.0, "alpha": 4.0},
    scorecard={"cooldown_days": 0},
    feedback={"suppress_days": 5.0},
)  # fmt: skip
SELDOM = [Kind.COMPLAINT, Kind.INSTALMENT_OVERDUE, Kind.REPAYMENT, Kind.ACCOUNT_CLOSED]
SELDOM += [Kind.CONSENT_CHANGED]
OWN = st.sampled_from([Kind.PURCHASE] * 8 + SELDOM)


@st.composite
def answered_logs(draw, customers=3):
    """Events of a few customers, and many answers to what may have been raised."""
    size = draw(st.integers(5, 80))
    events = np.zeros(size, EVENT)
    gaps = draw(st.lists(st.floats(0, 15), min_size=size, max_size=size))
    events["time"] = (20_000 + np.cumsum(gaps)) * DAY
    events["reversed_time"], events["id"] = events["time"], np.arange(1, size + 1)
    names = hash_ids(BUILT_IN)
    for row in events:
        if draw(st.integers(0, 3)):
            row["kind"], row["amount"], row["score"] = draw(OWN), 1_000, draw(st.integers(1, 4))
            continue
        row["kind"] = draw(st.sampled_from(sorted(ANSWERS)))
        row["reverses"] = draw(st.sampled_from([0, names[0], names[0], names[4], names[5]]))
        row["amount"], row["score"] = draw(st.integers(1, 4)), draw(st.integers(1, 6))
        if row["kind"] == Kind.SNOOZED:
            row["reversed_time"] += draw(st.floats(-1, 40)) * DAY
    rows = np.array(draw(st.lists(st.integers(0, customers - 1), min_size=size, max_size=size)))
    return events, rows


@pytest.mark.by_lot(6, of="cuts")
@pytest.mark.slow
@settings(max_examples=few(20), deadline=None, phases=[Phase.explicit, Phase.generate])
@given(answered_logs(), st.data())
def test_any_cut_gives_the_same_cases_and_the_open_set_is_rebuilt_from_topics_alone(case, data):
    events, rows = case
    cuts = data.draw(st.lists(st.integers(0, len(events)), max_size=5))
    whole = run(events, rows, model=EAGER, until=21_800)
    parts = run(events, rows, cuts=cuts, model=EAGER, until=21_800)
    for name in ("states", "warnings", "cases", "applied"):
        assert getattr(parts, name).tobytes() == getattr(whole, name).tobytes(), name
    assert unpack(pack(whole.states)).tobytes() == whole.states.tobytes()
    held = {
        (row, slot): (int(level), int(whole.states["episode"][row, slot]))
        for row, levels in enumerate(whole.states["level"])
        for slot, level in enumerate(levels)
        if level
    }
    assert of_warnings(whole.warnings) == held
    assert of_cases(whole.cases) == held
    check_stories(whole)


def of_warnings(warnings):
    """The open set by a consumer who reads warnings alone, checking `before` on the way."""
    found = {}
    for w in warnings[np.lexsort((warnings["sequence"], warnings["episode"]))]:
        at = int(w["row"]), int(w["rule"])
        assert found.get(at, (0, 0))[0] == w["before"]
        found.pop(at, None)
        if w["after"]:
            found[at] = int(w["after"]), int(w["episode"])
    return found


def of_cases(cases):
    """The open set by a consumer who keeps each customer's last case, as compaction does."""
    last = {int(c["row"]): c for c in cases}
    return {
        (row, slot): (int(c["levels"][slot]), int(c["episodes"][slot]))
        for row, c in last.items()
        for slot in range(RULE_SLOTS)
        if c["levels"][slot]
    }


def rank(case):
    """How a case's warnings are ranked: by severity, then the graver, then the earlier rule."""
    return lambda slot: (-case["severities"][slot], -int(case["levels"][slot]), slot)


def check_stories(ended):
    """Numbers and sequences without gaps; one case at a time; what was is what was told."""
    for row in range(len(ended.states)):
        own = ended.cases[ended.cases["row"] == row]
        before = None
        for c in own:
            if c["sequence"] == 1:
                assert c["number"] == (1 if before is None else before["number"] + 1)
                assert before is None or before["status"] == Status.CLOSED
                assert c["before"] == Status.NONE
            else:
                assert (c["number"], c["sequence"]) == (before["number"], before["sequence"] + 1)
                assert (c["before"], c["leading_before"]) == (before["status"], before["leading"])
                same = ("status", "mark", "levels", "episodes", "snoozed_until", "flags")
                assert any(c[name].tolist() != before[name].tolist() for name in same)
            is_closed = c["status"] == Status.CLOSED
            assert is_closed == (c["closed_by"] != Mark.NEW)
            assert not (is_closed and c["levels"].any())
            if c["leading"]:
                assert c["leading"] - 1 == min(np.flatnonzero(c["levels"]), key=rank(c))
            before = c


def test_those_logs_hold_every_ending_so_that_they_could_differ():
    rng, customers, each = np.random.default_rng(3), 60, 80
    size = customers * each
    events = np.zeros(size, EVENT)
    days = np.cumsum(rng.uniform(0, 15, (customers, each)), axis=1).ravel()
    events["time"] = (20_000 + days) * DAY
    events["reversed_time"], events["id"] = events["time"], np.arange(1, size + 1)
    events["kind"] = rng.choice([Kind.PURCHASE] * 8 + sorted(ANSWERS), size)
    answers = np.isin(events["kind"], sorted(ANSWERS))
    events["reverses"] = np.where(answers & (rng.random(size) < 0.5), hash_ids(["silence"]), 0)
    events["amount"] = np.where(answers, rng.integers(1, 4, size), 1_000)
    events["score"] = rng.integers(1, 6, size)
    events["reversed_time"][events["kind"] == Kind.SNOOZED] += 20 * DAY
    order = np.argsort(events["time"], kind="stable")
    rows = np.repeat(np.arange(customers), each)
    ended = run(events[order], rows[order], model=EAGER, until=21_500)
    check_stories(ended)
    marks, statuses = (set(ended.cases[name].tolist()) for name in ("closed_by", "status"))
    assert marks == {Mark.NEW, Mark.CLEARED, Mark.RETAINED, Mark.FALSE_ALARM, Mark.LOST,
                     Mark.RETURNED}  # fmt: skip
    assert statuses == {Status.OPEN, Status.SNOOZED, Status.CLOSED}
