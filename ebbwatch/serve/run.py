"""The process: opens what it needs, serves until it is stopped, and closes it again."""

import asyncio
import gc
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
import uvloop
from prometheus_client import CollectorRegistry

from ebbwatch.serve.app import build
from ebbwatch.serve.desk import Desk
from ebbwatch.serve.portfolio import Sweeper
from ebbwatch.serve.queue import AnswerSender, CaseFeed, HistoryFeed
from ebbwatch.serve.settings import ServeSettings
from streams.config import Settings
from streams.parameters.file import load_model
from streams.parameters.in_use import InUse, Using
from streams.parameters.reload import Reloader, warmed
from streams.store.opening import opened_lookups
from streams.telemetry.logs import configure
from streams.telemetry.metrics import Metrics


def run(settings: Settings, serving: ServeSettings, tell: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM.

    Args:
        settings: of the workers whose store it is.
        serving: where, and to whom.
        tell: told the address once it may be asked.

    Raises:
        ScoringError: the parameters or rules cannot be used.
        AccessFileError: a file of names and hashes cannot be used.
        OSError: the address is taken, or a file cannot be read.
    """
    configure(settings.log_level)
    in_use = InUse(Using.of(settings, warmed(load_model(settings))))
    # As in the worker: a walk through all that was imported would keep everybody waiting.
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)
    uvloop.run(_serve(settings, serving, in_use, tell))


async def _serve(
    settings: Settings, serving: ServeSettings, in_use: InUse, tell: Callable[[str], None]
) -> None:
    reloader = Reloader(settings, in_use, Metrics(CollectorRegistry()))
    async with opened_lookups(settings) as lookups:
        sweeper = Sweeper(settings, lookups, in_use, serving.effort)
        feed, past, sender = CaseFeed(settings), HistoryFeed(settings), AnswerSender(settings)
        desk = Desk(settings, lookups, in_use)
        app = build(serving, desk, lookups, sweeper, feed, past, sender, in_use)
        with _listening(serving) as listener:
            beside = [asyncio.create_task(each.run()) for each in (reloader, sweeper, feed, past)]
            config = uvicorn.Config(
                app,
                log_config=None,
                access_log=False,  # paths hold ids; the audit tells who looked at whom
                proxy_headers=False,
                server_header=False,
                timeout_graceful_shutdown=5,
            )
            tell(f"http://{serving.host}:{listener.getsockname()[1]}")
            try:
                await _Server(config).serve(sockets=[listener])
            finally:
                for task in beside:
                    task.cancel()
                await sender.close()


class _Server(uvicorn.Server):
    """One that ends well when it is told to, where uvicorn's would die of the signal at last."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for signum in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(signum, self.handle_exit, signum, None)
        yield


@contextmanager
def _listening(serving: ServeSettings) -> Iterator[socket.socket]:
    place, family = (serving.host, serving.port), socket.AF_INET
    if ":" in serving.host:
        family = socket.AF_INET6
    try:
        listener = socket.create_server(place, family=family, backlog=2_048)
    except OSError as error:
        where = f"{serving.host}:{serving.port}"
        raise OSError(error.errno, error.strerror, where) from error
    with listener:
        yield listener
