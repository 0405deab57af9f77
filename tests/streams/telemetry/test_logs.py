"""Logs are JSON lines without card numbers, whoever writes them."""

import json
import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from streams.telemetry.logs import Seldom

CARD = "4111111111111111"
SAY = f"""
import logging, structlog
from streams.telemetry.logs import configure
log = structlog.get_logger()
configure("info")
log.debug("too fine")
log.info("plain", count=3, ratio=0.5, none=None, on=True, since=1764000000.123456, name="Zoë")
log.warning("card {CARD}", text="4111-1111-1111-1111", number={CARD}, raw=b"{CARD}")
found = {{"a": ["4111 1111 1111 1111", {{"b": ({CARD},)}}], {CARD}: 1}}
log.error("deep", found=found, odd=Exception({CARD}))
try:
    raise ValueError("bad {CARD}")
except ValueError as error:
    log.critical("raised", exc_info=error)
logging.getLogger("own").info("an argument %s", "{CARD}")
logging.getLogger("aiokafka.consumer").info("chatter")
logging.getLogger("aiokafka.consumer").warning("card %s", {CARD})
logging.getLogger("faust").error("raised", exc_info=ValueError("{CARD}"))
"""


@pytest.fixture(scope="module")
def lines() -> list[dict[str, Any]]:
    """What one process logged."""
    done = subprocess.run([sys.executable, "-c", SAY], capture_output=True, text=True, check=True)
    assert done.stdout == ""
    return [json.loads(line) for line in done.stderr.splitlines()]


def test_every_line_is_json_with_level_time_and_event(lines: list[dict[str, Any]]) -> None:
    told = [(line["level"], line["event"]) for line in lines]
    assert told == [
        ("info", "plain"),
        ("warning", "card ****"),
        ("error", "deep"),
        ("critical", "raised"),
        ("info", "an argument ****"),
        ("warning", "card ****"),
        ("warning", "raised"),
    ]
    assert all(line["timestamp"].endswith("Z") for line in lines)


def test_harmless_values_stay_as_they_are(lines: list[dict[str, Any]]) -> None:
    plain = {key: value for key, value in lines[0].items() if key != "timestamp"}
    assert plain == {
        "event": "plain",
        "level": "info",
        "count": 3,
        "ratio": 0.5,
        "none": None,
        "on": True,
        "since": 1764000000.123456,
        "name": "Zoë",
    }


def test_no_card_number_is_logged_however_deep(lines: list[dict[str, Any]]) -> None:
    told = [{name: part for name, part in line.items() if name != "timestamp"} for line in lines]
    assert "1111" not in json.dumps(told)  # a microsecond may hold those digits
    assert lines[1]["text"] == lines[1]["number"] == lines[1]["raw"] == "****"
    assert lines[2]["found"] == {"a": ["****", {"b": ["****"]}], "****": 1}
    assert lines[2]["odd"] == "Exception(****)"


def test_exceptions_are_logged_with_their_traceback(lines: list[dict[str, Any]]) -> None:
    assert "Traceback" in lines[3]["exception"]
    assert "ValueError: bad ****" in lines[3]["exception"]
    assert "ValueError: ****" in lines[6]["exception"]


def test_a_library_repeats_itself_only_now_and_then() -> None:
    seldom = Seldom(("aiokafka",), 5.0)

    def passes(name: str, at: float, about: int = 0) -> bool:
        record = logging.LogRecord(
            name, logging.ERROR, "", 0, "cannot reach node %s", (about,), None
        )
        record.created = at
        return seldom.filter(record)

    assert [passes("aiokafka.client", at, about=n) for n, at in enumerate((0, 1, 4.9, 5, 6))] == [
        True,
        False,
        False,
        True,
        False,
    ]
    assert passes("aiokafka.consumer", 6)


def test_what_a_library_calls_an_error_and_tries_again_is_a_warning() -> None:
    seldom = Seldom(("aiokafka",), 5.0)
    levels = []
    for name in ("aiokafka.client", "streams.app"):
        record = logging.LogRecord(
            name, logging.ERROR, "", 0, "coordinator not available", (), None
        )
        assert seldom.filter(record)
        levels.append(record.levelname)
    assert levels == ["WARNING", "ERROR"]


def test_our_own_lines_all_pass() -> None:
    seldom = Seldom(("aiokafka",), 5.0)
    record = logging.LogRecord("streams", logging.ERROR, "", 0, "same", (), None)
    assert all(seldom.filter(record) for _ in range(3))


@pytest.mark.parametrize("of", ["a full disk", "a closed stream"])
def test_what_cannot_be_logged_ends_nobody(of: str) -> None:
    say = 'import sys\nlog.info("first")\n'
    say += "sys.stderr.close()\n" if of == "a closed stream" else ""
    say += 'log.info("second")\nprint("goes on")'
    configured = "import structlog\nfrom streams.telemetry.logs import configure\n"
    configured += 'configure("info")\nlog = structlog.get_logger()\n'
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-c", configured + say],
            stdout=subprocess.PIPE,
            stderr=full if of == "a full disk" else subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.stdout == "goes on\n"
    if of == "a closed stream":
        assert [json.loads(line)["event"] for line in done.stderr.splitlines()] == ["first"]


def test_lines_of_several_threads_stay_whole() -> None:
    say = """
import threading, structlog
from streams.telemetry.logs import configure
configure("info")
log = structlog.get_logger()
def speak(who):
    for number in range(200):
        log.info("told", who=who, number=number, long="x" * 500)
threads = [threading.Thread(target=speak, args=(who,)) for who in range(4)]
for each in threads: each.start()
for each in threads: each.join()
"""
    done = subprocess.run([sys.executable, "-c", say], capture_output=True, text=True, check=True)
    told = [json.loads(line) for line in done.stderr.splitlines()]
    assert sorted((line["who"], line["number"]) for line in told) == [
        (who, number) for who in range(4) for number in range(200)
    ]
