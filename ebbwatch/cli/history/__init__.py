"""Commands that read a bank's history from files, and the one that makes a history up.

How a history is given is said once, in `options`; reading it is `modelling.history`'s.
"""
