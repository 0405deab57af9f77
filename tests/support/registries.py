"""Schema registries that speak Confluent's API: one made here, and a real Apicurio."""

import json
import subprocess
import tarfile
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import unquote
from urllib.request import Request, urlopen

from harness import await_that

from ebbwatch.stack.ports import free_ports

APICURIO = "io.apicurio:apicurio-registry-app:2.6.13.Final:tar.gz:all"
COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy"

Subjects = dict[str, list[str]]


class Answers(BaseHTTPRequestHandler):
    """Confluent's API as far as it is asked here; a property of another type is incompatible."""

    subjects: Subjects
    asked: list[dict[str, str | None]]

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        """Look a schema up, compare it with the last one, or keep it."""
        self.asked.append({"path": self.path, "authorization": self.headers["authorization"]})
        body = self.rfile.read(int(self.headers["content-length"]))
        schema = json.loads(body)["schema"]
        parts = self.path.partition("?")[0].strip("/").split("/")
        is_judged, name = parts[0] == "compatibility", parts[-1] if len(parts) == 2 else parts[-2]
        name = unquote(parts[2] if is_judged else name)
        known = self.subjects[name]
        if is_judged:
            self.judge(known, schema)
        elif parts[-1] == "versions":
            known.append(schema)
            self.answer(200, {"id": sum(map(len, self.subjects.values()))})
        elif schema in known:
            self.answer(200, {"subject": name, "id": 1, "version": known.index(schema) + 1})
        else:
            self.answer(404, {"error_code": 40403 if known else 40401, "message": "not found"})

    def judge(self, known: list[str], schema: str) -> None:
        """Tell whether types of properties changed."""
        if not known:
            self.answer(404, {"error_code": 40401, "message": "not found"})
            return
        types = [
            {name: each.get("type") for name, each in json.loads(text)["properties"].items()}
            for text in (known[-1], schema)
        ]
        changed = [name for name, kind in types[0].items() if types[1].get(name) != kind]
        told = {"is_compatible": not changed, "messages": [f"TYPE_CHANGED {n}" for n in changed]}
        self.answer(200, told)

    def answer(self, status: int, told: dict[str, Any]) -> None:
        """Answer with JSON."""
        text = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)


@contextmanager
def answering(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """An address where a handler answers."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def made_here() -> type[Answers]:
    """A registry without any schema."""
    return type("Own", (Answers,), {"subjects": defaultdict(list), "asked": []})


@contextmanager
def apicurio(folder: Path) -> Iterator[str]:
    """A real Apicurio in memory, which compares as Confluent's BACKWARD does."""
    copy = [COPY, f"-Dartifact={APICURIO}", f"-DoutputDirectory={folder}"]
    subprocess.run(["mvn", "--batch-mode", "--quiet", *copy], check=True, cwd=folder)
    with tarfile.open(next(folder.glob("*.tar.gz"))) as packed:
        packed.extractall(folder, filter="data")
    (port,) = free_ports(1)
    options = ["-Xmx256m", "-Dquarkus.http.host=127.0.0.1", f"-Dquarkus.http.port={port}"]
    program = str(next(folder.glob("*-runner.jar")))
    url = f"http://127.0.0.1:{port}/apis/ccompat/v7"
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(["java", *options, "-jar", program], stdout=log, stderr=log)
        try:
            await_that("a registry that answers", lambda: _is_up(url))
            _sent(f"{url}/config", {"compatibility": "BACKWARD"}, "PUT")
            yield url
        finally:
            server.kill()
            server.wait()


def put_there(url: str, subject: str, schema: dict[str, Any]) -> None:
    """Register a schema by hand."""
    body = {"schemaType": "JSON", "schema": json.dumps(schema)}
    _sent(f"{url}/subjects/{subject}/versions", body, "POST")


def _is_up(url: str) -> bool:
    try:
        with urlopen(f"{url}/subjects") as answer:  # noqa: S310 - our own
            return bool(answer.status == 200)
    except URLError:
        return False


def _sent(url: str, body: dict[str, Any], method: str) -> None:
    kind = {"content-type": "application/vnd.schemaregistry.v1+json"}
    asked = Request(url, json.dumps(body).encode(), kind, method=method)  # noqa: S310 - our own
    with urlopen(asked) as answer:  # noqa: S310
        answer.read()


def telling(status: int, text: str, kind: str = "text/html") -> type[BaseHTTPRequestHandler]:
    """Whoever answers so to everything."""

    def post(self: BaseHTTPRequestHandler) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    methods: dict[str, Callable[..., None]] = {"do_POST": post, "log_message": lambda *_: None}
    return type("Other", (BaseHTTPRequestHandler,), methods)
