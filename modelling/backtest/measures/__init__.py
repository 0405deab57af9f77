"""What warnings and scores of a replayed history were worth, each measure by itself.

Here belong warnings as measuring takes them, and what became of whom they were about. Replaying is
`modelling.backtest.replays`; holding rules against plain ones is `modelling.backtest.rivals`.
"""
