"""`ebbwatch outcomes --ranking` on a real Kafka: warnings and purchases of known worth."""

import csv
import json
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from harness import in_environment, make_settings
from traces import as_messages, write
from typer.testing import CliRunner

from ebbwatch.cli import command_line
from ebbwatch.stack import Stack
from schemas import EarlyWarning
from schemas.ids import warning_id
from streams.config import Settings

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
N, YOUNG = 2_400, 30
REASON = {
    "rule": "churn", "points": 11.5, "then": 0.1, "now": 0.6, "unit": "share", "value": 0.6,
    "threshold": 0.6, "value_unit": "share", "text": "60% likely to be lost within 60 days.",
}  # fmt: skip
run = partial(CliRunner().invoke, command_line())


def purchase(customer: str, at: datetime) -> dict[str, object]:
    return {
        "event_id": f"p-{customer}", "customer_id": customer, "event_time": at.isoformat(),
        "type": "purchase", "amount": 1_000, "currency": "USD", "merchant_category": "5411",
        "merchant_id": "m-1", "card_id": "card-1", "channel": "pos",
    }  # fmt: skip


def consent(customer: str, *, granted: bool, days: int = 0) -> dict[str, object]:
    return {
        "event_id": f"w-{customer}-{days}", "customer_id": customer, "type": "consent_changed",
        "event_time": (NOW + timedelta(days=days)).isoformat(), "purpose": "Profiling",
        "granted": granted, "legal_basis": "consent",
    }  # fmt: skip


def warned(customer: str, at: datetime, **changes: object) -> dict[str, object]:
    made = EarlyWarning(**{
        "warning_id": warning_id(customer.encode(), "churn", 1), "sequence": 1,
        "lifecycle": "raised", "customer_id": customer, "rule": "churn", "route": "relationship",
        "band": "middle", "intervention": "incentivise", "action": "retention_offer",
        "event_time": at, "raised_at": at, "severity": 1.0, "churn_risk": 0.6, "p_alive": 0.4,
        "p_no_purchase": 0.8, "horizon_days": 28.0, "expected_purchases": 0.4,
        "expected_spend": 4_680.5, "clv": 120.0, "currency": "USD", "confidence": "normal",
        "score": 31.5, "base_points": 20.0, "other_points": 0.0, "reasons": (REASON,),
        "model_version": "cards-1", **changes,
    })  # fmt: skip
    return json.loads(made.model_dump_json())  # type: ignore[no-any-return]


@pytest.fixture
def settings(stack: Stack, topic_prefix: str, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Acting helps those alone who are likely alive; some were warned about only now."""
    found = make_settings(stack, topic_prefix, partitions=2)
    in_environment(found, monkeypatch)
    rng, warnings, purchases = np.random.default_rng(8), [], []
    for number in range(N + YOUNG):
        alive, treated = float(rng.uniform()), bool(rng.uniform() < 0.7) or number >= N
        name, at = f"c{number}", NOW + timedelta(days=40.0 * (number >= N))
        arm = "treated" if treated else "holdout"
        more = {"p_alive": alive, "value_at_stake": 1_000.0 * (1 + number % 7)}
        warnings.append(warned(name, at, arm=arm, **more))
        if number < N and rng.uniform() < 0.2 + 0.5 * treated * (alive > 0.5):
            purchases.append(purchase(name, NOW + timedelta(days=5)))
    words = [
        *(consent(f"c{number}", granted=False) for number in (0, 1, N)),
        consent("c1", granted=True, days=1),
    ]
    write(found, found.interaction_topic, as_messages(words))
    purchases.append(purchase("nobody", NOW + timedelta(days=41)))
    write(found, found.relationship_topic, as_messages(warnings))
    write(found, found.transaction_topic, as_messages(purchases))
    return found


@pytest.mark.usefixtures("settings")
def test_it_ranks_who_can_still_be_helped_by_what_that_is_worth(tmp_path: Path) -> None:
    out = tmp_path / "ranking.csv"
    asked = ["outcomes", "--ranking", "--contact-cost", "1", "--out", str(out)]
    result = run([*asked, "--json"])
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)["ranking"]
    assert (told["customers"], told["waiting"], told["is_worth_it"]) == (
        N - 1,
        YOUNG - 1,
        True,
    )
    assert told["withdrew_consent"] == 2
    assert told["qini"]["lower"] > 0.03
    assert told["weights"]["p_alive"] == max(told["weights"].values()) > 0.1
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["customer_id"] for row in rows} == {f"c{N + k}" for k in range(1, YOUNG)}
    profits = [float(row["expected_profit"]) for row in rows]
    assert profits == sorted(profits, reverse=True)
    for row in rows:
        worth = float(row["uplift"]) * float(row["value_at_stake"]) - 100.0
        assert float(row["expected_profit"]) == pytest.approx(worth)
    shown = run(asked)
    assert "It finds whom acting helps: 29 are waiting" in " ".join(shown.stdout.split())
    assert shown.stdout.count(" of ") >= 10
    assert "of whom nothing is learnt: 2." in " ".join(shown.stdout.split())


@pytest.mark.usefixtures("settings")
def test_what_cannot_be_ranked_is_told_in_a_line(tmp_path: Path) -> None:
    alone = run(["outcomes", "--out", str(tmp_path / "x.csv")])
    assert (alone.exit_code, "--ranking" in alone.stderr) == (1, True)
    few = run(["outcomes", "--ranking", "--days", "39.5", "--json"])
    assert few.exit_code == 0
    none = run(["outcomes", "--ranking", "--days", "60"])
    assert none.exit_code == 1
    assert "outcomes of the treated: expected 200 customers" in " ".join(none.stderr.split())
    assert "ranking" not in json.loads(run(["outcomes", "--json"]).stdout)
