import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from cases import MODEL
from redis.exceptions import NoPermissionError
from redis_servers import own_redis
from served import LIVES, NAMES, UNTIL, Served, lived, served

from ebbwatch.serve.access import add_token
from schemas.ids import customer_hash
from scoring.arrays import DAY
from scoring.step.outcome import score
from streams.outbox.messages import Messages, rows

pytestmark = [pytest.mark.integration, pytest.mark.slow]
CARD = "4111111111111111"


@pytest.fixture(scope="module")
def token(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    file = tmp_path_factory.mktemp("access") / "tokens"
    return add_token(file, "branch-app"), str(file)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, token: tuple[str, str]) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("serve")
    with own_redis(folder) as servers:
        redis = servers.start("appendonly yes")
        with served(folder, redis, {"EBBWATCH_SERVE_TOKENS_FILE": token[1]}) as running:
            yield running


@pytest.fixture
def bearer(token: tuple[str, str]) -> str:
    return f"Bearer {token[0]}"


def iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")


def customer(desk: Served, bearer: str, name: str, query: str = "") -> Any:
    got = desk.ask(f"/v1/customers/{name}{query}", Authorization=bearer)
    assert got.status == 200, got.text
    return got.json


def test_a_customer_is_scored_as_the_step_scores_them(desk: Served, bearer: str) -> None:
    found = lived()
    now = np.full(len(NAMES), UNTIL * DAY)
    messages = Messages.of(desk.settings, MODEL)
    expected = zip(NAMES, rows(score(found.states, now, MODEL)), strict=True)
    for name, row in expected:
        told = customer(desk, bearer, name.replace("/", "%2F"))
        assert told["score"] == messages.score(row, name.encode()).model_dump(mode="json")
        assert told["at"] == told["clock"] == iso(UNTIL * DAY)
        assert told["scored_with"] == MODEL.parameters.version
        parts = told["base_points"] + told["other_points"]
        parts += sum(reason["points"] for reason in told["reasons"])
        assert told["points"] == pytest.approx(parts)


def test_what_a_warning_said_is_what_is_answered_about_its_instant(
    desk: Served, bearer: str
) -> None:
    warnings = lived().warnings
    silent = warnings[(warnings["row"] == NAMES.index("c-weekly")) & (warnings["after"] > 0)]
    last = silent[-1]  # silence alone raised it: nothing has come since
    told = customer(desk, bearer, "c-weekly", f"?at={iso(last['now'])}&would_clear=true")
    assert told["score"]["churn_risk"] == pytest.approx(last["churn_risk"], rel=1e-6)
    assert told["points"] == pytest.approx(last["score"], rel=1e-6)
    (warning,) = told["warnings"]
    assert (warning["rule"], warning["sequence"]) == ("silence", int(last["sequence"]))
    assert warning["warning_id"] == f"{customer_hash(b'c-weekly')}.silence.1"
    assert (warning["would_clear"]["doing"], warning["would_clear"]["times"]) == (
        "purchase",
        int(last["times"]),
    )
    assert warning["reason"]["points"] == pytest.approx(last["points"][last["rule"]], rel=1e-6)


def test_silence_goes_on_between_events(desk: Served, bearer: str) -> None:
    days = [customer(desk, bearer, "c-daily", f"?at={iso((UNTIL + d) * DAY)}") for d in (0, 5, 90)]
    alive = [told["score"]["p_alive"] for told in days]
    assert alive == sorted(alive, reverse=True)
    assert (alive[0] > 0.9, alive[-1] < 0.1) == (True, True)
    silent = days[-1]["reasons"][0]
    assert (silent["rule"], silent["now"]) == ("silence", 90.0)


def test_an_answer_is_the_same_alone_and_among_many(desk: Served, bearer: str) -> None:
    paths = [f"/v1/customers/{name.replace('/', '%2F')}" for name in NAMES]
    alone = [desk.ask(path, Authorization=bearer).text for path in paths]
    with ThreadPoolExecutor(16) as pool:
        asked = [pool.submit(desk.ask, path, Authorization=bearer) for path in paths * 12]
        together = [each.result().text for each in asked]
    assert together == alone * 12


