"""`ebbwatch webhook`."""

import asyncio
import signal
from pathlib import Path
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

import typer

from ebbwatch.cli.one_line import UserError

HOUR: Final = 3_600.0


def webhook(
    url: Annotated[str, typer.Argument(help="Where to post events: http:// or https://.")],
    topic: Annotated[
        list[str] | None, typer.Option(help="Topics to forward; both warning topics by default.")
    ] = None,
    group: Annotated[
        str | None, typer.Option(help="Group that notes how far it is; one for each receiver.")
    ] = None,
    secret_file: Annotated[
        Path | None, typer.Option(help="Signs each request: whsec_..., or a text; one a line.")
    ] = None,
    timeout: Annotated[float, typer.Option(min=0.1, help="Seconds until a try is given up.")] = 10,
    give_up: Annotated[
        float, typer.Option(min=0, help="Hours of tries until an event is set aside.")
    ] = 24,
    metrics_port: Annotated[
        int, typer.Option(min=0, max=65_535, help="Serve /metrics on loopback; 0 does not.")
    ] = 0,
    *,
    structured: Annotated[
        bool, typer.Option("--structured", help="Attributes and event in one JSON.")
    ] = False,
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="Let the address be inside your network.")
    ] = False,
    from_beginning: Annotated[
        bool, typer.Option("--from-beginning", help="A new group begins with what is kept.")
    ] = False,
) -> None:
    """Post warnings to an address, each at least once, as CloudEvents over HTTP.

    What the receiver is not there for is tried again, ever more seldom, in each partition's order.
    What it refuses is set aside in <topic>.dlq, from where another webhook can take it.
    """
    from streams.config import Settings
    from streams.tools.webhook import SecretError, Style, Webhook, keys_of

    settings = Settings()
    if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname:
        raise UserError("URL: expected http://host... or https://host..., got another kind of text")
    try:
        keys = keys_of(secret_file.read_text("utf-8")) if secret_file else []
    except (SecretError, UnicodeDecodeError) as error:
        raise UserError(f"{secret_file}: {error}") from error
    asked = Webhook(
        url,
        tuple(topic or (settings.risk_topic, settings.relationship_topic)),
        group or f"{settings.group}-webhook",
        Style.STRUCTURED if structured else Style.BINARY,
        tuple(keys),
        timeout,
        give_up * HOUR,
        is_private_allowed=allow_private,
        is_from_beginning=from_beginning,
    )
    asyncio.run(_forward(settings, asked, metrics_port))


async def _forward(settings: Any, asked: Any, port: int) -> None:  # noqa: ANN401
    import structlog
    from prometheus_client import REGISTRY, start_http_server

    from streams.telemetry.logs import configure
    from streams.tools.webhook import forward

    configure(settings.log_level)
    if port:
        start_http_server(port, "127.0.0.1")
    stop = asyncio.Event()
    for asking in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(asking, stop.set)
    log = structlog.get_logger()
    log.info("forwarding", topics=asked.topics, group=asked.group)
    await forward(settings, asked, stop, REGISTRY)
    log.info("left")
