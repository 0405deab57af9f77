"""What modellers do with a history: fit, judge, backtest, export."""
