"""`/metrics`, `/livez` and `/readyz` over HTTP, on loopback unless told otherwise."""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from redis.exceptions import RedisClusterException, RedisError

from streams.config import Settings
from streams.partition.ownership import Ownership
from streams.retry import WAITS, told
from streams.store import RedisStore
from streams.telemetry.metrics import Metrics

STUCK: Final = 120.0  # seconds without progress while records wait and no server is away
ANSWER: Final = 2.0  # seconds that Redis may take to answer a probe

Handler = Callable[[web.Request], Awaitable[web.Response]]


class Probes:
    """The worker's HTTP server.

    Args:
        settings: host and port; port 0 serves nothing.
        partitions: whose progress is judged.
        metrics: what is exposed.
        store: asked whether it takes writes.
    """

    def __init__(
        self, settings: Settings, partitions: Ownership, metrics: Metrics, store: RedisStore
    ) -> None:
        self._settings, self._partitions = settings, partitions
        self._metrics, self._store = metrics, store
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
        """Alive: progress where records wait. An outage is no reason to be restarted."""
        stuck = self._stuck()
        if stuck and WAITS.now:
            self._away_at = time.monotonic()
        if stuck and time.monotonic() - self._away_at > STUCK:
            return web.json_response({"status": "stuck", "partitions": stuck}, status=503)
        return web.json_response({"status": "alive"})

    async def _readyz(self, _: web.Request) -> web.Response:
        """Ready: all that was assigned, be it nothing, is at work, and Redis takes writes."""
        waits = sorted({f"{w.who} {w.what}: {w.server}: {w.reason}".strip() for w in WAITS.now})
        owned = self._partitions.owned.items()
        checks: dict[str, object] = {
            "redis": await self._refused(),
            "assigned": self._partitions.is_assigned,
            "waiting": waits,
            "ended": [number for number, each in owned if each.has_ended],
        }
        ready = checks == {"redis": "", "assigned": True, "waiting": [], "ended": []}
        held = [number for number, each in owned if each.partition.brake.is_closed]
        answer = {"ready": ready, **checks, "held": held}  # which another process would hold too
        return web.json_response(answer, status=200 if ready else 503)

    async def _refused(self) -> str:
        """Why Redis takes no write of a partition that is owned, in words; "" where it does."""
        numbers = list(self._partitions.owned) or [0]
        try:
            async with asyncio.timeout(ANSWER):
                await asyncio.gather(*(self._store.touch(number) for number in numbers))
        except TimeoutError:
            return f"no answer within {ANSWER:g} s"
        except (RedisError, RedisClusterException, OSError) as error:
            return told(error)
        return ""

    def _stuck(self) -> list[int]:
        latest = time.monotonic() - STUCK
        return [
            number
            for number, owned in self._partitions.owned.items()
            if owned.partition.progressed_at < latest
            and any(inbox.lag for inbox in owned.partition.inboxes.values())
        ]
