"""Examples of every command, each of which a test reads as the command line does."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

EXITS: Final[Mapping[int, str]] = MappingProxyType(
    {
        0: "Done, and all is well.",
        1: "Failed, told in one line on standard error; or what was asked about is not as it "
        "should be, as the command's own words say.",
        2: "The command was typed wrong.",
        3: "Done, with something to know of: `doctor` has warnings alone, `verify` derived another "
        "message, `calibrate --strict` kept a section of the base.",
    }
)
EXAMPLES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "demo": ("ebbwatch demo", "ebbwatch demo --page --port 8642"),
        "doctor": (
            "ebbwatch doctor",
            "ebbwatch doctor --json | jq '.checks[] | select(.state != \"ok\")'",
        ),
        "worker": ("ebbwatch worker", "ebbwatch worker --mode replay"),
        "serve": (
            "EBBWATCH_SERVE_TOKENS_FILE=tokens ebbwatch serve",
            "ebbwatch serve --without-login --port 8642",
        ),
        "produce": ("ebbwatch produce events.jsonl", "zcat events.jsonl.gz | ebbwatch produce -"),
        "inspect": (
            "ebbwatch inspect c-1001",
            "ebbwatch inspect c-1001 --at 2026-03-01T12:00Z --json",
            "ebbwatch inspect --ids customers.txt | jq .score.churn_risk",
        ),
        "explain": (
            "ebbwatch explain c-1001",
            "ebbwatch explain c-1001 --at 2026-03-01T12:00Z",
            "ebbwatch explain c-1001 --at 2025-11-01T12:00Z history/ --params last-year.json",
        ),
        "export": (
            "ebbwatch export --out scores.parquet",
            "ebbwatch export --out scores.csv --at 2026-03-01T00:00Z",
        ),
        "warnings": (
            "ebbwatch warnings --band high --severity 100",
            "ebbwatch warnings --rule silence --rule churn --json",
        ),
        "tail": (
            "ebbwatch tail",
            "ebbwatch tail --since 2h --route risk --json | jq .customer_id",
            "ebbwatch tail --cases --customer c-1001",
        ),
        "outcome": (
            "ebbwatch outcome WARNING_ID contacted --by officer-3",
            "ebbwatch outcome WARNING_ID lost --reason price --by officer-3",
        ),
        "outcomes": (
            "ebbwatch outcomes --days 28 --contact-cost 2 --offer-cost 10",
            "ebbwatch outcomes --contact-cost 2 --ranking --out ranking.csv",
            "ebbwatch outcomes --propose --keep 0.95 --rules rules.toml --out proposal.toml",
        ),
        "segments": ("ebbwatch segments", "ebbwatch segments --out with-cut-points.json"),
        "verify": (
            "ebbwatch verify WARNING_ID",
            "ebbwatch verify WARNING_ID history/ --params march.json --params may.json",
        ),
        "webhook": (
            "ebbwatch webhook https://crm.example/ebbwatch --secret-file secret",
            "ebbwatch webhook http://127.0.0.1:8080 --allow-private --structured",
        ),
        "look": ("ebbwatch look export.csv",),
        "calibrate": (
            "ebbwatch calibrate history/ --out bank.json --report bank.html",
            "ebbwatch calibrate kafka --out bank.json --budget 40 --contact-cost 2",
        ),
        "fit": (
            "ebbwatch fit history.parquet --out fitted.json --report fit.html",
            "ebbwatch fit history/ --until 2025-12-31 --holdout 2026-03-31 --out fitted.json",
        ),
        "fit-churn": (
            "ebbwatch fit-churn history.parquet --params fitted.json --out bank.json --budget 40",
        ),
        "features": ("ebbwatch features history.parquet --at 2026-01-01 --out features.parquet",),
        "backtest": ("ebbwatch backtest history/ --params bank.json --report backtest.html",),
        "backfill": ("ebbwatch backfill history/ --until 2026-03-01T00:00Z",),
        "backup": ("ebbwatch backup monday.backup",),
        "restore": ("ebbwatch restore monday.backup",),
        "rebuild": ("ebbwatch rebuild", "ebbwatch rebuild history/ --until 2026-03-01T00:00Z"),
        "summary-sql": (
            "ebbwatch summary-sql --dialect spark --table cards --currency EUR --timezone UTC",
        ),
        "simulate": ("ebbwatch simulate --customers 1000 --days 365 --out bank",),
        "schemas": ("ebbwatch schemas contracts/",),
        "register": (
            "ebbwatch register http://registry:8081 --check",
            "ebbwatch register http://registry:8081",
        ),
        "topics create": ("EBBWATCH_PARTITIONS=16 ebbwatch topics create",),
        "topics list": ("ebbwatch topics list",),
        "topics adopt": ("ebbwatch topics adopt",),
        "clock show": ("ebbwatch clock show",),
        "clock reset": ("ebbwatch clock reset", "ebbwatch clock reset --to 2026-03-01T12:00Z"),
        "feeds show": (
            "ebbwatch feeds show",
            "ebbwatch feeds show --json | jq '.feeds[] | select(.held_since)'",
        ),
        "feeds release": ("ebbwatch feeds release atm",),
        "brake show": (
            "ebbwatch brake show",
            "ebbwatch brake show --json | jq '.held[].warnings[]'",
        ),
        "brake release": ("ebbwatch brake release", "ebbwatch brake release 7"),
        "dlq list": ("ebbwatch dlq list", "ebbwatch dlq list --reason no_rate --json"),
        "dlq show": ("ebbwatch dlq show bank.card.transaction.v1-0-42",),
        "dlq replay": (
            "ebbwatch dlq replay --reason no_rate",
            "ebbwatch dlq replay bank.card.transaction.v1-0-42 --repaired repaired.jsonl",
        ),
        "stack up": ("ebbwatch stack up > stack.env && . ./stack.env",),
        "stack down": ("ebbwatch stack down",),
        "stack status": ("ebbwatch stack status",),
        "parameters new": (
            "ebbwatch parameters new --currency CNY --timezone Asia/Shanghai --out bank.json",
        ),
        "rules check": ("ebbwatch rules check rules.toml",),
        "rules diff": (
            "ebbwatch rules diff rules.toml new.toml",
            "ebbwatch rules diff rules.toml new.toml history/*.parquet --from 2026-01-01",
        ),
        "rules show": ("ebbwatch rules show", "ebbwatch rules show --shipped > rules.toml"),
        "desk run": ("ebbwatch desk run", "EBBWATCH_DESK_FILE=desk.toml ebbwatch desk run"),
        "desk digest": (
            "ebbwatch desk digest --smtp smtp://127.0.0.1 --from ebb@b.example --to desk@b.example",
        ),
        "desk check": ("ebbwatch desk check desk.toml --no-offers no-offers.csv",),
        "desk show": ("ebbwatch desk show > desk.toml",),
        "access token": ("ebbwatch access token branch-app --file tokens",),
        "access rights": ("ebbwatch access rights desk --user ebbwatch-desk",),
        "access password": ("ebbwatch access password officer-3 --file passwords",),
        "config show": ("ebbwatch config show",),
    }
)


def epilog(name: str) -> str:
    """What stands beneath a command's help: its examples, a paragraph each."""
    shown = "\n\n".join(example.replace("[", "\\[") for example in EXAMPLES[name])
    return f"Examples:\n\n{shown}"
