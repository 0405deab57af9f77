import uuid
from collections.abc import Iterator

import pytest
from hypothesis import settings

from ebbwatch.stack import Stack, running

# A first example builds tables, and a busy machine takes its time.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """One real Kafka and one real Redis for the whole test session."""
    with running() as started:
        yield started


@pytest.fixture
def topic_prefix() -> str:
    """A prefix that no other test's topics have."""
    return f"t{uuid.uuid4().hex[:8]}."
