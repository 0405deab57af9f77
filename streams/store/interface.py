"""The store's interface, which Redis and the tests' in-memory fake both keep."""

from collections.abc import Sequence
from typing import Protocol

from streams.store.types import Activation, Brake, Claim, Commit, Entry, Load


class Store(Protocol):
    """One partition's truth, and the outbox its relay empties."""

    async def claim(self, partition: int) -> Claim:
        """Become the owner: bump the epoch, return what is stored.

        Raises:
            DamagedError: keys are missing, or of another layout.
        """

    async def peek(self, partition: int) -> Claim:
        """Read what a claim would find, without claiming.

        Raises:
            DamagedError: it is of another layout.
        """

    async def check(self, partition: int, owner: str, sequence: int) -> None:
        """Learn whether the store is still where an owner's commits brought it, or beyond.

        Raises:
            Fenced: another worker has claimed the partition.
            Lost: fewer than `sequence` commits are left.
        """

    async def load(self, partition: int, ids: Sequence[bytes], until: float, limit: int) -> Load:
        """Read states, and up to `limit` customers with timers due by `until`, earliest first."""

    async def commit(self, partition: int, commit: Commit) -> None:
        """Apply a commit once.

        Raises:
            Fenced: another worker has claimed the partition.
            Lost: `sequence` is not where the store stands, or another commit was made there.
            DamagedError: keys are missing.
        """

    async def activate(self, partition: int, activation: Activation) -> None:
        """Note other parameters and make every customer due to be judged anew at the clock, once.

        A timer that is due earlier stays so.

        Raises:
            Fenced: another worker has claimed the partition.
            Lost: `sequence` is not where the store stands.
        """

    async def activations(self, partition: int) -> list[Activation]:
        """Read all activations, in order."""

    async def outbox(self, partition: int, after: int, limit: int) -> list[tuple[int, Entry]]:
        """Read up to `limit` numbered entries behind number `after`, up to which all is known."""

    async def forget_published(self, partition: int, owner: str, upto: int) -> None:
        """Forget entries up to and with number `upto`, which are published.

        Raises:
            Fenced: another worker has claimed the partition.
            Lost: the outbox never held so many: the store went back.
            DamagedError: keys, or parts of the outbox, are missing.
        """

    async def wait_for_replicas(self, partition: int, owner: str, replicas: int, upto: int) -> None:
        """Wait a while until so many replicas hold the outbox up to a number that was read of it.

        Raises:
            Fenced: another worker has claimed the partition.
            redis.exceptions.ConnectionError: fewer did, or a failover forgot some of what was read:
                to be read again, and asked again.
        """

    async def resume(
        self, partition: int, owner: str, published: int, compared_after: int | None
    ) -> None:
        """Go on behind number `published`, by which an outbox that holds less is lifted.

        `compared_after` is noted as in `Claim`; None settles it.

        Raises:
            Fenced: another worker has claimed the partition.
            DamagedError: keys, or parts of the outbox, are missing.
        """

    async def histograms(self, partition: int) -> dict[str, int]:
        """Read the running histograms, by field."""

    async def counts(self, partition: int, clock: float) -> tuple[int, int, int]:
        """Number of customers, of entries to be published, and of timers due by `clock`.

        What the brake holds is not to be published.
        """

    async def brake(self, partition: int) -> Brake:
        """Read what may be published, and what is held."""

    async def release(self, partition: int) -> Brake:
        """Let all through that is held, and what else comes of the hours counted so far.

        Returns:
            What was held. Nobody need own the partition, and whoever does goes on.
        """
