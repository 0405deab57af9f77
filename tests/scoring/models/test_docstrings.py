import doctest
from types import ModuleType

import pytest

from scoring.models import bgnbd, gammagamma


@pytest.mark.parametrize("module", [bgnbd, gammagamma])
def test_examples_hold(module: ModuleType) -> None:
    results = doctest.testmod(module)
    assert results.attempted > 0
    assert results.failed == 0
