"""What looks at a live store, loads it, or writes to its topics.

One file a tool, called by a command; no worker imports any of them.
"""