def test_many_are_asked_about_at_once(desk: Served, bearer: str) -> None:
    asked = {"customers": [*NAMES, "nobody", NAMES[0]], "at": iso((UNTIL - 4) * DAY)}
    got = desk.ask("/v1/customers:batch", method="POST", body=asked, Authorization=bearer).json
    assert got["unknown"] == ["nobody"]
    last = {name: life[-1]["time"][0] / DAY for name, life in LIVES.items()}
    assert got["too_early"] == [name for name in NAMES if last[name] > UNTIL - 4]
    told = {each["customer_id"]: each for each in got["customers"]}
    assert list(told) == [name for name in NAMES if last[name] <= UNTIL - 4]
    query = f"?at={asked['at']}"
    assert told["c-weekly"] == customer(desk, bearer, "c-weekly", query)


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/v1/customers/nobody", 404, "expected one that a record is held of"),
        (f"/v1/customers/{CARD}", 422, "got a card number"),
        (f"/v1/customers/x-{CARD}", 422, "got a card number"),
        ("/v1/customers/a%20b", 422, "expected 1 to 64 characters"),
        ("/v1/customers/", 422, "expected 1 to 64 characters"),
        ("/v1/customers/c-daily?at=2001-01-01T00:00:00Z", 422, "an instant from the last event on"),
        ("/v1/customers/c-daily?at=2001-01-01T00:00:00", 422, "query.at"),
        ("/v1/customers/c-daily?at=9999-01-01T00:00:00Z", 422, "query.at"),
        ("/v1/customers/c-daily?at=soon", 422, "query.at"),
        ("/nothing", 404, "Not Found"),
    ],
)
def test_what_cannot_be_answered_is_a_problem_that_says_why(
    desk: Served, bearer: str, path: str, status: int, said: str
) -> None:
    got = desk.ask(path, Authorization=bearer)
    assert (got.status, got.headers["content-type"]) == (status, "application/problem+json")
    assert got.json["status"] == status
    assert said in got.json["detail"]
    assert CARD not in got.text


def test_an_offset_s_plus_may_come_as_a_space(desk: Served, bearer: str) -> None:
    at = (UNTIL + 1) * DAY
    plus = datetime.fromtimestamp(at, UTC).isoformat()
    assert plus.endswith("+00:00")
    assert customer(desk, bearer, "c-daily", f"?at={plus}")["at"] == iso(at)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"customers": []}, "at least 1"),
        ({"customers": ["c"] * 501}, "at most 500"),
        ({"customers": ["c", CARD]}, "got a card number"),
        ({"customers": ["c"], "at": "then"}, "body.at"),
        (b"{", "JSON"),
    ],
)
def test_a_batch_that_cannot_be_asked_is_refused_whole(
    desk: Served, bearer: str, body: Any, said: str
) -> None:
    got = desk.ask("/v1/customers:batch", method="POST", body=body, Authorization=bearer)
    assert (got.status, said in got.json["detail"]) == (422, True), got.text
    assert CARD not in got.text


@pytest.mark.parametrize("given", ["", "Bearer ", "Bearer nobody-s", "Basic YTpi", "Bearer \xff"])
def test_without_a_token_nothing_is_told(desk: Served, given: str) -> None:
    for path, method in (("/v1/customers/c-daily", "GET"), ("/v1/customers:batch", "POST")):
        got = desk.ask(path, method=method, body=b"{}", Authorization=given)
        assert (got.status, got.headers["www-authenticate"]) in {(401, "Bearer"), (422, "")}
        assert got.json["detail"].startswith("Authorization: expected Bearer")


