"""What modellers do with a history: fit, validate, backtest, export.

Here belongs what no worker needs, which is why none imports it. The mathematics stays pure
(NumPy and SciPy alone, by a contract in pyproject.toml); files and plots are at its edge.
"""
