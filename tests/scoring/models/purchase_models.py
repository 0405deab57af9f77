"""Every purchase model, drawn at random, and customers to ask them about."""

from hypothesis import strategies as st

from scoring.models import BGNBD, MBGNBD, ParetoNBD, PurchaseModel, limit_model

DAYS_30_YEARS = 10_957.5
shapes = st.floats(0.05, 5.0)
scales = st.floats(0.5, 500.0)
dropouts = st.floats(0.05, 50.0)
bgnbds = st.builds(BGNBD, r=shapes, alpha=scales, a=shapes, b=dropouts)
mbgnbds = st.builds(MBGNBD, r=shapes, alpha=scales, a=shapes, b=dropouts)
paretonbds = st.builds(ParetoNBD, r=shapes, alpha=scales, s=shapes, beta=st.floats(0.01, 1e5))
shares = st.floats(0.001, 0.999)
rates = st.floats(1e-4, 5.0)
buying = st.one_of(
    st.fixed_dictionaries({"r": shapes, "alpha": scales}), st.fixed_dictionaries({"rate": rates})
)
nobody_leaves = st.fixed_dictionaries({})
at_first = st.fixed_dictionaries({"leave_share": shares})


def _limit(kind: str, buying: dict[str, float], leaving: dict[str, float]) -> PurchaseModel:
    return limit_model(kind, {**buying, **leaving})


limits = st.one_of(
    st.builds(
        _limit,
        st.sampled_from(["bgnbd", "mbgnbd"]),
        buying,
        st.one_of(nobody_leaves, at_first, st.fixed_dictionaries({"leave_probability": shares})),
    ),
    st.builds(
        _limit,
        st.sampled_from(["bgnbd", "mbgnbd"]),
        st.fixed_dictionaries({"rate": rates}),
        st.fixed_dictionaries({"a": shapes, "b": dropouts}),
    ),
    st.builds(
        _limit,
        st.just("paretonbd"),
        buying,
        st.one_of(nobody_leaves, at_first, st.fixed_dictionaries({"leave_rate": rates})),
    ),
    st.builds(
        _limit,
        st.just("paretonbd"),
        st.fixed_dictionaries({"rate": rates}),
        st.fixed_dictionaries({"s": shapes, "beta": st.floats(0.01, 1e5)}),
    ),
)
models = st.one_of(bgnbds, mbgnbds, paretonbds, limits)

days = st.floats(0.0, DAYS_30_YEARS)
horizons = st.floats(1.0, 730.0)

# The CDNOW optima, in days.
CDNOW: dict[str, PurchaseModel] = {
    "bgnbd": BGNBD(0.242594521, 4.413602098, 0.792921958, 2.425906771).rescaled(7.0),
    "mbgnbd": MBGNBD(0.524843, 6.183084, 0.891359, 1.614002).rescaled(7.0),
    "paretonbd": ParetoNBD(0.553277, 10.577683, 0.606240, 11.668735).rescaled(7.0),
}

# Every kind of limit, in days; all told as 'whose: which'.
GAMMA, ONE = {"r": 0.7, "alpha": 20.0}, {"rate": 0.08}
_WAYS: dict[str, dict[str, dict[str, float]]] = {
    "bgnbd": {"beta": {"a": 0.4, "b": 5.0}, "one": {"leave_probability": 0.1}},
    "mbgnbd": {"beta": {"a": 0.4, "b": 5.0}, "one": {"leave_probability": 0.1}},
    "paretonbd": {"gamma": {"s": 0.6, "beta": 80.0}, "one": {"leave_rate": 0.004}},
}
LIMITS: dict[str, PurchaseModel] = {
    f"{kind}: {way}, {'one rate' if buying is ONE else 'rates'}": _limit(kind, buying, leaving)
    for kind, ways in _WAYS.items()
    for way, leaving in {**ways, "never": {}, "first": {"leave_share": 0.3}}.items()
    for buying in (GAMMA, ONE)
    if way not in {"beta", "gamma"} or buying is ONE
}
MODELS = {**CDNOW, **LIMITS}


def history(x: int, first: float, second: float) -> tuple[float, float, float]:
    """Frequency, recency, tenure."""
    return float(x), min(first, second) if x else 0.0, max(first, second)


histories = st.builds(history, st.integers(0, 10_000), days, days)
History = tuple[float, float, float]
