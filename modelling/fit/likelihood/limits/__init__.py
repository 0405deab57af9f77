"""Fitting the limits of purchase models, where the likelihood rises to an edge.

Parts with their slopes, put together as `scoring.models.limits` puts the models together; what a
limit is and how workers run it is said there.
"""
