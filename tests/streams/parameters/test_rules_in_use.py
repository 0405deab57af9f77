"""A bank's rules file in a worker: read with the parameters, reloaded, and bound to its slots."""

from pathlib import Path

import numpy as np
import pytest
from cases import purchases, run
from fakes import MODEL
from prometheus_client import CollectorRegistry

from scoring.model import ScoringModel
from scoring.models import ParameterError
from scoring.rules import RulesError, read_rules, shipped
from streams.config import Settings
from streams.outbox.messages import Messages
from streams.outbox.own_words import words_of
from streams.outbox.phrases import phrases
from streams.parameters.file import load_model
from streams.parameters.in_use import (
    BasisError,
    InUse,
    Using,
    basis_of,
    check_basis,
    version_of,
)
from streams.parameters.reload import Reloader
from streams.telemetry.metrics import Metrics

DORMANT = """name = "acme"
[rule.dormant]
slot = 10
value = "days_since_last"
route = "risk"
middle = 60
high = 120
hysteresis = 1
actions = { middle = "call", high = "visit" }
interventions = { middle = "win_back" }
"""


def model_of(text: str) -> ScoringModel:
    return ScoringModel(MODEL.parameters, read_rules(text.encode()))


def test_a_rules_file_is_read_with_the_parameters(tmp_path: Path) -> None:
    file = tmp_path / "rules.toml"
    file.write_text(DORMANT)
    model = load_model(Settings(rules_file=file))
    assert model.rules[10].name == "dormant"
    assert version_of(model) == f"{model.parameters.version}+{model.rules.version}"
    assert load_model(Settings()).rules == shipped()
    file.write_text("[rule.silence]\nmiddel = 1\n")
    with pytest.raises(
        RulesError, match=r"rules.toml, line 2, rule.silence.middel: expected a key"
    ):
        load_model(Settings(rules_file=file))
    file.write_text("[rule.silence]\nmiddle = 0.99\n")
    with pytest.raises(ParameterError, match="together with what the parameter file says"):
        load_model(Settings(rules_file=file))


def test_a_warning_of_an_own_rule_says_all_of_it() -> None:
    model = model_of(DORMANT)
    days = [20_000.4 + 7 * week for week in range(12)]
    outcome = run(purchases(*days), model=model, until=days[-1] + 100)
    (row,) = np.flatnonzero(outcome.warnings["rule"] == 10)
    messages = Messages.of(Settings(), model)
    one = outcome._replace(warnings=outcome.warnings[[row]], scores=outcome.scores[:0])
    one = one._replace(cases=outcome.cases[:0])
    (entry,) = messages.entries(one, [b"c"])
    assert entry.topic == Settings().risk_topic
    for said in (
        '"rule":"dormant"',
        '"intervention":"win_back"',
        '"action":"call","action_text":"Do what the bank calls call."',
        f'"rules_version":"{model.rules.version}"',
        "Time since the last purchase: 60 days; warned about from 60 days.",
        "A purchase of the usual amount in the next 14 days would clear this.",
        '"threshold":60.0',
    ):
        assert said in entry.value.decode()


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        (
            'value = "p_alive"\ndirection = "below"\nmiddle = 0.9\nhigh = 0.2\nwords = "alive"\n',
            "Alive: 0%; warned about at or below 90%.",
        ),
        (
            'value = "net_value"\ndirection = "below"\nunit = "USD"\nmiddle = 5\nhigh = 2\n',
            "Margin and revenue so far less all cost: 0.00 USD; warned about at or below 5.00 USD.",
        ),
        (
            'value = "complaints"\nmiddle = 0.5\nhigh = 1\n',
            "Complaints, older ones counting less: 0; warned about from 0.5.",
        ),
    ],
)
def test_an_own_rule_speaks_in_the_unit_of_its_value(keys: str, text: str) -> None:
    model = model_of(f"[rule.a]\nslot = 11\nactions = {{ middle = 'x', high = 'y' }}\n{keys}")
    assert words_of(model.rules[11])([0.0] * 64, model, phrases("en")) == text


def test_a_slot_once_given_is_never_given_to_another_rule() -> None:
    kept = basis_of(model_of(DORMANT))
    check_basis("partition 3", kept, model_of(DORMANT + "raises = false\n"))
    check_basis("partition 3", basis_of(MODEL), model_of(DORMANT))
    renamed = model_of(DORMANT.replace("dormant", "sleepy"))
    expected = (
        "partition 3: expected slot 10 to stay rule dormant's, which raises = false turns off"
    )
    with pytest.raises(BasisError, match=f"{expected}, got sleepy"):
        check_basis("partition 3", kept, renamed)
    with pytest.raises(BasisError, match=f"{expected}, got no rule"):
        check_basis("partition 3", kept, MODEL)


async def test_changed_rules_are_taken_up_and_wrong_ones_refused(tmp_path: Path) -> None:
    file = tmp_path / "rules.toml"
    file.write_text(DORMANT)
    settings, registry = Settings(rules_file=file, parameters_poll=1.0), CollectorRegistry()
    in_use = InUse(Using.of(settings, load_model(settings)))
    reloader = Reloader(settings, in_use, Metrics(registry))
    await reloader.look(file)
    before = in_use.current
    file.write_text(DORMANT + '[rule.late]\nslot = 11\nvalue = "complaints"\nmiddle = 1\nhigh = 2\n'
                    "actions = { middle = 'a', high = 'b' }\n")  # fmt: skip
    await reloader.look(file)
    after = in_use.current
    assert after.model.rules[11].name == "late"
    assert after.version != before.version
    labels = {"rule": "late", "band": "high", "route": "relationship"}
    assert registry.get_sample_value("ebbwatch_warnings_total", labels) == 0.0
    assert _told(registry) == [(after.version, after.model.rules.version)]
    for wrong in ("[rule.late", DORMANT.replace("slot = 10", "slot = 12")):
        file.write_text(wrong)
        await reloader.look(file)
        assert in_use.current is after
    refused = registry.get_sample_value("ebbwatch_parameters_reloads_total", {"outcome": "refused"})
    assert refused == 2.0
    assert _told(registry) == [(after.version, after.model.rules.version)]


def _told(registry: CollectorRegistry) -> list[tuple[str, str]]:
    """Versions that metrics name as in use."""
    samples = (sample for metric in registry.collect() for sample in metric.samples)
    infos = (each.labels for each in samples if each.name == "ebbwatch_model_info")
    return [(labels["version"], labels["rules_version"]) for labels in infos]
