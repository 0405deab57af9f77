"""`ebbwatch outcomes --propose` on a real Kafka: answers, a proposal, and what it would change."""

import json
import os
import sys
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from bank_played import READS, write_bank
from doc_blocks import ROOT
from harness import environment, in_environment, make_settings
from page_acts import PROPOSAL
from page_reader import Reader
from traces import as_messages, write
from typer.testing import CliRunner

from ebbwatch.cli import command_line
from ebbwatch.stack import Stack
from schemas import EarlyWarning
from schemas.ids import warning_id
from streams.config import Settings

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
RULES = """\
name = "acme"

[rule.spend_decline] # since March
middle = 0.3 # of a month's spend
high = 0.6

[rule.dormant]
slot = 10
value = "days_since_last"
middle = 60
high = 120
actions = { middle = "call", high = "call" }
"""
run = partial(CliRunner().invoke, command_line())


def message(customer: str, number: int, value: float, **changes: object) -> dict[str, object]:
    own = {"rule": "spend_decline", "points": 1.0, "then": 9.0, "now": 6.0, "unit": "money",
           "value": value, "threshold": 0.3, "value_unit": "share", "text": "Less."}  # fmt: skip
    made = EarlyWarning.model_validate({
        "warning_id": warning_id(customer.encode(), "spend_decline", 1), "sequence": number,
        "lifecycle": "raised", "customer_id": customer, "rule": "spend_decline",
        "route": "relationship", "band": "middle", "intervention": "incentivise",
        "action": "spend_incentive", "event_time": NOW + timedelta(days=number), "raised_at": NOW,
        "severity": 1.0, "churn_risk": 0.6, "p_alive": 0.4, "p_no_purchase": 0.8,
        "horizon_days": 28.0, "expected_purchases": 0.4, "expected_spend": 4_680.5, "clv": 120.0,
        "currency": "USD", "confidence": "normal", "score": 31.5, "base_points": 20.0,
        "other_points": 0.0, "reasons": (own,), "model_version": "cards-1", **changes,
    })  # fmt: skip
    return json.loads(made.model_dump_json())  # type: ignore[no-any-return]


def told_of(customer: str, reached: float, kind: str, **more: str) -> tuple[list[Any], Any]:
    """A warning from its raise to its answer, and the answer."""
    end = message(
        customer, 2, reached, lifecycle="cleared", band="low", intervention="maintain",
        closed_by=kind, previous={"band": "middle", "sequence": 1},
    )  # fmt: skip
    answer = {
        "event_id": f"o-{customer}", "customer_id": customer, "type": kind, "answered_by": "o1",
        "event_time": (NOW + timedelta(days=1)).isoformat(),
        "warning_id": warning_id(customer.encode(), "spend_decline", 1), **more,
    }  # fmt: skip
    return [message(customer, 1, 0.3), end], answer


