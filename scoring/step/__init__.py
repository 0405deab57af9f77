"""The step, what comes of it, and a whole history replayed by it.

The only place where facts, features, levels and timers come together. Loading and saving what
it works on is the caller's.
"""
