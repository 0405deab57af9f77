"""Reading the documentation's data and programs as who takes them would."""

import json
import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from cases import MODEL, document, event, log, run
from doc_blocks import ROOT
from onnx_models import logistic
from served import READER
from structlog.testing import capture_logs

from ebbwatch.demo.settings import PARAMETERS
from ebbwatch.serve import audit
from modelling.history.layout.options_file import read_options
from schemas import BatchAdapter, validate_batch
from schemas.events.outcomes import CustomerOutcome
from schemas.outputs.messages import EarlyWarning, Feed
from scoring.facts.kinds import Kind
from scoring.feature import Feature
from scoring.parameters import parse
from scoring.rules import read_rules
from scoring.warning.desk import desk_rules
from streams.config import Settings
from streams.outbox.messages import Messages
from streams.tools.webhook.signing import signature_headers


def _whole(told: object) -> Any:
    """The same with its ids filled up, and without what is left out."""
    if isinstance(told, dict):
        return {name: _whole(value) for name, value in told.items() if value != "…"}
    if isinstance(told, list):
        return [_whole(each) for each in told]
    return told.replace("….", "0" * 16 + ".") if isinstance(told, str) else told


def _warning(text: str) -> None:
    """As it is published, with what it leaves out from one that is."""
    events = log(event(Kind.PURCHASE, 20_000), event(Kind.COMPLAINT, 20_003))
    entries = Messages.of(Settings(), MODEL).entries(run(events), [b"c-1001"])
    of_risk = [json.loads(each.value) for each in entries if b"warning_id" in each.value]
    (real,) = [each for each in of_risk if each.get("rule") == "dissatisfaction"]
    told = _filled(real, _whole(json.loads(text)))
    EarlyWarning.model_validate_json(json.dumps(told))


def _filled(real: Any, told: Any) -> Any:
    """What is told, with what it leaves out from what there is."""
    if isinstance(told, list):
        return [_filled(real[0], each) for each in told]
    if isinstance(told, dict):
        return {**(real or {}), **{k: _filled((real or {}).get(k), v) for k, v in told.items()}}
    return told


def _outcome(text: str) -> None:
    told = json.dumps(_whole(json.loads(text))).encode()
    _, refused = validate_batch(BatchAdapter[Any](CustomerOutcome), [told])
    assert refused == []


def _feed(text: str) -> None:
    Feed.model_validate_json(json.dumps(json.loads(f"{{{text}}}")["feed"]))


def _parameters(text: str) -> None:
    told = json.loads(f"{{{text}}}")
    if "fit" in told:
        told["fit"] = _filled(json.loads(PARAMETERS.read_text())["fit"], told["fit"])
    parse({**document(), **told})


def _look(text: str) -> None:
    told = json.loads(text)
    with capture_logs() as (logged):
        audit.looked_up("branch-app", ["c1"], "api", found=True)
    del told["timestamp"], logged[0]["log_level"]
    assert [told] == logged


def _desk(text: str) -> None:
    assert desk_rules(text.encode()).minor.below > 0


def _rules(text: str) -> None:
    assert read_rules(text.encode()).name == "acme"


def _options(text: str) -> None:
    file = Path("ebbwatch.toml")
    file.write_text(text, "utf-8")
    assert len(read_options(file, {}).files) == text.count("[files.")


def _kustomization(text: str) -> None:
    told = yaml.safe_load(text)
    assert [(ROOT / each / "kustomization.yaml").is_file() for each in told["resources"]] == [True]
    (made,) = told["configMapGenerator"]
    variables = {name.lower() for name, _ in (each.split("=", 1) for each in made["literals"])}
    known = {f"ebbwatch_{name}" for name in Settings.model_fields}
    assert variables - known == {"ebbwatch_serve_hosts"}


def _reader(text: str) -> None:
    assert text.split()[2:] == READER.replace("reads-alone", "PASSWORD").split()


