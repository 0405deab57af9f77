"""The command line: `ebbwatch`."""

from streams.cli.commands import app, main

__all__ = ["app", "main"]
