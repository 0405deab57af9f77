"""Banks whose book is not in dollars: from a first parameter file to every page, in their units."""

import io
import json
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from harness import Worker, await_that, environment, make_settings
from stream_events import Event, event
from traces import progress, states
from typer.testing import CliRunner

from ebbwatch.cli import command_line
from ebbwatch.stack import Stack
from modelling.history import Book, read_events
from schemas import MINOR_UNITS
from scoring.facts.packing import pack, unpack
from scoring.facts.state import Count
from scoring.model import ScoringModel
from scoring.step.replay import final_states
from streams.broker.message import partition_of
from streams.config import Settings
from streams.intake.rates import RateTable
from streams.parameters.file import load_model, write_document
from streams.tools.new_parameters import new_document
from streams.tools.producing.produce_file import FileWriter, Produced

run = partial(CliRunner().invoke, command_line())
BANKS = [("AUD", "Australia/Sydney"), ("JPY", "Asia/Tokyo"), ("KWD", "Asia/Kuwait")]
DAYS, CUSTOMERS, OVERLAP = 70, 12, 8


def history(currency: str) -> list[Event]:
    """More purchases a customer than a state remembers ids of; a few customers fall silent."""
    made = []
    for day in range(DAYS):
        for number in range(CUSTOMERS):
            if number > 8 and day > 40:
                continue
            amount = 1_000 + 137 * number + 11 * day
            fields = {"amount": amount, "currency": currency, "source": "cards"}
            made.append(event("purchase", day + number / 24, f"c{number}", **fields))
    made += [event("complaint", DAYS - 1.5 + n / 100, f"c{n}") for n in range(3)]
    return sorted(made, key=lambda one: one["event_time"])


def lines(made: list[Event]) -> io.BytesIO:
    return io.BytesIO(b"".join(json.dumps(one).encode() + b"\n" for one in made))


def produced(settings: Settings, made: list[Event]) -> Produced:
    book = load_model(settings).parameters.book_currency
    return FileWriter(settings, RateTable(book)).write(lines(made), "history")


