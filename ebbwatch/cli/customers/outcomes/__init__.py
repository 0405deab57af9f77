"""`ebbwatch outcomes`: what became of warnings, whom acting helps, and what thresholds should be.

Nothing is computed here: what topics tell is `streams.tools.desk`, and what is learnt of it
`modelling.uplift` and `modelling.thresholds.answers`.
"""
