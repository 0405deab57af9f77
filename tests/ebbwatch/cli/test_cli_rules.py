"""`ebbwatch rules`: a file checked, the rules in force, and what another file would change."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ebbwatch.cli import command_line
from ebbwatch.demo.events.cdnow import purchases

run = partial(CliRunner().invoke, command_line())
DORMANT = """\
[rule.dormant]
slot = 10
route = "relationship"
words = "days since the last purchase"
value = "days_since_last"
middle = 60
high = 120
hysteresis = 1
actions = { middle = "reactivation_offer", high = "win_back_call" }
"""


@pytest.fixture
def rules(tmp_path: Path) -> Callable[[str, str], str]:
    def written(name: str, text: str) -> str:
        file = tmp_path / f"{name}.toml"
        file.write_text(f'name = "{name}"\n{text}')
        return str(file)

    return written


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> str:
    file = tmp_path_factory.mktemp("history") / "some.jsonl"
    some = [made for made in purchases() if int(made["customer_id"][6:]) % 90 == 0]
    file.write_text("".join(json.dumps(each) + "\n" for each in some))
    return str(file)


def told(*arguments: str) -> Any:
    result = run([*arguments, "--json"])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_a_file_is_checked_and_the_rules_in_force_are_shown(rules: Callable[..., str]) -> None:
    good, bad = rules("good", DORMANT), rules("bad", "[rule.silence]\nmiddel = 1\n")
    assert told("rules", "check", good)["ok"] is True
    assert "good" in run(["rules", "check", good]).stdout
    refused = run(["rules", "check", bad, "--json"])
    assert (refused.exit_code, json.loads(refused.stdout)["ok"]) == (1, False)
    assert "middel" in run(["rules", "check", bad]).stdout
    shown = {rule["rule"]: rule for rule in told("rules", "show", good)["rules"]}
    assert (shown["dormant"]["middle"], shown["dormant"]["high"]) == (60.0, 120.0)
    assert "dormant" in run(["rules", "show", good]).stdout
    assert "[rule.silence]" in run(["rules", "show", "--shipped"]).stdout


def test_the_same_rules_differ_in_nothing(rules: Callable[..., str]) -> None:
    one, other = rules("one", DORMANT), rules("other", DORMANT)
    found = told("rules", "diff", one, other)
    assert (found["changes"], found["history"]) == ([], None)
    assert "the rules say the same" in run(["rules", "diff", one, other]).stdout


def test_what_two_files_differ_in_is_told_in_words(rules: Callable[..., str]) -> None:
    old = rules("old", "[rule.silence]\nmiddle = 0.9\nhigh = 0.95\n")
    new = rules("new", "[rule.silence]\nmiddle = 0.8\nhigh = 0.95\nraises = false\n" + DORMANT)
    said = run(["rules", "diff", old, new]).stdout.splitlines()
    assert said[1:] == [
        "silence: middle 0.9 -> 0.8",
        "silence: raises True -> False",
        "dormant: added",
    ]
    assert run(["rules", "diff", new, old]).stdout.splitlines()[-1] == "dormant: removed"
    live = rules("live", "newcomers_from = 2026-12-01\n")
    said = run(["rules", "diff", rules("nothing", ""), live]).stdout.splitlines()
    assert said[1:] == ["newcomer: newcomers from None -> 2026-12-01"]
    assert "new to the bank from 2026-12-01 on" in run(["rules", "show", live]).stdout


def test_what_cannot_be_compared_is_refused_in_one_line(rules: Callable[..., str]) -> None:
    good, bad = rules("good", DORMANT), rules("bad", "[rule.silence]\nmiddel = 1\n")
    for given in ([good, bad], [good, str(Path(good).with_name("none.toml"))]):
        refused = run(["rules", "diff", *given])
        assert (refused.exit_code, refused.stderr.count("\n")) == (1, 1), refused.stderr
    refused = run(["rules", "diff", good, good, "nowhere.csv"])
    assert (refused.exit_code, refused.stderr.count("\n")) == (1, 1)


def test_of_a_history_it_is_told_who_is_warned_of_by_one_file_alone(
    rules: Callable[..., str], history: str
) -> None:
    old = rules("old", "[rule.silence]\nmiddle = 0.9\nhigh = 0.95\n")
    new = rules("new", "[rule.silence]\nmiddle = 0.9\nhigh = 0.95\nraises = false\n" + DORMANT)
    found = told("rules", "diff", old, new, history)["history"]
    figures = {(one["rule"], one["band"]): one for one in found["rules"]}
    assert figures["silence", "middle"]["before"]["warnings"] > 0
    assert figures["silence", "middle"]["after"]["warnings"] == 0
    assert figures["dormant", "middle"]["before"] is None
    assert figures["dormant", "middle"]["after"]["warnings"] > 0
    assert set(found["lost"]["by_rule"]) == {"silence"}
    assert set(found["gained"]["by_rule"]) == {"dormant"}
    assert found["gained"]["count"] == found["gained"]["by_rule"]["dormant"]
    assert len(found["gained"]["examples"]) == 5
    warned = found["customers_warned"]
    assert 0 < sum(warned.values()) <= found["customers"]
    cases = found["cases_per_day"]
    assert 0 < cases["before"] != cases["after"] > 0
    alone = run(["backtest", history, "--rules", new, "--json"])
    own = json.loads(alone.stdout)["settings"][0]["rules"]
    (dormant,) = [one for one in own if (one["rule"], one["band"]) == ("dormant", "high")]
    for name in ("warnings", "precision", "recall"):
        assert figures["dormant", "high"]["after"][name] == dormant[name]
    turned = told("rules", "diff", new, old, history)["history"]
    assert turned["lost"] == found["gained"]
    assert turned["customers_warned"]["after_only"] == warned["before_only"]
    shown = run(["rules", "diff", old, new, history]).stdout
    assert "gained:" in shown
    assert "none -> " in shown


def test_tiers_and_what_they_call_for_are_shown_and_compared(rules: Callable[..., str]) -> None:
    old = rules("old", "")
    new = rules(
        "new",
        'tiers = { unit = "USD", middle = 5, high = 50 }\n[[interventions]]\nrule = "silence"\n'
        'band = "high"\ntier = "low"\naction = "letter"\n',
    )
    assert told("rules", "show", new)["tiers"] == {"middle": 500.0, "high": 5_000.0}
    assert "tiers begin at 500.0 and 5000.0 minor units, by the rules" in one_line("show", new)
    assert "by the parameter file" in one_line("show", old)
    changes = told("rules", "diff", old, new)["changes"]
    assert [(each["rule"], each["what"]) for each in changes] == [
        (None, "tiers"),
        ("silence", "by_tier"),
    ]
    assert changes[1]["after"] == {"high band, low tier": ["win_back", "letter", "relationship"]}
    assert "tiers {" in one_line("diff", old, new)
    yen = rules("yen", 'tiers = { unit = "JPY", middle = 5, high = 50 }\n')
    refused = run(["rules", "check", yen])
    assert (refused.exit_code, refused.stderr.count("\n")) == (1, 1)
    assert "tiers.unit: expected USD, the book's currency, got JPY" in refused.stderr


def one_line(*arguments: str) -> str:
    return " ".join(run(["rules", *arguments]).stdout.split())
