"""Every purchase model, drawn at random, and customers to ask them about."""

from hypothesis import strategies as st

from scoring.models import BGNBD, MBGNBD, ParetoNBD, PurchaseModel

DAYS_30_YEARS = 10_957.5
shapes = st.floats(0.05, 5.0)
scales = st.floats(0.5, 500.0)
dropouts = st.floats(0.05, 50.0)
bgnbds = st.builds(BGNBD, r=shapes, alpha=scales, a=shapes, b=dropouts)
mbgnbds = st.builds(MBGNBD, r=shapes, alpha=scales, a=shapes, b=dropouts)
paretonbds = st.builds(ParetoNBD, r=shapes, alpha=scales, s=shapes, beta=st.floats(0.01, 1e5))
models = st.one_of(bgnbds, mbgnbds, paretonbds)

days = st.floats(0.0, DAYS_30_YEARS)
horizons = st.floats(1.0, 730.0)

# The CDNOW optima, in days.
CDNOW: dict[str, PurchaseModel] = {
    "bgnbd": BGNBD(0.242594521, 4.413602098, 0.792921958, 2.425906771).rescaled(7.0),
    "mbgnbd": MBGNBD(0.524843, 6.183084, 0.891359, 1.614002).rescaled(7.0),
    "paretonbd": ParetoNBD(0.553277, 10.577683, 0.606240, 11.668735).rescaled(7.0),
}


def history(x: int, first: float, second: float) -> tuple[float, float, float]:
    """Frequency, recency, tenure."""
    return float(x), min(first, second) if x else 0.0, max(first, second)


histories = st.builds(history, st.integers(0, 10_000), days, days)
History = tuple[float, float, float]