def use(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let commands work with these settings."""
    for name, value in environment(settings).items():
        monkeypatch.setenv(name, value)


def counts(settings: Settings) -> dict[bytes, int]:
    """Events and duplicates of each customer."""
    found = states(settings)
    counted = unpack(list(found.values()))["counts"]
    both = counted[:, Count.EVENTS] + counted[:, Count.DUPLICATES]
    return dict(zip(found, both.tolist(), strict=True))


def from_file(file: Path, settings: Settings, model: ScoringModel) -> dict[bytes, bytes]:
    """Every customer's state by the file, as of the clock of the customer's partition."""
    log = read_events([file], Book.of(model))
    number = [partition_of(customer, settings.partitions) for customer in log.customers]
    found: dict[bytes, bytes] = {}
    for _, part in log.grouped(np.array(number), settings.partitions):
        if len(part.events):
            ended = final_states(part, model, until=float(part.times[-1]))
            found |= dict(zip(part.customers, pack(ended), strict=True))
    return found


@pytest.mark.parametrize(("currency", "zone"), BANKS)
def test_a_banks_stream_equals_its_file_and_every_page_speaks_in_its_units(
    currency: str,
    zone: str,
    stack: Stack,
    topic_prefix: str,
    tmp_path: Path,
    start: Callable[..., Worker],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bank, file = tmp_path / "bank.json", tmp_path / "history.jsonl"
    write_document(bank, new_document("cards", currency, zone, mean_purchase=20))
    settings = make_settings(stack, topic_prefix, parameters_file=bank)
    made = history(currency)
    late = [one for one in made if one["event_time"] >= made[-OVERLAP * 9]["event_time"]]
    file.write_bytes(lines([*made, *made, *late]).read())
    worker = start(settings)
    whole = produced(settings, [*made, *made])  # twice in one file
    assert (whole.repeats, whole.checked.without_rate) == (len(made), {})
    assert sum(produced(settings, [*made, *made]).topics.values()) == 0  # sent twice
    assert sum(produced(settings, late).topics.values()) == len(late)  # an extract that overlaps
    expected = len(made) + len(late)
    await_that("all counted", lambda: sum(counts(settings).values()) == expected, worker)
    assert worker.stop() == 0

    model, streamed = load_model(settings), states(settings)
    after = unpack(list(streamed.values()))
    assert int(after["counts"][:, Count.DUPLICATES].sum()) == len(late)
    after["counts"][:, Count.DUPLICATES] = 0
    again = dict(zip(streamed, pack(after), strict=True))
    assert again == from_file(file, settings, model)

    use(settings, monkeypatch)
    _look_at_a_customer(made, currency)
    _look_at_the_portfolio(currency)


def _look_at_a_customer(made: list[Event], currency: str) -> None:
    exponent = MINOR_UNITS[currency]
    total = sum(one["amount"] for one in made if one["customer_id"] == "c1" and "amount" in one)
    page = run(["inspect", "c1"]).stdout
    assert f"{total / 10**exponent:,.{exponent}f} {currency}" in page
    assert "events, duplicates" in page
    assert amounts(page, currency)
    document = json.loads(run(["inspect", "c1", "--json"]).stdout)
    assert document["facts"]["total_value"] == total
    assert document["score"]["currency"] == currency
    assert document["facts"]["counts"]["duplicates"] > 0


def _look_at_the_portfolio(currency: str) -> None:
    exponent = MINOR_UNITS[currency]
    document = json.loads(run(["segments", "--json"]).stdout)
    assert (document["money_unit"], document["currency_exponent"]) == ("minor", exponent)
    page = run(["segments"]).stdout
    (total,) = amounts(page, currency)
    assert total == pytest.approx(document["clv_total"] / 10**exponent, abs=10.0**-exponent)
    for name in ("monetary_value", "clv"):
        (line,) = [each for each in page.splitlines() if each.startswith(f"{name}, {currency}")]
        shown = [float(each.replace(",", "")) for each in re.findall(r"\d[\d,]*\.?\d*", line)]
        proposed = document["cut_points"][name]
        assert shown[: len(proposed)] == pytest.approx(
            [cut / 10**exponent for cut in proposed], abs=10.0**-exponent
        )
        assert all(figure <= total for figure in shown)


def amounts(page: str, currency: str) -> list[float]:
    """What is said in the currency; each amount has as many decimals as the currency."""
    found = re.findall(rf"(\d[\d,]*(?:\.(\d+))?) {currency}\b", page)
    assert {len(decimals) for _, decimals in found} == {MINOR_UNITS[currency]}
    return [float(amount.replace(",", "")) for amount, _ in found]


def test_a_bank_without_parameters_of_its_own_is_told_so_wherever_it_looks(
    stack: Stack,
    topic_prefix: str,
    start: Callable[..., Worker],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = make_settings(stack, topic_prefix)
    made = history("AUD")
    bought = [one for one in made if one["type"] == "purchase"]
    whole = produced(settings, made)
    assert whole.checked.without_rate == {"AUD": len(bought)}
    worker = start(settings)

    def refused() -> int:
        claims = progress(settings).claims
        return sum(each.records for claim in claims for each in claim.set_aside.values())

    await_that("all set aside", lambda: refused() == len(bought), worker)
    await_that("complaints counted", lambda: sum(counts(settings).values()) == 3, worker)
    assert worker.stop() == 0
    logged = [
        json.loads(line) for line in worker.log.read_text().splitlines() if "set aside" in line
    ]
    first = [line for line in logged if line["event"] == "record set aside"]
    assert [(line["reason"], line["got"]) for line in first] == [("no_rate", "AUD")]
    assert "ebbwatch parameters new --currency AUD" in first[0]["help"]

    use(settings, monkeypatch)
    unknown = run(["inspect", "c7"])
    assert unknown.exit_code == 1
    own = sum(one["customer_id"] == "c7" for one in bought)
    assert f"{own} of their records were set aside, no_rate" in unknown.stderr
    page = " ".join(run(["inspect", "c1"]).stdout.split())
    own = sum(one["customer_id"] == "c1" for one in bought)
    assert f"{own} records of this customer were set aside" in page
    assert "got AUD" in page
    document: dict[str, Any] = json.loads(run(["inspect", "c1", "--json"]).stdout)
    assert document["set_aside"][0]["records"] == own
    assert document["partition_set_aside"][0]["records"] >= own
