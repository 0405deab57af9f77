"""The whole purchase log through a real Kafka and Redis, against an offline computation."""

from collections.abc import Callable
from importlib import resources

import numpy as np
import polars as pl
import pytest
from harness import Worker, make_settings
from traces import as_messages, progress, run_undisturbed, states, write

from ebbwatch.demo.events.cdnow import CUSTOMERS, FILE, ROWS, purchases
from ebbwatch.stack import Stack
from scoring.facts.packing import unpack
from scoring.facts.state import Count
from scoring.feature import Feature
from scoring.features import features
from streams.parameters.file import load_model

END = pl.date(1998, 6, 30)
END_SECONDS = 899_164_800.0
KNOWN = {
    "x": Feature.FREQUENCY,
    "t_x": Feature.RECENCY,
    "T": Feature.TENURE,
    "value": Feature.MONETARY_VALUE,
}


def offline() -> pl.DataFrame:
    """Frequency, recency, tenure and monetary value of every customer, by polars alone."""
    text = resources.files("ebbwatch.demo").joinpath("data", FILE).read_text().splitlines()[1:]
    rows = pl.DataFrame(
        [line.split() for line in text], ["id", "day", "cds", "dollars"], orient="row"
    )
    cents = (pl.col("dollars").cast(pl.Float64) * 100).round().cast(pl.Int64)
    days = rows.group_by("id", pl.col("day").str.to_date("%Y%m%d")).agg(cents.sum().alias("cents"))
    first, later = pl.col("day").min(), pl.col("day") > pl.col("day").min()
    return days.group_by("id").agg(
        x=pl.len() - 1,
        t_x=(pl.col("day").max() - first).dt.total_days(),
        T=(END - first).dt.total_days(),
        value=pl.col("cents").filter(later).mean().fill_null(0.0),
    )


@pytest.mark.slow
def test_every_customers_record_equals_the_offline_computation(
    stack: Stack, topic_prefix: str, start: Callable[..., Worker]
) -> None:
    settings = make_settings(stack, topic_prefix, partitions=8)
    write(settings, settings.transaction_topic, as_messages(purchases()))
    run_undisturbed(settings, start)

    found = states(settings)
    clocks = {claim.clock for claim in progress(settings).claims}
    assert (len(found), clocks) == (CUSTOMERS, {END_SECONDS})
    names, records = zip(*sorted(found.items()), strict=True)
    kept = unpack(records)
    assert kept["counts"][:, Count.PURCHASES].sum() == ROWS
    got = features(kept, np.full(CUSTOMERS, END_SECONDS), load_model(settings))
    expected = offline().sort("id")
    assert [f"cdnow-{name}".encode() for name in expected["id"]] == list(names)
    for column, feature in KNOWN.items():
        np.testing.assert_allclose(got[feature], expected[column].to_numpy(), rtol=1e-12)
