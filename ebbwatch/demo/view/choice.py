"""Which way of showing the demo fits where it is shown."""

import sys

from rich.console import Console

from ebbwatch.demo.view.plain import PlainView
from ebbwatch.demo.view.screen import LiveView


def view_here(*, silent: bool) -> LiveView | PlainView:
    """A view that is redrawn on a terminal, lines elsewhere.

    Args:
        silent: Whether standard output is left to a machine: no summary, all on standard error.
    """
    console = Console(stderr=silent, highlight=False)
    if console.is_terminal:
        return LiveView(console, closing=not silent)
    return PlainView(sys.stderr if silent else sys.stdout, closing=not silent)
