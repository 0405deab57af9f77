"""Running one worker process under Faust's own worker."""

import gc

import faust
import structlog
import uvloop
from prometheus_client import REGISTRY

from streams.app import Worker
from streams.config import Settings
from streams.telemetry.logs import configure

log = structlog.get_logger()


class _FaustWorker(faust.Worker):
    """Faust's worker without the signals that show local variables, and so payloads."""

    def _on_sigusr1(self) -> None:
        log.info("ignored", signal="SIGUSR1")

    def _on_sigusr2(self) -> None:
        log.info("ignored", signal="SIGUSR2")


def run(settings: Settings) -> None:
    """Run until stopped by a signal; never returns."""
    configure(settings.log_level)
    uvloop.install()
    worker = Worker(settings, REGISTRY)
    # Batches are made of many small objects that die by reference count: the cycle collector would
    # walk them again and again, and everything that was imported each time.
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)
    _FaustWorker(
        worker.app, loglevel=None, override_logging=False, redirect_stdouts=False, quiet=True
    ).execute_from_commandline()