def _consumer(text: str) -> None:
    """With a consumer that knows one message, and Kafka's own options."""
    from kafka import KafkaConsumer  # noqa: PLC0415 - put aside below

    asked: list[Mapping[str, Any]] = []

    def consumer(*topics: str, **options: Any) -> list[Any]:
        asked.append({"topics": topics, **options})
        return []

    program = text.replace("from kafka import KafkaConsumer", "")
    exec(program, {"KafkaConsumer": consumer})  # noqa: S102 - our own
    (options,) = asked
    settings = Settings()
    assert set(options["topics"]) == {settings.risk_topic, settings.relationship_topic}
    assert options.keys() - {"topics"} <= KafkaConsumer.DEFAULT_CONFIG.keys()


def _onnx(text: str) -> None:
    Path("bank.onnx").write_bytes(logistic(np.zeros(2)))
    exec(text, {})  # noqa: S102 - our own
    import onnx  # noqa: PLC0415 - as the block does

    model = onnx.load("bank.onnx")
    told = {each.key: each.value for each in model.metadata_props}
    names = told["features"].split(",")
    assert {name.upper() for name in names} <= Feature.__members__.keys()
    assert 0 < float(told["threshold"]) < 1


def _simulated(text: str) -> None:
    """With fewer customers, and days."""
    own: dict[str, Any] = {}
    exec(text.replace("10_000", "20").replace("365", "60"), own)  # noqa: S102 - our own
    assert len(own["truth"].customers) == len(own["log"].customers)


def _modelled(text: str) -> None:
    """The figures beside it are what it computes, and what the page's formulas do."""
    own: dict[str, Any] = {}
    exec(text, own)  # noqa: S102 - our own
    for name, told in re.findall(r"^(\w+) = .*# ([0-9.]+)", text, re.MULTILINE):
        digits = len(told.partition(".")[2])
        assert round(float(own[name][0]), digits) == float(told.rstrip("."))
    r, alpha, a, b, x, t_x, age = 0.243, 4.414, 0.793, 2.426, 2, 30.43, 38.86
    active = 1 / (1 + a / (b + x - 1) * ((alpha + age) / (alpha + t_x)) ** (r + x))
    quiet = ((alpha + age) / (alpha + age + 4)) ** (r + x)
    assert float(own["active"][0]) == pytest.approx(active)
    assert float(own["silent"][0]) == pytest.approx(1 - active * (1 - quiet))
    p, q, v, m = 6.25, 3.74, 15.44, 22.35
    assert float(own["value"][0]) == pytest.approx(p * (v + x * m) / (p * x + q - 1))


def _signed(text: str) -> None:
    own: dict[str, Any] = {}
    exec(text, own)  # noqa: S102 - our own
    key, body = b"k" * 32, b'{"warning_id": "1"}'
    now = int(time.time())
    headers = signature_headers([key], "1", now, body)
    assert own["is_ours"](headers, body, key)
    assert own["is_ours"](signature_headers([b"n" * 32, key], "1", now, body), body, key)
    assert not own["is_ours"](headers, body + b" ", key)
    assert not own["is_ours"](headers, body, b"n" * 32)
    assert not own["is_ours"](signature_headers([key], "1", now - 600, body), body, key)


# Who reads a block, by its page and beginning.
DATA: Mapping[tuple[str, str], Callable[[str], None]] = {
    ("README.md", '{"warning_id":'): _warning,
    ("README.md", "from kafka import"): _consumer,
    ("docs/cases.md", '{"event_id":'): _outcome,
    ("docs/desk.md", "timezone ="): _desk,
    ("docs/feeds.md", '"feed":'): _feed,
    ("docs/fit.md", '"purchase_model":'): _parameters,
    ("docs/histories.md", "id-column ="): _options,
    ("docs/kubernetes.md", "# kustomization.yaml"): _kustomization,
    ("docs/model.md", "from scoring"): _modelled,
    ("docs/recalibration.md", '"promise":'): _parameters,
    ("docs/recalibration.md", "import onnx"): _onnx,
    ("docs/rules.md", "name ="): _rules,
    ("docs/serve.md", "ACL SETUSER"): _reader,
    ("docs/serve.md", '{"who":'): _look,
    ("docs/simulator.md", "from modelling.simulation"): _simulated,
    ("docs/webhook.md", "import base64"): _signed,
}
