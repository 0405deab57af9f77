"""The regression behind a scorecard: columns, weights, how sure they are, and the calibration.

Here belongs what takes rows and labels as they come. Where rows come from, and which regression is
chosen, is the rest of `modelling.churn`.
"""
