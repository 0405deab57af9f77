"""`python -m ebbwatch.cli.reference` prints docs/cli.md."""

import sys

from ebbwatch.cli.reference.page import page

sys.stdout.write(page())
