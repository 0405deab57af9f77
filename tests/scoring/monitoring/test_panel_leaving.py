"""What the panel finds by each definition of leaving, against plain loops over the log."""

import math
from collections import Counter

import numpy as np
import pytest
from cases import churn_section, document, event, log
from panel_cases import START, advanced, all_seen, bought_log, rounds, seen_at

from scoring.arrays import DAY
from scoring.facts.events import hash_ids
from scoring.facts.kinds import Kind
from scoring.model import ScoringModel
from scoring.monitoring import Panel, foretold, horizon_days
from scoring.parameters import Partial, Silence, parse
from scoring.step.replay import EventLog

SILENT = {"type": "silence", "days": 40}
LONG = {"type": "silence", "days": 100.5}
GONE = {"type": "closure", "within_days": 30}
HALF = {"type": "partial", "within_days": 28, "share": 0.5, "level_days": 60}
NOTHING = {"type": "partial", "within_days": 28, "share": 0.0}
EITHER = {"type": "first_of", "of": [SILENT, GONE]}
ANY = {"type": "first_of", "of": [LONG, GONE, HALF]}
SPENT = {**HALF, "measure": "spend"}
CARD = churn_section(40, intercept=-3.0, centre=0.0, middle=0.5)
WEEKLY = list(range(60, 400, 7))


def leaving(given, zone="UTC"):
    file = {**document(), "churn": CARD, "leaving": given, "book_timezone": zone}
    return ScoringModel(parse(file))


def with_closures(bought, seed=5):
    """Two customers in five close the account, some while they still buy, which then ends."""
    random = np.random.default_rng(seed)
    closing = START + random.uniform(80.0, 390.0, len(bought.customers))
    closing[random.random(len(closing)) < 0.6] = np.inf
    kept = bought.times < closing[bought.rows] * DAY
    rows = np.flatnonzero(np.isfinite(closing))
    closes = [event(Kind.ACCOUNT_CLOSED, closing[row], 0, id=10**6 + row) for row in rows]
    events = log(bought.events[kept], *closes)
    order = np.argsort(events["time"], kind="stable")
    rows = np.concatenate([bought.rows[kept], rows])
    return EventLog(bought.customers, rows[order], events[order])


LOG = with_closures(bought_log(customers=80))


class Life:
    """A customer of the log, known to the day."""

    def __init__(self, log_, row, model):
        own = log_.rows == row
        bought = own & (log_.events["kind"] == Kind.PURCHASE)
        closed = log_.times[own & (log_.events["kind"] == Kind.ACCOUNT_CLOSED)]
        self.times, self.model = log_.times[bought], model
        self.closed = closed.min(initial=np.inf)
        self.days = model.calendar.day(self.times)

    def told(self, given, at):
        """1.0 who left, 0.0 who stayed, None who is not asked about."""
        if not (self.times < at).any() or self.closed < at:
            return None
        if given["type"] == "first_of":
            parts = [self.told(one, at) for one in given["of"]]
            return None if None in parts else max(parts)
        return getattr(self, given["type"])(given, at)

    def silence(self, given, at):
        last = self.days[self.times < at].max()
        if self.midnight(last) + given["days"] * DAY <= at:
            return None
        return float(not self.bought(at, last + math.floor(given["days"])))

    def closure(self, given, at):
        return float(self.closed < self.end(at, given["within_days"]))

    def partial(self, given, at):
        last = self.nearest(at, given["within_days"]) - 1
        if not given["share"]:
            return float(not self.bought(at, last))
        usual = self.usual(at) * given["within_days"]
        if at - self.times.min() < given["level_days"] * DAY or usual <= 1e-9:
            return None
        return float(self.bought(at, last) < given["share"] * usual)

    def bought(self, at, last):
        """New purchase days up to the last day of a window."""
        old, new = self.days[self.times < at], self.days[self.times >= at]
        return len(set(new[new <= last].tolist()) - set(old.tolist()))

    def usual(self, at):
        """Purchase days a day by the long memory."""
        before = self.times[self.times < at]
        rate = math.log(2.0) / self.model.parameters.half_lives_days[-1]
        weights = np.exp(-rate * (at - before) / DAY)
        window = (1.0 - math.exp(-rate * (at - before.min()) / DAY)) / rate
        return weights.sum() / window * len(set(self.days[self.times < at])) / len(before)

    def midnight(self, day):
        return self.model.calendar.midnight(np.array([day]))[0]

    def nearest(self, at, days):
        begins = self.model.calendar.day(np.array([at + days * DAY]))[0]
        middle = (self.midnight(begins) + self.midnight(begins + 1)) / 2.0
        return begins + (at + days * DAY >= middle)

    def end(self, at, days):
        return self.midnight(self.nearest(at, days))


