"""An independent judge of a run: what the input topics say must have come of it, and what came.

Plain arithmetic, one customer after another, and polars to compare; nothing of the product is
imported. What it judges and what it does not is told in docs/faults.md.
"""
