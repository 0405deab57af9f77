"""What a person types: the command line, the demo, and the stack it runs on.

Here belongs what talks to people and starts processes; nothing is computed here. What a worker
needs is in `streams` and `scoring`, what only a modeller needs in `modelling`.
"""
