"""The judge agrees with an undisturbed run, and objects to whatever is wrong with one."""

import ast
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path
from typing import Any

import judge
import numpy as np
import polars as pl
import pytest
from chaos.customers import lives
from judge.laws import DAY, RULES, Law
from judge.trial import Expected, Place, Record, lived
from judge.verdict import Told, Verdict, expected_table, verdict
from judged import judged_run, records_of

TOPICS = {"risk": "risk", "relationship": "rel"}
PACKAGES = {"ebbwatch", "modelling", "schemas", "scoring", "streams"}


@dataclass
class Case:
    """A run, and what the judge expects of it."""

    law: Law
    records: list[Record]
    expected: Expected
    states: dict[str, np.void]
    told: list[Told]
    letters: list[Place]
    cases: list[dict[str, Any]]
    due: pl.DataFrame

    def judged(
        self,
        told: list[Told] | None = None,
        states: dict[str, np.void] | None = None,
        **more: object,
    ) -> Verdict:
        given = {"letters": self.letters, "cases": self.cases, "due": self.due, **more}
        told, states = told or self.told, states or self.states
        return verdict(self.expected, states, told, TOPICS, [self.law], **given)


@pytest.fixture(scope="module")
def case() -> Case:
    document = json.loads(resources.files("scoring.models").joinpath("cdnow.json").read_text())
    log, law = lives(400, seed=11, per_customer=20.0), Law(document)
    late = {"customer_id": "late", "type": "survey", "score": 1, "event_id": "late:0"}
    first = {**log.transactions[-1], "customer_id": "late", "event_id": "late:1"}
    transactions = [*log.transactions, {**first, "event_time": "2031-03-01T00:00:00+00:00"}]
    interactions = [*log.interactions, {**late, "event_time": "2031-01-01T02:00:00+00:00"}]
    records = records_of(transactions, interactions)
    expected = lived(records, ("t", "i"), [law])
    states, told, letters, cases = judged_run(records, document)
    due = expected_table(expected, TOPICS, [law])
    return Case(law, records, expected, states, told, letters, cases, due)


def test_silence_is_followed_up_to_a_clock_that_went_with_the_wall(case: Case) -> None:
    own = {record.partition for record in case.records}
    (latest,) = {at for _, at in case.expected.followed.values()}
    wall = latest + 300 * DAY
    later = lived(case.records, ("t", "i"), [case.law], clocks=dict.fromkeys(own, wall))
    silent = [due for life in later.lives.values() for due in life.due if due.now > latest]
    assert {due.rule for due in silent} >= {"silence"}
    assert later.followed == dict.fromkeys(own, (wall, latest))
    ahead = replace(case, expected=later, due=expected_table(later, TOPICS, [case.law]))
    assert any("warnings missing" in told for told in ahead.judged(wall=wall).objections)
    refused = "clocks of partitions ahead of all events and of the wall"
    assert not any(told.startswith(refused) for told in ahead.judged(wall=wall).objections)
    assert any(told.startswith(refused) for told in ahead.judged(wall=wall - 1).objections)
    assert any(told.startswith(refused) for told in ahead.judged().objections)


def test_the_judge_imports_nothing_of_what_it_judges() -> None:
    trees = [ast.parse(path.read_text()) for path in Path(judge.__file__).parent.glob("*.py")]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    named = {name.name for node in nodes if isinstance(node, ast.Import) for name in node.names}
    named |= {str(node.module) for node in nodes if isinstance(node, ast.ImportFrom)}
    roots = {name.partition(".")[0] for name in named}
    assert roots <= {
        "judge",
        "kafka",
        "numpy",
        "polars",
        "redis",
        "scipy",
        *sys.stdlib_module_names,
    }
    assert not roots & PACKAGES


