"""The blocks of the documentation that tests type, in their order; and those that none does."""

from collections.abc import Mapping
from typing import Final

from page_reader import Act

COLUMNS: Final = "--id-column customer --time-column booked_at --amount-column amount"
BOOKS: Final = "--currency AUD --timezone Australia/Sydney"
TABLE: Final = f"--dialect duckdb --table bank.card_events {BOOKS}"
OPTIONS: Final = {"[": "", "]": ""}  # all that stands in brackets is given

# A modeller's: a bank's files, its warehouse, a shop's export.
HISTORY: Final = (
    Act(
        "README.md",
        "ebbwatch calibrate",
        (r"^Is it worth it\?", r"profit -?[\d.]+ AUD a day", "✓  scorecard", ": 48 customers"),
        makes=("bank.json", "bank.html"),
    ),
    Act(
        "README.md",
        "ebbwatch fit",
        (
            r"^bgnbd +r ",
            r"^holdout of 59 days: [\d.]+ purchases expected",
            r"^fitted\.json: fitted-",
            r"^middle from 0\.\d+",
            r"^bank\.json: ",
            r"^Is this worth it for us\?",
            r"^silence +high",
            r"events of 48 customers loaded into 4 partitions up to \d",
        ),
        {"…": COLUMNS},
        makes=("fit.html", "churn.html", "backtest.html"),
    ),
    Act(
        "docs/backtest.md",
        "ebbwatch backtest",
        (r'"currency": "AUD"', r'"setting": 1', r'"chosen_by": "profit"'),
        {
            "HISTORY...": f"history/ {COLUMNS}",
            "--params P": "--params bank.json",
            "--from DAY": "--from 2026-01-01",
            "--until DAY": "--until 2026-02-20",
            "--horizon-days N": "--horizon-days 56",
            "[--thresholds RULE=MIDDLE[:HIGH],... | grid]...": "--thresholds churn=0.3:0.6",
            "--budget WARNINGS": "--budget 10",
            "--contact-cost C": "--contact-cost 1",
            "--offer-cost C": "--offer-cost 3",
            "--keep-chance P": "--keep-chance 0.2",
            "--value V": "--value low=10,middle=50,high=200",
            "FILE": "backtested",
            **OPTIONS,
        },
        makes=("backtested.jsonl", "backtested.html"),
    ),
    Act(
        "docs/warehouse.md",
        "ebbwatch summary-sql",
        (r"^bgnbd +r ", r"fitted\.json", "share of 0.95 of the customers", r"^bank\.json: "),
        {
            "--dialect spark": "--dialect duckdb",
            "ebbwatch fit": "python query.py customers.sql customers.parquet\nebbwatch fit",
            "--share 0.05 …": f"--share 0.95 {TABLE} {COLUMNS} --time-type instant",
            "ebbwatch calibrate": "python query.py lives.sql lives.parquet\nebbwatch calibrate",
        },
    ),
    Act(
        "docs/histories.md",
        "ebbwatch look",
        (
            r"^Options: --id-column CustomerID --time-column InvoiceDate --amount 'Quantity",
            r" --encoding cp1252 +--time-format '%m/%d/%Y %H:%M' --exclude 'CustomerID is blank'$",
            r"^600 rows read, \d+ used: \d+ customers, 2010-12-01 to .* refunds, 0 purchases of",
            r"^\d+ rows left out as excluded; first shop\.csv: row \d+: CustomerID is blank",
            r"^\d+ customers bought, on [\d.]+ days each; half on \d+ or fewer, \d+% on one alone",
            r"^Written: ebbwatch\.toml",
            r"^fitted\.json: ",
            r"^bank\.json: ",
        ),
        makes=("fit.html", "bank.html"),
    ),
    Act(
        "docs/recalibration.md",
        "ebbwatch calibrate",
        (r'"missing"', r"mine-"),
        {
            "HISTORY... | kafka": "shop.csv",
            "[--leaving silence:DAYS | closure:DAYS | partial:DAYS:SHARE | several, with commas]": (
                "--leaving silence:28,closure:28,partial:28:0.5"
            ),
            "--budget WARNINGS": "--budget 10",
            "--contact-cost C": "--contact-cost 1",
            "--offer-cost C": "--offer-cost 3",
            "--keep-chance P": "--keep-chance 0.2",
            "--value V": "--value 50",
            "--base FILE": "--base fitted.json",
            "--name NAME": "--name mine",
            "--currency CODE": "--currency GBP",
            "[--timezone ZONE]": "--timezone Europe/London || test $? = 3",  # --strict: too little
            **OPTIONS,
        },
    ),
    Act(
        "docs/rights.md",
        "ebbwatch access rights",
        (r"--allow-principal User:ebbwatch-desk .*--operation Read ", "^# worker$", "^# serve$"),
    ),
    Act(
        "docs/serve.md",
        "ebbwatch access rights",
        (r"--allow-principal User:page .*--operation Read ", r"^ACL SETUSER page on >PASSWORD "),
    ),
    Act(
        "docs/sending.md",
        "ebbwatch parameters new",
        (r"purchase day is worth 85 AUD on average", r"EBBWATCH_PARAMETERS_FILE=bank\.json"),
        makes=("bank.json",),
    ),
)

