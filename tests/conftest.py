import os
import secrets
import uuid
from collections.abc import Iterator
from pathlib import Path

import lots
import pytest
from hypothesis import HealthCheck, settings

from ebbwatch.stack import Stack, running

# A first example builds tables, and a busy machine takes its time.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

# Most right values in the tests are those of CDNOW; the tests that are about presets say so.
os.environ.setdefault("EBBWATCH_PRESET", "cdnow")

# Drawn once for all of pytest's processes, which are to collect the same tests: this file is read
# before they are started, and they inherit it.
os.environ.setdefault(lots.SEED, str(secrets.randbelow(1_000_000)))

SERVERS = {"stack", "own_stack", "redis_servers"}  # fixtures that are a real Kafka or Redis

# Whose quick tests cover what must be covered: to be watched takes a test half as long again, and a
# loop five times as long. Drawn examples are not watched: a line must not be reached by luck alone.
COVERING = ("schemas", "scoring", "modelling/fit", "test_examples")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Where something failed, how to draw the same lots again."""
    if terminalreporter.stats.get("failed"):
        terminalreporter.write_line(lots.told())


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark who needs servers `integration` unless it says so itself, everybody else `unit`.

    Warehouses, a registry and KEDA have targets of their own, which install what they need.
    """
    for apart in {"warehouse", "registry", "keda"} - set(config.option.markexpr.split()):
        items[:] = [item for item in items if item.get_closest_marker(apart) is None]
    if not any("::" in asked for asked in config.args):  # who names a test wants it
        left_out = set(lots.not_drawn(items))
        items[:] = [item for item in items if item not in left_out]
    here = Path(__file__).parent
    for item in items:
        is_covering = item.path.relative_to(here).as_posix().startswith(COVERING)
        is_drawn = getattr(getattr(item, "obj", None), "is_hypothesis_test", False)
        if not is_covering or is_drawn or item.get_closest_marker("slow"):
            item.add_marker("no_cover")
        if SERVERS & set(getattr(item, "fixturenames", ())):
            item.add_marker("integration")
        elif item.get_closest_marker("integration") is None:
            item.add_marker("unit")


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """One real Kafka and one real Redis for the whole test session."""
    with running() as started:
        yield started


@pytest.fixture
def topic_prefix() -> str:
    """A prefix that no other test's topics have."""
    return f"t{uuid.uuid4().hex[:8]}."
