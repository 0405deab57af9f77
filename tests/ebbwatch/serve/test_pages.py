import re
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from html_pages import Element, asked_for, mistakes, read
from redis_servers import own_redis
from served import NAMES, Answer, Served, served

from ebbwatch.serve.access import add_password, passwords
from ebbwatch.serve.pages.wording import Wording
from schemas import INTERVENTIONS
from schemas.ids import customer_hash
from schemas.outputs.words import LANGUAGES, catalogue
from scoring.rules import shipped

pytestmark = [pytest.mark.integration, pytest.mark.slow]
PACKAGE = Path(__file__).parents[3] / "ebbwatch" / "serve" / "pages"
GOOD, SECRET = "correct horse battery", "0123456789abcdef"
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("pages")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "COST", 10)
        add_password(folder / "people", "ann", GOOD)
    variables = {
        "EBBWATCH_SERVE_PASSWORDS_FILE": str(folder / "people"),
        "EBBWATCH_SERVE_USER_HEADER": "X-Forwarded-User",
        "EBBWATCH_SERVE_PROXY_SECRET": SECRET,
    }
    with own_redis(folder) as servers, served(folder, servers.start(), variables) as running:
        deadline = time.monotonic() + 60
        while "shade-6" not in looked(running, "/").text:
            assert time.monotonic() < deadline, running.log.read_text()
            time.sleep(0.05)
        yield running


def looked(site: Served, path: str, **headers: str) -> Answer:
    """As a proxy asks that has logged in somebody."""
    by = {"X_Forwarded_User": "rm-7", "X_Ebbwatch_Proxy": SECRET}
    return site.ask(path, **{**by, **headers})


def page(site: Served, path: str, language: str = "en") -> Element:
    got = looked(site, path, Accept_Language=language)
    assert got.status == 200, got.text
    return read(got.text)


def at(name: str) -> str:
    return f"/customers/{quote(name, safe='')}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_view_can_be_read_heard_and_gone_through_by_keyboard(
    site: Served, language: str
) -> None:
    for path in ("/", *map(at, NAMES), "/login"):
        shown = page(site, path, language)
        assert mistakes(shown) == [], path
        assert all(each.startswith(("/", "#")) for each in asked_for(shown))
        assert "{" not in shown.all("main")[0].text


def test_it_asks_nobody_else_for_anything(site: Served) -> None:
    asked = {each for path in ("/", at("c-angry")) for each in asked_for(page(site, path))}
    files = {each for each in asked if each.startswith("/static/")}
    assert len(files) == 3
    for name in files:
        got = site.ask(name)
        assert (got.status, got.headers["cache-control"]) == (200, "public, max-age=3600")
        assert "@import" not in got.text
        assert not re.search(r"url\(", got.text)
    policy = looked(site, "/").headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "'unsafe" not in policy
    for wrong in ("/static/wording.py", "/static/..%2Froutes.py", "/static/"):
        assert site.ask(wrong).status == 404


def test_a_customer_s_view_says_what_the_answer_says(site: Served) -> None:
    shown = page(site, at("c-angry"))
    text = shown.all("main")[0].text
    for said in (
        "Customer c-angry",
        "high: win back",
        "No purchase for",
        "Call the customer, find out what drives them away, and try to win them back.",
        "A purchase of the usual amount in the next 14 days would clear this.",
        "middle: incentivise",
        "Shows dissatisfaction: complained.",
        "Call the customer within two days about what annoyed them, and settle it.",
        f"{customer_hash(b'c-angry')}.silence.1",
        "22 purchase days are marked",
        "Satisfaction by touchpoint",
        "(8 purchase days)",
    ):
        assert said in text, said
    drawing = next(each for each in shown.all("svg") if each.attributes.get("class") == "chart")
    marks = [each for each in drawing.all("line") if each.attributes["class"] == "purchase"]
    assert len(marks) == 22


def test_a_customer_s_view_tells_satisfaction_where_they_met_the_bank(site: Served) -> None:
    rows = page(site, at("c-angry")).all("table")[-1].all("tr")
    shown = [cell.text.strip() for cell in rows[1].all("td")]
    assert rows[1].text.strip().startswith("phone")
    assert 0 < int(shown[0].removesuffix("%")) < 50  # a complaint, and less use of the card
    assert shown[1:3] == ["none", "none"]
    assert "Satisfaction by touchpoint" not in page(site, at("c-weekly")).text
    assert "Satisfaction by touchpoint" in page(site, "/").text


def test_who_never_bought_and_who_bought_once_have_views(site: Served) -> None:
    assert "Nothing was bought yet" in page(site, at("c-browses")).text
    assert "All purchase days there ever were." in page(site, at("c/once@bank")).text


