"""Commands that need no server, and how every command fails."""

import json
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ebbwatch.cli import command_line
from streams.config import Settings
from streams.tools.producing.checked_lines import AT_ONCE, LineError, route_lines

run = partial(CliRunner().invoke, command_line())
COMMANDS = (
    "demo", "worker", "produce", "inspect", "segments", "fit", "fit-churn", "features",
    "backtest", "backfill", "simulate", "schemas", "topics", "stack", "config",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EBBWATCH_KAFKA_BOOTSTRAP", "127.0.0.1:1")
    monkeypatch.setenv("EBBWATCH_REDIS_URL", "redis://user:hush@127.0.0.1:1/0")
    monkeypatch.setattr("streams.broker.clients.BOOTSTRAP_MS", 500)


def test_a_file_that_a_variable_names_and_is_not_there_is_told_with_the_variable(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EBBWATCH_PARAMETERS_FILE", "bank.json")  # of the folder that one was in
    result = run(["inspect", "c-1001"])
    told = "ebbwatch: EBBWATCH_PARAMETERS_FILE: bank.json: No such file or directory\n"
    assert (result.exit_code, result.stderr) == (1, told)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str) -> None:
    result = run([command, "--help"])
    assert result.exit_code == 0
    assert "Usage" in result.output


@pytest.mark.parametrize(
    "command",
    [
        ["topics", "list"],
        ["topics", "create"],
        ["inspect", "c1"],
        ["produce", "nosuchfile"],
        ["produce", __file__],
    ],
)
def test_an_error_is_one_line_and_exit_code_1(command: list[str]) -> None:
    result = run(command)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.startswith("ebbwatch: ")
    assert result.stderr.count("\n") == 1
    assert "hush" not in result.stderr


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("EBBWATCH_PARTITIONS", "many", "got 'many'"),
        ("EBBWATCH_MODE", "fast", "got 'fast'"),
        ("EBBWATCH_REDIS_URL", "user:hush@host", "got a secret"),
    ],
)
def test_a_wrong_setting_is_named(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, told: str
) -> None:
    monkeypatch.setenv(variable, value)
    result = run(["config", "show"])
    assert result.exit_code == 1
    assert variable in result.stderr
    assert told in result.stderr
    assert "hush" not in result.stderr


def test_a_wrong_option_is_a_usage_error() -> None:
    assert run(["worker", "--mode", "fast"]).exit_code == 2


def test_config_shows_everything_but_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EBBWATCH_KAFKA_PASSWORD", "hush")
    for output in (
        run(["config", "show"]).output,
        run(["config", "show", "--json"]).output,
    ):
        assert "127.0.0.1:1" in output
        assert "hush" not in output


def test_doctor_tells_what_does_not_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "parameters.json"
    broken.write_text("{")
    monkeypatch.setenv("EBBWATCH_PARAMETERS_FILE", str(broken))
    result = run(["doctor", "--json"])
    assert result.exit_code == 1
    checks = json.loads(result.stdout)["checks"]
    assert [(check["check"], check["state"]) for check in checks] == [
        ("parameters", "wrong"),
        ("redis", "wrong"),
        ("kafka", "wrong"),
    ]
    assert str(broken) in checks[0]["found"]


def test_schemas_are_written(tmp_path: Path) -> None:
    result = run(["schemas", str(tmp_path / "out")])
    assert result.exit_code == 0
    written = [Path(line) for line in result.stdout.split()]
    documents = {path.name: json.loads(path.read_text()) for path in written}
    assert documents.pop("asyncapi.json")["asyncapi"] == "3.0.0"
    assert documents.keys() >= {"transaction.schema.json", "early_warning.schema.json"}
    assert all(document["$schema"] for document in documents.values())


def test_nothing_runs_in_an_empty_folder(tmp_path: Path) -> None:
    status = run(["stack", "status", "--folder", str(tmp_path), "--json"])
    assert (status.exit_code, json.loads(status.stdout)) == (1, {"running": []})
    assert run(["stack", "down", "--folder", str(tmp_path)]).exit_code == 0


GOOD = b'{"customer_id": "c1", "type": "survey"}\n'


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (b"{", "expected a JSON object"),
        (b"\xff", "expected a JSON object"),
        (b"[]", "expected a JSON object, got list"),
        (b"{}", "expected a customer_id, got null"),
        (b'{"customer_id": 7}', "expected a customer_id, got 7"),
        (
            b'{"customer_id": "c", "type": "wurst"}',
            "expected a known type, or --topic, got wurst",
        ),
        (b'{"customer_id": "c", "type": ["x"]}', "expected a known type"),
    ],
)
def test_a_line_that_is_no_event_is_refused_by_its_number(line: bytes, told: str) -> None:
    with pytest.raises(LineError) as refused:
        list(route_lines(Settings(), [GOOD, b"\n", GOOD, line, GOOD], None))
    assert str(refused.value).startswith("4: ")
    assert told in str(refused.value)
    assert str(refused.value).endswith("nothing was written")


def test_lines_are_read_in_stretches_and_routed_by_type() -> None:
    settings = Settings()
    lines = [GOOD] * AT_ONCE + [b'{"customer_id": "c2", "type": "purchase"}']
    first, second = route_lines(settings, lines, None)
    assert len(first) == AT_ONCE
    assert [topic for topic, _ in second] == [settings.transaction_topic]
    assert first[0][1].key == b"c1"


def test_a_topic_given_takes_all() -> None:
    ((routed,),) = route_lines(Settings(), [b'{"customer_id": "c", "type": "new"}'], "t")
    assert routed[0] == "t"


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_a_reader_that_has_read_enough_ends_it_quietly(form: list[str]) -> None:
    words = [sys.executable, "-m", "ebbwatch.cli", "config", "show", *form]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 1
