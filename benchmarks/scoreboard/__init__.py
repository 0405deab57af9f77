"""What scores and warnings are worth on public data, beside plain rivals.

It is computed by the program's own code; nothing is tuned here.
"""
