"""The command line: `ebbwatch`, a file a command.

A command reads its options, calls into another package and shows what came of it. It imports
what it needs when it runs, so that `--help` is there at once.
"""

from ebbwatch.cli.app import command_line, main

__all__ = ["command_line", "main"]
