"""The report on a fit, and what it draws.

Shown, not computed: figures come from `modelling.fit`. What all reports share is
`modelling.report`.
"""