def test_the_points_shown_add_up(site: Served) -> None:
    table = next(
        each
        for each in page(site, at("c-angry")).all("table")
        if each.attributes["class"] == "points"
    )
    *parts, together = [float(cell.text) for cell in table.all("td")]
    assert sum(parts) == pytest.approx(together, abs=0.05 * len(parts) + 0.05)


def test_the_portfolio_counts_everybody(site: Served) -> None:
    shown = page(site, "/")
    assert f"All {len(NAMES)} customers" in shown.text
    heat = next(each for each in shown.all("table") if each.attributes["class"] == "heat")
    cells = [int(cell.text) for cell in heat.all("td") if "shade" in cell.attributes["class"]]
    assert (len(cells), sum(cells)) == (25, len(NAMES) - 1)  # one never bought
    top = next(each for each in shown.all("table") if each.attributes["class"] == "top")
    links = [link.attributes["href"] for link in top.all("a")]
    assert "/customers/c-angry" in links
    assert all(looked(site, link).status == 200 for link in links)


def test_chinese_says_it_all_in_chinese(site: Served) -> None:
    shown = page(site, at("c-angry"), "zh-CN")
    text = shown.all("main")[0].text
    for said in ("高风险：挽留", "中风险：激励", "没有消费", "致电客户", "即可解除", "存活概率"):
        assert said in text
    assert not re.search(r"\b(purchase|customer|warning|days)\b", text)
    assert shown.all("html")[0].attributes["lang"] == "zh-CN"


def test_a_language_that_was_chosen_is_kept(site: Served) -> None:
    got = looked(site, "/?lang=zh", Accept_Language="en")
    assert "客户组合" in got.text
    cookie = got.headers["set-cookie"].partition(";")[0]
    assert "客户组合" in looked(site, "/", Cookie=cookie).text
    for other in ("fr", "", "../zh", HOSTILE):
        kept = looked(site, f"/?lang={quote(other)}", Accept_Language="fr")
        assert ("Portfolio" in kept.text, "set-cookie" in kept.headers) == (True, False)


def test_search_goes_to_the_customer_whatever_is_asked(site: Served) -> None:
    for name in ("c-angry", "c/once@bank", "../../etc", "//evil.example", HOSTILE):
        got = looked(site, f"/customers?{urlencode({'id': f' {name} '})}")
        assert (got.status, got.headers["location"]) == (303, at(name))
    assert looked(site, "/customers?id=").headers["location"] == "/"


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        (at("nobody"), 404, "Nothing is held of this customer."),
        (at("4111111111111111"), 422, "This is no customer id."),
        (at(HOSTILE), 422, "This is no customer id."),
        (at("x" * 65), 422, "This is no customer id."),
    ],
)
def test_who_is_not_there_is_said_to_be(site: Served, path: str, status: int, said: str) -> None:
    got = looked(site, path)
    assert (got.status, said in read(got.text).text) == (status, True)
    assert mistakes(read(got.text)) == []
    assert not any(each in got.text for each in ("4111111111111111", "alert(1)"))


def test_a_page_that_is_not_there_is_told_of_to_browsers_as_a_page(site: Served) -> None:
    for path in ("/nowhere", "/queue/nothing"):
        got = looked(site, path, Accept="text/html,*/*;q=0.8")
        assert (got.status, "no such page" in read(got.text).text) == (404, True)
        assert mistakes(read(got.text)) == []
    for path, accepted in (("/nowhere", "application/json"), ("/v1/nothing", "text/html")):
        got = looked(site, path, Accept=accepted)
        assert (got.status, got.headers["content-type"]) == (404, "application/problem+json")


def test_looks_of_people_are_told_of(site: Served) -> None:
    before = len(site.told())
    for name in ("c-daily", "nobody", "4111111111111111"):
        looked(site, at(name))
    looks = [line for line in site.told()[before:] if line["event"] == "looked up"]
    assert [(line["who"], line["customer"], line["door"], line["found"]) for line in looks] == [
        ("rm-7", customer_hash(b"c-daily"), "page", True),
        ("rm-7", customer_hash(b"nobody"), "page", False),
    ]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X_Forwarded_User": "rm-7"},
        {"X_Forwarded_User": "rm-7", "X_Ebbwatch_Proxy": SECRET[:-1]},
        {"X_Forwarded_User": "", "X_Ebbwatch_Proxy": SECRET},
        {"X_Forwarded_User": HOSTILE, "X_Ebbwatch_Proxy": SECRET},
        {"Cookie": "ebbwatch_session=ann:99999999999:" + "0" * 64},
    ],
)
def test_nobody_gets_in_by_saying_so(site: Served, headers: dict[str, str]) -> None:
    for path in ("/", at("c-angry"), at("nobody")):
        got = site.ask(path, **headers)
        assert got.status == 303
        assert got.headers["location"] == f"/login?then={quote(path, safe='')}"
        assert "c-angry" not in got.text