def counts(of, lives, seen, model):
    """Outcomes of a round by flag and what came, from the log; how many are asked about."""
    at, found = seen.clock, Counter()
    row_of = {value: row for row, value in enumerate(hash_ids(LOG.customers).tolist())}
    here = seen.here(model)
    told = {row: life.told(of, at) for row, life in enumerate(lives)}
    asked = {row for row, answer in told.items() if answer is not None}
    assert {row_of[one] for one in here.customers.tolist()} == asked
    flags = advanced(Panel.new(("a", "b")), seen, model).entries["flagged"][:, 0]
    for customer, flag in zip(here.customers.tolist(), flags.tolist(), strict=True):
        found[bool(flag), told[row_of[customer]]] += 1
    return [[found[flag, outcome] for outcome in (0.0, 1.0)] for flag in (False, True)], len(asked)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("zone", "days"),
    [("UTC", WEEKLY), ("America/New_York", [60.9 + 33.4 * n for n in range(11)])],
    ids=["weekly", "rarely"],
)
@pytest.mark.parametrize(
    "of",
    [SILENT, LONG, GONE, HALF, NOTHING, EITHER, ANY],
    ids=["silence", "long", "closure", "half", "nothing", "either", "any"],
)
def test_outcomes_are_those_of_the_definition(of, zone, days):
    model = leaving(of, zone)
    seen = all_seen(LOG, [(START + day) * DAY for day in days], model)
    lives = [Life(LOG, row, model) for row in range(len(LOG.customers))]
    panel, expected = Panel.new((model.parameters.version, "other")), {}
    for one in seen:
        expected[one.clock] = counts(of, lives, one, model)
        panel = advanced(panel, one, model)
    closed = panel.rounds[panel.rounds["status"] == 1]
    assert len(closed) > 5
    assert closed["tally"]["churned"][:, 0].sum() > 20
    for one in closed:
        flagged, members = expected[one["at"]]
        assert one["members"] == members
        assert one["unknown"] == 0
        assert one["tally"][0]["flagged"].tolist() == flagged


def panel_of(events, days, of):
    log_ = EventLog([b"a"], np.zeros(len(events), np.int64), events)
    return rounds(log_, days, leaving(of))


def outcome(panel, at=0):
    """(stayed, left, unknown) of a round."""
    one = panel.rounds[at]
    return (*one["tally"][0]["flagged"].sum(axis=0).tolist(), int(one["unknown"]))


BUY, CLOSE = Kind.PURCHASE, Kind.ACCOUNT_CLOSED


def told(life, days, of):
    return panel_of(log(*(event(kind, START + day) for kind, day in life)), days, of)


@pytest.mark.parametrize(
    ("life", "expected"),
    [
        ([(BUY, 0.5), (BUY, 40.9)], (1, 0, 0)),  # the last day of the window is in it
        ([(BUY, 0.5), (BUY, 41.0)], (0, 1, 0)),
        ([(BUY, 0.5), (CLOSE, 25.0)], (0, 1, 0)),
        ([(BUY, 0.5), (CLOSE, 25.0), (BUY, 29.0)], (0, 1, 0)),  # no longer counts
        ([(BUY, 0.5), (BUY, 25.0), (CLOSE, 29.0)], (1, 0, 0)),
        ([(BUY, 0.5), (BUY, 15.0)], (1, 0, 0)),
    ],
)
def test_a_silence_ends_n_days_after_the_last_purchase_and_not_after_the_round(life, expected):
    panel = told(life, [10.0, 27.0, 41.0], SILENT)
    assert outcome(panel) == expected
    assert panel.rounds["last_day"][0] == START + 40


def test_who_has_been_silent_for_n_days_is_not_asked_about_and_who_buys_again_is():
    life = [(BUY, 0.5), (BUY, 50.0)]
    panel = told(life, [39.9, 40.0, 45.0, 51.0], SILENT)
    assert panel.rounds["members"].tolist() == [1, 0, 0, 1]


