"""What is imported, by whom: a process starts as fast as its imports let it."""

import os
import subprocess
import sys

import pytest

from ebbwatch.cli.app import COMMANDS, GROUPS

pytestmark = pytest.mark.slow  # each starts an interpreter

MODELLING = ("polars", "matplotlib", "jinja2")
CLIENTS = ("faust", "mode", "aiohttp", "aiokafka", "kafka", "redis")
ARRAYS = ("numpy", "scipy")
OURS = ("schemas", "scoring", "streams", "modelling", "ebbwatch.demo", "ebbwatch.serve")
# SciPy's special functions are all that a worker needs of it; these take longer than all the rest.
SLOW = ("scipy.optimize", "scipy.linalg", "scipy.sparse", "scipy.stats", "scipy.integrate")
SERVING = ("fastapi", "starlette", "uvicorn", "httptools", "ebbwatch.serve")
# What redis-py imports of OpenTelemetry, where it is installed, is not ours.
TRACING = ("opentelemetry.sdk.trace", "opentelemetry.exporter", "requests")
NOWHERE = (*TRACING, "onnxruntime", "pytest", "hypothesis", "matplotlib.pyplot")

NAMES = [
    *((command.__name__.replace("_", "-"),) for command in COMMANDS),
    *((first, second) for first, group in GROUPS.items() for second in group.commands),
    *((first,) for first in GROUPS),
]
READERS = (
    ("calibrate", "nosuch.csv", "--out", "bank.json"),
    ("fit", "nosuch.csv", "--model", "bgnbd", "--out", "fitted.json"),
    ("fit-churn", "nosuch.csv", "--out", "churn.json"),
    ("features", "nosuch.csv", "--at", "2026-01-01", "--out", "features.csv"),
    ("backtest", "nosuch.csv"),
    ("backfill", "nosuch.csv", "--until", "2026-01-01"),
)
EXPORT = ("export", "--out", "scores.parquet")
SIMULATE = ("simulate", "--customers", "1", "--days", "1", "--out", "bank")


