"""`/metrics`, `/livez` and `/readyz` over HTTP, on loopback unless told otherwise."""

import math
import time
from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from redis.asyncio import Redis
from redis.exceptions import RedisError

from streams.config import Settings
from streams.partition.ownership import Ownership
from streams.telemetry.metrics import Metrics

STUCK: Final = 120.0  # seconds without progress while records wait and Redis answers

Handler = Callable[[web.Request], Awaitable[web.Response]]


class Probes:
    """The worker's HTTP server.

    Args:
        settings: host and port; port 0 serves nothing.
        partitions: whose progress is judged.
        metrics: what is exposed.
        redis: asked whether it answers.
    """

    def __init__(
        self, settings: Settings, partitions: Ownership, metrics: Metrics, redis: Redis
    ) -> None:
        self._settings, self._partitions = settings, partitions
        self._metrics, self._redis = metrics, redis
        self._runner: web.AppRunner | None = None
        self._away_at = -math.inf

    async def start(self) -> None:
        """Listen."""
        if not self._settings.metrics_port:
            return
        app = web.Application()
        handlers: dict[str, Handler] = {
            "/metrics": self._metrics_page,
            "/livez": self._livez,
            "/readyz": self._readyz,
        }
        app.add_routes([web.get(path, handler) for path, handler in handlers.items()])
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(
            self._runner, self._settings.metrics_host, self._settings.metrics_port
        ).start()

    async def stop(self) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _metrics_page(self, _: web.Request) -> web.Response:
        body = generate_latest(self._metrics.registry)
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def _livez(self, _: web.Request) -> web.Response:
        """Alive: progress where records wait. An outage of Redis is no reason to be restarted."""
        stuck = self._stuck()
        if stuck and not await self._redis_answers():
            self._away_at = time.monotonic()
        if stuck and time.monotonic() - self._away_at > STUCK:
            return web.json_response({"status": "stuck", "partitions": stuck}, status=503)
        return web.json_response({"status": "alive"})

    async def _readyz(self, _: web.Request) -> web.Response:
        """Ready: Redis answers and partitions were assigned, be it none."""
        checks = {"redis": await self._redis_answers(), "assigned": self._partitions.is_assigned}
        return web.json_response(checks, status=200 if all(checks.values()) else 503)

    def _stuck(self) -> list[int]:
        latest = time.monotonic() - STUCK
        return [
            number
            for number, owned in self._partitions.owned.items()
            if owned.partition.progressed_at < latest
            and any(inbox.lag for inbox in owned.partition.inboxes.values())
        ]

    async def _redis_answers(self) -> bool:
        try:
            return bool(await self._redis.ping())
        except (RedisError, OSError):
            return False
