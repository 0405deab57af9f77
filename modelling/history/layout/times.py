"""How a file writes times, as options say."""

from dataclasses import dataclass
from typing import Final, Literal

Epoch = Literal["s", "ms", "us", "ns", "excel"]
ISO: Final = "iso"  # among formats: ISO 8601 text and YYYYMMDD, which alone are read by default
PER_SECOND: Final[dict[Epoch, int]] = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
EXCEL: Final[Epoch] = "excel"  # days since 1899-12-30 with their parts, of a clock on a wall
SINCE_EXCEL: Final = 25_569  # days from then to 1970-01-01


@dataclass(frozen=True, slots=True)
class Times:
    """How times are written; by default as ISO 8601 or YYYYMMDD.

    Attributes:
        formats: Ways of writing, each of strftime's letters, or `iso`. What two of them read
            differently is read by none.
        epoch: What numbers count since 1970-01-01 UTC, or `EXCEL`; None reads no numbers but
            YYYYMMDD.
    """

    formats: tuple[str, ...] = (ISO,)
    epoch: Epoch | None = None

    def and_iso(self) -> "Times":
        """The same, ISO 8601 read too: of a file that was not written with the history."""
        return Times(tuple(dict.fromkeys((*self.formats, ISO))), self.epoch)


ISO_TIMES: Final = Times()