# From a history to warnings that people act on, and what can be asked of it meanwhile.
GOING_LIVE: Final = (
    Act(
        "docs/going-live.md",
        "ebbwatch look",
        (r"^Options: --id-column customer --time-column booked_at$", r": 48 customers, "),
        makes=("history/ebbwatch.toml",),
    ),
    Act(
        "docs/going-live.md",
        "ebbwatch calibrate",
        (r"^Is it worth it\? Yes", r" AUD a day", "✓  scorecard", "✓  backtest", "Take 0"),
        makes=("bank.json", "bank.html"),
    ),
    Act(
        "docs/going-live.md",
        "export EBBWATCH_PARAMETERS_FILE",
        (
            r"transaction +created, 4 partitions",
            r"^✓ ok +parameters +bank-\w+ \(/.*/bank\.json\)",
            r"^✓ ok +book +AUD, days of Australia/Sydney",
            r"^! warning workers +none is running",
            r"^\d+ ok, 1 warning, 0 wrong",
        ),
        {"ebbwatch doctor": "ebbwatch doctor || test $? = 3"},  # 3: warnings alone
    ),
    Act(
        "docs/going-live.md",
        "ebbwatch backfill",
        (
            r"events of 48 customers loaded into 4 partitions up to \d\S+T00:00:00\+00:00",
            r", 0 messages to publish",
            r"^c-1001  as of ",
            r"^No open warning",
        ),
    ),
)
# Between two steps: the bank's systems write to its topics.
REHEARSAL: Final = (
    Act(
        "docs/going-live.md",
        "ebbwatch worker",
        (
            r"raised .* middle dissatisfaction  c-1001  Call the customer within two days",
            r"^c-1001  as of ",
            r"dissatisfaction: Shows dissatisfaction: complained",
            r"^MIDDLE dissatisfaction since ",
        ),
        awaits={"ebbwatch tail": "dissatisfaction  c-1001 "},
    ),
    Act(
        "docs/going-live.md",
        "ebbwatch desk show",
        (r"^desk\.toml: mine, cases of a business day: ", r'"handed_out": [1-9]', r"^retained +0"),
        {"ebbwatch desk check": "cp mine.toml desk.toml\nebbwatch desk check"},
        awaits={"ebbwatch desk run": r'"handed_out": [1-9]'},
    ),
    Act(
        "README.md",
        "ebbwatch access token",
        (r'"customer_id":"c-1001"', r'"churn_risk":0\.\d', r'"rule":"dissatisfaction"'),
        {":8642": ":{serve}"},
    ),
    Act(
        "docs/serve.md",
        "pip install",
        (r'"customer_id":"c-1001"', r'"churn_risk":0\.\d'),
        {":8642": ":{serve}"},
    ),
    Act(
        "docs/serve.md",
        "ebbwatch explain",
        (
            r"^MIDDLE dissatisfaction since ",
            r"^c-1001  as of \d{4}-\d\d-\d\d 12:00 UTC",
            r"^0\.\d+\n0\.\d+$",
            r"^scores\.parquet: \d+ customers",
        ),
        {"--at 2026-03-01T12:00Z": "--at 2026-02-20T12:00Z"},
    ),
    Act(
        "docs/cases.md",
        "ebbwatch warnings",
        (
            r'"rule": "dissatisfaction"',  # the case is told in a log of its own
            r"^c-1001: retained, event shell-",
            r"^c-\d+: lost, event shell-",
            r"^c-\d+: offer_made, ",
            r"^c-\d+: snoozed, ",
            r'"lost": 1,',
            r'"rule": "dissatisfaction",\n +"band": "middle",\n +"right": 1',
            r'"currency": "AUD"',
            r"proposal\.toml: not written, since nothing is proposed",
        ),
        {
            "--rule R": "--rule dissatisfaction",
            "--route R": "--route relationship",
            "--band B": "--band middle",
            "--severity 100": "--severity 1",
            "[--ids] ": "",
            "--customer C": "--customer c-1001",
            "WARNING_ID retained": "{dissatisfied} retained",
            "WARNING_ID": "{leaving}",
            "--note TEXT": "--note settled",
            "--at INSTANT": '--at "$(date -u +%FT%TZ)"',
            "--offer CODE": "--offer fee-waiver",
            "[--ranking [--out FILE]] ": "",
            "--rules FILE": "--rules rules.toml",
            **OPTIONS,
        },
        awaits={"ebbwatch tail": '"customer_id":"c-1001"'},
    ),
)
# Meanwhile, and afterwards: whoever else wants to know, and those who keep it going.
AFTERWARDS: Final = (
    Act(
        "docs/verify.md",
        "ebbwatch verify",
        (r'"is_same": true', r'"rule": "dissatisfaction"'),
        {
            "WARNING_ID": "{dissatisfied}",
            "[HISTORY...]": "history/",
            "--params P ...": "--params bank.json",
            "[--warning FILE] ": "",
            **OPTIONS,
        },
    ),
    Act(
        "docs/clients.md",
        "ebbwatch register",
        (r"transaction-value +new, not written", r"transaction-value +new, id 1"),
        {"http://registry:8081": "{registry}"},
    ),
    Act(
        "docs/webhook.md",
        "openssl rand",
        (),
        {
            "https://crm.example.com": "{receiver}",
            "--secret-file secret": "--secret-file secret --allow-private",
            "9645": "{port}",
        },
    ),
    Act(
        "docs/webhook.md",
        "ebbwatch webhook URL",
        (),
        {
            "URL": "{receiver}/hooks/churn --allow-private",
            "bank.customer.warning.risk.v1.dlq": "{relationship}.dlq",
            "--group mended": "--group {relationship}.mended",
        },
    ),
    Act(
        "docs/desk.md",
        "ebbwatch desk digest",
        (r"^sent$",),
        {
            "smtps://mail.bank.example": "{mail}",
            "--password-file password": "--password-file secret",
            **OPTIONS,
        },
    ),
    Act(
        "docs/tracing.md",
        "pip install",
        (r'"event": "claimed"',),
        {"http://collector:4318": "{collector}"},
    ),
    Act(
        "docs/backfill.md",
        "ebbwatch backfill",
        (r'"customers": 48', r'"published": [1-9]', r'"first_day": "\d'),
        {
            "ebbwatch backfill": "EBBWATCH_REDIS_PREFIX=another ebbwatch backfill",
            "HISTORY...": "history/*.parquet",
            "INSTANT": "2026-03-01T00:00Z",
            "--params P": "--params bank.json",
            "[--resume] ": "",
            **OPTIONS,
        },
    ),
    Act(
        "docs/recovery.md",
        "ebbwatch backup",
        (r" keys of 4 partitions, [\d.]+ MB, backed up to nightly", r", restored from nightly"),
    ),
    Act(
        "docs/recovery.md",
        "ebbwatch rebuild",
        (r"^The topics hold everything", r"events of 48 customers loaded", r"^Start the workers"),
        {
            "ebbwatch rebuild history/*.parquet --discard": (
                "! ebbwatch rebuild history/*.parquet --discard"  # nothing was forgotten: no cut
            )
        },
    ),
)
# A made-up bank of its own with wire events, and what `produce` makes of them.
SIMULATED: Final = (
    Act(
        "docs/simulator.md",
        "ebbwatch simulate --customers 10000",
        (
            r"^[\d,]+ events of 40 customers in bank/events",
            r"^fitted\.json: ",
            r"^40 customers, \d+ events, 2024-01-01 to ",
            r"[\d,]+ events written",
        ),
        {
            "10000": "40",
            "730": "90",
            # Needs 20 customers who left, of whom so small a bank has none.
            "ebbwatch fit-churn": "true ebbwatch fit-churn",
            "--params churn.json": "--params fitted.json",
        },
    ),
    Act(
        "docs/simulator.md",
        "ebbwatch simulate --customers 3000",
        (
            r"^[\d,]+ events of 20 customers in cards/events",
            "Lost is .* for 60 days",
            "cards.json: ",
        ),
        {"3000": "20", "540": "90", "--out bank": "--out cards", "bank/events": "cards/events"},
    ),
)
# Typed by tests/ebbwatch/cli/test_cli_proposals.py, where enough was answered.
PROPOSAL: Final = Act(
    "docs/cases.md",
    "ebbwatch outcomes --propose",
    (
        r"spend_decline middle: 0\.3 -> 0\.4 keeps",
        r"^spend_decline: middle 0\.3 -> 0\.4",
        r"^48 customers, .* warned of by both",
    ),
)

TYPED: Final = (*HISTORY, *GOING_LIVE, *REHEARSAL, *AFTERWARDS, *SIMULATED, PROPOSAL)
# What is not typed, by page and beginning, and why.
NOT_TYPED: Final[Mapping[tuple[str, str], str]] = {
    ("README.md", "make demo"): "the demo: tests/ebbwatch/demo/test_demo_end_to_end.py; the tests",
    ("docs/compose.md", "sh deploy/secrets.sh"): (
        "Docker: tests/test_compose.py runs the script, and the services' commands"
    ),
    ("docs/faults.md", "make chaos"): "an hour: tests/faults/test_chaos_slice.py runs a part",
    ("docs/recovery.md", ".venv/bin/python -m benchmarks.durability"): (
        "half an hour on a quiet machine: tests/benchmarks/test_durability.py"
    ),
    ("docs/scoreboard.md", "make scoreboard"): "hours: tests/benchmarks/test_scoreboard.py",
}
