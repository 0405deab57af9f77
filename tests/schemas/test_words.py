"""What people are told: every language says all of it, and another is one file."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import schemas
from schemas.outputs.words import LANGUAGES, Catalogue, catalogue

FIELDS = re.compile(r"{(\w+)")
OTHERS = [each for each in LANGUAGES if each != "en"]


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("part", ["messages", "page"])
def test_every_language_says_all_that_english_does(part: str, language: str) -> None:
    english, own = getattr(catalogue("en"), part), getattr(catalogue(language), part)
    assert own.keys() == english.keys()
    for key, words in own.items():
        assert bool(words.strip()) or not english[key].strip(), key
        assert set(FIELDS.findall(words)) <= set(FIELDS.findall(english[key])), key


@pytest.mark.parametrize("language", OTHERS)
def test_a_message_leaves_out_no_figure_in_any_language(language: str) -> None:
    for key, words in catalogue("en").messages.items():
        told = FIELDS.findall(catalogue(language).messages[key])
        assert set(told) == set(FIELDS.findall(words)), key


def test_english_is_the_first_and_the_others_follow_by_their_codes() -> None:
    assert list(LANGUAGES) == ["en", *sorted(OTHERS)]
    assert {catalogue(each).tag for each in LANGUAGES} == {"en", "zh-CN"}


@pytest.mark.parametrize("code", ["xx", "", "EN", "../en", "en.json"])
def test_what_is_no_language_is_refused_by_naming_those_there_are(code: str) -> None:
    with pytest.raises(ValueError, match="expected en or zh, got"):
        catalogue(code)


TOLD = """
from ebbwatch.serve.pages.wording import Wording, accepted_language
from streams.config import Settings
from streams.outbox.phrases import action_text, phrases
from streams.tools.desk.digest.letter import Digest, letter

language = Settings().language
page = Wording.of(accepted_language("fr-CH;q=.9, en;q=.5"), "CHF")
mail = letter(Digest("2026-W10"), language, "a@bank.example", ["b@bank.example"])
print(language, phrases(language)("days", number=3), action_text("welcome_call", language))
print(page.catalogue.name, page("nav.queue"), page.quantity(2.0, "days"), mail["Subject"])
"""


@pytest.mark.slow
def test_another_language_is_one_file(tmp_path: Path) -> None:
    """It is put beside the others in a copy of the contracts; nothing else is touched."""
    kept = tmp_path / "schemas"
    shutil.copytree(Path(schemas.__file__).parent, kept)
    words = json.loads((kept / "outputs" / "words" / "en.json").read_text("utf-8"))
    words |= {"name": "Français", "tag": "fr"}
    words["messages"]["days"] = "{number} jours"
    words["messages"]["action.welcome_call"] = "Appeler le client."
    words["page"] |= {"nav.queue": "À faire", "unit.days": "{number} jours"}
    (kept / "outputs" / "words" / "fr.json").write_text(json.dumps(words), "utf-8")
    paths = os.pathsep.join([str(tmp_path), str(Path(schemas.__file__).parents[1])])
    told = subprocess.run(
        [sys.executable, "-c", TOLD],
        env={**os.environ, "PYTHONPATH": paths, "EBBWATCH_LANGUAGE": "fr"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.splitlines() == [
        "fr 3 jours Appeler le client.",
        "Français À faire 2 jours Ebbwatch: 0 minor leads, week 2026-W10",
    ]


def test_a_catalogue_holds_what_the_file_does() -> None:
    assert isinstance(catalogue("zh"), Catalogue)
    assert catalogue("zh") is catalogue("zh")
    assert catalogue("zh").language == "zh"
