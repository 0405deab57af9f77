"""What a rules file may say, and that each of its mistakes is told with its line."""

import tomllib
from dataclasses import replace
from datetime import date

import pytest
from cases import MODEL, changed, document

from scoring.feature import FACETS, Feature
from scoring.model import ScoringModel
from scoring.models import ParameterError
from scoring.parameters import parse
from scoring.rules import BUILT_IN, Quiet, RulesError, Timer, read_rules, shipped, shipped_text
from scoring.rules.quiet import WEEKDAYS

OWN = """[rule.{name}]
slot = {slot}
value = "days_since_last"
middle = 60
high = 120
actions = {{ middle = "call", high = "visit" }}
"""


def own(name="dormant", slot=10, **keys):
    """A file of one rule of a bank's own, with some keys otherwise or besides."""
    lines = OWN.format(name=name, slot=slot).splitlines()
    kept = [line for line in lines if line.split(" =")[0] not in keys]
    stated = [f"{key} = {value}" for key, value in keys.items() if value is not None]
    return "\n".join([*kept, *stated]).encode()


def mistakes(content):
    with pytest.raises(RulesError) as refused:
        read_rules(content, "bank.toml")
    return [(m.line, m.where, m.expected) for m in refused.value.mistakes]


def test_the_day_from_which_customers_are_new_is_part_of_the_rules():
    first, other = (read_rules(f"newcomers_from = 2026-12-0{day}".encode()) for day in (1, 2))
    assert first.newcomers_from == date(2026, 12, 1)
    assert len({first.digest, other.digest, shipped().digest}) == 3
    assert read_rules(b"").newcomers_from is None


def test_the_shipped_file_says_what_an_empty_one_leaves_as_it_is():
    assert read_rules(b"").rules == read_rules(b"# nothing\n").rules == shipped().rules
    assert tuple(rule.name for rule in shipped().rules) == BUILT_IN
    limits = {r.name: r.limits for r in shipped().rules if r.limits}
    assert limits.keys() == MODEL.parameters.rules.keys()
    assert (limits["silence"].middle, limits["overdue"].points) == (0.95, 40.0)
    assert tomllib.loads(shipped_text())["name"] == "shipped"


def test_a_bank_s_copy_of_the_shipped_file_is_refused_only_for_what_it_may_not_state():
    told = mistakes(shipped_text().encode())
    assert {where.rsplit(".", 1)[1] for _, where, _ in told} == {"value", "needs_rhythm"}


def test_what_a_file_states_wins_then_the_parameter_file_then_the_shipped_rules():
    asked = document()
    asked["rules"]["silence"]["middle"] = 0.9
    del asked["rules"]["overdue"]
    parameters = parse(asked)
    rules = read_rules(b"[rule.silence]\nhigh = 0.99\npoints = 7\n[rule.overdue]\nraises = false\n")
    model = ScoringModel(parameters, rules)
    silence, overdue = shipped().slots["silence"], shipped().slots["overdue"]
    assert (model.middle[silence], model.high[silence]) == (0.9, 0.99)
    assert (model.thresholds.points[silence], model.middle[overdue]) == (7.0, 0.25)
    assert model.thresholds.raises.tolist() == [True] * 4 + [False] + [True] * 5


def test_without_a_rules_file_thresholds_are_what_they_were():
    model = ScoringModel(MODEL.parameters, read_rules(b""))
    for one, other in zip(model.thresholds[1:5], MODEL.thresholds[1:5], strict=True):
        assert one.tobytes() == other.tobytes()
    assert model.middle.tobytes() == MODEL.middle.tobytes()


def test_what_a_warning_shows_beside_its_value_may_be_another_feature():
    rule = read_rules(own(then='"usual_gap"', now='"recency"'))[10]
    assert (rule.then, rule.now) == (Feature.USUAL_GAP, Feature.RECENCY)


def test_what_a_band_calls_for_is_the_bank_s_to_state():
    stated = '{ middle = "maintain", high = "incentivise" }'
    assert read_rules(own(interventions=stated))[10].interventions == ("maintain", "incentivise")


def test_rules_are_found_by_route_and_a_bank_s_own_by_slot():
    rules = read_rules(own())
    assert rules.own == {"10": rules[10].name}
    assert shipped().own == {}
    for route, slots in rules.by_route.items():
        assert all(rules[slot].route == route for slot in slots)
    assert sorted(sum(rules.by_route.values(), ())) == sorted(rule.slot for rule in rules.rules)


