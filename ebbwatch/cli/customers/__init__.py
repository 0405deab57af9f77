"""Commands about customers as a running system has them; what is read of them is `streams.tools`'.

A command that reads a bank's history stands in `ebbwatch.cli.history`.
"""
