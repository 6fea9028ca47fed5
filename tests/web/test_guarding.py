"""What stands before every page: host names, foreign forms, bounds, permissions, refusals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from coterie.kernel.errors import Kind, Refusal
from coterie.storage import StorageUnavailable
from coterie.web import (
    OPEN,
    SIGNED_IN,
    Ask,
    Face,
    ForeignForm,
    NavEntry,
    Pages,
    Reply,
    UnknownHost,
    Visitor,
)
from coterie.web.forms import Text
from coterie.web.guarding import (
    POLICY,
    check_form,
    check_host,
    form_token,
    new_seed,
    seal,
    unseal,
)
from tests.api.serving import Place, storage_at
from tests.web.site import TOKEN, Someone, site_of_world, site_over

SECRET = bytes(range(32))
AREA = Pages()


class Clash(Refusal):
    """Somebody else was quicker."""

    code = "clash_of_tests"
    zh = "别人抢先了。"
    kind = Kind.CONFLICT


Clash.__module__ = "tests"


@AREA.get("/open", needs=OPEN)
def open_page(ask: Ask) -> Reply:
    return ask.page("web/pages/refused.html", refusal=Clash(), shown=200)


@AREA.get("/ways", needs=OPEN)
def ways(ask: Ask) -> Reply:
    return ask.page("web/layouts/console.html")


@AREA.get("/form", needs=OPEN)
def form_page(ask: Ask) -> Reply:
    return Reply(200, f'<input name="csrf" value="{ask.csrf}">'.encode())


@AREA.get("/mine", needs=SIGNED_IN)
@AREA.get("/secret", needs="secrets:read")
@AREA.post("/said", needs=OPEN, body_max=2_000)
def said(ask: Ask) -> Reply:
    if ask.method == "GET":
        return Reply(200, b"seen", "text/plain")
    entry = ask.form.read((Text("word", most=40),))
    return ask.redirect("/open", said="form.missing") if entry.good else Reply(422, b"no")


@AREA.get("/clash", needs=OPEN)
def clash(_: Ask) -> Reply:
    raise Clash("It was Lan.")


@AREA.get("/broken", needs=OPEN)
def broken(_: Ask) -> Reply:
    message = "card 4111111111111111"
    raise ZeroDivisionError(message)


FACE = Face(
    "tests",
    "coterie.web",
    [AREA],
    navigation=[
        NavEntry("web.home", "home", "/open"),
        NavEntry("web.what", "x", "/secret", "secrets:read"),
    ],
    sign_in_url="/open",
)
Client = TestClient[Litestar]


class Chair:
    """Who sits before the browser."""

    visitor: Visitor | None = None


@pytest.fixture
def chair() -> Chair:
    return Chair()


@pytest.fixture
def client(database_url: str, chair: Chair) -> Iterator[Client]:
    with site_over(database_url, [FACE], lambda _: chair.visitor) as client:
        client.follow_redirects = False
        client.headers["accept-language"] = "en"
        yield client


def token_of(client: Client) -> str:
    found = TOKEN.search(client.get("/form").text)
    assert found is not None
    return found[1]


@pytest.mark.parametrize(
    "host",
    ["localhost", "localhost:8000", "a.localhost", "127.0.0.1:80", "10.1.2.3", "[::1]:8000", "S.x"],
)
def test_hosts_that_are_answered(host: str):
    check_host(host, {"s.x"})


@pytest.mark.parametrize(
    "host", ["", "evil.example", "s.x.evil.example", "s.x@evil.example", "localhost.evil.example",
             "s.x/..", "1.2.3.4.evil.example", "[::1", "a" * 300]
)  # fmt: skip
def test_hosts_that_are_not(host: str):
    with pytest.raises(UnknownHost):
        check_host(host, {"s.x"})


def test_a_token_is_of_one_browser_and_one_sign_in():
    seed = new_seed()
    token = form_token(SECRET, seed, "7")
    check_form(SECRET, token, seed, "7", {})
    check_form(SECRET, token, seed, "7", {"sec-fetch-site": "same-origin"})
    check_form(SECRET, token, seed, "7", {"origin": "http://a.b:80", "host": "a.b:80"})
    for other in (
        (token, seed, "8", {}),
        (token, seed, "", {}),
        (token, new_seed(), "7", {}),
        ("", seed, "7", {}),
        ("é", seed, "7", {}),
        (form_token(SECRET, "", "7"), "", "7", {}),
        (form_token(bytes(32), seed, "7"), seed, "7", {}),
        (token, seed, "7", {"sec-fetch-site": "cross-site"}),
        (token, seed, "7", {"sec-fetch-site": "same-site"}),
        (token, seed, "7", {"origin": "http://evil.example", "host": "a.b"}),
        (token, seed, "7", {"origin": "null", "host": "a.b"}),
    ):
        with pytest.raises(ForeignForm):
            check_form(SECRET, *other)


def test_what_is_sealed_can_be_read_and_not_changed():
    sealed = seal(SECRET, "said", b"hello")
    assert unseal(SECRET, "said", sealed) == b"hello"
    assert unseal(SECRET, "other", sealed) is None
    assert unseal(bytes(32), "said", sealed) is None
    for broken_one in ("", ".", "a.b", "a.b.c", "é.é", sealed[:-2], "x" + sealed):
        assert unseal(SECRET, "said", broken_one) is None


def test_a_form_of_ours_arrives_and_another_does_not(client: Client, chair: Chair):
    token = token_of(client)
    assert client.post("/said", data={"word": "a"}).status_code == 403
    assert client.post("/said", data={"word": "a", "csrf": "x"}).status_code == 403
    answer = client.post("/said", data={"word": "a", "csrf": token})
    assert (answer.status_code, answer.headers["location"]) == (303, "/open")
    by_header = client.post("/said", data={"word": "a"}, headers={"x-csrf-token": token})
    assert by_header.status_code == 303
    foreign = {"origin": "http://evil.example"}
    bad = client.post("/said", data={"word": "a", "csrf": token}, headers=foreign)
    assert bad.status_code == 403
    chair.visitor = Someone()
    assert client.post("/said", data={"word": "a", "csrf": token}).status_code == 403
    assert client.post("/said", data={"word": "a", "csrf": token_of(client)}).status_code == 303


def test_the_next_page_says_it_once(client: Client):
    client.post("/said", data={"word": "a", "csrf": token_of(client)})
    assert "This is needed." in client.get("/open").text
    assert "This is needed." not in client.get("/open").text


def test_a_sentence_that_somebody_made_up_is_not_said(client: Client):
    client.cookies.set("said", seal(bytes(32), "said", b'{"key":"form.missing","tone":"x"}'))
    answer = client.get("/open")
    assert answer.status_code == 200
    assert "This is needed." not in answer.text


def test_htmx_is_led_on_by_a_header(client: Client):
    headers = {"hx-request": "true"}
    sent = {"word": "a", "csrf": token_of(client)}
    answer = client.post("/said", data=sent, headers=headers)
    assert (answer.status_code, answer.headers["hx-redirect"]) == (204, "/open")


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        ("word=" + "a" * 3_000, "application/x-www-form-urlencoded", 413),
        ("&".join(f"f{n}=1" for n in range(201)), "application/x-www-form-urlencoded", 400),
        ('{"word": "a"}', "application/json", 400),
        ("--x\r\nnonsense", "multipart/form-data; boundary=x", 400),
        ("word=%FF%FE", "application/x-www-form-urlencoded", 403),
        (b"\xff\xfe", "application/x-www-form-urlencoded", 400),
        ("", "", 403),
    ],
)
def test_bodies_that_are_refused(client: Client, body: str, content_type: str, status: int):
    answer = client.post("/said", content=body, headers={"content-type": content_type})
    assert answer.status_code == status, answer.text


def test_who_may_see_what(client: Client, chair: Chair):
    answer = client.get("/secret?a=1")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/open?next=%2Fsecret%3Fa%3D1"
    chair.visitor = Someone()
    assert client.get("/secret").status_code == 403
    assert client.get("/mine").status_code == 200
    chair.visitor = Someone(permissions=frozenset({"secrets:read"}))
    assert client.get("/secret").text == "seen"


def test_a_navigation_hides_what_one_may_not(client: Client, chair: Chair):
    hidden = 'href="/secret"'
    assert hidden not in client.get("/ways").text
    chair.visitor = Someone(permissions=frozenset({"secrets:read"}))
    assert hidden in client.get("/ways").text


@pytest.mark.parametrize(("path", "status"), [("/clash", 409), ("/broken", 500), ("/nowhere", 404)])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_refusal_is_a_page_in_the_readers_language(
    client: Client, path: str, status: int, language: str
):
    browser = {"accept-language": language, "accept": "text/html,*/*;q=0.8"}
    answer = client.get(path, headers=browser)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    said_in = {
        "/clash": {"zh": "别人抢先了。", "en": "Somebody else was quicker."},
        "/broken": {"zh": "系统出错了", "en": "Something broke on our side"},
        "/nowhere": {"zh": "没有这个页面。", "en": "There is no such page."},
    }
    assert said_in[path][language] in answer.text
    assert "4111" not in answer.text


def test_a_program_that_asks_for_nothing_we_have_gets_a_document(client: Client):
    answer = client.get("/nowhere")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_refusal_of_a_part_is_an_alert(client: Client):
    answer = client.get("/clash", headers={"hx-request": "true"})
    assert answer.status_code == 409
    assert answer.text.strip().startswith('<div class="alert alert-danger"')


def test_another_method_is_told_which_there_are(client: Client):
    answer = client.post("/open", data={"csrf": token_of(client)})
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET"


def test_a_strange_host_sees_nothing(client: Client):
    answer = client.get("/mine", headers={"host": "evil.example"})
    assert answer.status_code == 403
    assert "does not answer under that name" in answer.text


@pytest.mark.parametrize("path", ["/open", "/clash", "/broken", "/nowhere", "/brand/brand.css"])
def test_every_reply_carries_the_policy(client: Client, path: str):
    headers = client.get(path, headers={"accept": "text/html"}).headers
    assert headers["content-security-policy"] == POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert "unsafe" not in POLICY


def test_cookies_are_out_of_reach_of_script_and_secure_over_tls(client: Client):
    client.base_url = "https://127.0.0.1"
    told = client.get("/form?lang=zh&theme=dark").headers.get_list("set-cookie")
    assert {each.split("=")[0] for each in told} == {"lang", "theme", "seed"}
    assert all("HttpOnly" in each and "SameSite=Lax" in each for each in told)
    assert all("Secure" in each for each in told)


def test_a_choice_is_remembered(client: Client):
    assert 'lang="zh-CN" data-theme="dark"' in client.get("/open?lang=zh&theme=dark").text
    assert 'lang="zh-CN" data-theme="dark"' in client.get("/open").text


def test_head_is_answered_without_a_body(client: Client):
    answer = client.head("/open")
    assert (answer.status_code, answer.content) == (200, b"")
    assert int(answer.headers["content-length"]) > 0


def test_without_a_database_the_page_says_so(database_url: str):
    world = Place(database_url).world
    gone = replace(world, storage=storage_at("postgresql://nobody@127.0.0.1:1/none"))
    with site_of_world(gone, [FACE]) as client:
        answer = client.get("/open", headers={"accept-language": "zh"})
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    assert StorageUnavailable.zh in answer.text
