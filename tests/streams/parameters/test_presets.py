import json
from typing import get_args

import pytest
from prometheus_client import CollectorRegistry
from structlog.testing import capture_logs

from scoring.parameters import Silence
from scoring.rules import SILENCE
from streams.config import Settings, packaged
from streams.parameters.file import load_model, write_document
from streams.parameters.in_use import Using
from streams.parameters.reload import tell
from streams.telemetry.metrics import Metrics
from streams.tools.doctor.files import look_at_files

FITTED_UNTIL = "ebbwatch_parameters_fitted_until_timestamp_seconds"
FIT = {
    "fitted_by": "ebbwatch",
    "source": "files",
    "window": {"first_day": None, "until": "2099-12-31"},
    "time_unit": "day",
    "money_unit": "major",
    "counts": {},
    "customers": 1,
    "purchases": None,
    "spend": None,
    "winsorised": None,
    "holdout": None,
    "diagnostics": [],
}
PRESETS = get_args(Settings.model_fields["preset"].annotation)


@pytest.fixture(params=PRESETS)
def preset(request, monkeypatch):
    monkeypatch.setenv("EBBWATCH_PRESET", request.param)
    return request.param


def test_every_preset_loads_and_says_what_it_was_made_from(preset):
    parameters = load_model(Settings()).parameters
    assert parameters.name == preset
    assert parameters.preset.startswith("made from")


def test_a_worker_without_a_file_runs_on_the_preset_for_cards(monkeypatch):
    monkeypatch.delenv("EBBWATCH_PRESET")
    model = load_model(Settings())
    assert "simulated bank" in model.parameters.preset
    assert model.churn is not None
    assert model.leaving == Silence(days=60.0)
    assert not model.thresholds.raises[SILENCE]


@pytest.mark.usefixtures("preset")
def test_a_worker_on_a_preset_says_so_in_the_log_and_in_a_metric():
    settings, metrics = Settings(), Metrics(CollectorRegistry())
    with capture_logs() as logs:
        tell(Using.of(settings, load_model(settings)), metrics)
    assert metrics.registry.get_sample_value("ebbwatch_parameters_preset") == 1.0
    assert metrics.registry.get_sample_value(FITTED_UNTIL) == 0.0
    assert [(one["event"], one["log_level"]) for one in logs] == [
        ("parameters are a preset", "warning")
    ]
    assert "ebbwatch calibrate" in logs[0]["next"]


def test_a_bank_s_own_file_is_taken_without_a_word(tmp_path):
    own = {**json.loads(packaged("cards").read_text()), "fit": FIT}
    del own["preset"]
    write_document(tmp_path / "own.json", own)
    settings = Settings(parameters_file=tmp_path / "own.json")
    metrics = Metrics(CollectorRegistry())
    with capture_logs() as logs:
        tell(Using.of(settings, load_model(settings)), metrics)
    assert logs == []
    assert metrics.registry.get_sample_value("ebbwatch_parameters_preset") == 0.0
    first_of_2100 = 4_102_444_800.0
    assert metrics.registry.get_sample_value(FITTED_UNTIL) == first_of_2100
    assert "preset" not in next(look_at_files(settings)).found


@pytest.mark.usefixtures("preset")
def test_doctor_says_so():
    found = next(look_at_files(Settings()))
    assert (found.state, "a preset" in found.found) == ("warning", True)
    assert found.mend == ("ebbwatch calibrate HISTORY --out bank.json",)
