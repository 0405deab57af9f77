"""Numerical methods that the models share: bracketing, quadrature, a decaying integral.

They know functions and arrays, never a model; the models themselves are files of `scoring.models`.
"""
