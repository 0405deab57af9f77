"""The state of a live system as history: against a real Redis."""

import asyncio
import json
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from harness import environment, make_settings
from histories import BOOK, cdnow_sample
from typer.testing import CliRunner

from ebbwatch.cli import command_line
from ebbwatch.stack import Stack
from modelling.history import (
    Columns,
    HistoryError,
    Layout,
    read_events,
    read_live,
    summarise,
    summarise_live,
)
from scoring.facts.packing import pack
from scoring.model import ScoringModel
from scoring.step.replay import EventLog, final_states
from streams.broker.message import partition_of
from streams.config import Settings
from streams.parameters.file import load_model
from streams.store import Commit, RedisStore
from streams.store.clients import connect

END = date(1997, 9, 30)


@pytest.fixture
def settings(stack: Stack, topic_prefix: str) -> Settings:
    return make_settings(stack, topic_prefix)


@pytest.fixture
def log(tmp_path: Path) -> EventLog:
    cdnow_sample().write_csv(tmp_path / "sample.csv")
    columns = Columns(customer_id="Kunde", event_time="Tag", amount="Betrag")
    return read_events([tmp_path / "sample.csv"], BOOK, layout=Layout(columns=columns))


def fill(settings: Settings, log: EventLog, clock: float, model: ScoringModel) -> None:
    """Put every customer's state where a worker would have put it."""
    states = final_states(log.before(clock + 1.0), model, until=clock)
    packed = dict(zip(log.customers, pack(states), strict=True))

    async def run() -> None:
        redis = connect(settings.redis_url.get_secret_value(), settings.redis_timeout)
        store = RedisStore(redis, settings.redis_prefix, settings.partitions)
        for number in range(settings.partitions):
            claim = await store.claim(number)
            own = {
                c: s for c, s in packed.items() if partition_of(c, settings.partitions) == number
            }
            commit = Commit(claim.owner, claim.sequence, clock, {}, states=own)
            await store.commit(number, commit)
        await redis.aclose()

    asyncio.run(run())


def test_a_live_system_is_summed_up_and_fitted_as_its_files_are(
    settings: Settings, log: EventLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = 875_577_600.0  # 1997-09-30
    fill(settings, log, clock, load_model(Settings()))
    live, file = (
        summarise_live(read_live(settings), BOOK.calendar),
        summarise(log, BOOK.calendar, END),
    )
    assert live.ids == file.ids
    assert live.until == END
    for name in ("x", "t_x", "T", "monetary_value", "total_value"):
        assert np.array_equal(getattr(live, name), getattr(file, name)), name

    for name, value in environment(settings).items():
        monkeypatch.setenv(name, value)
    out = tmp_path / "live.json"
    asked = ["fit", "redis", "--model", "bgnbd", "--out", str(out), "--json"]
    result = CliRunner().invoke(command_line(), asked)
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert told["log_likelihood"] == pytest.approx(-9582.429207, abs=1e-6)
    assert told["window"] == {"first_day": None, "until": "1997-09-30"}

    later = CliRunner().invoke(command_line(), [*asked, "--until", "1997-10-07"])
    assert json.loads(later.stdout)["log_likelihood"] < told["log_likelihood"]
    for more, expected in (
        (["--until", "1997-09-29"], "until: expected a day from the last purchase on"),
        (["--until", "1997-09-30", "--holdout", "1998-01-01"], "--holdout: expected a history of"),
        (["file.csv"], "HISTORY: expected files, or redis alone"),
    ):
        refused = CliRunner().invoke(command_line(), [*asked, *more])
        assert refused.exit_code == 1
        assert expected in refused.stderr


def test_an_empty_redis_is_no_history(settings: Settings) -> None:
    with pytest.raises(HistoryError, match="redis: expected customers in 4 partitions"):
        read_live(settings)
