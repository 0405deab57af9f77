"""`python -m ebbwatch.cli.reference [PAGE]` prints docs/cli.md, or another page made so."""

import sys
from collections.abc import Callable, Mapping
from typing import Final

from ebbwatch.cli.reference import contracts, measures, page, variables

PAGES: Final[Mapping[str, Callable[[], str]]] = {
    "cli": page.page,
    "events": contracts.page,
    "metrics": measures.page,
    "settings": variables.page,
}

if __name__ == "__main__":
    sys.stdout.write(PAGES[sys.argv[1] if len(sys.argv) > 1 else "cli"]())
