import json
import time
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError
from typer.testing import CliRunner

from ebbwatch.cli import command_line
from ebbwatch.serve.access import AccessFileError, Passwords, Sessions, Tokens, add_token, passwords
from ebbwatch.serve.access import add_password as add
from ebbwatch.serve.access.forms import Forms
from ebbwatch.serve.settings import ServeSettings

GOOD = "correct horse battery"


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "COST", 10)


def test_a_token_is_its_owner_s_and_the_file_does_not_hold_it(tmp_path: Path) -> None:
    file = tmp_path / "tokens"
    made = {name: add_token(file, name) for name in ("app", "branch")}
    tokens = Tokens(file)
    assert {tokens.owner(token) for token in made.values()} == {"app", "branch"}
    assert not any(token in file.read_text() for token in made.values())
    assert file.stat().st_mode & 0o777 == 0o600
    for wrong in ("", "x", made["app"][:-1], made["app"].swapcase(), "\ud800", "é"):
        assert tokens.owner(wrong) is None


def test_a_token_made_anew_or_deleted_is_no_longer_taken(tmp_path: Path) -> None:
    file = tmp_path / "tokens"
    first = add_token(file, "app")
    tokens = Tokens(file)
    assert tokens.owner(first) == "app"
    second = add_token(file, "app")
    assert (tokens.owner(first), tokens.owner(second)) == (None, "app")
    file.write_text("# nobody any more\n\n")
    assert tokens.owner(second) is None


def test_a_file_that_broke_leaves_those_in_who_were(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "tokens"
    token = add_token(file, "app")
    tokens = Tokens(file)
    for spoil in (lambda: file.write_text("app:secret-in-clear\n"), file.unlink):
        spoil()
        assert tokens.owner(token) == "app"
    assert "secret-in-clear" not in capsys.readouterr().out
    with pytest.raises(OSError, match="tokens"):
        Tokens(file)


@pytest.mark.parametrize(
    "text",
    ["app\n", "app:" + "0" * 63 + "\n", "a b:" + "0" * 64, "a:" + "0" * 64 + "\na:" + "1" * 64],
)
def test_another_file_is_refused_by_its_line_and_not_repeated(tmp_path: Path, text: str) -> None:
    file = tmp_path / "tokens"
    file.write_text(text)
    with pytest.raises(AccessFileError, match=r"tokens:\d: expected name:hash") as refused:
        Tokens(file)
    assert "000" not in str(refused.value)
    with pytest.raises(AccessFileError):
        add_token(file, "other")
    assert file.read_text() == text


def test_a_password_is_its_owner_s(tmp_path: Path) -> None:
    file = tmp_path / "passwords"
    add(file, "ann", GOOD)
    add(file, "bea", GOOD)
    assert len(set(file.read_text().split())) == 2  # salted: alike passwords look unlike
    kept = Passwords(file)
    assert kept.check("ann", GOOD)
    for name, given in (("ann", GOOD[:-1]), ("ann", ""), ("eve", GOOD), ("ann", "\ud800" * 2_000)):
        assert not kept.check(name, given)


def test_who_guesses_must_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "passwords"
    add(file, "ann", GOOD)
    kept = Passwords(file)
    for _ in range(passwords.TRIES):
        assert not kept.waits("ann")
        kept.check("ann", "guess")
    assert kept.waits("ann")
    assert not kept.waits("bea")
    later = time.monotonic() + passwords.PAUSE
    monkeypatch.setattr(passwords.time, "monotonic", lambda: later)
    assert not kept.waits("ann")
    assert kept.check("ann", GOOD)
    assert not kept.waits("ann")


def test_names_that_are_guessed_do_not_pile_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "REMEMBERED", 3)
    add(tmp_path / "passwords", "ann", GOOD)
    kept = Passwords(tmp_path / "passwords")
    for number in range(9):
        kept.check(f"guess-{number}", "guess")
    assert len(kept._wrong) == 3


@pytest.mark.parametrize(("name", "given"), [("ann", "short"), ("a:b", GOOD), ("", GOOD)])
def test_what_cannot_be_kept_is_refused(tmp_path: Path, name: str, given: str) -> None:
    with pytest.raises(AccessFileError, match="expected"):
        add(tmp_path / "passwords", name, given)
    assert not (tmp_path / "passwords").exists()


