"""How much memory there is, and a refusal where work would take more."""

import re
from pathlib import Path
from typing import Final

from modelling.history import HistoryError

GB: Final = 1e9
_MEMINFO: Final = Path("/proc/meminfo")
_GROUPS: Final = (  # of a container: its limit, and what it uses
    (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory.current")),
    (
        Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
        Path("/sys/fs/cgroup/memory/memory.usage_in_bytes"),
    ),
)


def available() -> int | None:
    """Bytes that can be taken: of the machine's, and of a container's; None where nobody tells."""
    told = [_of_machine(), *(_left(limit, used) for limit, used in _GROUPS)]
    return min((one for one in told if one is not None), default=None)


def require_memory(need: float, what: str, helps: str) -> None:
    """Refuse work that would run out of memory, before it begins.

    Args:
        need: bytes that it takes, about.
        what: takes them.
        helps: what would take less.

    Raises:
        HistoryError: there is less.
    """
    there = available()
    if there is not None and need > there:
        expected = f"about {need / GB:.1f} GB of free memory for {what}; {helps}"
        raise HistoryError(where="HISTORY", expected=expected, got=f"{there / GB:.1f} GB")


def _of_machine() -> int | None:
    found = re.search(r"^MemAvailable:\s+(\d+) kB", _text(_MEMINFO), re.MULTILINE)
    return int(found[1]) * 1024 if found else None


def _left(limit: Path, used: Path) -> int | None:
    most, taken = _text(limit).strip(), _text(used).strip()
    return max(int(most) - int(taken), 0) if most.isdigit() and taken.isdigit() else None


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii")
    except OSError:
        return ""
