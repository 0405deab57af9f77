"""Timing beside peers, in one run, with the results committed as dated tables.

Nothing here passes or fails: what must hold is in `tests`.
"""
