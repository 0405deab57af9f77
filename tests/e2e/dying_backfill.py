"""`ebbwatch` with small groups; with LIVES=N it SIGKILLs itself in the N-th commit's wake."""

import os
import signal
from itertools import count

from ebbwatch.cli import main
from streams.store import Commit, RedisStore
from streams.tools.backfill import plan as planning

GROUP = 40  # customers replayed together


def die_after(lives: int) -> None:
    """Die when Redis has taken so many commits, before anyone hears of the last one."""
    commit_to_redis, calls = RedisStore.commit, count(1)

    async def commit(self: RedisStore, partition: int, commit: Commit) -> None:
        await commit_to_redis(self, partition, commit)
        if next(calls) == lives:
            os.kill(os.getpid(), signal.SIGKILL)

    RedisStore.commit = commit  # type: ignore[method-assign]


if __name__ == "__main__":
    planning.GROUP = GROUP  # type: ignore[misc]
    if "LIVES" in os.environ:
        die_after(int(os.environ["LIVES"]))
    main()
