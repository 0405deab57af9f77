"""Which warnings are open, rebuilt from their messages alone."""

from collections.abc import Iterator
from dataclasses import dataclass

from schemas import EarlyWarning


@dataclass
class _Heard:
    """What was heard of one warning: its last message while it is open, and which there were."""

    last: EarlyWarning | None
    sequence: int = 0
    seen: int = 0  # a bit a sequence

    @property
    def lacks(self) -> bool:
        """Whether a message between the first and the last that were heard was not."""
        first = (self.seen & -self.seen).bit_length() - 1
        run = self.seen >> first
        return run & (run + 1) != 0


class OpenSet:
    """Open warnings by id, whatever order their messages are read in.

    A message tells all that is known of its warning, so that the last one by `sequence` is enough:
    it is open unless that one says `cleared`.

    >>> OpenSet().open
    []
    """

    def __init__(self) -> None:
        self._heard: dict[str, _Heard] = {}

    def take(self, warning: EarlyWarning) -> bool:
        """Take a message; tell whether it is the last so far of its warning."""
        heard = self._heard.setdefault(warning.warning_id, _Heard(None))
        heard.seen |= 1 << warning.sequence
        if warning.sequence <= heard.sequence:
            return False
        heard.sequence = warning.sequence
        heard.last = None if warning.lifecycle == "cleared" else warning
        return True

    @property
    def open(self) -> list[EarlyWarning]:
        """The open ones, the most value at risk first."""
        told = [heard.last for heard in self._heard.values() if heard.last is not None]
        return sorted(told, key=lambda w: (-w.severity, w.raised_at, w.warning_id))

    @property
    def incomplete(self) -> list[str]:
        """Warnings of which a message between others is missing, which a topic never lacks."""
        return sorted(self._lacking())

    def _lacking(self) -> Iterator[str]:
        for name, heard in self._heard.items():
            if heard.lacks:
                yield name
