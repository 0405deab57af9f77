"""A file's table, column by column, into events.

One file a kind of column. Finding and opening files is `modelling.history.files`.
"""
