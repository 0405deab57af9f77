"""Commands that read a bank's history from files.

How a history is given is said once, in `options`; reading it is `modelling.history`'s.
"""