@pytest.fixture
def settings(stack: Stack, topic_prefix: str, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Who is still active had gone less far than who was lost or retained; some travelled."""
    found = make_settings(stack, topic_prefix, partitions=2)
    in_environment(found, monkeypatch)
    stories = [told_of(f"r{n}", 0.41 + n / 1000, "retained") for n in range(40)]
    stories += [told_of(f"l{n}", 0.5, "lost", reason="price") for n in range(10)]
    stories += [
        told_of(f"a{n}", 0.3 + n / 1000, "false_alarm", reason="still_active") for n in range(40)
    ]
    stories += [told_of(f"t{n}", 0.55, "false_alarm", reason="travelling") for n in range(5)]
    write(found, found.relationship_topic, as_messages([w for own, _ in stories for w in own]))
    write(found, found.outcome_topic, as_messages([answer for _, answer in stories]))
    return found


@pytest.mark.usefixtures("settings")
def test_answers_become_a_rules_file_that_a_person_compares_and_nothing_else(
    tmp_path: Path,
) -> None:
    rules, out = tmp_path / "rules.toml", tmp_path / "proposal.toml"
    rules.write_text(RULES, "utf-8")
    asked = ["outcomes", "--propose", "--rules", str(rules), "--out", str(out)]
    result = run([*asked, "--json"])
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)["proposals"]
    middle, high = told
    assert (middle["rule"], middle["threshold"], middle["now"]) == ("spend_decline", "middle", 0.3)
    assert (middle["proposed"], middle["finding"]) == (0.4, "proposed")
    reasons = {"still_active": 40, "travelling": 5}
    assert middle["dismissed"] == {"too_early": 40, "apart": 5, "reasons": reasons}
    assert middle["spared"] == {"too_early": 40, "apart": 0}
    assert middle["kept"]["value"] >= 0.9
    assert middle["precision_now"]["value"] == 50 / 90
    assert middle["precision_then"]["lower"] > middle["precision_now"]["upper"]
    assert (high["proposed"], high["precision_then"], high["kept"]) == (None, None, None)
    assert high["why"].startswith("too few answers, 0 right and 0 dismissed")
    assert rules.read_text("utf-8") == RULES  # never by itself
    assert "middle = 0.4 # of a month's spend" in out.read_text("utf-8")

    assert run(["rules", "check", str(out)]).exit_code == 0
    diff = run(["rules", "diff", str(rules), str(out), "--json"])
    assert json.loads(diff.stdout)["changes"] == [
        {"rule": "spend_decline", "what": "middle", "before": 0.3, "after": 0.4}
    ]
    shown = " ".join(run(asked).stdout.split())
    assert "spend_decline middle: 0.3 -> 0.4 keeps" in shown
    assert "spares 40 of 40 that were too early" in shown
    assert "still_active 40, travelling 5" in shown
    assert "no answer speaks for a laxer one" in shown


@pytest.mark.slow
def test_the_page_s_three_lines_put_it_in_force(settings: Settings, tmp_path: Path) -> None:
    write_bank(tmp_path)
    (tmp_path / "history" / "ebbwatch.toml").write_text(READS, "utf-8")
    rules = tmp_path / "rules.toml"
    rules.write_text(RULES, "utf-8")
    folder = Path(sys.executable).parent
    own = {"PATH": f"{folder}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT), "COLUMNS": "200"}
    with Reader(tmp_path, {**os.environ, **environment(settings), **own}) as reader:
        reader.type(PROPOSAL)
    assert "middle = 0.4 # of a month's spend" in rules.read_text("utf-8")


@pytest.mark.usefixtures("settings")
def test_where_nothing_is_proposed_no_file_is_written(tmp_path: Path) -> None:
    out = tmp_path / "proposal.toml"
    few = run(["outcomes", "--propose", "--keep", "0.99", "--out", str(out), "--json"])
    assert (few.exit_code, out.exists()) == (0, False)
    assert "not written, since nothing is proposed" in few.stderr
    assert {each["finding"] for each in json.loads(few.stdout)["proposals"]} == {"too_few"}
    assert "proposals" not in json.loads(run(["outcomes", "--json"]).stdout)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--out", "x.toml"), "expected one of --ranking and --propose"),
        (("--out", "x.toml", "--propose", "--ranking"), "expected one of --ranking and --propose"),
        (("--rules", "x.toml"), "expected --propose beside it"),
        (("--propose", "--rules", "nosuch.toml"), "nosuch.toml"),
        (("--propose", "--keep", "1"), "--keep"),
        (("--propose", "--keep", "nan"), "keep"),
        (("--propose", "--out", "nosuch/x.toml"), "a folder that exists"),
    ],
)
@pytest.mark.usefixtures("settings")
def test_what_was_asked_wrongly_is_told_in_a_line(options: tuple[str, ...], told: str) -> None:
    result = run(["outcomes", *options])
    assert result.exit_code != 0
    assert told in " ".join(result.stderr.split())


@pytest.mark.usefixtures("settings")
def test_a_rules_file_that_cannot_be_changed_by_lines_stays_as_it_is(tmp_path: Path) -> None:
    rules, out = tmp_path / "rules.toml", tmp_path / "proposal.toml"
    rules.write_text("[rule]\nspend_decline = { middle = 0.3, high = 0.6 }\n", "utf-8")
    result = run(["outcomes", "--propose", "--rules", str(rules), "--out", str(out)])
    assert (result.exit_code, out.exists()) == (1, False)
    assert "expected a table [rule.NAME] for each rule" in " ".join(result.stderr.split())