def imported(program: str) -> set[str]:
    """All modules in memory after a program, which may end by itself."""
    told = f"""
import contextlib, io, sys
with contextlib.suppress(SystemExit), contextlib.redirect_stderr(io.StringIO()):
    with contextlib.redirect_stdout(io.StringIO()):
        {program}
print(*sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def command(*words: str) -> str:
    return f"from ebbwatch.cli import command_line; command_line()({list(words)})"


def test_a_worker_imports_nothing_of_a_modeller_or_of_the_command_line() -> None:
    modules = imported("import streams.run")
    assert modules >= {"faust", "aiokafka", "redis", "scipy.special"}
    heavy = (*MODELLING, *SLOW, *NOWHERE, *SERVING, "typer", "kafka", "modelling", "ebbwatch")
    assert not modules & {"streams.telemetry.tracing", "streams.telemetry.sending"}
    assert not modules & set(heavy)


def test_the_worker_command_imports_that_and_the_command_line() -> None:
    stop = "import streams.run; streams.run.run = lambda settings: None; "
    modules = imported(stop + command("worker"))
    assert modules >= {"faust", "typer"}
    assert not modules & {*MODELLING, *SLOW, *NOWHERE, *SERVING, "kafka", "modelling"}


def test_help_imports_typer_and_rich_alone() -> None:
    modules = imported(command("--help"))
    assert modules >= {"typer", "rich"}
    heavy = (*MODELLING, *CLIENTS, *ARRAYS, *NOWHERE, *OURS, "pydantic", "structlog")
    assert not modules & set(heavy)


def test_no_command_imports_what_it_works_with_to_explain_itself() -> None:
    each = "\n        ".join(
        f"with contextlib.suppress(SystemExit): command_line()({[*words, '--help']})"
        for words in NAMES
    )
    modules = imported(f"from ebbwatch.cli import command_line\n        {each}")
    heavy = (*MODELLING, *CLIENTS, *ARRAYS, *NOWHERE, *OURS, "pydantic_settings", "structlog")
    assert not modules & set(heavy)


@pytest.mark.parametrize("asked", [("inspect", "c1"), ("segments",)], ids=" ".join)
def test_looking_at_a_store_takes_no_faust(
    monkeypatch: pytest.MonkeyPatch, asked: tuple[str, ...]
) -> None:
    monkeypatch.setenv("EBBWATCH_REDIS_URL", "redis://127.0.0.1:1/0")
    modules = imported(command(*asked))
    assert modules >= {"redis", "scoring", "streams.store"}
    heavy = (*MODELLING, *SLOW, *NOWHERE, "faust", "mode", "aiohttp", "kafka", "modelling")
    assert not modules & set(heavy)


def test_serving_takes_no_faust_and_nothing_of_a_modeller() -> None:
    modules = imported("import ebbwatch.serve.run")
    assert modules >= {"fastapi", "uvicorn", "redis", "scoring"}
    heavy = ("polars", "matplotlib", *SLOW, *NOWHERE, "faust", "mode", "aiohttp", "modelling")
    assert not modules & {*heavy, "kafka", "typer"}


@pytest.mark.by_lot(2)
@pytest.mark.parametrize("asked", READERS, ids=lambda asked: asked[0])
def test_reading_a_history_takes_no_faust_and_draws_nothing(asked: tuple[str, ...]) -> None:
    modules = imported(command(*asked))
    assert modules >= {"polars", "scoring", "modelling.history"}
    assert not modules & {*NOWHERE, "faust", "mode", "aiohttp", "kafka", "matplotlib", "jinja2"}


@pytest.mark.parametrize("module", ["ebbwatch.demo.run", "streams.tools.backfill"])
def test_the_extra_modelling_is_needed_by_no_part_of_the_worker_s_environment(module: str) -> None:
    assert not imported(f"import {module}") & {*MODELLING, *SLOW}


def test_only_who_asks_for_a_report_imports_what_draws_it() -> None:
    from_files = "import modelling.fit.file, modelling.calibrate, modelling.backtest.run"
    assert not imported(from_files) & {"matplotlib", "jinja2"}


def test_reports_import_no_interactive_plotting() -> None:
    reports = "import modelling.fit.report.page, modelling.churn.report, modelling.backtest.report"
    assert "matplotlib.pyplot" not in imported(reports)


HIDDEN = """
import importlib.abc, sys
class Hiding(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name in {hidden}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Hiding())
from ebbwatch.cli import main
main()
"""


@pytest.mark.by_lot(3)
@pytest.mark.parametrize("asked", [*READERS, SIMULATE, EXPORT], ids=lambda asked: asked[0])
def test_a_command_without_its_extra_says_in_one_line_what_to_install(asked, tmp_path) -> None:
    hidden = HIDDEN.format(hidden=MODELLING)
    told = [sys.executable, "-c", hidden, *asked]
    done = subprocess.run(told, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    expected = "ebbwatch: polars: not installed; install it: pip install 'ebbwatch[modelling]'\n"
    assert done.stderr == expected


def test_serve_without_its_extra_says_in_one_line_what_to_install() -> None:
    hidden = HIDDEN.format(hidden=("fastapi", "uvicorn"))
    told = [sys.executable, "-c", hidden, "serve", "--without-login"]
    done = subprocess.run(told, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("ebbwatch: uvicorn: not installed; install it: ")
    assert done.stderr.endswith("pip install 'ebbwatch[serve]'\n")


def test_a_worker_needs_nothing_of_opentelemetry() -> None:
    hiding = HIDDEN.partition("from ebbwatch")[0].format(hidden=("opentelemetry",))
    done = subprocess.run([sys.executable, "-c", f"{hiding}import streams.run"], check=False)
    assert done.returncode == 0


def test_traces_without_their_extra_say_in_one_line_what_to_install() -> None:
    hidden = HIDDEN.format(hidden=("opentelemetry.sdk",))
    told = [sys.executable, "-c", hidden, "worker"]
    variables = {**os.environ, "EBBWATCH_TRACES_ENDPOINT": "http://127.0.0.1:4318"}
    done = subprocess.run(told, capture_output=True, text=True, check=False, env=variables)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "ebbwatch: opentelemetry.sdk: not installed; install it: pip install 'ebbwatch[tracing]'"
    )


def test_another_module_that_is_missing_is_no_user_s_to_mend() -> None:
    told = [
        sys.executable,
        "-c",
        HIDDEN.format(hidden=("streams.tools.customers.portfolio",)),
        "segments",
    ]
    done = subprocess.run(told, capture_output=True, text=True, check=False)
    assert "Traceback" in done.stderr
    assert "ModuleNotFoundError: No module named 'streams.tools.customers.portfolio'" in done.stderr
