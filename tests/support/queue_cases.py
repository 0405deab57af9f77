"""Cases and assignments of a queue, as its topics hold them, and the page on them."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from desk_cases import MONDAY
from harness import await_that, environment
from html_pages import read
from redis_servers import own_redis
from served import Answer, Served, Site, served
from traces import write

from schemas import BatchAdapter, EarlyWarning, Reason, validate_batch
from schemas.events.outcomes import CustomerOutcome
from schemas.ids import case_id, warning_id
from schemas.outputs.base import Output
from schemas.outputs.cases import CustomerCase
from schemas.outputs.desk import DeskAssignment, HandOut
from streams.broker.message import Message
from streams.config import Settings

TODAY = date(2026, 3, 2)
CONTRACT = BatchAdapter[Any](CustomerOutcome)
BY_PROXY = "0123456789abcdef"
PROXIED = {
    "EBBWATCH_SERVE_USER_HEADER": "X-Forwarded-User",
    "EBBWATCH_SERVE_PROXY_SECRET": BY_PROXY,
}


def publish(own: Settings, topic: str, *told: Output) -> None:
    """Write messages of customers."""
    write(own, topic, [Message(t.customer_id.encode(), t.model_dump_json().encode()) for t in told])  # type: ignore[attr-defined]


@contextmanager
def queue_site(kafka: Settings, folder: Path, awaited: str, **variables: str) -> Iterator[Served]:
    """The page on a Redis of its own, and on a Kafka of which it knows somebody's case already."""
    of_redis = {"EBBWATCH_REDIS_URL", "EBBWATCH_REDIS_PREFIX"}
    given = {
        **{name: value for name, value in environment(kafka).items() if name not in of_redis},
        **PROXIED,
        **variables,
    }
    with own_redis(folder) as servers, served(folder, servers.start(), given) as running:
        await_that("all cases", lambda: awaited in looked(running, "/queue").text)
        yield running


def looked(site: Site, path: str, who: str = "officer-3", **more: Any) -> Answer:
    """As a proxy asks that has logged in somebody."""
    by = {"X_Forwarded_User": who, "X_Ebbwatch_Proxy": BY_PROXY}
    return site.ask(path, **{**by, **more})


@dataclass
class Officer:
    """Somebody at the page."""

    site: Site
    who: str = "officer-3"

    def form(self, customer: str) -> dict[str, str]:
        """What a browser would send of a form as it is shown, nothing chosen."""
        shown = read(looked(self.site, f"/customers/{quote(customer, safe='')}", self.who).text)
        (form,) = [each for each in shown.all("form") if each.attributes.get("class") == "answer"]
        hidden = [e.attributes for e in form.all("input") if e.attributes.get("type") == "hidden"]
        return {each["name"]: each["value"] for each in hidden}

    def send(self, customer: str, given: dict[str, str], **headers: str) -> Answer:
        kind = {"Content_Type": "application/x-www-form-urlencoded", **headers}
        path = f"/answers/{quote(customer, safe='')}"
        body = urlencode(given).encode()
        return looked(self.site, path, self.who, method="POST", body=body, **kind)

    def answer(self, customer: str, answer: str, **given: str) -> Answer:
        return self.send(customer, {**self.form(customer), "answer": answer, **given})


def handed_to(case: CustomerCase, officer: str | None, day: date = TODAY, **of: Any) -> HandOut:
    """A hand-out of a case."""
    told = {"case_id": case.case_id, "at": MONDAY, "day": day, "route": case.route, "rank": 1}
    return HandOut(**{**told, "officer": officer, **of})


def assigned(case: CustomerCase, status: str = "queued", **changes: Any) -> DeskAssignment:
    """What became of a case at the desk."""
    fields = {
        "case_id": case.case_id,
        "sequence": 1,
        "customer_id": case.customer_id,
        "status": status,
        "event_time": MONDAY,
        "opened_at": case.opened_at,
        "route": case.route,
        "band": case.band,
        "action": case.action,
        "value_at_risk": case.value_at_risk,
        "currency": case.currency,
        "handed_out": None,
        "offers_allowed": not changes.get("no_offers", ()),
        "no_offers": (),
        "lately": (),
    }
    return DeskAssignment(**{**fields, **changes})


def a_warning(customer: str, **changes: Any) -> EarlyWarning:
    """A message of a customer's warning of silence, its first if nothing else is said."""
    why = Reason(
        rule="silence", points=1.0, now=9.0, unit="days", value=0.97, threshold=0.95,
        value_unit="share", text="Silent.",
    )  # fmt: skip
    fields: dict[str, Any] = {
        "warning_id": warning_id(customer.encode(), "silence", 1), "sequence": 1,
        "lifecycle": "raised", "customer_id": customer, "rule": "silence",
        "route": "relationship", "band": "middle", "intervention": "incentivise", "action": "a",
        "event_time": MONDAY, "raised_at": MONDAY, "severity": 1.0, "churn_risk": 0.6,
        "p_alive": 0.4, "p_no_purchase": 0.8, "horizon_days": 28.0, "expected_purchases": 0.4,
        "expected_spend": 1.0, "clv": 1.0, "currency": "EUR", "churn_horizon_days": 91.0,
        "confidence": "normal", "score": 1.0, "base_points": 0.0, "other_points": 0.0,
        "reasons": (why,), "model_version": "m-1", "rules_version": "r-1",
    }  # fmt: skip
    return EarlyWarning(**{**fields, **changes})


def said(customer: str, kind: str, at: datetime = MONDAY, **more: Any) -> dict[str, Any]:
    """Somebody's answer to a customer's first case, as workers read it."""
    made = {
        "event_id": f"e-{kind}-{at.isoformat()}",
        "customer_id": customer,
        "event_time": at.isoformat(),
        "type": kind,
        "case_id": case_id(customer.encode(), 1),
        "answered_by": "officer-3",
        **more,
    }
    (found,), rejected = validate_batch(CONTRACT, [json.dumps(made).encode()])
    assert rejected == []
    return found
