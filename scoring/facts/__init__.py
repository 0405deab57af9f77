"""What is known of a customer, free of order: the packed state, and how events move it.

Sums, counts and bitmaps only; what they mean is `scoring.features`, and what is warned about
`scoring.warning`. Nothing here knows a model.
"""
