"""Running one worker process under Faust's own worker."""

import gc
import os
from threading import Timer
from typing import Final

import faust
import structlog
import uvloop
from prometheus_client import REGISTRY

from streams.app import Worker
from streams.config import Settings
from streams.retry import WAITS
from streams.telemetry.logs import configure

log = structlog.get_logger()


LEAVE: Final = 8.0  # seconds from the signal to the end, whatever hangs


class _FaustWorker(faust.Worker):
    """Faust's worker without its spinner, and without signals that show payloads.

    SIGTERM and SIGINT drain and leave; what hangs meanwhile is left undone, since the next worker
    goes on where Redis says.

    Args:
        worker: the parts, to be known whether they have started.
    """

    def __init__(self, worker: Worker) -> None:
        quiet = {"loglevel": None, "override_logging": False, "redirect_stdouts": False}
        super().__init__(worker.app, quiet=True, **quiet)
        self.spinner, self._parts = None, worker

    def _on_sigterm(self) -> None:
        self._leave("SIGTERM")
        super()._on_sigterm()

    def _on_sigint(self) -> None:
        self._leave("SIGINT")
        super()._on_sigint()

    def _leave(self, signal: str) -> None:
        log.info("leaving", signal=signal)
        if not self._parts.has_started:
            _end()
        overdue = Timer(LEAVE, _end, kwargs={"left_undone": "what hangs"})
        overdue.daemon = True
        overdue.start()

    def _on_sigusr1(self) -> None:
        log.info("ignored", signal="SIGUSR1")

    def _on_sigusr2(self) -> None:
        log.info("ignored", signal="SIGUSR2")


def _end(**why: str) -> None:
    """End a process that was asked to, at once."""
    waits = [f"{wait.what}: {wait.reason}" for wait in WAITS.now]
    log.info("left", **why, **({"waited_for": waits} if waits else {}))
    os._exit(0)


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
    try:
        _FaustWorker(worker).execute_from_commandline()
    finally:
        log.info("left")
