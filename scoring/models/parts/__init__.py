"""What purchase models are put together of: rates, coins, ways to leave, falls in silence.

A rate or a coin is each customer's own, drawn from a distribution, or one for all: the limit of
that distribution. Which parts make which model is said in the files of `scoring.models`.
"""
