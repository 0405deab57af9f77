import subprocess
import sys

import pytest

DRAWING = ("matplotlib", "jinja2")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("module", "heavy"),
    [("streams.run", (*DRAWING, "polars")), ("ebbwatch.cli.app", DRAWING)],
)
def test_only_who_asks_for_a_report_imports_what_it_takes(module, heavy):
    told = f"import sys, {module}; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.slow
def test_reports_import_no_interactive_plotting():
    told = (
        "import sys, modelling.fit.report.page, modelling.churn.report, modelling.backtest.report;"
        "print('matplotlib.pyplot' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
