"""`python -m streams.cli`, the same as `ebbwatch`."""

from streams.cli import main

main()
