import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pytest
from cases import MODEL, event, log, run
from redis.exceptions import ConnectionError as RedisConnectionError

from ebbwatch.serve.portfolio import CustomerTally, Overview, Sweeper, sweep, tally
from scoring.arrays import DAY
from scoring.evaluation.concentration import top_share
from scoring.facts.kinds import Kind
from scoring.facts.packing import pack
from scoring.facts.state import Flag, States
from scoring.facts.touchpoints import NAMES as FAMILIES
from scoring.facts.touchpoints import mark
from scoring.feature import Feature
from scoring.features import features
from scoring.segments import DEFINITIONS, FIGURES, Basis, satisfaction_at
from scoring.step.outcome import score
from streams.config import Settings
from streams.parameters.in_use import InUse, Using
from streams.store import Claim

FIRST, UNTIL, N = 20_000, 20_200, 400
SETTINGS = Settings(mode="replay", partitions=3)


def made() -> States:
    """Customers of every sort: who ebb, who stay, who complain, who never bought."""
    draw, lives = np.random.default_rng(13), []
    for _ in range(N):
        gap, stops = draw.choice([3.0, 10.0, 30.0]), draw.uniform(30, 200)
        days = np.arange(draw.uniform(0, 30), stops, gap)
        lives.append([event(Kind.PURCHASE, FIRST + d, int(draw.lognormal(8, 1.5))) for d in days])
        if draw.random() < 0.5:
            asked = (FIRST + float(draw.uniform(0, 200)), int(draw.integers(0, 11)))
            lives[-1].append(event(Kind.NPS, asked[0], score=asked[1], merchant=mark("app")))
        if draw.random() < 0.2:
            lives[-1] += [
                event(Kind.COMPLAINT, FIRST + d, merchant=mark("hotline")) for d in (190, 195)
            ]
    lives += [[event(Kind.APP_SESSION, FIRST + 9)] for _ in range(5)]
    events = log(*(each for life in lives for each in life))
    rows = np.repeat(np.arange(len(lives)), [len(life) for life in lives])
    order = np.argsort(events["time"], kind="stable")
    return run(events[order], rows[order], until=UNTIL).states


STATES = made()
NAMES = [b"c%04d" % number for number in range(len(STATES))]
NOW = np.full(len(STATES), UNTIL * DAY)


def counted(cut: int) -> Overview:
    kept = CustomerTally(MODEL)
    for start in range(0, len(STATES), cut):
        part = slice(start, start + cut)
        kept.add(NAMES[part], STATES[part], NOW[part])
    return kept.overview(0.0, 1.0)


def test_it_counts_what_each_customer_is() -> None:
    found, told = counted(64), score(STATES, NOW, MODEL)
    bought = STATES["purchase_days"] > 0
    worth = np.maximum(told["features"][bought, Feature.CLV], 0.0)
    assert found.customers == len(STATES)
    assert found.clv_total == pytest.approx(worth.sum())
    assert sum(count for _, count in found.clv) == bought.sum()
    for place, (least, count) in enumerate(found.clv):
        most = found.clv[place + 1][0] if place + 1 < len(found.clv) else np.inf
        assert count == ((worth >= least) & (worth < most)).sum()
    assert found.pareto_share == pytest.approx(top_share(worth), abs=0.01)
    places = {definition.name: place for place, definition in enumerate(DEFINITIONS)}
    for name, classes in found.classes.items():
        own = DEFINITIONS[places[name]].classes
        expected = Counter(own[code] for code in told["segments"][bought, places[name]].tolist())
        assert {of: count for of, count in classes.items() if count} == expected
    assert np.array(found.rfm).sum() == bought.sum()
    assert np.array(found.rfm_value).sum() == pytest.approx(worth.sum())
    levels = told["levels"]
    for (rule, band), count in found.warnings.items():
        slot = MODEL.rules.slots[rule]
        assert count == (levels[:, slot] == ("low", "middle", "high").index(band)).sum()
    assert found.with_warnings == (levels > 0).any(axis=1).sum() > 0
    assert sum(found.warned.values()) >= found.with_warnings


def test_it_tells_how_satisfied_each_class_is() -> None:
    found, told = counted(64).moods, score(STATES, NOW, MODEL)
    places = {definition.name: place for place, definition in enumerate(DEFINITIONS)}
    figure = [each.name for each in FIGURES].index("satisfaction")
    buyers = np.flatnonzero(STATES["purchase_days"] > 0)
    assert found.keys() == {"value_tier", "lifecycle"}
    for name, classes in found.items():
        for code, of in enumerate(DEFINITIONS[places[name]].classes):
            own = [row for row in buyers if told["segments"][row, places[name]] == code]
            answers = [int(STATES["nps"][row]) for row in own if np.isfinite(STATES["nps_at"][row])]
            mood = classes[of]
            assert (mood.customers, mood.answered) == (len(own), len(answers))
            promoters = sum(answer >= 9 for answer in answers)
            detractors = sum(answer <= 6 for answer in answers)
            score_of = 100 * (promoters - detractors) / len(answers) if answers else None
            assert mood.net_promoter_score == score_of
            mean = np.mean(told["figures"][own, figure]) if own else None
            assert mood.satisfaction == (pytest.approx(mean, abs=1e-6) if own else None)
    scores = {mood.net_promoter_score for mood in found["value_tier"].values()}
    assert len(scores - {None}) > 1