def test_an_answer_is_kept_until_its_round_closes():
    """The second customer's window is 90 days longer, far beyond what the first one's days tell."""
    events = log(*(event(BUY, START + day) for day in (0.5, 60.5, 75.0, 91.0, 130.0)))
    log_ = EventLog([b"a", b"b"], np.array([0, 1, 0, 0, 0]), events)
    of = {"type": "silence", "days": 100}
    panel = rounds(log_, [70.0, 101.0, 161.0, 166.0], leaving(of))
    assert panel.rounds["status"].tolist() == [1, 0, 0, 0]
    assert outcome(panel) == (1, 1, 0)


def test_a_window_that_no_round_followed_in_time_is_unknown():
    life = [(BUY, 0.5)]
    assert outcome(told(life, [10.0, 104.9], SILENT)) == (0, 1, 0)
    assert outcome(told(life, [10.0, 105.0], SILENT)) == (0, 0, 1)


@pytest.mark.parametrize(
    ("life", "expected"),
    [
        ([(CLOSE, 39.9)], (0, 1, 0)),
        ([(CLOSE, 40.1)], (1, 0, 0)),
        ([(BUY, 39.0)], (1, 0, 0)),
        ([(CLOSE, 32.0), (Kind.INTEREST, 42.0)], (0, 1, 0)),  # seen closed in time
    ],
)
def test_a_closure_is_told_by_the_account_in_the_days_after_the_round(life, expected):
    life = [(BUY, 0.5), (BUY, 9.0), *life]
    assert outcome(told(life, [10.0, 33.0, 44.0], GONE)) == expected


def test_a_fall_of_spend_is_not_told_from_states():
    both = {"type": "first_of", "of": [SPENT, GONE]}
    life = [*((BUY, day) for day in range(0, 70, 5)), (CLOSE, 72.0)]
    for of in (SPENT, both):
        panel = told(life, [70.0, 140.0], of)
        assert (panel.rounds["members"][0], outcome(panel)) == (1, (0, 0, 1))
    nothing = {**SPENT, "share": 0.0}
    assert outcome(told(life, [70.0, 140.0], nothing)) == (0, 1, 0)


def test_activity_is_asked_about_where_there_is_a_level_known_for_long_enough():
    life = [(BUY, day) for day in (0.0, 5.0, 10.0, 59.0)]
    assert told(life, [59.9, 60.0], HALF).rounds["members"].tolist() == [0, 1]


def test_members_who_vanish_leave_their_answers_behind_as_far_as_there_are_any():
    model = leaving(SILENT)
    panel = rounds(LOG, [100], model)
    over = seen_at(LOG, (START + 130) * DAY, model)
    decided = advanced(panel, over, model).entries["answer"][: len(panel.entries), 0]
    assert {1, 2, 3} == set(decided.tolist())
    nobody = seen_at(LOG, (START + 145) * DAY, model)
    nobody = nobody._replace(customers=nobody.customers[:0], states=nobody.states[:0])
    after = advanced(advanced(panel, over, model), nobody, model).rounds[0]
    assert after["unknown"] == (decided == 1).sum()


def test_a_scorecard_foretells_the_files_leaving_and_else_it_is_no_purchase():
    assert foretold(leaving(SILENT)) == Silence(days=40)
    assert horizon_days(leaving(ANY)) == 100.5
    without = ScoringModel(parse({**document(), "leaving": SILENT}))
    assert foretold(without) == Partial(type="partial", within_days=28.0, share=0.0)
    assert horizon_days(without) == 28.0
    seen = seen_at(LOG, (START + 300) * DAY, without)
    everyone = advanced(Panel.new(("a", "b")), seen, without)
    silent = advanced(Panel.new(("a", "b")), seen, leaving(SILENT))
    assert everyone.rounds["members"] > silent.rounds["members"] > 0


def test_risks_are_those_of_who_is_asked_about():
    model = leaving(SILENT)
    seen = seen_at(LOG, (START + 300) * DAY, model)
    entries = advanced(Panel.new(("a", "b")), seen, model).entries
    assert len(entries) == len(seen.here(model).customers) > 10
    assert np.isfinite(entries["risk"]).all()
