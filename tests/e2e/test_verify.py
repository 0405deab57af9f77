"""`ebbwatch verify` against the topics and the Redis of a real run."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from harness import in_environment
from traces import warnings_by_id
from typer.testing import CliRunner, Result

from ebbwatch.cli.app import command_line
from streams.config import Settings

EVERY = 80


@pytest.fixture
def _configured(lived: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    in_environment(lived, monkeypatch)


def verify(*arguments: str) -> Result:
    return CliRunner().invoke(command_line(), ["verify", *arguments])


@pytest.mark.usefixtures("_configured")
def test_warnings_of_a_real_run_are_derived_byte_for_byte(lived: Settings) -> None:
    last = dict(sorted(warnings_by_id(lived)))
    names = sorted(last)[::EVERY]
    assert len(names) > 3
    for name in names:
        result = verify(name, "--json")
        assert result.exit_code == 0, result.output
        found: dict[str, Any] = json.loads(result.stdout)
        assert found["is_same"]
        assert [one["sequence"] for one in found["messages"]] == list(range(1, last[name] + 1))


@pytest.mark.usefixtures("_configured")
def test_a_customer_is_explained_as_of_the_instant_of_a_warning(lived: Settings) -> None:
    raised = [
        warning
        for _, body in warnings_by_id(lived).values()
        if (warning := json.loads(body))["lifecycle"] == "raised"
    ]
    early = min(raised, key=lambda warning: warning["event_time"])
    at = (datetime.fromisoformat(early["event_time"]) + timedelta(milliseconds=1)).isoformat()
    asked = ["explain", early["customer_id"], "--at", at, "--json"]
    result = CliRunner().invoke(command_line(), asked)
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert told["score"]["churn_risk"] == pytest.approx(early["churn_risk"])
    (own,) = [one for one in told["warnings"] if one["warning_id"] == early["warning_id"]]
    assert (own["rule"], own["band"]) == (early["rule"], early["band"])
    assert own["would_clear"] == early["would_clear"]


@pytest.mark.usefixtures("_configured")
def test_an_altered_warning_is_found_out(lived: Settings, tmp_path: Path) -> None:
    (name, _), (_, body) = min(warnings_by_id(lived).items())
    kept = tmp_path / "kept.jsonl"
    kept.write_text(json.dumps({**json.loads(body), "churn_risk": 0.5}))
    result = verify(name, "--warning", str(kept))
    assert result.exit_code == 3
    assert "NOT what was derived anew" in result.stdout
    assert "churn_risk" in result.stdout


@pytest.mark.usefixtures("_configured")
def test_a_warning_of_nobody_is_refused() -> None:
    result = verify("0" * 32)
    assert result.exit_code == 1
    assert "--warning FILE takes one that was kept" in " ".join(result.output.split())
