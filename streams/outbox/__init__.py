"""From a step's outcome to messages, exactly once on their topics.

What is worth a message is decided in `scoring`; here it is worded, kept and published.
"""
