"""A server that takes OTLP over HTTP, as a collector does; or hangs, or refuses."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

Manner = Literal["takes", "hangs", "refuses"]


@dataclass
class Collector:
    """What came, as bytes and read."""

    port: int
    bodies: list[bytes] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def resources(self) -> list[Any]:
        requests = map(ExportTraceServiceRequest.FromString, list(self.bodies))
        return [each for request in requests for each in request.resource_spans]

    @property
    def spans(self) -> list[Any]:
        scopes = [scope for each in self.resources for scope in each.scope_spans]
        return [span for scope in scopes for span in scope.spans]

    def named(self, name: str) -> list[Any]:
        return [span for span in self.spans if span.name == name]


def about(thing: Any) -> dict[str, Any]:
    """Attributes of a span, an event or a resource."""
    return {
        each.key: getattr(each.value, each.value.WhichOneof("value")) for each in thing.attributes
    }


@contextmanager
def collecting(manner: Manner = "takes") -> Iterator[Collector]:
    """Run a collector until the block is left."""
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            collector.asked.append(self.path)
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if manner == "hangs":
                over.wait()
                return
            if manner == "takes":
                collector.bodies.append(body)
            self.send_response(200 if manner == "takes" else 401)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    collector = Collector(server.server_port)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield collector
    finally:
        over.set()
        server.shutdown()
        server.server_close()
