"""Ends a stack when the process that runs it is killed: `python -m ebbwatch.stack.warden`."""

import os
import sys
import time
from pathlib import Path

from ebbwatch.stack.control import discard, stop

_POLL_SECONDS = 0.2
# A server that was just being started then has recorded itself.
_SETTLE_SECONDS = 0.3


def watch(parent: int, folder: Path, *, keep: bool) -> None:
    """Wait until the parent process is gone, then end the stack of a folder.

    Args:
        parent: The process that this one was started by.
        folder: The stack's folder.
        keep: Stop orderly and keep the data, instead of removing the folder.
    """
    while os.getppid() == parent:
        time.sleep(_POLL_SECONDS)
    time.sleep(_SETTLE_SECONDS)
    (stop if keep else discard)(folder)


if __name__ == "__main__":
    watch(int(sys.argv[1]), Path(sys.argv[2]), keep=sys.argv[3] == "stop")
