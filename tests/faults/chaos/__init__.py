"""The fault suite: real servers and workers, what breaks them, and the judge's word on each run.

`make chaos` runs all of it; a slice runs with the tests. A fault is a row in `faults.FAULTS`.
"""
