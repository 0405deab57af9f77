"""A book of customers of all sorts, and scorecards over it."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

import numpy as np
import pytest
from cases import MODEL

from scoring.arrays import DAY
from scoring.churn import INPUTS, ChurnScorecard, Isotonic, Term
from scoring.facts.events import EVENT
from scoring.facts.kinds import Kind
from scoring.features import features
from scoring.step.replay import EventLog, final_states

START, END = 10_000, 10_400  # days since 1970
CURVE = Isotonic((-3.0, -1.0, 0.5, 4.0), (0.02, 0.3, 0.3, 0.97))
KINDS = [kind for kind in Kind if kind is not Kind.ACCOUNT_CLOSED]


def mixed_log(customers=60, events=1_500, seed=0):
    """Events of all kinds, at random; the first customer has purchases only, the last none."""
    random = np.random.default_rng(seed)
    rows = random.integers(0, customers, events)
    made = np.zeros(events, EVENT)
    made["kind"] = np.where(
        random.random(events) < 0.5, Kind.PURCHASE, random.choice(KINDS, events)
    )
    made["kind"][rows == 0] = Kind.PURCHASE
    made["kind"][rows == customers - 1] = Kind.COMPLAINT
    made["time"] = np.sort(random.uniform(START, END, events)) * DAY
    made["reversed_time"] = made["time"]
    made["amount"] = random.integers(0, 20_000, events)
    made["score"] = random.integers(1, 6, events)
    made["sentiment"] = random.uniform(-1, 1, events)
    made["id"] = np.arange(1, events + 1)
    return EventLog([f"c{n}".encode() for n in range(customers)], rows, made)


def bought_log(leaving, seed=0, days=400):
    """Purchases only: each customer buys about weekly until day `leaving` of the history."""
    random = np.random.default_rng(seed)
    rows, times = [], []
    for customer, end in enumerate(leaving):
        own = random.uniform(0.0, min(end, days), max(int(min(end, days) / 7), 1))
        rows += [customer] * len(own)
        times += own.tolist()
    order = np.argsort(times, kind="stable")
    made = np.zeros(len(order), EVENT)
    made["kind"], made["id"] = Kind.PURCHASE, np.arange(1, len(order) + 1)
    made["time"] = made["reversed_time"] = (np.array(times)[order] + START) * DAY
    made["amount"] = 1_000
    return EventLog([f"c{n}".encode() for n in range(len(leaving))], np.array(rows)[order], made)


LOG = mixed_log()
STATES = final_states(LOG, MODEL, until=END * DAY)


def matrix_at(days_later, states=STATES, model=MODEL):
    return features(states, np.full(len(states), (END + days_later) * DAY), model)


def card(signs=None, calibration=CURVE, inputs=INPUTS):
    """Every input weighed, held to its sign or as `signs` has it."""
    terms = []
    for place, one in enumerate(inputs):
        sign = (one.churn_sign or 1) if signs is None else signs[place]
        terms.append(Term(one, sign * (0.05 + 0.01 * place), 0.3))
    return ChurnScorecard(tuple(terms), -0.4, 20.0, calibration)


@contextmanager
def fewer_thresholds() -> Iterator[None]:
    """A quarter of the thresholds that are tried, each by a replay."""
    search = import_module("modelling.thresholds.search")  # the package has a function of that name
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(search, "ROUND", (0.2, 0.5, 0.8))
        patched.setattr(search, "QUANTILES", np.array([0.6, 0.9]))
        yield


@pytest.fixture(scope="module", autouse=True)
def few_thresholds() -> Iterator[None]:
    """For modules that are not about them."""
    with fewer_thresholds():
        yield


@pytest.fixture(scope="module", autouse=True)
def two_models() -> Iterator[None]:
    """Without the Pareto/NBD, the slowest to fit, for modules that are not about the choice."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(import_module("modelling.fit.choice"), "MODELS", ("bgnbd", "mbgnbd"))
        yield
