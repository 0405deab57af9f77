"""Self-contained HTML reports: one file each, no network, no script.

Matplotlib is imported here only, and this package by commands that were asked for a report.
"""
