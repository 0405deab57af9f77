"""Where customers met the bank, whatever it is called, in whatever order and batches it is told."""

from typing import get_args

import numpy as np
import pytest
from cases import MODEL, changed, document, event, log, run

from schemas.fields import TouchpointFamily
from scoring.arrays import DAY
from scoring.facts.kinds import Kind
from scoring.facts.packing import pack, unpack
from scoring.facts.state import FAMILIES
from scoring.facts.touchpoints import NAMES, Family, head, mark, names_touchpoint
from scoring.parameters import ParameterError, parse

APP, PHONE, OTHER = Family.APP, Family.PHONE, Family.OTHER


def at(where, kind, day, **fields):
    return event(kind, day, merchant=mark(where), **fields)


def met(*events, model=MODEL, **how):
    """Contacts of one customer."""
    return run(log(*events), model=model, **how).states["contacts"][0]


def families(*events, model=MODEL):
    return [NAMES[each] for each in np.flatnonzero(met(*events, model=model)["last"]).tolist()]


def test_families_are_named_as_the_contract_names_them():
    assert get_args(TouchpointFamily) == NAMES
    assert len(Family) == FAMILIES


@pytest.mark.parametrize(
    ("named", "family"),
    [
        *(("app:home", "app"), ("MOBILE", "app"), ("mobile_banking", "app"), (" App / x", "app")),
        *(("web:travel-offers", "web"), ("hotline", "phone"), ("Call-Centre:7", "phone")),
        *(("callcentre", "phone"), ("branch:042", "branch"), ("Filiale:Z\u00fcrich", "branch")),
        *(("atm:0815", "atm"), ("E-Mail:nps", "email"), ("\uff21\uff30\uff30", "app")),
        *(
            ("kiosk", "other"),
            (":", "other"),
            ("::app", "other"),
            ("", "other"),
            ("app\0", "app"),
            ("\0", "other"),
            ("\ud800", "other"),
        ),
        *(("x" * 10_000, "other"), ("\u5e97" * 64, "other"), ("application", "other")),
    ],
)
def test_a_touchpoint_is_of_the_family_that_its_beginning_tells(named, family):
    assert families(at(named, Kind.COMPLAINT, 20_000)) == [family]


def test_where_none_is_named_the_type_may_tell_it():
    told = {
        Kind.APP_SESSION: "app",
        Kind.CHAT: "app",
        Kind.WEB_VISIT: "web",
        Kind.CALL: "phone",
        Kind.BRANCH_VISIT: "branch",
        Kind.ATM_VISIT: "atm",
        Kind.EMAIL: "email",
    }
    for kind in Kind:
        if kind < Kind.ACKNOWLEDGED:  # answers are about what there is none of here
            assert families(event(kind, 20_000, score=1)) == ([told[kind]] if kind in told else [])
    assert families(at("branch:1", Kind.CHAT, 20_000)) == ["branch"]
    assert families(at("app", Kind.BROWSE, 20_000), event(Kind.PURCHASE, 20_001)) == []


def test_sums_fade_from_contact_to_contact_and_late_ones_weigh_less():
    short, middle, long = MODEL.parameters.half_lives_days
    first = event(Kind.CALL, 20_010), at("hotline", Kind.COMPLAINT, 20_000)
    found = met(*first, event(Kind.CALL, 20_024))[PHONE]
    assert found["last"] == 20_024 * DAY
    expected = [0.5 ** (14 / short) + 1, 0.5 ** (24 / middle), 0.5 ** (14 / long) + 1]
    assert found["sums"].tolist() == pytest.approx(expected, rel=1e-6)


def test_of_answers_the_latest_counts_and_of_two_in_a_second_the_worse():
    said = [(20_001, 4), (20_003, 2), (20_003, 5), (20_002, 1)]
    for order in (said, said[::-1]):
        answers = [at("app", Kind.SURVEY, day, score=score) for day, score in order]
        found = met(*answers, at("app:x", Kind.NPS, 20_000, score=0))[APP]
        assert found["answers"].tolist() == [3, 1]
        assert found["answered_at"].tolist() == [20_003 * DAY, 20_000 * DAY]


