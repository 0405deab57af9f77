"""Histories that are larger than memory: some customers for all, and all of them in parts.

Here belong what a file of any size is cut into and how customers are drawn by lot; what a row means
is `modelling.history`'s, and what comes of the parts is whoever's who asks for them.
"""
