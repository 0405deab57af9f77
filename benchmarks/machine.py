"""What a figure was measured on, and what a process used."""

import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Final, NamedTuple

PACKAGES: Final = ("faust-streaming", "aiokafka", "redis", "numpy", "pydantic", "uvloop")
_TICKS: Final = os.sysconf("SC_CLK_TCK")


def describe() -> dict[str, str]:
    """The machine in general terms, and the versions of what was measured."""
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return {
        "cores": str(os.cpu_count()),
        "cpu": _cpu_model(),
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB",
        "system": f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
        "packages": packages,
    }


def _cpu_model() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor())


class Usage(NamedTuple):
    """What a process used so far.

    Attributes:
        cpu_seconds: in user and system mode together.
        peak_bytes: of resident memory.
    """

    cpu_seconds: float
    peak_bytes: int


def usage(pid: int) -> Usage:
    """Read a living process's use of processor and memory."""
    stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return Usage((int(stat[11]) + int(stat[12])) / _TICKS, int(peak.split()[1]) * 1024)