def test_a_repeated_event_counts_once_and_any_cut_gives_the_same_bytes():
    rng = np.random.default_rng(5)
    places = ("app", "hotline", "branch:1", "kiosk")
    kinds = (Kind.APP_SESSION, Kind.COMPLAINT, Kind.SURVEY, Kind.NPS, Kind.CALL, Kind.PURCHASE)
    events = log(
        *(
            at(places[rng.integers(4)], kinds[rng.integers(6)], 20_000 + day + rng.random() * 9)
            for day in range(120)
        )
    )
    events["merchant"][events["kind"] == Kind.PURCHASE] = 0
    events["score"] = rng.integers(1, 6, len(events))
    rows = rng.integers(0, 3, len(events))
    whole, cut = run(events, rows).states, run(events, rows, cuts=(1, 17, 18, 60, 119)).states
    assert whole.tobytes() == cut.tobytes()
    assert unpack(pack(whole)).tobytes() == whole.tobytes()
    twice = run(np.repeat(events, 2), np.repeat(rows, 2)).states
    assert twice["contacts"].tobytes() == whole["contacts"].tobytes()
    order = rng.permutation(len(events))
    mixed = run(events[order], rows[order]).states["contacts"]
    for name in ("last", "answered_at", "answers"):
        assert mixed[name].tolist() == whole["contacts"][name].tolist()
    assert mixed["sums"] == pytest.approx(whole["contacts"]["sums"], rel=1e-5)


def test_an_event_of_the_epoch_s_first_second_leaves_a_trace():
    assert families(event(Kind.CALL, 0)) == ["phone"]


def test_a_bank_spells_its_touchpoints_its_own_way():
    own = changed(touchpoints={"Kiosk": "atm", "mobile": "branch", "\u7f51\u70b9": "branch"})
    told = {"KIOSK:3": "atm", "Mobile": "branch", "\u7f51\u70b9:1": "branch", "app": "app"}
    for where, family in told.items():
        assert families(at(where, Kind.COMPLAINT, 20_000), model=own) == [family]


@pytest.mark.parametrize(
    ("given", "where", "expected", "got"),
    [
        ({"kiosk": "Kiosk"}, "touchpoints.kiosk", "'app', 'web', 'phone'", "Kiosk"),
        ({"kiosk": 3}, "touchpoints.kiosk", "'app', 'web', 'phone'", "3"),
        ({"app:home": "app"}, "touchpoints.app:home", "before their first : or /", "app:home"),
        ({":": "app"}, "touchpoints.:", "before their first : or /", ":"),
        ({" -": "app"}, "touchpoints. -", "before their first : or /", " -"),
        ({"": "app"}, "touchpoints.", "at least 1 character", ""),
        ({"x" * 65: "app"}, "touchpoints." + "x" * 65, "at most 64 characters", "x" * 65),
        ({"Kiosk": "atm", "KIOSK": "app"}, "touchpoints.KIOSK", "one family of kiosk", "app"),
        (["kiosk"], "touchpoints", "valid dictionary", "kiosk"),
        ({str(n): "app" for n in range(1_001)}, "touchpoints", "at most 1000 items", "1000"),
    ],
)
def test_a_mistake_in_the_parameter_file_says_where_what_and_what_came(given, where, expected, got):
    with pytest.raises(ParameterError) as error:
        parse({**document(), "touchpoints": given})
    told = error.value
    assert (told.where.startswith(where), expected in str(told), got in str(told)) == (True,) * 3


def test_two_spellings_of_one_family_agree_and_heads_are_the_same_when_taken_again():
    assert changed(touchpoints={"Kiosk": "atm", "KIOSK": "atm"}).touchpoints.families["kiosk"] == 4
    for name in ("Mobile-Banking:x", "\u00c5:", "\ufb01liale", "a  b_-c"):
        assert head(head(name)) == head(name)


def test_who_names_a_touchpoint_of_no_known_family_is_told():
    events = log(
        at("app:home", Kind.APP_SESSION, 1.0),
        at("kiosk", Kind.SURVEY, 2.0),
        event(Kind.CALL, 3.0),
        event(Kind.PURCHASE, 4.0, merchant=7),
    )
    assert MODEL.touchpoints.is_unknown(events).tolist() == [False, True, False, False]
    known = changed(touchpoints={"Kiosk": "branch"})
    assert not known.touchpoints.is_unknown(events).any()


def test_only_interactions_name_a_touchpoint():
    """A purchase has its merchant in that place, an answer the code of what was offered."""
    named = [Kind.PURCHASE, Kind.COMPLAINT, Kind.OFFER_MADE, Kind.ACCEPTED]
    events = log(*(event(kind, 20_000, merchant=5) for kind in named))
    assert names_touchpoint(events).tolist() == [False, True, False, False]
