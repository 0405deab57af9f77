import doctest
from types import ModuleType

import pytest

from scoring.models import bgnbd, clv, gammagamma, mbgnbd, paretonbd


@pytest.mark.parametrize("module", [bgnbd, clv, gammagamma, mbgnbd, paretonbd])
def test_examples_hold(module: ModuleType) -> None:
    results = doctest.testmod(module)
    assert results.attempted > 0
    assert results.failed == 0
