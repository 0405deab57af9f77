"""Self-contained HTML reports: one file each, no network, no script.

Here belongs what the reports share: page, figures, drawing. Matplotlib is imported by reports
only, and they only by commands that were asked for one.
"""