def test_an_undisturbed_run_is_as_the_judge_expects(case: Case) -> None:
    found = case.judged()
    assert found.objections == []
    count, due = len(case.records), len(case.told)
    told = f"applied once {count}/{count}, warnings once {due}/{due}, missing 0, twice 0"
    assert str(found) == told
    kinds = {
        (due.rule, due.before, due.after)
        for life in case.expected.lives.values()
        for due in life.due
    }
    assert due > 500
    assert {rule for rule, _, _ in kinds} == set(RULES)
    assert len(kinds) >= 20, "rules rise and fall"
    withdrawn = [told for told in case.told if told.warning["consent_withdrawn"]]
    assert withdrawn
    assert {told.warning["churn_risk"] for told in withdrawn} == {0.0}
    assert case.letters


def test_it_misses_a_lost_warning(case: Case) -> None:
    found = case.judged(told=[*case.told[:70], *case.told[71:]])
    assert (found.missing, found.twice, found.right) == (1, 0, len(case.told) - 1)
    assert len(found.objections) == 1


def test_it_hears_a_warning_that_comes_twice(case: Case) -> None:
    again = case.told[70]._replace(offset=len(case.told))
    found = case.judged(told=[*case.told, again])
    assert (found.missing, found.twice, found.right) == (0, 1, len(case.told) - 1)
    assert found.objections


def test_it_hears_a_warning_that_was_not_due(case: Case) -> None:
    made_up = {**case.told[70].warning, "warning_id": f"{'f' * 24}.silence.1"}
    found = case.judged(told=[*case.told, case.told[70]._replace(warning=made_up)])
    assert [told.partition(":")[0] for told in found.objections] == ["warnings that were not due"]


def test_it_notes_warnings_of_one_customer_in_the_wrong_order(case: Case) -> None:
    first = next(told for told in case.told if told.warning["sequence"] == 2)
    second = next(t for t in case.told if t.warning["warning_id"] == first.warning["warning_id"])
    swapped = [*case.told]
    swapped[first.offset] = first._replace(warning=second.warning)
    swapped[second.offset] = second._replace(warning=first.warning)
    (told,) = case.judged(told=swapped).objections
    assert told.startswith("warnings out of order")


ALTERED: dict[str, Callable[[object], object]] = {
    "customer_id": lambda _: "somebody-else",
    "rule": lambda rule: "overdue" if rule != "overdue" else "silence",
    "route": lambda route: "risk" if route != "risk" else "relationship",
    "lifecycle": lambda lifecycle: "eased" if lifecycle != "eased" else "raised",
    "band": lambda band: "high" if band != "high" else "middle",
    "intervention": lambda _: "nothing",
    "action": lambda _: "nothing",
    "event_time": lambda _: "2024-06-01T00:00:00Z",
    "raised_at": lambda _: "2024-06-01T00:00:00Z",
    "churn_risk": lambda risk: risk + 1e-5,
    "p_alive": lambda p: p - 1e-5,
    "p_no_purchase": lambda p: p - 1e-5,
    "expected_purchases": lambda expected: expected + 1e-5,
    "expected_spend": lambda spend: spend * 1.00001,
    "clv": lambda clv: clv * 1.00001 + 0.01,
    "value_at_stake": lambda value: value * 1.00001 + 0.01,
    "severity": lambda severity: severity + 3.0,
    "model_version": lambda _: "another-model",
}


@pytest.mark.parametrize("name", ALTERED)
def test_it_reads_a_warning_that_says_something_else(case: Case, name: str) -> None:
    said = case.told[70]
    altered = {**said.warning, name: ALTERED[name](said.warning[name])}
    told = [*case.told[:70], said._replace(warning=altered), *case.told[71:]]
    found = case.judged(told=told)
    assert found.right == len(case.told) - 1
    assert any(of.startswith("warnings that say something else") for of in found.objections)


def changed_states(case: Case) -> Iterator[tuple[str, dict[str, np.void]]]:
    """Of one customer who was warned, every field the judge looks at, a little changed."""
    customer = case.told[70].warning["customer_id"]
    not_judged = {"version", "card", "first_id", "recent_low", "recent_high", "armed_at",
                  "score_at", "score_value", "clv", "clv_peak", "severity", "quiet_until",
                  "snoozed_until", "contacts"}  # fmt: skip
    for name in case.states[customer].dtype.names:
        if name in not_judged or name.startswith(("case", "offer")):
            continue
        state = case.states[customer].copy()
        state[name] = a_little_else(state[name])
        yield name, {**case.states, customer: state}
    for name in case.states[customer]["contacts"].dtype.names:
        state = case.states[customer].copy()
        state["contacts"][name] = a_little_else(state["contacts"][name], 1e-4)
        yield f"contacts: {name}", {**case.states, customer: state}


