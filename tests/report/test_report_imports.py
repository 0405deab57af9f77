import subprocess
import sys

import pytest

DRAWING = ("matplotlib", "jinja2")


@pytest.mark.parametrize(
    ("module", "heavy"),
    [("streams.worker", (*DRAWING, "polars")), ("streams.cli.commands", DRAWING)],
)
def test_only_who_asks_for_a_report_imports_what_it_takes(module, heavy):
    told = f"import sys, {module}; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_reports_import_no_interactive_plotting():
    told = (
        "import sys, streams.report.fit, streams.report.churn, streams.report.backtest;"
        "print('matplotlib.pyplot' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
