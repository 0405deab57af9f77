import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from harness import await_that, crew, make_settings, unused_port
from metric_registry import all_metrics
from onnx_models import WIDTH, logistic
from portfolio import portfolio
from prometheus_client.parser import text_string_to_metric_families
from prometheus_server import scraping
from traces import as_messages, ends, is_done, scrape, states, warnings_by_id, write

from ebbwatch.stack import Stack
from streams.broker.message import Message
from streams.config import Settings
from streams.parameters.file import read_document

DASHBOARDS = Path(__file__).parents[2] / "deploy" / "grafana" / "dashboards"
LABELS = {
    "ebbwatch_events_total": {"topic", "type", "outcome"},
    "ebbwatch_batch_events_count": set(),
    "ebbwatch_decode_seconds_count": set(),
    "ebbwatch_step_seconds_count": set(),
    "ebbwatch_redis_seconds_count": {"operation"},
    "ebbwatch_redis_memory_bytes": {"of"},
    "ebbwatch_event_to_warning_seconds_count": set(),
    "ebbwatch_lag_messages": {"topic", "partition"},
    "ebbwatch_lag_seconds": {"topic", "partition"},
    "ebbwatch_warnings_total": {"rule", "band", "route"},
    "ebbwatch_dead_letters_total": {"topic", "reason"},
    "ebbwatch_outbox_depth": {"partition"},
    "ebbwatch_timers_due": {"partition"},
    "ebbwatch_timers_total": set(),
    "ebbwatch_customers": {"partition"},
    "ebbwatch_parameters_reloads_total": {"outcome"},
    "ebbwatch_parameters_activations_total": set(),
    "ebbwatch_parameters_preset": set(),
    "ebbwatch_parameters_fitted_until_timestamp_seconds": set(),
    "ebbwatch_live": set(),
    "ebbwatch_consent_unheard_total": set(),
    "ebbwatch_touchpoints_unknown_total": set(),
    "ebbwatch_model_info": {"version", "rules_version"},
    "ebbwatch_panel_customers": set(),
    "ebbwatch_panel_unknown": set(),
    "ebbwatch_panel_outcomes": {"model", "outcome", "flagged"},
    "ebbwatch_panel_auc_ratio": {"model"},
    "ebbwatch_panel_disagreement_ratio": {"model"},
    "ebbwatch_challenger_errors_total": {"reason"},
    "ebbwatch_promise_evidence": {"model"},
    "ebbwatch_promise_outcomes": {"model", "outcome"},
}


class Run:
    """A run that has come to its end, its worker still answering.

    Args:
        settings: of the run.
        events: number of good events.
    """

    def __init__(self, settings: Settings, events: int) -> None:
        self.settings, self.events = settings, events
        self.page = scrape(settings, "/metrics")[1]
        self.families = list(text_string_to_metric_families(self.page))

    def total(self, name: str, **labels: str) -> float:
        """Sum of the samples of a name that have the given labels."""
        found = (s for family in self.families for s in family.samples if s.name == name)
        return sum(s.value for s in found if labels.items() <= s.labels.items())


@pytest.fixture(scope="module")
def run(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    challenger = tmp_path_factory.mktemp("models") / "bank.onnx"
    challenger.write_bytes(logistic(np.full(WIDTH, 1e-6)))
    promising = challenger.with_name("promising.json")
    document = {**read_document(None), "promise": {"precision": 0.5}}
    document["rules"]["silence"]["middle"] = 0.2  # so that there are outcomes of many warnings
    promising.write_text(json.dumps(document))
    settings = make_settings(
        stack,
        "metrics.",
        metrics_port=unused_port(),
        batch_records=100,  # so that there are rounds
        panel_share=1.0,
        panel_effort=1.0,
        challenger_file=challenger,
        parameters_file=promising,
    )
    log = portfolio(300, seed=7)
    events = len(log.transactions) + len(log.interactions)
    write(settings, settings.transaction_topic, as_messages(log.transactions))
    write(settings, settings.transaction_topic, [Message(b"nobody", b"not JSON")])
    write(settings, settings.interaction_topic, as_messages(log.interactions))
    upto = ends(settings)
    with crew(tmp_path_factory.mktemp("metrics")) as start:
        worker = start(settings)
        await_that("all applied", lambda: is_done(settings, upto), worker)
        await_that("the gauges", lambda: has_settled(Run(settings, events)), worker)
        yield Run(settings, events)
        assert worker.stop() == 0


def has_settled(run: Run) -> bool:
    """Whether the gauges, which are read now and then, show the end of the run."""
    waiting = run.total("ebbwatch_outbox_depth") + run.total("ebbwatch_lag_messages")
    return waiting == 0 and run.total("ebbwatch_customers") == len(states(run.settings))


def test_every_metric_is_on_the_page(run: Run) -> None:
    ours = all_metrics().collect()
    names = {family.name + "_info" * (family.type == "info") for family in ours}
    assert {family.name for family in run.families} >= names
    told = {family.name for family in run.families if family.samples}
    untold = {
        "ebbwatch_drift_psi": "too few customers to tell drift",
        "ebbwatch_feed_held": "no feeds are watched here",
        "ebbwatch_spans": "nobody asked for traces",
    }
    assert names - told == untold.keys()


def test_every_sample_has_the_labels_it_should_have(run: Run) -> None:
    found = {s.name: set(s.labels) for family in run.families for s in family.samples}
    assert {name: found.get(name) for name in LABELS} == LABELS


def test_no_label_names_a_customer(run: Run) -> None:
    assert "customer-0" not in run.page


def test_the_figures_are_those_of_the_run(run: Run) -> None:
    published = len(warnings_by_id(run.settings))
    assert published > 0
    assert run.total("ebbwatch_events_total", outcome="applied") == run.events
    assert run.total("ebbwatch_events_total", outcome="dead_letter") == 1
    assert run.total("ebbwatch_dead_letters_total", reason="not_json") == 1
    assert run.total("ebbwatch_warnings_total") == published
    assert run.total("ebbwatch_event_to_warning_seconds_count") == published
    assert run.total("ebbwatch_batch_events_sum") == run.events
    assert run.total("ebbwatch_timers_total") > 0
    assert run.total("ebbwatch_timers_due") == 0
    assert run.total("ebbwatch_redis_memory_bytes", of="used") > 1 << 20
    assert run.total("ebbwatch_redis_memory_bytes", of="most") == 0  # there is no limit
    assert run.total("ebbwatch_live") == 0


def test_promtool_has_nothing_to_say(run: Run) -> None:
    check = ["promtool", "check", "metrics"]
    checked = subprocess.run(check, input=run.page.encode(), capture_output=True, check=False)
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, b"")


# Nobody answered, and there are too few customers to tell drift.
UNTOLD = {
    "job_rule_band:ebbwatch_answers_precision:ratio2w",
    "job:ebbwatch_answers_precision:ratio2w",
    "job_feature:ebbwatch_drift_psi:max",
}


def test_every_query_of_a_dashboard_is_answered_by_a_real_prometheus(
    run: Run, tmp_path: Path
) -> None:
    asked = [
        target["expr"]
        for file in DASHBOARDS.glob("*.json")
        for panel in json.loads(file.read_text())["panels"]
        for target in panel["targets"]
    ]
    assert len(asked) > 30
    with scraping(tmp_path, run.settings.metrics_port) as prometheus:
        untold = {query for query in asked if not prometheus.ask(query)}
    assert untold == UNTOLD


def test_the_probes_are_content(run: Run) -> None:
    assert scrape(run.settings, "/livez")[0] == 200
    assert scrape(run.settings, "/readyz")[0] == 200
