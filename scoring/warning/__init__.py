"""From rule values to warnings: levels, points, and the timers that watch silence.

What is order-bound is here and nowhere else. What a rule watches is its row in
`scoring.rules`; how a warning is worded, `streams.outbox.wording`.
"""
