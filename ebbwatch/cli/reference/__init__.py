"""What is told of commands beside what they declare: examples, exit codes, and the page of all.

How a command works stands in its own file.
"""