def a_little_else(values: np.ndarray, share: float = 2e-9) -> np.ndarray:
    """The same with one of them, the first that is not zero, changed."""
    field = values.reshape(-1).copy()
    place = int(np.flatnonzero(field)[0]) if field.any() else 0
    if field.dtype.kind == "f":
        field[place] = 1.0 if np.isinf(field[place]) else field[place] * (1 + share)
    else:
        field[place] ^= 1
    return field.reshape(values.shape)


def test_it_sees_every_field_of_a_state_that_is_not_as_it_should_be(case: Case) -> None:
    fields = dict(changed_states(case))
    assert len(fields) == 38
    for name, states in fields.items():
        found = case.judged(states=states, cases=None)
        assert found.applied < found.events, name
        assert len(found.objections) == 1, name


OTHERWISE: dict[str, Callable[[dict[str, Any]], object]] = {
    "customer_id": lambda _: "somebody-else",
    "kind": lambda _: "win_back",
    "status": lambda said: "snoozed" if said["status"] == "open" else "open",
    "closed_by": lambda _: "lost",
    "previous": lambda said: None if said["previous"] else {"status": "open", "leading": None},
    "warnings": lambda said: said["warnings"][1:],
    "leading": lambda _: None,
    "band": lambda _: "low",
    "route": lambda said: "risk" if said["route"] != "risk" else "relationship",
    "event_time": lambda _: "2024-06-01T00:00:00Z",
    "opened_at": lambda _: "2024-06-01T00:00:00Z",
}


@pytest.mark.parametrize("name", OTHERWISE)
def test_it_reads_a_case_that_says_something_else(case: Case, name: str) -> None:
    place = next(place for place, said in enumerate(case.cases) if len(said["warnings"]) == 1)
    said = case.cases[place]
    altered = {**said, name: OTHERWISE[name](said)}
    found = case.judged(cases=[*case.cases[:place], altered, *case.cases[place + 1 :]])
    (told,) = found.objections
    assert told.startswith("cases that say something else: 1,")


def test_a_customer_has_one_case_and_each_of_its_messages_once(case: Case) -> None:
    assert len(case.cases) > 500
    assert {said["status"] for said in case.cases} == {"open", "closed"}
    assert max(len(said["warnings"]) for said in case.cases) > 2
    for cases, words in (
        (case.cases[1:], "cases missing: 1,"),
        ([*case.cases, case.cases[7]], "cases twice: 1,"),
        ([*case.cases, {**case.cases[7], "sequence": 900}], "cases that were not due: 1,"),
    ):
        (told,) = case.judged(cases=cases).objections
        assert told.startswith(words)


def test_it_counts_a_customer_without_a_state_and_a_state_of_nobody(case: Case) -> None:
    customer = case.told[70].warning["customer_id"]
    rest = {name: state for name, state in case.states.items() if name != customer}
    found = case.judged(states={**rest, "nobody": case.states[customer]})
    told = [of.partition(":")[0] for of in found.objections]
    assert told == ["customers without a state", "states of nobody", "states that differ"]
    assert found.applied < found.events


def test_it_wants_a_dead_letter_for_every_bad_record_and_for_no_other(case: Case) -> None:
    bad = [("t", 0, 1_000_000)]
    assert case.judged(bad=bad).objections == [f"records not set aside: 1, such as {bad}"]
    (told,) = case.judged(letters=[*case.letters, *bad]).objections
    assert told.startswith("records set aside that are good")
    (told,) = case.judged(letters=case.letters[1:]).objections
    assert told.startswith("records not set aside: 1,")
    assert case.judged(letters=[*case.letters, case.letters[0]]).objections == []
