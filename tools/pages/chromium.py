"""Headless Chromium, driven by its DevTools protocol: tabs that tell what pages ask for and say."""

import asyncio
import base64
import itertools
import json
import subprocess
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType

PATIENCE: Final = 60.0  # seconds that anything may take
DESK, PHONE = 1200, 390  # pixels
FIRST_PAINT: Final = """new Promise(done => new PerformanceObserver(seen => {
  const found = seen.getEntriesByName("first-contentful-paint")[0];
  if (found) done(found.startTime);
}).observe({type: "paint", buffered: true}))"""


class BrowserError(RuntimeError):
    """Chromium did not do what it was told."""


@dataclass
class Tab:
    """A page open in a browser, which keeps nothing of other pages.

    Attributes:
        requests: addresses that it asked for.
        complaints: errors of its console, of its scripts and of its security policy.
        documents: pages that it asked for; that one is an error page is no complaint.
    """

    browser: "Browser"
    session: str
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    loaded: asyncio.Event = field(default_factory=asyncio.Event)
    documents: set[str] = field(default_factory=set)

    async def call(self, method: str, **parameters: Any) -> Any:
        """A command of the protocol, for this tab."""
        return await self.browser.call(method, parameters, self.session)

    async def look_as(
        self, width: int, height: int = 1000, *, dark: bool = False, media: str = ""
    ) -> None:
        """Take a size, and the colours that the person likes; `print` for paper."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1}
        await self.call("Emulation.setDeviceMetricsOverride", **size, mobile=width <= PHONE)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        await self.call("Emulation.setEmulatedMedia", media=media, features=[scheme])

    async def open(self, address: str) -> float:
        """Go somewhere, and wait until all of it is there.

        Returns:
            Seconds from the navigation's beginning to the first contentful paint.
        """
        async with self.loading():
            said = await self.call("Page.navigate", url=address)
        if "errorText" in said:
            raise BrowserError(f"{address}: {said['errorText']}")
        return float(await self.evaluate(FIRST_PAINT)) / 1e3

    @asynccontextmanager
    async def loading(self) -> AsyncIterator[None]:
        """Do what leads to another page, and wait for that."""
        self.loaded.clear()
        yield
        async with asyncio.timeout(PATIENCE):
            await self.loaded.wait()

    async def evaluate(self, script: str) -> Any:
        """The value of an expression in the page, awaited where it is a promise."""
        asked = {"expression": script, "awaitPromise": True, "returnByValue": True}
        found = await self.call("Runtime.evaluate", **asked)
        if "exceptionDetails" in found:
            raise BrowserError(f"{script[:60]}: {found['exceptionDetails']}")
        return found["result"].get("value")

    async def draw(self, file: Path, width: int, height: int | None = None) -> None:
        """Draw the page into a PNG, all of it where no height is given."""
        tall = height or await self.evaluate("document.documentElement.scrollHeight")
        clip = {"x": 0, "y": 0, "width": width, "height": tall, "scale": 1}
        picture = await self.call("Page.captureScreenshot", clip=clip, captureBeyondViewport=True)
        file.write_bytes(base64.b64decode(picture["data"]))

    def hear(self, event: str, told: dict[str, Any]) -> None:
        """Take what the browser tells of the tab."""
        if event == "Page.loadEventFired":
            self.loaded.set()
        elif event == "Network.requestWillBeSent":
            self.requests.append(told["request"]["url"])
            if told["type"] == "Document":
                self.documents.add(told["request"]["url"])
        elif event == "Runtime.exceptionThrown":
            self.complaints.append(told["exceptionDetails"]["text"])
        elif event == "Runtime.consoleAPICalled" and told["type"] in {"error", "assert"}:
            said = [each.get("value", each.get("description")) for each in told["args"]]
            self.complaints.append(" ".join(map(str, said)))
        elif event == "Log.entryAdded" and told["entry"]["level"] == "error":
            entry = told["entry"]
            if entry.get("url") not in self.documents or entry["source"] != "network":
                self.complaints.append(entry["text"])


class Browser:
    """A running Chromium.

    Args:
        socket: where it listens.
    """

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._tabs: dict[str, Tab] = {}

    async def listen(self) -> None:
        """Hand on what it says, until it ends."""
        async for message in self._socket:
            if message.type is not WSMsgType.TEXT:
                continue
            said = json.loads(message.data)
            if "id" in said:
                self._answers.pop(said["id"]).set_result(said)
            elif said.get("sessionId") in self._tabs:
                self._tabs[said["sessionId"]].hear(said["method"], said["params"])

    async def call(self, method: str, parameters: dict[str, Any], session: str = "") -> Any:
        """A command of the protocol.

        Raises:
            BrowserError: it was refused.
        """
        number = next(self._numbers)
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        sent = {"id": number, "method": method, "params": parameters}
        await self._socket.send_str(json.dumps(sent | ({"sessionId": session} if session else {})))
        async with asyncio.timeout(PATIENCE):
            said = await answer
        if "error" in said:
            raise BrowserError(f"{method}: {said['error']['message']}")
        return said["result"]

    @asynccontextmanager
    async def tab(self, cookies: Sequence[dict[str, str]] = ()) -> AsyncIterator[Tab]:
        """A tab of its own profile for the time of a block.

        Args:
            cookies: what it brings, each with `name`, `value` and `url`.
        """
        made = await self.call("Target.createBrowserContext", {})
        context = {"browserContextId": made["browserContextId"]}
        try:
            made = await self.call("Target.createTarget", {"url": "about:blank", **context})
            target = {"targetId": made["targetId"], "flatten": True}
            session = (await self.call("Target.attachToTarget", target))["sessionId"]
            tab = self._tabs[session] = Tab(self, session)
            for domain in ("Page", "Network", "Runtime", "Log"):
                await tab.call(f"{domain}.enable")
            if cookies:
                await tab.call("Network.setCookies", cookies=list(cookies))
            yield tab
        finally:
            await self.call("Target.disposeBrowserContext", context)


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Run Chromium for the time of a block."""
    with tempfile.TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True) as profile:
        asked = ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars")
        where = ("--remote-debugging-port=0", f"--user-data-dir={profile}", "about:blank")
        process = subprocess.Popen(
            ["chromium", *asked, *where], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            address = await _address(Path(profile) / "DevToolsActivePort", process)
            async with ClientSession() as http, http.ws_connect(address, max_msg_size=0) as socket:
                browser = Browser(socket)
                listening = asyncio.create_task(browser.listen())
                yield browser
                listening.cancel()
        finally:
            process.terminate()
            process.wait(PATIENCE)


async def _address(told: Path, process: "subprocess.Popen[bytes]") -> str:
    async with asyncio.timeout(PATIENCE):
        while process.poll() is None:
            lines = told.read_text().splitlines() if told.exists() else []
            if len(lines) == 2:  # port and path
                return f"ws://127.0.0.1:{lines[0]}{lines[1]}"
            await asyncio.sleep(0.05)
    raise BrowserError(f"chromium ended with exit code {process.returncode}")