def test_a_rule_of_a_bank_s_own_has_the_defaults_of_its_value():
    rule = read_rules(own())[10]
    assert (rule.timer, rule.needs_rhythm, rule.route) == (Timer.CROSSING, True, "relationship")
    assert (rule.now, rule.then, rule.words) == (
        Feature.DAYS_SINCE_LAST,
        None,
        FACETS[Feature.DAYS_SINCE_LAST].words,
    )
    below = read_rules(own(value='"p_alive"', direction='"below"', middle=0.5, high=0.2))[10]
    assert (below.timer, below.sign, below.needs_rhythm) == (Timer.CROSSING, -1, True)
    falls = read_rules(own(value='"complaints"', middle=1, high=2))[10]
    assert (falls.timer, falls.needs_rhythm) == (None, False)
    risk = read_rules(own(value='"churn_risk"', middle=0.5, high=0.8))[10]
    assert risk.timer is Timer.SCORECARD


@pytest.mark.parametrize(
    ("content", "line", "expected"),
    [
        (own(value='"days_since_lst"'), 6, "a feature (days_since_last?)"),
        (own(value='"xyz"'), 6, "a feature: frequency, recency"),
        (own(value='"p_alive"', middle=95), 6, "a share of 1 (95% is 0.95) above 0 and at most"),
        (own(unit='"share"'), 7, "days, the unit of days_since_last"),
        (own(middle=121), 4, "at least `middle`, 121"),
        (own(hysteresis=60), 7, "below 60, or a warning never clears"),
        (own(middle="nan"), 6, "a finite number"),
        (own(high="inf"), 6, "a finite number"),
        (own(middle='"60"'), 6, "a valid number"),
        (b"newcomers_from = 60", 1, "a valid date"),
        (b'newcomers_from = "2026-12-01"', 1, "a valid date"),
        (b"newcomers_from = 2026-12-01T08:00:00Z", 1, "a valid date"),
        (b"newcomers_from = 1969-12-31", 1, "greater than or equal to 1970-01-01"),
        (b"newcomer_from = 2026-12-01", 1, "a key of rules (newcomers_from?)"),
        (own(slot=9), 2, "greater than or equal to 10"),
        (own(slot=16), 2, "less than 16"),
        (own().replace(b"slot = 10\n", b""), 1, "`slot`, which a rule that is not built in needs"),
        (own(actions=None), 1, "`actions`, which"),
        (own(actions='{ middle = "a" }'), 6, "it to be stated"),
        (own(actions='{ middle = "a b", high = "c" }'), 6, "String should match"),
        (own(name="Dormant"), 1, "a rule's name"),
        (own(midle=3), 7, "a key of rules (middle?)"),
        (own(route='"rsik"'), 7, "'risk' or 'relationship'"),
        (own(value='"clv"', unit='"USD"'), 6, "a value that moves one way in silence"),
        (own(value='"net_value"'), 1, "the book's currency"),
        (own(value='"churn_risk"', direction='"below"', middle=0.5, high=0.2), 5, "above"),
        (own(value='"days_since_visit"', direction='"below"', middle=5, high=2), 5, "above"),
        (own(value='"newcomer_days"', direction='"below"', middle=5, high=2), 5, "whom it"),
        (own(value='"complaints"', needs_rhythm="true", middle=1, high=2), 5, "false"),
        (own(floor=120), 7, "below `high`, 120"),
        (own(quiet='{ hours = "9-17" }'), 7, "hours such as 21:00-08:00"),
        (own(quiet='{ hours = "09:00-09:00" }'), 7, "another minute"),
        (own(quiet='{ weekdays = ["caturday"] }'), 7, "'monday'"),
        (own(cooldown_days=-1), 7, "greater than or equal to 0"),
        (own(segment="{ value_tier.low = { middle = 1, high = 2 } }"), 7, "silence does not move"),
        (own(segment="{ age.low = { middle = 1, high = 2 } }"), 7, "one of frequency"),
        (own(segment="{ nps.angry = { middle = 1, high = 2 } }"), 7, "a class of nps"),
        (own(segment="{ nps.none = { middle = 3, high = 2 } }"), 7, "at least `middle`"),
        (b"[rule.silence]\nslot = 10\n", 2, "no such key"),
        (b"[rule.silence]\nmiddle = 1.5\n", 2, "a share of 1"),
        (b"rule = 3\n", 1, "a table"),
        (b"[rule]\nsilence = 3\n", 2, "a table"),
        (f"quiet = {{ weekdays = {list(WEEKDAYS)} }}\n".encode(), 1, "that is not quiet"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_line(content, line, expected):
    told = mistakes(content)
    assert any(at == line and expected in said for at, _, said in told), told


def test_all_mistakes_are_told_not_only_the_first():
    both = own() + b"\n" + own("other", 10, middle=500, points=-1)
    told = mistakes(both + b"\n[rule.silence]\nmiddel = 0.9\n")
    assert [(line, where) for line, where, _ in told] == [
        (2, "rule.dormant.slot"),
        (13, "rule.other.points"),
        (15, "rule.silence.middel"),
    ]


def test_seventeen_rules_are_refused_since_slots_are_sixteen():
    content = b"\n".join(own(f"own{slot}", slot) for slot in range(10, 17))
    assert [where for _, where, _ in mistakes(content)] == ["rule.own16.slot"]
    sixteen = read_rules(b"\n".join(own(f"own{slot}", slot) for slot in range(10, 16)))
    assert (len(sixteen.rules), sixteen.width) == (16, 16)


def test_a_syntax_error_is_told_with_its_line():
    assert mistakes(b"[rule.silence]\nmiddle = = 1\n") == [(2, "", "TOML")]
    assert mistakes(b"a = 1\na = 2\n")[0][0] in {1, 2}
    assert mistakes(b"[rule.silence]\nname = '''never\nclosed\n") == [(3, "", "TOML")]
    assert mistakes(b"x = 1\n# \xff\n") == [(2, "", "text in UTF-8")]


def test_a_byte_order_mark_and_other_ends_of_lines_are_read_like_any():
    plain = own()
    assert read_rules(b"\xef\xbb\xbf" + plain) == read_rules(plain)
    assert read_rules(plain.replace(b"\n", b"\r\n")) == read_rules(plain)
    told = mistakes(own(middle="nan").replace(b"\n", b"\r\n"))
    assert [line for line, *_ in told] == [6]


def test_keys_behind_text_of_many_lines_keep_their_line():
    content = b'name = "a"\n[rule.silence]\nwords = """\n[rule.no]\nmiddle = 1\n"""\nmidle = 2\n'
    assert (7, "rule.silence.midle") in [(line, where) for line, where, _ in mistakes(content)]


def test_money_is_of_the_book_s_currency_in_its_major_unit():
    rule = {"value": '"net_value"', "unit": '"USD"', "direction": '"below"'}
    rules = read_rules(own(**rule, middle=-100, high=-200.5))
    model = ScoringModel(MODEL.parameters, rules)
    assert (model.middle[10], model.high[10]) == (10_000.0, 20_050.0)  # turned: less is worse
    yen = read_rules(own(**{**rule, "unit": '"JPY"'}, middle=-100, high=-200))
    with pytest.raises(ParameterError, match=r"rule\.dormant\.unit: expected USD, the book's"):
        ScoringModel(MODEL.parameters, yen).thresholds  # noqa: B018 - worked out when asked for


def test_what_is_stated_in_part_must_fit_the_parameter_file():
    model = ScoringModel(MODEL.parameters, read_rules(b"[rule.silence]\nmiddle = 0.99\n"))
    with pytest.raises(
        ParameterError, match=r"rule\.silence: expected hysteresis < middle <= high"
    ):
        model.thresholds  # noqa: B018 - worked out when asked for


def test_thresholds_by_cut_points_need_some():
    rules = read_rules(own(segment="{ monetary.5 = { middle = 30, high = 60 } }"))
    uncut = replace(MODEL.parameters, segments=None)
    with pytest.raises(ParameterError, match="expected cut points in the parameter file"):
        ScoringModel(uncut, rules).thresholds  # noqa: B018 - worked out when asked for


def test_the_version_names_the_file_and_tells_what_it_says():
    one, same = read_rules(b"name = 'acme'\n" + own()), read_rules(b"name = 'acme'\n\n" + own())
    other = read_rules(b"name = 'acme'\n" + own(high=121))
    assert one.version == same.version != other.version
    assert one.version.startswith("acme-")


def test_a_file_s_quiet_hours_are_every_rule_s_but_those_with_their_own():
    content = b'quiet = { hours = "21:00-08:00" }\n[rule.silence]\nquiet = false\n[rule.overdue]\n'
    rules = read_rules(content + b'quiet = { weekdays = ["sunday"] }\n')
    quiet = {rule.name: rule.quiet for rule in rules.rules}
    assert quiet.pop("silence") is None
    assert quiet.pop("overdue") == Quiet(weekdays=(6,))
    assert set(quiet.values()) == {Quiet((21 * 60, 8 * 60))}


def test_a_parameter_file_knows_built_in_rules_only():
    with pytest.raises(ParameterError, match="rules: expected some of"):
        changed(rules={"dormant": {"middle": 1.0, "high": 2.0, "hysteresis": 0.1, "points": 1.0}})