def test_it_tells_how_satisfied_customers_are_where_they_met_the_bank() -> None:
    found = satisfaction_at(Basis(STATES, features(STATES, NOW, MODEL), NOW, MODEL))
    means = {name: own[np.isfinite(own)] for name, own in zip(FAMILIES, found, strict=True)}
    told = counted(64).touchpoints
    assert [each.touchpoint for each in told] == ["phone", "app"]
    for each in told:
        assert each.customers == len(means[each.touchpoint])
        assert each.satisfaction == pytest.approx(means[each.touchpoint].mean(), abs=1e-6)


def test_those_most_at_risk_are_first() -> None:
    found, told = counted(50), score(STATES, NOW, MODEL)
    at_risk = told["churn_risk"] * told["features"][:, Feature.VALUE_AT_STAKE]
    expected = sorted(zip(-at_risk, NAMES, strict=True))[: tally.TOP]
    assert [each.customer.encode() for each in found.top] == [name for _, name in expected]
    assert [each.value_at_risk for each in found.top] == [-value for value, _ in expected]


@pytest.mark.parametrize("cut", [37, 1_000])
def test_it_does_not_matter_who_is_counted_together(cut: int) -> None:
    one, other = counted(cut), counted(64)
    for name in (
        "customers",
        "clv",
        "classes",
        "moods",
        "touchpoints",
        "rfm",
        "warnings",
        "warned",
        "top",
    ):
        assert getattr(one, name) == getattr(other, name)


def test_of_nobody_nothing_is_told() -> None:
    found = CustomerTally(MODEL).overview(0.0, 0.0)
    assert (found.clv, found.lorenz, found.pareto_share, found.top) == ((), (), None, ())
    assert found.touchpoints == ()
    assert found.moods["lifecycle"]["new"] == (0, None, 0, 0, 0)
    assert found.moods["lifecycle"]["new"].net_promoter_score is None
    browsing = CustomerTally(MODEL)
    browsing.add(NAMES[-5:], STATES[-5:], NOW[-5:])
    assert browsing.overview(0.0, 0.0).pareto_share is None


@dataclass
class Scanned:
    """Lookups of three partitions, which may tell a customer twice, as HSCAN may."""

    failures: int = 0
    parts: list[dict[bytes, bytes]] = field(default_factory=lambda: [{}, {}, {}])

    def __post_init__(self) -> None:
        for place, (name, state) in enumerate(zip(NAMES, pack(STATES), strict=True)):
            self.parts[place % 3][name] = state

    async def customers(self, partitions: int) -> int:
        if self.failures:
            self.failures -= 1
            raise RedisConnectionError("away")
        return sum(map(len, self.parts[:partitions]))

    async def find(self, asked: list[tuple[int, bytes]]) -> tuple[list[None], dict[int, Claim]]:
        return [None], {number: Claim(1, 1, UNTIL * DAY, {}, 0) for number, _ in asked}

    async def slice(
        self, partition: int, cursor: int, count: int
    ) -> tuple[int, Mapping[bytes, bytes]]:
        names = list(self.parts[partition])
        told = names[max(cursor - 5, 0) : cursor + count]
        following = cursor + count if cursor + count < len(names) else 0
        return following, {name: self.parts[partition][name] for name in told}


def sweeper(kept: Scanned) -> Sweeper:
    return Sweeper(SETTINGS, kept, InUse(Using.of(SETTINGS, MODEL)), 1.0)  # type: ignore[arg-type]


async def test_a_look_counts_everybody_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep, "SLICE", 40)
    found = await sweeper(Scanned()).look()
    assert found.customers == len(STATES)
    assert found.top == counted(64).top


async def test_a_look_passes_over_who_withdrew_consent_to_profiling(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sweep, "SLICE", 40)
    kept, states = Scanned(), STATES.copy()
    states["flags"][::2] = Flag.NO_PROFILING
    for place, (name, state) in enumerate(zip(NAMES, pack(states), strict=True)):
        kept.parts[place % 3][name] = state
    found = await sweeper(kept).look()
    assert found.customers == len(STATES) // 2
    assert not {each.customer.encode() for each in found.top} & {*NAMES[::2]}
    states["flags"] = Flag.NO_PROFILING
    kept.parts = [dict(zip(NAMES, pack(states), strict=True)), {}, {}]
    assert (await sweeper(kept).look()).customers == 0


async def test_it_looks_again_and_again_also_after_redis_was_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("AGAIN", "LEAST"):
        monkeypatch.setattr(sweep, name, 0.0)
    kept = Scanned(failures=2)
    looking = sweeper(kept)
    task = asyncio.create_task(looking.run())
    seen: list[Overview] = []
    while len(seen) < 2:
        await asyncio.sleep(0.001)
        if looking.overview is not None and looking.overview not in seen:
            seen.append(looking.overview)
    task.cancel()
    assert (seen[0].customers, looking.progress <= 1.0, kept.failures) == (len(STATES), True, 0)
