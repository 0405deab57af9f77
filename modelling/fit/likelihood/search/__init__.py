"""Searching for the highest likelihood, and saying where there is none.

Knows parameters and their slopes, never what they mean: that is the likelihoods'.
"""
