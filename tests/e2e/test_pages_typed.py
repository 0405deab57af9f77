"""What the pages have their readers type is typed, in their order, and shows what they say."""

import json
import ssl
import subprocess
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from bank_exports import write_shop
from bank_played import DESK, complaint, midnight, write_bank, write_feed
from doc_blocks import ROOT
from harness import await_that, unused_port
from otlp_server import collecting
from page_acts import AFTERWARDS, GOING_LIVE, HISTORY, REHEARSAL, SIMULATED
from page_reader import Act, Reader
from registries import answering, made_here
from smtp_server import smtp_server
from typing_pages import variables

from ebbwatch.stack import Stack

pytestmark = [pytest.mark.integration, pytest.mark.slow]


def environment(stack: Stack, prefix: str) -> dict[str, str]:
    """Of somebody in a folder of their own, with a stack and this source."""
    own = variables(stack, prefix)
    few = {"EBBWATCH_PARTITIONS": "4", "EBBWATCH_METRICS_PORT": "0"}
    del own["EBBWATCH_PRESET"]
    return {**own, **few, "PYTHONPATH": f"{ROOT}:{ROOT / 'tests' / 'support'}"}


def test_a_modeller_s_pages(stack: Stack, topic_prefix: str, tmp_path: Path) -> None:
    write_bank(tmp_path)
    write_shop(tmp_path / "shop.csv", 600)
    with Reader(tmp_path, environment(stack, topic_prefix), hurry=True) as reader:
        for act in HISTORY:
            reader.type(act)


def test_the_simulator_s_page(stack: Stack, topic_prefix: str, tmp_path: Path) -> None:
    with Reader(tmp_path, environment(stack, topic_prefix), hurry=True) as reader:
        reader.run("ebbwatch topics create")
        for act in SIMULATED:
            reader.type(act)


class Receiver(BaseHTTPRequestHandler):
    """Takes what a webhook posts, but for the first, which it says it will never take."""

    came: list[tuple[dict[str, str], bytes]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.came.append(({name.lower(): told for name, told in self.headers.items()}, body))
        self.send_response(204 if len(self.came) > 1 else 422)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def post_office(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """What a mail server speaks TLS by, and the certificate that its callers are to trust."""
    key, certificate = folder / "mail.key", folder / "mail.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *(
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=mail",
                "-addext",
                "subjectAltName=IP:127.0.0.1",
            ),
            *("-keyout", str(key), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    return tls, certificate


@pytest.fixture
def reader(stack: Stack, topic_prefix: str, tmp_path: Path) -> Iterator[Reader]:
    """Who is going live, with a desk that hands out at any hour."""
    write_bank(tmp_path)
    (tmp_path / "mine.toml").write_text(DESK, "utf-8")
    (tmp_path / "rules.toml").write_text('name = "mine"\n', "utf-8")
    serve = str(unused_port())
    own = environment(stack, topic_prefix) | {"EBBWATCH_SERVE_PORT": serve}
    known = {"serve": serve, "relationship": own["EBBWATCH_RELATIONSHIP_TOPIC"]}
    with Reader(tmp_path, own, known) as made:
        yield made


def test_going_live_and_what_can_be_asked_then(reader: Reader, tmp_path: Path) -> None:
    for act in GOING_LIVE:
        reader.type(act)
    reader.run("ebbwatch produce feed.jsonl")  # as the bank's systems do
    for act in REHEARSAL:
        if act.begins == "pip install":
            reader.end("ebbwatch serve")  # README's, for the same one of docs/serve.md
        if act.page == "docs/cases.md":
            for name, rule in (("dissatisfied", "dissatisfaction"), ("leaving", "churn")):
                asked = f"ebbwatch warnings --ids --rule {rule}"
                reader.known[name] = reader.run(asked).split()[0]
        reader.type(act)
    verify, register, hook, mended, digest, traced, *kept = AFTERWARDS
    reader.type(verify)
    with answering(made_here()) as reader.known["registry"]:
        reader.type(register)
    forwards(reader, hook, mended)
    mails(reader, digest, tmp_path)
    reader.end("ebbwatch worker")
    with collecting() as collector:
        reader.known["collector"] = collector.endpoint
        reader.type(traced)
        write_feed(tmp_path / "more.jsonl", complaint("k4", "c-1003", midnight()))
        reader.run("ebbwatch produce more.jsonl")
        await_that("a turn's span", lambda: collector.named("turn"))
        reader.end("ebbwatch worker")
    for act in kept:
        reader.type(act)


def forwards(reader: Reader, hook: Act, mended: Act) -> None:
    """One warning is refused for good and set aside, the next taken; then the first as well."""
    receiver = type("Own", (Receiver,), {"came": []})
    with answering(receiver) as reader.known["receiver"]:
        reader.known["port"] = str(unused_port())
        reader.type(hook)
        two = [complaint(f"k{who[-1]}", who, midnight()) for who in ("c-1002", "c-1003")]
        write_feed(reader.folder / "again.jsonl", *two)
        reader.run("ebbwatch produce again.jsonl")
        await_that("two posts", lambda: len(receiver.came) == 2)
        reader.type(mended)
        await_that("the first again", lambda: len(receiver.came) == 3)
        reader.end("ebbwatch webhook")
    first, second, again = receiver.came
    assert first[1] == again[1] != second[1]
    assert {"ce-id", "webhook-signature"} <= first[0].keys()
    assert json.loads(first[1])["rule"] == first[0]["ce-rule"] == "dissatisfaction"


def mails(reader: Reader, digest: Act, folder: Path) -> None:
    """Minor leads go to the desk, by a server that wants to know who sends."""
    tls, certificate = post_office(folder)
    reader.variables["SSL_CERT_FILE"] = str(certificate)
    asks = {"ehlo": "250-mail\r\n250 AUTH PLAIN", "AUTH": "235 come in"}
    with smtp_server(asks, tls) as server:
        reader.known["mail"] = server.url
        reader.type(digest)
    del reader.variables["SSL_CERT_FILE"]
    (mail,) = server.mails
    assert mail["To"] == "desk@bank.example"
    assert "c-1002" in mail.get_body(("plain",)).get_content()
