"""`ebbwatch fit` on files."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from histories import COLUMNS, DATA, cdnow_sample, sample_files
from typer.testing import CliRunner

from ebbwatch.cli import command_line
from scoring.models import BGNBD, limit_model
from streams.config import Settings, packaged
from streams.parameters.file import load_model, read_document

GOLDEN = json.loads((DATA / "golden_cdnow.json").read_text())["exact_cbs_and_worked_examples"]
EXACT = {**GOLDEN["exact_cbs"], "gammagamma": GOLDEN["exact_cbs"]["gg"]}
NAMES = {
    "bgnbd": ("r", "alpha", "a", "b"),
    "mbgnbd": ("r", "alpha", "a", "b"),
    "paretonbd": ("r", "alpha", "s", "beta"),
    "gammagamma": ("p", "q", "v"),
}
TIMES = ("alpha", "beta")
REPEATS = 2457  # repeat purchase days of the sample


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return sample_files(tmp_path_factory.mktemp("cdnow"))


def run(*words: str):
    return CliRunner().invoke(command_line(), list(words))


def fit(history: str, out: Path, *words: str, model="bgnbd"):
    asked = ("fit", history, *COLUMNS, "--model", model, "--out", str(out), "--json", *words)
    result = run(*asked)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def refused(*words: str) -> str:
    result = run(*words)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("ebbwatch: ")
    assert result.stderr.count("\n") == 1
    return result.stderr


@pytest.mark.by_lot(6)
@pytest.mark.parametrize("unit", ["week", "day"])
@pytest.mark.parametrize("model", sorted(NAMES))
@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_the_published_fits_come_out(
    files: dict[str, str], tmp_path: Path, model: str, unit: str, kind: str
) -> None:
    out = tmp_path / "out.json"
    cents = ("--amount-unit", "minor") if kind == "parquet" else ()
    asked = ("--until", "1997-09-30", "--time-unit", unit, *cents)
    told = fit(files[kind], out, *asked, model=model)
    days = 7.0 if unit == "day" else 1.0
    expected = dict(zip(NAMES[model], EXACT[model]["mle"], strict=True))
    expected = {n: v * days if n in TIMES else v for n, v in expected.items()}
    assert told["parameters"] == pytest.approx(expected, rel=1e-4)
    shift = REPEATS * np.log(days) if model != "gammagamma" else 0.0
    assert told["log_likelihood"] == pytest.approx(EXACT[model]["LL"] - shift, abs=1e-5)
    assert told["customers"] == (946 if model == "gammagamma" else 2357)
    assert (told["model"], told["time_unit"]) == (model, unit)
    assert told["seconds"] > 0.0
    assert told["spend"]["parameters"]["v"] == pytest.approx(15.443524, rel=1e-4)
    assert load_model(Settings(parameters_file=out)).parameters.version == told["version"]


def test_the_file_has_the_bases_rules_and_where_the_fit_comes_from(
    files: dict[str, str], tmp_path: Path
) -> None:
    out = tmp_path / "Bank 2026.json"
    told = fit(files["csv"], out, "--until", "1997-09-30", "--holdout", "1998-06-30")
    document, base = json.loads(out.read_text()), read_document(None)
    for name in ("horizon_days", "scorecard", "half_lives_days", "margin"):
        assert document[name] == base[name]
    assert document["name"] == "bank-2026"
    assert list(document)[:3] == ["schema_version", "name", "time_unit"]
    assert list(document)[-3:] == ["fit", "origins", "sha256"]
    provenance = document["fit"]
    assert provenance["window"] == {"first_day": "1997-01-01", "until": "1997-09-30"}
    assert provenance["counts"] == {
        "rows": 6919,
        "used": 6919,
        "refunds": 0,
        "zero_purchases": 8,
    }
    assert provenance["purchases"]["standard_errors"].keys() == set(NAMES["bgnbd"])
    assert provenance["holdout"] == told["holdout"]
    parameters = load_model(Settings(parameters_file=out)).parameters
    assert isinstance(parameters.purchases, BGNBD)
    assert parameters.purchases.alpha == pytest.approx(4.4136 * 7, rel=1e-4)


def test_the_holdout_is_foretold_as_in_the_paper(files: dict[str, str], tmp_path: Path) -> None:
    asked = ("--until", "1997-09-30", "--holdout", "1998-06-30")
    holdout = fit(files["csv"], tmp_path / "out.json", *asked)["holdout"]
    sample = cdnow_sample().with_columns(pl.col("Tag").str.to_date())
    later = sample.filter(pl.col("Tag") > pl.date(1997, 9, 30)).unique(["Kunde", "Tag"]).height
    assert holdout["actual"] == later
    assert holdout["days"] == 273
    assert holdout["expected"] == pytest.approx(1653.4, abs=0.1)
    assert holdout["correlation"] == pytest.approx(0.626, abs=0.001)
    assert holdout["mean_absolute_error"] == pytest.approx(0.785, abs=0.001)
    assert [each["frequency"] for each in holdout["bins"]] == list(range(8))
    assert [each["most"] for each in holdout["bins"]] == [*range(7), None]
    assert sum(each["customers"] for each in holdout["bins"]) == 2357


def test_where_no_model_is_named_the_one_that_foretells_best_is_taken(
    files: dict[str, str], tmp_path: Path
) -> None:
    out = tmp_path / "out.json"
    held = fit(files["csv"], out, "--until", "1997-09-30", "--holdout", "1998-06-30", model="auto")
    errors = {each["model"]: each["mean_absolute_error"] for each in held["tried"]}
    assert errors.keys() == {"bgnbd", "mbgnbd", "paretonbd"}
    assert errors[held["model"]] == min(errors.values()) == held["holdout"]["mean_absolute_error"]
    assert list(errors.values()) == sorted(errors.values())
    assert "1997-10-01 to 1998-06-30" in held["chosen_by"]
    alone = fit(files["csv"], out, "--until", "1997-09-30", model=held["model"])
    assert alone["parameters"] == held["parameters"]
    assert (alone["tried"], alone["chosen_by"]) == ([], None)
    inner = fit(files["csv"], out, "--until", "1997-09-30", model="auto")
    assert "1997-07-25 to 1997-09-30" in inner["chosen_by"]
    assert inner["holdout"] is None
    document = json.loads(out.read_text())
    assert document["fit"]["tried"] == inner["tried"]
    assert all(each["log_likelihood"] < -9_500 for each in inner["tried"])


def test_with_a_prior_one_customer_will_do_and_the_file_says_so(tmp_path: Path) -> None:
    history, out, page = tmp_path / "log.csv", tmp_path / "out.json", tmp_path / "page.html"
    history.write_text("customer_id,event_time,amount\na,2024-01-01,5\na,2024-02-02,7\n")
    asked = ("fit", str(history), "--model", "bgnbd", "--out", str(out))
    assert "with a weak prior: --prior" in refused(*asked)
    told = json.loads(run(*asked, "--prior", "--json").stdout)
    assert told["prior"]["r / alpha"] == {"median": 1 / 30, "log_sd": 2.0, "per_day": True}
    assert told["limit"] is None
    document = json.loads(out.read_text())
    assert document["fit"]["purchases"]["prior"] == told["prior"]
    assert document["fit"]["spend"]["prior"]["q"]["median"] == 4.0
    assert load_model(Settings(parameters_file=out)).parameters.version == told["version"]
    assert "weak priors" in run(*asked, "--prior", "--report", str(page)).stdout
    assert "A weak prior went into the BG/NBD" in page.read_text()


def test_spend_alone_keeps_the_bases_purchase_model(files: dict[str, str], tmp_path: Path) -> None:
    base, out = tmp_path / "base.json", tmp_path / "out.json"
    fit(files["csv"], base, "--time-unit", "day", model="mbgnbd")
    told = fit(files["csv"], out, "--base", str(base), model="gammagamma")
    assert told["time_unit"] == "day"
    documents = [json.loads(file.read_text()) for file in (base, out)]
    assert documents[0]["purchase_model"] == documents[1]["purchase_model"]
    assert documents[1]["fit"]["purchases"] is None
    assert documents[1]["origins"]["purchase_model"] == documents[0]["origins"]["purchase_model"]
    assert any("purchase model was not fitted: it is the base's" in t for t in told["diagnostics"])
    weeks = fit(files["csv"], out, "--base", str(base), "--time-unit", "week", model="gammagamma")
    model = json.loads(out.read_text())["purchase_model"]
    assert weeks["time_unit"] == "week"
    assert model["alpha"] * 7.0 == pytest.approx(documents[0]["purchase_model"]["alpha"])
    assert model["a"] == documents[0]["purchase_model"]["a"]


def test_mean_spends_above_the_quantile_are_lowered(files: dict[str, str], tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    told = fit(files["csv"], out, "--until", "1997-09-30", "--winsorise", "0.99")["winsorised"]
    m = pl.read_csv(DATA / "cdnow_sample_cbs_exact.csv").filter(pl.col("m") > 0)["m"].sort()
    assert told["cap"] == pytest.approx(m[int(np.ceil(0.99 * len(m))) - 1])
    assert told["customers"] == int((m > told["cap"] * (1 + 1e-12)).sum())
    off = fit(files["csv"], out, "--until", "1997-09-30", "--winsorise", "1")["winsorised"]
    assert off["customers"] == 0


def test_a_bank_has_its_own_currency_and_zone(tmp_path: Path) -> None:
    sample = cdnow_sample().with_columns(pl.col("Betrag").round(0).cast(pl.Int64))
    sample.write_csv(tmp_path / "yen.csv")
    out = tmp_path / "out.json"
    fit(str(tmp_path / "yen.csv"), out, "--currency", "JPY", "--timezone", "Asia/Tokyo")
    document = json.loads(out.read_text())
    assert (document["book_currency"], document["currency_exponent"]) == ("JPY", 0)
    assert document["book_timezone"] == "Asia/Tokyo"
    cuts, base = document["segments"], read_document(None)["segments"]
    assert cuts["monetary_value"] != base["monetary_value"]
    assert cuts["tenure_days"] == base["tenure_days"]
    assert document["origins"]["segments"]["currency"] == "JPY"
    assert "history" in document["origins"]["segments"]["made_from"]
    assert load_model(Settings(parameters_file=out)).parameters.segments is not None


def test_no_part_of_another_currency_is_kept_and_each_says_where_it_comes_from(
    files: dict[str, str], tmp_path: Path
) -> None:
    base, out = tmp_path / "base.json", tmp_path / "out.json"
    fit(files["csv"], base)
    document = json.loads(base.read_text())
    assert set(document["origins"]) >= {"purchase_model", "spend_model", "rules", "segments"}
    preset = read_document(Settings().parameters_source)
    assert preset["preset"] in document["origins"]["rules"]["made_from"]
    assert document["origins"]["purchase_model"]["made_from"].startswith("the bank's history up")
    assert document["origins"]["spend_model"]["currency"] == "USD"
    foreign = {**document, "book_currency": "EUR"}
    foreign.pop("sha256")
    (tmp_path / "foreign.json").write_text(json.dumps(foreign))
    asked = ("fit", files["csv"], *COLUMNS, "--out", str(out))
    assert "origins.spend_model" in refused(*asked, "--base", str(tmp_path / "foreign.json"))
    told = fit(files["csv"], out, "--base", str(base), "--currency", "EUR")
    converted = json.loads(out.read_text())
    currencies = {each.get("currency", "EUR") for each in converted["origins"].values()}
    assert currencies == {"EUR"}
    assert converted["segments"]["clv"] != document["segments"]["clv"]
    assert told["spend"]["parameters"]["v"] == converted["spend_model"]["v"]
    document["scorecard"]["least_value"] = 40.0
    document.pop("sha256")
    base.write_text(json.dumps(document))
    line = refused(*asked, "--base", str(base), "--currency", "EUR")
    assert "scorecard.least_value of the base: expected an amount in EUR" in line


def test_where_a_scorecard_is_left_out_silence_warns_again(
    files: dict[str, str], tmp_path: Path
) -> None:
    cards, out = tmp_path / "cards.json", tmp_path / "out.json"
    document = read_document(packaged("cards"))
    assert document["rules"]["silence"]["raises"] is False
    cards.write_text(json.dumps(document))
    told = fit(files["csv"], out, "--base", str(cards))
    made = json.loads(out.read_text())
    assert "churn" not in made
    assert made["rules"]["silence"].get("raises", True)
    assert any("Until then the rule silence warns" in each for each in told["diagnostics"])


def test_a_history_without_amounts_fits_buying_alone(files: dict[str, str], tmp_path: Path) -> None:
    frame = pl.read_csv(files["csv"], infer_schema=False).drop("Betrag")
    frame.write_csv(tmp_path / "plain.csv")
    out, asked = tmp_path / "out.json", ("fit", str(tmp_path / "plain.csv"), *COLUMNS[:4])
    result = run(*asked, "--amount-column", "", "--model", "bgnbd", "--out", str(out), "--json")
    told = json.loads(result.stdout)
    assert told["spend"] is None
    assert any("no amounts" in each for each in told["diagnostics"])
    assert any("each customer's expected spend is their own mean" in t for t in told["diagnostics"])
    assert json.loads(out.read_text())["spend_model"] == {"type": "own_mean"}
    spend = load_model(Settings(parameters_file=out)).parameters.spend
    assert spend.expected_spend([0, 2], [0.0, 1_500.0]).tolist() == [0.0, 1_500.0]
    euros = (*asked, "--amount-column", "", "--model", "bgnbd", "--currency", "EUR")
    told = json.loads(run(*euros, "--out", str(out), "--json").stdout)
    assert any("no cut points of segments in this currency" in each for each in told["diagnostics"])
    assert "segments" not in json.loads(out.read_text())
    assert "expected a purchase of some value" in refused(
        *asked, "--amount-column", "", "--model", "gammagamma", "--out", str(out)
    )


def test_a_table_of_ids_and_dates_is_fitted_and_its_spend_told_as_not_fitted(
    tmp_path: Path,
) -> None:
    out, history = tmp_path / "out.json", str(DATA / "histories" / "no-amounts.csv")
    asked = ("fit", history, "--id-column", "cust", "--time-column", "date", "--out", str(out))
    told = json.loads(run(*asked, "--json").stdout)
    assert (told["customers"], told["spend"]) == (300, None)
    assert any("Spend was not fitted, as there are no amounts" in t for t in told["diagnostics"])
    assert json.loads(out.read_text())["spend_model"] == {"type": "own_mean"}
    assert load_model(Settings(parameters_file=out)).parameters.version == told["version"]


@pytest.mark.parametrize(
    ("rows", "mean", "words"),
    [
        # All spend the same; nobody comes back; nobody but one does; a tail without a mean.
        ([(c, d, 9.99) for c in range(30) for d in (1, 9 + c % 5, 20 + c % 7)], 9.99, "differ"),
        ([(c, 1 + c, 10.0 * c) for c in range(1, 9)], 45.0, "nobody came back"),
        ([(c, 1 + c, 5.0) for c in range(8)] + [(3, 20, 7.0)], 7.0, "2 customers or more"),
        (
            [(c, d, 1.5 ** min(c, 40)) for c in range(60) for d in (1, 9 + c % 5, 20 + c % 7)],
            float(np.mean([1.5 ** min(c, 40) for c in range(60)])),
            "No model of spend",
        ),
    ],
)
def test_where_no_model_of_spend_fits_it_is_the_populations_mean(
    tmp_path: Path, rows: list[tuple[int, int, float]], mean: float, words: str
) -> None:
    history, out = tmp_path / "log.csv", tmp_path / "out.json"
    lines = (f"c{customer},2024-01-{day:02d},{amount:.10g}" for customer, day, amount in rows)
    history.write_text("\n".join(["customer_id,event_time,amount", *lines]))
    asked = ("fit", str(history), "--model", "gammagamma", "--winsorise", "1", "--out", str(out))
    told = json.loads(run(*asked, "--json").stdout)
    assert told["limit"] == "one mean for all"
    assert told["parameters"] == pytest.approx({"mean": mean})
    assert told["log_likelihood"] is None
    assert any(words in each and "put at the mean" in each for each in told["diagnostics"])
    document = json.loads(out.read_text())
    assert document["spend_model"] == {
        "type": "gammagamma", "limit": "one mean for all", "mean": pytest.approx(mean)
    }  # fmt: skip
    assert document["fit"]["spend"]["limit"] == "one mean for all"
    assert "mean" in run(*asked, "--report", str(tmp_path / "page.html")).stdout
    assert "gammagamma: expected" in refused(*asked, "--strict")


def test_people_are_told_what_was_fitted_and_left_out(
    files: dict[str, str], tmp_path: Path
) -> None:
    text = Path(files["csv"]).read_text() + "no one,1997-01-01,1\n"
    (tmp_path / "more.csv").write_text(text)
    asked = (*COLUMNS, "--model", "bgnbd", "--until", "1997-09-30", "--holdout", "1998-06-30")
    result = run("fit", str(tmp_path / "more.csv"), *asked, "--out", str(tmp_path / "o.json"))
    told = " ".join(result.stdout.split())
    assert "alpha 4.4136" in told
    assert "log-likelihood -9582.4292" in told
    assert "holdout of 273 days" in told
    assert "1 rows left out as bad_id" in told


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (("--until", "yesterday"), "--until: expected a date such as"),
        (("--holdout", "1998-01-01"), "--holdout: expected a day after --until"),
        (("--until", "1998-01-01", "--holdout", "1998-01-01"), "--holdout: expected a day after"),
        (("--until", "1996-12-31"), "row 1: expected a time up to 1996-12-31"),
        (("--column", "mood"), "--column: expected NAME=COLUMN"),
        (("--column", "mood=x"), "--column: expected NAME=COLUMN"),
        (("--column", "sentiment=mood"), "one of them mood"),
        (("--currency", "XXX"), "currency: expected an ISO 4217 code"),
        (("--timezone", "Europe/Nowhere"), "book_timezone: expected a zone"),
        (("--base", "/nowhere/base.json"), "/nowhere/base.json: No such file"),
        (("--out", "/nowhere/out.json"), "expected a file in a folder that exists"),
        (("--report", "/nowhere/report.html"), "expected a file in a folder that exists"),
        (("--amount-column", "Preis"), "one of them Preis"),
        (("--type-column", "Art"), "one of them Art"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_writes_nothing(
    files: dict[str, str], tmp_path: Path, more: tuple[str, ...], told: str
) -> None:
    out = tmp_path / "out.json"
    asked = ("fit", files["csv"], *COLUMNS, "--model", "bgnbd", "--out", str(out), *more)
    assert told in refused(*asked)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("a,2024-01-01,5\nb,2024-01-02,5\n", "bgnbd: expected a customer who bought again"),
        ("a,2024-01-01,5\na,2024-01-02,5\n", "bgnbd: expected 2 customers or more"),
        ("a,2024-01-01,5\nb,2024-01-01,5\n", "bgnbd: expected a customer who bought again"),
    ],
)
def test_data_that_no_parameters_fit_are_an_honest_failure(
    tmp_path: Path, rows: str, told: str
) -> None:
    history, out = tmp_path / "log.csv", tmp_path / "out.json"
    history.write_text("customer_id,event_time,amount\n" + rows)
    line = refused("fit", str(history), "--model", "bgnbd", "--out", str(out))
    assert told in line
    assert "bgnbd" in line
    assert not out.exists()


@pytest.mark.by_lot(2)
@pytest.mark.parametrize(
    ("log", "model", "limit"),
    [
        ("nobody-leaves", "bgnbd", "nobody leaves"),
        ("nobody-leaves", "mbgnbd", "some leave at once, the others never"),
        ("nobody-leaves", "paretonbd", "some leave at once, the others never"),
        ("all-alike", "bgnbd", "one probability of leaving for all"),
        ("all-alike", "mbgnbd", "one probability of leaving for all"),
        ("all-alike", "paretonbd", "one rate of leaving for all"),
        ("monthly-debit", "bgnbd", "nobody leaves, one rate of buying for all"),
        ("monthly-debit", "mbgnbd", "nobody leaves, one rate of buying for all"),
        ("monthly-debit", "paretonbd", "nobody leaves, one rate of buying for all"),
    ],
)
def test_an_edge_of_the_likelihood_is_a_limit_and_a_model_and_strictly_refused(
    tmp_path: Path, log: str, model: str, limit: str
) -> None:
    out, history = tmp_path / "out.json", str(DATA / "histories" / f"{log}.csv")
    asked = ("fit", history, "--model", model, "--time-unit", "day", "--out", str(out))
    assert f"{model}: expected a likelihood with an interior maximum" in refused(*asked, "--strict")
    assert not out.exists()
    told = json.loads(run(*asked, "--json").stdout)
    assert (told["limit"], told["model"]) == (limit, model)
    assert told["likelihood_ratio"] >= 0.0
    assert told["interior"].keys() == set(NAMES[model])
    document = json.loads(out.read_text())
    section = {"type": model, "limit": limit, **told["parameters"]}
    assert document["purchase_model"] == section
    assert document["fit"]["purchases"]["limit"] == limit
    parameters = load_model(Settings(parameters_file=out)).parameters
    assert parameters.purchases == limit_model(model, told["parameters"])
    shown = " ".join(run(*asked).stdout.split())
    assert f"limit of {model}: {limit}" in shown


@pytest.mark.parametrize("damage", [('"r": 0.2', '"r": 0.3'), ('"rows": 6919', '"rows": 6918')])
def test_a_damaged_file_is_refused_by_whoever_loads_it(
    files: dict[str, str], tmp_path: Path, damage: tuple[str, str]
) -> None:
    out = tmp_path / "out.json"
    fit(files["csv"], out)
    text = out.read_text()
    assert damage[0] in text
    out.write_text(text.replace(*damage, 1))
    with pytest.raises(ValueError, match="sha256: expected"):
        load_model(Settings(parameters_file=out))
    line = refused(
        "fit", files["csv"], *COLUMNS, "--model", "bgnbd", "--out", str(out), "--base", str(out)
    )
    assert "it is damaged or was edited by hand" in line
