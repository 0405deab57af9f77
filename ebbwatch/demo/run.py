"""The whole demo: its own stack, the log written, a worker, and everything ended again."""

import asyncio
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Final, NoReturn, Protocol

from ebbwatch.demo.child import Child, desk, page, worker
from ebbwatch.demo.events.log import messages
from ebbwatch.demo.replay import DemoReplay, Watcher, follow, write
from ebbwatch.demo.report import Report, report
from ebbwatch.demo.settings import settings_for
from ebbwatch.demo.view.closing import grouped
from ebbwatch.demo.worth import worth
from ebbwatch.stack import Stack, running, start
from ebbwatch.stack.control import discard
from streams.broker.clients import ClientOptions
from streams.broker.topics import create_topics, topic_specs
from streams.config import Settings
from streams.parameters.file import load_model


class View(Watcher, Protocol):
    """Who shows the demo."""

    def begin(self, stage: str) -> None:
        """A stage begins, and the one before it has ended."""

    def finish(self, found: Report, settings: Settings, kept: Path | None) -> None:
        """All is done; `kept` is the folder of the stack that goes on running."""

    def opened(self, address: str) -> None:
        """The page stands open, until the program is interrupted."""


POLL: Final = 0.2  # seconds between two looks at the processes of desk and page
ENDING: Final = (signal.SIGINT, signal.SIGTERM)


def run(
    view: View, *, keep: bool, parameters: Path | None = None, port: int | None = None
) -> Report:
    """Run the demo.

    Args:
        view: Told of every step.
        keep: Leave the stack running, with all the demo's data.
        parameters: File to run on; the demo's own by default.
        port: Where the page stands open at the end until SIGINT or SIGTERM; None for nowhere.

    Raises:
        StackError: Kafka or Redis did not start.
        DemoError: The worker did not do its work.
    """
    began = time.monotonic()
    with ended_by_signals(), _stack(view, keep=keep) as stack:
        settings = settings_for(stack, parameters)
        replayed = _replay(settings, stack.folder, view)
        found = report(
            replayed.progress,
            replayed.dead,
            replayed.warnings,
            seconds=time.monotonic() - began,
            replay_seconds=replayed.seconds,
            worth=worth(replayed.warnings, load_model(settings)),
        )
        view.finish(found, settings, stack.folder if keep else None)
        if port is not None:
            with (
                desk(settings, stack.folder / "desk.log") as rationing,
                page(settings, stack.folder / "serve.log", port) as (serving, address),
            ):
                view.opened(address)
                _until_told(rationing, serving)
    return found


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Let SIGINT and SIGTERM unwind the program, so that what was started is ended.

    Also where SIGINT was inherited as ignored, as a shell's background jobs do.
    """
    tempfile.gettempdir()  # tries its folder with a file, which a signal would leave behind
    before = {signum: signal.signal(signum, _exit) for signum in ENDING}
    try:
        yield
    finally:
        for signum, handler in before.items():
            signal.signal(signum, handler)


def _until_told(*children: Child) -> None:
    """Wait for the signal that ends the demo.

    Raises:
        DemoError: The desk or the page ended before.
    """
    with suppress(SystemExit):  # as is expected here
        while True:
            for child in children:
                child.check()
            time.sleep(POLL)


def _exit(signum: int, _frame: FrameType | None) -> NoReturn:
    for each in ENDING:
        signal.signal(each, signal.SIG_IGN)  # once is enough: the ending is under way
    sys.exit(128 + signum)


def _replay(settings: Settings, folder: Path, view: View) -> DemoReplay:
    view.begin("Reading the purchase log and making up four customers")
    log = messages(settings)
    view.begin("Creating topics")
    options = ClientOptions(settings).kafka_python()
    create_topics(settings.kafka_bootstrap, topic_specs(settings), **options)
    view.begin(f"Writing {grouped(sum(map(len, log.values())))} events to Kafka")
    written = asyncio.run(write(settings, log))
    view.begin("Replaying it through one worker")
    with worker(settings, folder / "worker.log") as child:
        return asyncio.run(follow(settings, written, child, view))


@contextmanager
def _stack(view: View, *, keep: bool) -> Iterator[Stack]:
    view.begin("Starting Kafka and Redis")
    with _kept() if keep else running() as stack:
        yield stack


@contextmanager
def _kept() -> Iterator[Stack]:
    """A stack in a new folder that stays unless the demo fails."""
    folder = Path(tempfile.mkdtemp(prefix="ebbwatch-demo-")).resolve()
    try:
        yield start(folder)
    except BaseException:
        discard(folder)
        raise
