"""What helps where a record cannot be used, by the reason code."""

from collections.abc import Mapping
from types import MappingProxyType

from schemas.rejections import Rejection

_REMEDIES: Mapping[str, str] = MappingProxyType(
    {
        "no_rate": (
            "name a CSV file of date,currency,rate in EBBWATCH_RATES_FILE, or send book_amount; if "
            "{got} is the book's currency: ebbwatch parameters new --currency {got} --timezone "
            "ZONE --out FILE, or ebbwatch calibrate, and EBBWATCH_PARAMETERS_FILE"
        ),
        "wrong_key": "key records by customer_id, as ebbwatch produce does",
        "wrong_partition": (
            "let the producer hash keys as Kafka's Java client does: partitioner=murmur2_random in "
            "librdkafka (C, Python, Go, .NET, Node), whose default is another; or, where all "
            "producers have that, set EBBWATCH_PARTITIONER=crc32 before anything is read"
        ),
        "unknown_warning": (
            "name a warning_id or case_id as it was published; where it was, look at the clock of "
            "who answers"
        ),
        "wrong_customer": "key an answer by the customer_id that stands in the warning or case",
        "future_time": (
            "look at the clock of who sends, and of who stamps the record; "
            "EBBWATCH_FUTURE_TOLERANCE allows for more"
        ),
        "too_late": "load history by ebbwatch backfill, which reads it in order",
        "naive_time": "send times with their offset from UTC",
        "bad_time": "send times as ISO 8601 text; epoch numbers are not taken",
        "not_json": "send one JSON object a record, in UTF-8",
        "unknown_type": "schemas/json has the types of each topic",
        "extra_field": "schemas/json has the fields of each type",
        "missing_field": "schemas/json has the fields of each type",
        "unusable": (
            "report it with the log's line `record unusable`: no value may do that; the record "
            "itself still stands in its topic, until its retention"
        ),
        "card_number": "send tokens, never card numbers; the value was not kept",
    }
)
_OTHERWISE = "schemas/json has the fields and limits of each type"


def remedy(rejection: Rejection) -> str:
    """Say what helps.

    >>> remedy(Rejection(0, "wrong_key", "key", "the customer id", "null"))
    'key records by customer_id, as ebbwatch produce does'
    """
    is_time = rejection.where.endswith("_time") and rejection.reason == "wrong_type"
    reason = "bad_time" if is_time else rejection.reason
    return _REMEDIES.get(reason, _OTHERWISE).format(got=rejection.got)