def test_each_look_is_told_of_and_no_card_number_or_id_is(desk: Served, bearer: str) -> None:
    before = len(desk.told())
    for name in ("c-daily", "nobody", CARD):
        desk.ask(f"/v1/customers/{name}", Authorization=bearer)
    asked = {"customers": ["c-angry", "nobody"]}
    desk.ask("/v1/customers:batch", method="POST", body=asked, Authorization=bearer)
    lines = [line for line in desk.told()[before:] if line["event"] == "looked up"]
    looks = [(line["who"], line["customer"], line["door"], line["found"]) for line in lines]
    hashed = {name: customer_hash(name.encode()) for name in ("c-daily", "nobody", "c-angry")}
    assert looks == [
        ("branch-app", hashed["c-daily"], "api", True),
        ("branch-app", hashed["nobody"], "api", False),
        ("branch-app", hashed["c-angry"], "api", True),
        ("branch-app", hashed["nobody"], "api", False),
    ]
    assert all(datetime.fromisoformat(line["timestamp"]).tzinfo for line in lines)
    whole = desk.log.read_text()
    assert not any(name in whole for name in (CARD, "c-daily", "c-angry"))


def test_the_user_it_has_may_write_nothing(desk: Served) -> None:
    with desk.redis.client() as redis:
        redis.execute_command("AUTH", "reader", "reads-alone")
        for command in (
            ("SET", "ebbwatch:x", "1"),
            ("HSET", "ebbwatch:x", "a", "1"),
            ("DEL", "ebbwatch:x"),
            ("EVAL", "return 1", "0"),
            ("FLUSHALL",),
            ("CONFIG", "GET", "*"),
            ("HGETALL", "other:x"),
        ):
            with pytest.raises(NoPermissionError):
                redis.execute_command(*command)


def test_it_describes_itself(desk: Served) -> None:
    described = desk.ask("/openapi.json").json
    paths = described["paths"]
    assert set(paths) == {"/v1/customers/{customer}", "/v1/customers:batch"}
    one = paths["/v1/customers/{customer}"]["get"]
    answer = one["responses"]["200"]["content"]["application/json"]["schema"]
    assert answer == {"$ref": "#/components/schemas/CustomerNow"}
    assert "application/problem+json" in one["responses"]["404"]["content"]
    assert one["security"] == [{"HTTPBearer": []}]
    assert all("description" in each for each in one["parameters"])


def test_it_is_asked_by_its_own_names_alone_and_says_how_it_may_be_used(desk: Served) -> None:
    for path in ("/livez", "/v1/customers/c-daily"):
        assert desk.ask(path, Host="elsewhere.example").status == 400
        got = desk.ask(path, Host="localhost")
        assert got.status == (200 if path == "/livez" else 401)
        assert got.headers["cache-control"] == "no-store"
        assert "default-src 'none'" in got.headers["content-security-policy"]
        assert "unsafe" not in got.headers["content-security-policy"]


def test_nobody_may_send_without_end(desk: Served, bearer: str) -> None:
    long = json.dumps({"customers": ["c" * 64] * 1_100}).encode()
    for headers in ({}, {"Transfer_Encoding": "chunked"}):
        body = long if not headers else b"2\r\n{}\r\n0\r\n\r\n"
        got = desk.ask(
            "/v1/customers:batch", method="POST", body=body, Authorization=bearer, **headers
        )
        assert (got.status, "at most" in got.json["detail"]) == (413, True)


def test_it_waits_for_a_redis_that_is_away(desk: Served, bearer: str) -> None:
    desk.redis.kill()
    assert desk.ask("/livez").status == 200
    for path in ("/readyz", "/v1/customers/c-daily"):
        got = desk.ask(path, Authorization=bearer)
        assert (got.status, got.headers["retry-after"]) == (503, "5")
    desk.redis.start()
    # Users of Redis that no file keeps are gone with it.
    assert desk.ask("/readyz").status == 503
    from served import READER  # noqa: PLC0415 - again, as an operator would

    desk.redis.ask("ACL", "SETUSER", *READER.split())
    assert desk.ask("/readyz").status == 200
    assert customer(desk, bearer, "c-daily")["customer_id"] == "c-daily"