def test_processes_with_one_key_believe_each_other() -> None:
    one, other, foreign = b"k" * 32, b"k" * 32, b"q" * 32
    value = Sessions(60.0, one).issue("ann")
    assert Sessions(60.0, other).owner(value) == "ann"
    assert Sessions(60.0, foreign).owner(value) is None
    token = Forms(one).issue("ann", "c1")
    assert Forms(other).is_own(token, "ann", "c1")
    assert not Forms(foreign).is_own(token, "ann", "c1")
    said = value.rpartition(":")[0]
    assert not Forms(one).is_own(value, "ann", said)  # a login is no form


def test_a_session_s_key_is_long_or_refused() -> None:
    with pytest.raises(ValidationError, match="at least 32"):
        ServeSettings(without_login=True, session_key=SecretStr("short"))
    assert ServeSettings(without_login=True).key is None
    assert ServeSettings(without_login=True, session_key=SecretStr("k" * 32)).key == b"k" * 32


def test_a_session_is_its_owner_s_until_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    sessions = Sessions(60.0)
    value = sessions.issue("ann")
    assert sessions.owner(value) == "ann"
    name, until, signature = value.split(":")
    forged = (
        f"eve:{until}:{signature}",
        f"{name}:{int(until) + 9}:{signature}",
        "",
        "a:b:c",
        "é::",
    )
    assert not any(sessions.owner(each) for each in forged)
    assert Sessions(60.0).owner(value) is None
    assert Sessions(60.0, b"k" * 32).owner(value) is None
    later = time.time() + 61.0
    monkeypatch.setattr("ebbwatch.serve.access.sessions.time.time", lambda: later)
    assert sessions.owner(value) is None


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "expected a way in: EBBWATCH_SERVE_TOKENS_FILE"),
        ({"without_login": True, "host": "0.0.0.0"}, "expected host on loopback"),  # noqa: S104
        ({"without_login": True, "host": "bank.example"}, "expected host on loopback"),
        ({"user_header": "X-User"}, "expected EBBWATCH_SERVE_PROXY_SECRET"),
        ({"user_header": "X User", "proxy_secret": "0" * 16}, "pattern"),
        ({"user_header": "X-User", "proxy_secret": "short"}, "at least 16"),
        ({"without_login": True, "effort": 0}, "greater than 0"),
    ],
)
def test_a_door_that_stands_open_is_refused(given: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        ServeSettings(**given)  # type: ignore[arg-type]


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.1.2.3", "::1"])
def test_everybody_on_this_machine_may_be_let_in(host: str) -> None:
    assert ServeSettings(without_login=True, host=host).names == ["localhost", "127.0.0.1", "[::1]"]


def test_the_command_line_writes_both_files(tmp_path: Path) -> None:
    tokens, people = tmp_path / "tokens", tmp_path / "people"
    run = CliRunner().invoke
    told = run(command_line(), ["access", "token", "app", "--file", str(tokens), "--json"])
    made = json.loads(told.stdout)
    assert Tokens(tokens).owner(made["token"]) == made["name"] == "app"
    plain = run(command_line(), ["access", "token", "app", "--file", str(tokens)]).stdout.strip()
    assert Tokens(tokens).owner(plain) == "app"
    set_it = ["access", "password", "ann", "--file", str(people)]
    assert run(command_line(), set_it, input=f"{GOOD}\n").exit_code == 0
    assert Passwords(people).check("ann", GOOD)
    refused = run(command_line(), set_it, input="short\n")
    assert (refused.exit_code, "expected at least 12" in refused.stderr) == (1, True)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ((), "EBBWATCH_SERVE_*: expected a way in"),
        (("--port", "99999", "--without-login"), "EBBWATCH_SERVE_PORT: "),
    ],
)
def test_serve_says_in_one_line_what_is_wrong(asked: tuple[str, ...], said: str) -> None:
    refused = CliRunner().invoke(command_line(), ["serve", *asked])
    assert (refused.exit_code, refused.stderr.count("\n")) == (1, 1)
    assert refused.stderr.startswith(f"ebbwatch: {said}")
