"""Warehouses that run a query over a table for real: DuckDB, Spark and PostgreSQL."""

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

TABLE = "history"
Warehouse = Callable[[pl.DataFrame, str, Path], Path]

_POSTGRES_TYPES = {
    pl.String: "TEXT",
    pl.Int64: "BIGINT",
    pl.Float64: "DOUBLE PRECISION",
    pl.Date: "DATE",
}


class WarehouseRefusalError(Exception):
    """The warehouse's own words."""


def duckdb(table: pl.DataFrame, sql: str, out: Path, *, optimises: bool = False) -> Path:
    """Run a query over a table; returns the Parquet file that it made.

    To optimise a query of thirty thousand characters takes ten seconds, to run it as it is none.
    """
    import duckdb as engine  # noqa: PLC0415 - a test's own

    source = out.with_suffix(".history.parquet")
    table.write_parquet(source)
    with engine.connect() as connected:
        if not optimises:
            connected.execute("PRAGMA disable_optimizer")
        connected.execute(f"CREATE VIEW {TABLE} AS SELECT * FROM '{source}'")  # noqa: S608
        try:
            connected.execute(f"COPY ({sql}) TO '{out}' (FORMAT parquet)")
        except engine.Error as error:
            raise WarehouseRefusalError(str(error)) from error
    return out


@contextmanager
def spark() -> Iterator[Warehouse]:
    """A local Spark, the way of `duckdb`; it makes a folder of Parquet files."""
    from py4j.protocol import Py4JJavaError  # noqa: PLC0415 - installed by its own target
    from pyspark.errors import PySparkException  # noqa: PLC0415 - installed by its own target
    from pyspark.sql import SparkSession  # noqa: PLC0415

    settings = {
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": "2",
        "spark.ui.enabled": "false",
        "spark.driver.memory": "2g",
        "spark.driver.host": "127.0.0.1",
    }
    builder = SparkSession.builder.master("local[2]")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()

    def run(table: pl.DataFrame, sql: str, out: Path) -> Path:
        source = out.with_suffix(".history.parquet")
        table.write_parquet(source)
        session.read.parquet(str(source)).createOrReplaceTempView(TABLE)
        try:
            session.sql(sql).write.parquet(str(out))
        except (PySparkException, Py4JJavaError) as error:  # the latter of several tasks at once
            raise WarehouseRefusalError(str(error)) from error
        return out

    try:
        yield run
    finally:
        session.stop()


@contextmanager
def postgres() -> Iterator[Warehouse]:
    """A PostgreSQL of its own, the way of `duckdb`; it makes a CSV file."""
    with TemporaryDirectory(dir="/tmp") as folder:
        Path(folder).chmod(0o777)
        data = f"{folder}/data"
        _as_postgres("initdb", "-D", data, "-E", "UTF8", "--locale=C", "-A", "trust")
        serve = f"-k {folder} -c listen_addresses="
        _as_postgres("pg_ctl", "-D", data, "-w", "-l", f"{folder}/log", "-o", serve, "start")
        try:
            yield lambda table, sql, out: _copied(folder, table, sql, out)
        finally:
            _as_postgres("pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")


def _copied(folder: str, table: pl.DataFrame, sql: str, out: Path) -> Path:
    source, made = Path(folder, "history.csv"), out.with_suffix(".csv")
    table.write_csv(source, datetime_format="%Y-%m-%d %H:%M:%S%.6f%:z" if _aware(table) else None)
    columns = ", ".join(f'"{name}" {_type(kind)}' for name, kind in table.schema.items())
    script = Path(folder, "script.sql")
    script.write_text(
        f"DROP TABLE IF EXISTS {TABLE}; CREATE TABLE {TABLE} ({columns});\n"
        f"\\copy {TABLE} FROM '{source}' CSV HEADER\n"
        f"COPY ({sql}) TO STDOUT WITH (FORMAT csv, HEADER)\n;"
    )
    command = ["psql", "-h", folder, "-d", "postgres", "-v", "ON_ERROR_STOP=1", "-q", "-f"]
    user = [] if os.geteuid() else ["-U", "postgres"]
    done = subprocess.run(
        [*command, str(script), *user], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise WarehouseRefusalError(done.stderr)
    made.write_text(done.stdout)
    return made


def _as_postgres(program: str, *arguments: str) -> None:
    """Run one of the server's programs, which refuse to run as root."""
    where = subprocess.run(
        ["pg_config", "--bindir"], capture_output=True, text=True, check=False
    ).stdout.strip()
    found = next(iter(sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"))), None)
    name = str(found or Path(where, program))
    as_user = [] if os.geteuid() else ["runuser", "-u", "postgres", "--"]
    subprocess.run([*as_user, name, *arguments], check=True, stdout=subprocess.DEVNULL)


def _aware(table: pl.DataFrame) -> bool:
    return any(isinstance(kind, pl.Datetime) and kind.time_zone for kind in table.schema.values())


def _type(kind: Any) -> str:
    if isinstance(kind, pl.Datetime):
        return "TIMESTAMPTZ" if kind.time_zone else "TIMESTAMP"
    if isinstance(kind, pl.Decimal):
        return f"NUMERIC({kind.precision}, {kind.scale})"
    return _POSTGRES_TYPES[type(kind)]
