"""Purchase and spend models: from a history to a parameter file and its report.

`likelihood` is the mathematics, and pure; the models themselves are `scoring.models`.
"""
