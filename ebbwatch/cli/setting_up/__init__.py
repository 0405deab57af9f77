"""Commands that come before the first event: servers, topics, configuration, parameters.

Here is what is asked once, when a bank sets up. What is asked of a live system stands above.
"""
