"""Customers as Redis holds them: found, told in words, scored at an instant; one, many, or all.

Here belongs what reads states and changes nothing, for shells and pages alike. How it is shown
belongs to them; what scores are is `scoring`'s.
"""