def login(site: Served, then: str = "/", **given: str) -> Answer:
    form = urlencode({"name": "ann", "password": GOOD, "then": then, **given}).encode()
    kind = "application/x-www-form-urlencoded"
    return site.ask("/login", method="POST", body=form, Content_Type=kind)


def test_who_logs_in_goes_on_where_they_were_and_out_again(site: Served) -> None:
    got = login(site, at("c-angry"))
    assert (got.status, got.headers["location"]) == (303, at("c-angry"))
    cookie = got.headers["set-cookie"]
    assert {"HttpOnly", "SameSite=strict"} <= set(cookie.split("; "))
    own = {"Cookie": cookie.partition(";")[0]}
    assert "Log out (ann)" in read(site.ask(at("c-angry"), **own).text).text
    out = site.ask("/logout", method="POST", body=b"", **own)
    assert out.headers["location"] == "/login"
    assert 'ebbwatch_session=""' in out.headers["set-cookie"]


@pytest.mark.parametrize(
    "then", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x", "x", ""]
)
def test_a_login_leads_nowhere_else(site: Served, then: str) -> None:
    assert login(site, then).headers["location"] == "/"


def test_a_wrong_password_is_told_of_without_it_and_guessing_ends(site: Served) -> None:
    for name, given in (("ann", "wrong-password"), (HOSTILE, GOOD), ("", "")):
        got = login(site, name=name, password=given)
        assert (got.status, "set-cookie" in got.headers) == (401, False)
        assert "are not right" in read(got.text).text
        assert HOSTILE not in got.text
    told = [line for line in site.told() if line["event"] == "not logged in"]
    assert {line["who"] for line in told} == {"ann", "?"}
    assert not any(word in site.log.read_text() for word in ("wrong-password", "alert(1)", GOOD))
    answers = [login(site, name="eve").status for _ in range(7)]
    assert answers == [401] * 5 + [429] * 2
    assert login(site).status == 303  # another's guessing shuts nobody else out


def test_every_code_word_has_words_and_every_key_that_is_used_is_there() -> None:
    for rule in shipped().rules:
        assert f"rule.{rule.name}" in catalogue("en").page
    assert all(f"intervention.{each}" in catalogue("en").page for each in INTERVENTIONS.values())
    assert [catalogue("zh").page[f"intervention.{each}"] for each in INTERVENTIONS.values()] == [
        "维系", "激励", "挽留",
    ]  # fmt: skip
    used = set()
    for file in (*PACKAGE.glob("templates/*.html"), *PACKAGE.glob("*.py")):
        used |= set(
            re.findall(r"""\b(?:t|words|self)\(\s*["']([a-z_.]+)["'][,)]""", file.read_text())
        )
    assert used - catalogue("en").page.keys() == set()
    assert len(used) > 60


def test_a_bank_s_own_words_are_shown_as_they_are() -> None:
    words = Wording.of("zh", "JPY")
    assert words.named("rule", "own_rule") == "own rule"
    assert words.action("own_action") == "按本行的 own_action 措施办理。"
    assert words.money(1_234_567) == "1,234,567 JPY"
    assert words.short_money(1_234_567) == "1.23M JPY"
    shown = [words.short_share(share) for share in (0.9999, 1e-9, 1.0, 0.0, 0.514)]
    assert shown == [">99%", "<1%", "100%", "0%", "51%"]
    assert (words.share(0.9999), words.share(1e-9), words.share(1.0)) == (
        "超过 99%",
        "不足 1%",
        "100%",
    )


def _luminance(colour: str) -> float:
    whole = colour.lstrip("#")
    whole = whole if len(whole) == 6 else "".join(2 * digit for digit in whole)
    parts = [int(whole[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("place", [0, 1], ids=["light", "dark"])
def test_words_stand_out_from_what_they_stand_on(place: int) -> None:
    """WCAG 2.2, 1.4.3: at least 4.5 to 1; and 1.4.11, edges of fields and bars: at least 3 to 1."""
    css = (PACKAGE / "static" / "page.css").read_text()
    blocks = re.findall(r":root {(.*?)}", css, re.DOTALL)
    colours = dict(re.findall(r"--([\w-]+): (#\w+)", blocks[place]))
    pairs = [(ink, on) for ink in ("ink", "quiet", "accent") for on in ("card", "ground")]
    pairs += [(band, f"{band}-soft") for band in ("low", "middle", "high")]
    pairs += [("ink", f"shade-{k}") for k in (1, 2, 3)]
    pairs += [(f"on-{k}", f"shade-{k}") for k in (4, 5, 6)]
    pairs += [("card", "accent"), ("quiet", "track")]
    edges = [("then", "card"), ("then", "ground"), ("accent", "track"), ("up", "track")]
    for ink, on in pairs + edges:
        low, high = sorted(_luminance(colours[each]) for each in (ink, on))
        assert (high + 0.05) / (low + 0.05) >= (3 if (ink, on) in edges else 4.5), (ink, on)
