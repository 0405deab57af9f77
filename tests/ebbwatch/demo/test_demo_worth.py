import pytest

from ebbwatch.demo.settings import PARAMETERS
from ebbwatch.demo.worth import worth
from streams.config import Settings
from streams.parameters.file import load_model

MODEL = load_model(Settings(parameters_file=PARAMETERS))
CUSTOMERS = 23_570


def told(customer, day, band="middle", rule="churn", lifecycle="raised"):
    return {
        "customer_id": customer,
        "rule": rule,
        "band": band,
        "lifecycle": lifecycle,
        "event_time": f"{day}T00:00:00Z",
    }


@pytest.fixture(scope="module")
def nothing():
    return worth([], MODEL)


def test_without_a_warning_the_plain_rule_waits_until_it_is_too_late(nothing):
    assert (nothing.warnings, nothing.mean_lead_days, nothing.most_a_month) == (0, 0.0, 0.0)
    assert nothing.plain_days == MODEL.silence_days
    assert nothing.plain_warnings < CUSTOMERS


def test_customers_count_once_a_month_and_only_real_ones():
    told_of = [told(f"cdnow-{number:05d}", "1997-05-02") for number in range(1, 41)]
    again = [told("cdnow-00001", "1997-05-12"), told("cdnow-00001", "1997-07-02")]
    eased = [told("cdnow-00100", "1997-05-03", band="low", lifecycle="cleared")]
    persona = [told("persona-a", "1997-05-02")]
    found = worth([*told_of, *again, *eased, *persona], MODEL)
    assert found.most_a_month == round(40 / CUSTOMERS, 4)


def test_other_rules_are_no_warnings_about_silence(nothing):
    other = worth([told("cdnow-00001", "1997-05-02", rule="overdue")], MODEL)
    assert other.warnings == nothing.warnings
    assert other.most_a_month == round(1 / CUSTOMERS, 4)
