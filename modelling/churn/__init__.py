"""The churn scorecard: labels, fit, thresholds, and the report on them.

Here belongs how it comes about. How it runs is `scoring.churn`, its section of the parameter
file `scoring.parameters.churn`.
"""
