"""`python -m ebbwatch.cli`, the same as `ebbwatch`."""

from ebbwatch.cli import main

main()
