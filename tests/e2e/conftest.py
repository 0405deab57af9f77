import pytest
from harness import crew
from harness import start as start  # noqa: PLC0414 - a fixture of this folder
from recorded import streamed
from traces import run_undisturbed

from ebbwatch.stack import Stack
from streams.config import Settings


@pytest.fixture(scope="session")
def lived(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of a run over the bank's whole record, which is over; to be looked at only."""
    settings = streamed(stack, "lived.")
    with crew(tmp_path_factory.mktemp("lived")) as start_worker:
        run_undisturbed(settings, start_worker)
    return settings
