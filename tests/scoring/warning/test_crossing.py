"""When a value that rises in time crosses nought, found by asking at few instants."""

import numpy as np
import pytest

from scoring.arrays import NEVER
from scoring.warning.timers.crossing import first_crossing


@pytest.mark.parametrize("bend", [np.tanh, lambda gap: np.where(gap >= 0.0, np.inf, -np.inf)])
@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e4, 1e6])
def test_a_crossing_is_found_late_by_half_a_second_at_most(scale, bend):
    roots = np.array([0.0, 1.0, 3.3, 500.0]) * scale
    found = first_crossing(
        lambda at, rows: bend((at - 1e9 - roots[rows]) / scale), np.full(4, 1e9), 1e9
    )
    late = found - 1e9 - roots
    assert ((late >= -1e-6) & (late <= 0.51)).all()


@pytest.mark.parametrize("customers", [0, 2])
def test_what_never_rises_that_far_never_crosses(customers):
    found = first_crossing(lambda at, _: np.full(len(at), -1.0), np.zeros(customers), 1e9)
    assert found.tolist() == [NEVER] * customers
