"""How every command speaks: for people on a terminal, as one JSON document for machines.

Here belong what prints, tables, and how far long work is; what a command says of its results is in
its own page.
"""

from ebbwatch.cli.output.printing import (
    Json,
    JsonLines,
    WholeTable,
    check_folder,
    console,
    mark,
    say_json,
)
from ebbwatch.cli.output.progress import Say, telling

__all__ = [
    "Json",
    "JsonLines",
    "Say",
    "WholeTable",
    "check_folder",
    "console",
    "mark",
    "say_json",
    "telling",
]
