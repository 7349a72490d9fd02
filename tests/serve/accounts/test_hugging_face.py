"""Signing in with Hugging Face, against a provider on 127.0.0.1."""

import asyncio
import logging
import re
import subprocess
import sys
from urllib.parse import parse_qsl, urlencode, urlsplit

import itsdangerous
import pytest
import requests
from fastapi import FastAPI, Request
from joserfc.jwk import OctKey
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.testclient import TestClient

from recsys.errors import DataError
from recsys.serve.accounts import hugging_face, openid
from recsys.serve.accounts.hugging_face import BACK, COOKIE, LASTS, PROBLEMS, START, hugging_face_router
from recsys.serve.accounts.openid import Provider
from tests.support.loopback_provider import CLIENT_ID, CLIENT_SECRET, ZOE, LoopbackProvider

KEY = b"k" * 32
NOBODY = "http://127.0.0.1:9"  # where no server listens
BEN = {"sub": "61f1", "preferred_username": "ben", "name": "Ben"}


@pytest.fixture(scope="module")
def running():
    server = LoopbackProvider()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def server(running, monkeypatch) -> LoopbackProvider:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    running.reset()
    return running


class Page:
    """A page with nothing but the two routes.

    Attributes:
        provider: where people sign in.
        signed_in: subject and name of all who have.
        failing: what the accounts raise, if anything.
    """

    def __init__(self, url: str, host: str | None = None):
        self.provider = Provider(url, CLIENT_ID, CLIENT_SECRET, host)
        self.signed_in: list[tuple[str, str]] = []
        self.failing: Exception | None = None
        self.app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
        self.app.include_router(hugging_face_router(self.provider, self.key, self.sign_in))

    def key(self) -> bytes:
        self.block()
        return KEY

    def sign_in(self, subject: str, name: str, request: Request) -> Response:
        self.block()
        self.signed_in.append((subject, name))
        return JSONResponse({}, headers={"set-cookie": f"session=token-of-{subject}; Path=/"})

    def block(self) -> None:
        """Do what the event loop must not wait for."""
        with pytest.raises(RuntimeError, match="no running event loop"):
            asyncio.get_running_loop()
        if self.failing:
            raise self.failing

    def browser(self, origin: str = "http://page.example") -> TestClient:
        return TestClient(self.app, origin, follow_redirects=False)


@pytest.fixture
def page(server) -> Page:
    return Page(server.url)


@pytest.fixture
def browser(page) -> TestClient:
    return page.browser()


def go_there(browser: TestClient) -> str:
    """Click, be sent to the provider, and be sent back: the address of the page that the browser then asks for."""
    there = browser.get(START).headers["location"]
    return requests.get(there, allow_redirects=False, timeout=10).headers["location"]


def sign_in(browser: TestClient) -> Response:
    return browser.get(go_there(browser))


def problem_of(response: Response) -> str:
    """The problem that a redirect to the page says, which says nothing else."""
    assert response.status_code == 303
    assert response.headers["cache-control"] == "no-store"
    found = re.fullmatch(r"/\?problem=(\w+)", response.headers["location"])
    assert found, response.headers["location"]
    assert "session" not in response.headers.get("set-cookie", "")
    return found[1]


def query(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


def with_query(url: str, **changed: str | None) -> str:
    """An address with other values in its query; None leaves one out."""
    said = {name: value for name, value in {**query(url), **changed}.items() if value is not None}
    return f"{url.partition('?')[0]}?{urlencode(said)}"


# --- where it is offered

SPACE = {
    "OAUTH_CLIENT_ID": CLIENT_ID,
    "OAUTH_CLIENT_SECRET": CLIENT_SECRET,
    "OAUTH_SCOPES": "openid profile",
    "OPENID_PROVIDER_URL": "https://huggingface.co",
    "SPACE_HOST": "someone-movies.hf.space",
}


def test_a_space_says_who_the_page_is_to_the_provider():
    found = openid.provider(SPACE)
    assert found == Provider("https://huggingface.co", CLIENT_ID, CLIENT_SECRET, "someone-movies.hf.space")
    assert CLIENT_SECRET not in repr(found)


def test_the_own_host_of_a_space_stands_before_its_custom_domains():
    found = openid.provider(SPACE | {"SPACE_HOST": "someone-movies.hf.space,movies.example"})
    assert found.host == "someone-movies.hf.space"
    assert openid.provider({name: SPACE[name] for name in SPACE if name != "SPACE_HOST"}).host is None


@pytest.mark.parametrize("missing", ["OAUTH_CLIENT_ID", "OAUTH_CLIENT_SECRET", "OPENID_PROVIDER_URL"])
def test_without_one_of_three_variables_there_is_no_provider(missing):
    assert openid.provider({name: text for name, text in SPACE.items() if name != missing}) is None
    assert openid.provider(SPACE | {missing: " "}) is None


def test_without_its_library_there_is_no_provider_and_one_sentence_in_the_log(monkeypatch, caplog):
    monkeypatch.setitem(sys.modules, "authlib", None)
    assert openid.provider(SPACE) is None
    assert caplog.messages == ["Nobody can sign in with Hugging Face: install authlib."]
    assert openid.provider({}) is None
    assert len(caplog.messages) == 1


def test_the_libraries_are_imported_only_when_somebody_signs_in():
    code = "import sys, recsys.serve.accounts.hugging_face as one; one.hugging_face_router(None, None, None)"
    code += "; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "starlette" in loaded
    assert not {"authlib", "httpx2", "gradio"} & {*loaded}


# --- signing in


def test_who_signs_in_there_is_signed_in_here_by_subject_and_user_name(page, browser):
    answer = sign_in(browser)
    assert page.signed_in == [("61f0", "zoe-films")]
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert answer.headers["cache-control"] == "no-store"
    assert {*browser.cookies.items()} == {("session", "token-of-61f0")}


def test_the_provider_is_asked_for_a_code_with_state_nonce_and_a_challenge(server, browser):
    asked = [query(browser.get(START).headers["location"]) for _ in range(2)]
    for one in asked:
        fixed = {"response_type": "code", "client_id": CLIENT_ID, "scope": "openid profile"}
        assert fixed.items() <= one.items()
        assert one["redirect_uri"] == f"http://page.example{BACK}"
        assert one["code_challenge_method"] == "S256"
        assert min(len(one["state"]), len(one["nonce"])) >= 20
        assert len(one["code_challenge"]) == 43
    assert not {asked[0][name] for name in ("state", "nonce", "code_challenge")} & {*asked[1].values()}


def test_two_people_who_sign_in_at_once_are_two(server, page):
    browsers = page.browser(), page.browser()
    addresses = []
    for person, browser in zip((ZOE, BEN), browsers, strict=True):
        server.person = dict(person)
        addresses.append(go_there(browser))
    for browser, address in zip(reversed(browsers), reversed(addresses), strict=True):
        browser.get(address)
    assert page.signed_in == [("61f1", "ben"), ("61f0", "zoe-films")]
    assert [browser.cookies["session"] for browser in browsers] == ["token-of-61f0", "token-of-61f1"]


def test_the_provider_may_change_its_keys_between_two_people(server, page, monkeypatch):
    sign_in(page.browser())
    monkeypatch.setattr(server, "key", server.new_key())
    sign_in(page.browser())
    assert len(page.signed_in) == 2


@pytest.mark.parametrize(
    ("person", "hidden", "name"),
    [
        ({"sub": "61f0", "name": "Zoë F."}, (), "Zoë F."),
        ({"sub": "61f0", "preferred_username": 7, "name": "Zoë F."}, (), "Zoë F."),
        (ZOE, ("preferred_username", "name"), "zoe-films"),
        ({"sub": "61f0"}, (), ""),
    ],
    ids=["no user name", "a number", "only in userinfo", "nowhere"],
)
def test_a_name_is_taken_from_wherever_it_is_said(server, page, browser, person, hidden, name):
    server.person, server.hidden = dict(person), hidden
    sign_in(browser)
    assert page.signed_in == [("61f0", name)]


def test_userinfo_is_asked_only_if_the_token_says_no_name_and_believed_only_of_the_same_person(server, page, browser):
    sign_in(browser)
    assert "/oauth/userinfo" not in server.asked
    server.hidden = ("preferred_username", "name")
    server.broken = {"/oauth/userinfo": JSONResponse(BEN)}
    assert problem_of(sign_in(browser)) == "untrusted"
    assert len(page.signed_in) == 1


# --- where the browser comes back, and what it holds meanwhile


@pytest.mark.parametrize(
    ("host", "origin", "expected"),
    [
        (None, "http://localhost:7860", f"http://localhost:7860{BACK}"),
        (None, "https://movies.example", f"https://movies.example{BACK}"),
        ("someone-movies.hf.space", "http://10.0.0.7:7860", f"https://someone-movies.hf.space{BACK}"),
    ],
)
def test_the_way_back_is_the_pages_own_address_or_that_of_its_space(server, host, origin, expected):
    answer = Page(server.url, host).browser(origin).get(f"{START}?next=//evil.example")
    assert query(answer.headers["location"])["redirect_uri"] == expected


def test_a_space_is_signed_in_to_by_its_own_address(server):
    page = Page(server.url, "page.example")
    sign_in(page.browser("https://page.example"))
    assert page.signed_in == [("61f0", "zoe-films")]


@pytest.mark.parametrize(
    ("origin", "space", "ending"),
    [
        ("http://page.example", "", "SameSite=Lax"),
        ("https://page.example", "", "SameSite=Lax; Secure"),
        ("https://page.example", "someone/films", "SameSite=None; Secure; Partitioned"),
    ],
)
def test_the_cookie_is_short_lived_out_of_reach_of_scripts_and_removed_in_the_end(
    page, origin, space, ending, monkeypatch
):
    monkeypatch.setenv("SPACE_ID", space)
    browser = page.browser(origin)
    first = browser.get(START)
    where = f"Path={START}; HttpOnly; Max-Age={{}}; {ending}"
    assert re.fullmatch(rf"{COOKIE}=[\w.-]+; {re.escape(where.format(LASTS))}", first.headers["set-cookie"])
    assert LASTS == 600
    there = requests.get(first.headers["location"], allow_redirects=False, timeout=10)
    answer = browser.get(there.headers["location"])
    assert answer.headers.get_list("set-cookie")[1:] == [f"{COOKIE}=; {where.format(0)}"]


def test_the_cookie_holds_no_secret_of_the_page(browser):
    browser.get(START)
    held = itsdangerous.URLSafeTimedSerializer(KEY, "sign in with hugging face").loads(browser.cookies[COOKIE])
    assert held.keys() == {"state", "nonce", "code_verifier"}


# --- what goes wrong


def test_a_problem_has_a_sentence_for_the_page():
    for code, sentence in PROBLEMS.items():
        assert re.fullmatch(r"[a-z]+", code)
        assert re.fullmatch(r"[A-Z].{20,120}\.", sentence)


@pytest.mark.parametrize("changed", [{"state": None}, {"state": ""}, {"state": "another"}, {"state": "é\x00\udcff"}])
def test_another_state_signs_nobody_in_and_the_right_one_still_does(page, browser, changed):
    address = go_there(browser)
    wrong = with_query(address, **{name: text and text.encode("utf-8", "replace") for name, text in changed.items()})
    assert problem_of(browser.get(wrong)) == "expired"
    assert page.signed_in == []
    browser.get(address)
    assert page.signed_in == [("61f0", "zoe-films")]


def test_nobody_is_signed_in_by_an_address_that_somebody_else_was_sent_back_to(page):
    address = go_there(page.browser())
    other = page.browser()
    assert problem_of(other.get(address)) == "expired"
    go_there(other)
    assert problem_of(other.get(address)) == "expired"
    assert page.signed_in == []


@pytest.mark.parametrize("value", ["", "x", "x.y.z", "x" * 5000, "e30.aaaa.bbbb"])
def test_a_cookie_that_was_not_signed_here_is_none(page, browser, value):
    address = go_there(browser)
    assert problem_of(page.browser().get(address, headers={"cookie": f"{COOKIE}={value}"})) == "expired"


def test_a_cookie_that_another_key_signed_or_for_another_purpose_is_none(page):
    pending = {"state": "s", "nonce": "n", "code_verifier": "v"}
    for key, salt in ((b"x" * 32, "sign in with hugging face"), (KEY, "session")):
        value = itsdangerous.URLSafeTimedSerializer(key, salt).dumps(pending)
        answer = page.browser().get(f"{BACK}?code=c&state=s", headers={"cookie": f"{COOKIE}={value}"})
        assert problem_of(answer) == "expired"


@pytest.mark.parametrize(("seconds", "n_signed_in"), [(LASTS, 1), (LASTS + 1, 0)])
def test_who_takes_more_than_ten_minutes_begins_again(page, browser, monkeypatch, seconds, n_signed_in):
    monkeypatch.setattr(itsdangerous.TimestampSigner, "get_timestamp", lambda signer: 1_700_000_000)
    address = go_there(browser)
    monkeypatch.setattr(itsdangerous.TimestampSigner, "get_timestamp", lambda signer: 1_700_000_000 + seconds)
    answer = browser.get(address)
    assert len(page.signed_in) == n_signed_in
    assert n_signed_in or problem_of(answer) == "expired"


def test_an_address_serves_once(page, browser):
    address = go_there(browser)
    cookie = browser.cookies[COOKIE]
    browser.get(address)
    assert problem_of(browser.get(address)) == "expired"
    assert problem_of(page.browser().get(address, headers={"cookie": f"{COOKIE}={cookie}"})) == "refused"
    assert len(page.signed_in) == 1


def test_a_code_is_worth_nothing_without_the_verifier(page, browser):
    address = go_there(browser)
    serializer = itsdangerous.URLSafeTimedSerializer(KEY, "sign in with hugging face")
    held = serializer.loads(browser.cookies[COOKIE]) | {"code_verifier": "v" * 48}
    answer = page.browser().get(address, headers={"cookie": f"{COOKIE}={serializer.dumps(held)}"})
    assert problem_of(answer) == "refused"
    assert page.signed_in == []


@pytest.mark.parametrize(
    ("error", "expected"), [("access_denied", "declined"), ("server_error", "refused"), ("<script>", "refused")]
)
def test_what_the_provider_says_instead_of_a_code_is_not_repeated(server, page, browser, error, expected):
    server.declines = error
    assert problem_of(sign_in(browser)) == expected
    assert page.signed_in == []


def test_an_error_counts_though_a_code_stands_beside_it(page, browser):
    assert problem_of(browser.get(with_query(go_there(browser), error="access_denied"))) == "declined"
    assert page.signed_in == []


def test_no_code_and_a_code_that_the_provider_does_not_know_are_refused(page, browser):
    for code in (None, "", "another"):
        assert problem_of(browser.get(with_query(go_there(browser), code=code))) == "refused"
    assert page.signed_in == []


def test_a_wrong_secret_of_the_page_is_refused(server):
    page = Page(server.url)
    object.__setattr__(page.provider, "client_secret", "another")
    assert problem_of(sign_in(page.browser())) == "refused"


def test_a_provider_that_is_down_is_told_at_once_and_on_the_way_back(page, browser):
    assert problem_of(Page(NOBODY).browser().get(START)) == "unreachable"
    address = go_there(browser)
    object.__setattr__(page.provider, "url", NOBODY)
    assert problem_of(browser.get(address)) == "unreachable"


NONSENSE = {
    "500": Response("secret", 500),
    "404": Response("secret", 404),
    "HTML": HTMLResponse("<h1>secret</h1>"),
    "a list": JSONResponse(["secret"]),
    "a text": JSONResponse("secret"),
    "no JSON": Response('{"secret": ', media_type="application/json"),
    "elsewhere": Response(status_code=302, headers={"location": NOBODY}),
}


@pytest.mark.parametrize("nonsense", NONSENSE)
def test_a_provider_that_answers_nonsense_signs_nobody_in(server, page, browser, nonsense):
    server.broken = {"/.well-known/openid-configuration": NONSENSE[nonsense]}
    assert problem_of(browser.get(START)) == "unreachable"
    for path in ("/.well-known/openid-configuration", "/oauth/token", "/oauth/jwks"):
        server.broken = {}
        address = go_there(browser)
        server.broken = {path: NONSENSE[nonsense]}
        assert problem_of(browser.get(address)) in ("unreachable", "untrusted")
    server.broken, server.hidden = {"/oauth/userinfo": NONSENSE[nonsense]}, ("preferred_username", "name")
    assert problem_of(sign_in(browser)) in ("unreachable", "untrusted")
    assert page.signed_in == []
    server.broken = {}
    assert sign_in(browser).headers["location"] == "/"


@pytest.mark.parametrize(
    "answer", [{}, {"access_token": "a"}, {"access_token": "a", "id_token": None}, {"id_token": 7}]
)
def test_without_an_id_token_nobody_is_signed_in(server, page, browser, answer):
    server.broken = {"/oauth/token": JSONResponse(answer)}
    assert problem_of(sign_in(browser)) == "untrusted"
    assert page.signed_in == []


def test_a_provider_that_describes_another_is_not_believed(server, browser):
    description = server.description() | {"issuer": "https://evil.example"}
    server.broken = {"/.well-known/openid-configuration": JSONResponse(description)}
    assert problem_of(browser.get(START)) == "untrusted"


@pytest.mark.parametrize(
    "altered",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"iss": "https://evil.example"},
        {"iss": None},
        {"aud": "another-client"},
        {"aud": ["another-client"], "azp": CLIENT_ID},
        {"aud": [CLIENT_ID, "another-client"], "azp": "another-client"},
        {"aud": None},
        {"exp": 1_700_000_000},
        {"exp": None},
        {"iat": 4_000_000_000},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": ["61f0"]},
    ],
    ids=str,
)
def test_a_token_for_others_or_of_others_proves_nothing(server, page, browser, altered):
    server.altered = altered
    assert problem_of(sign_in(browser)) == "untrusted"
    assert page.signed_in == []


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")  # it must not need a warning to fail
@pytest.mark.parametrize("kind", ["another key", "of the same number", "the page's secret", "the public key", "none"])
def test_a_token_that_the_provider_did_not_sign_proves_nothing(server, page, browser, kind):
    shared = {"kid": server.key.kid}
    other = server.new_key()
    server.signs = {
        "another key": lambda: ("RS256", other),
        "of the same number": lambda: ("RS256", type(other).import_key(other.as_dict(private=True) | shared)),
        "the page's secret": lambda: ("HS256", OctKey.import_key(CLIENT_SECRET, shared)),
        "the public key": lambda: ("HS256", OctKey.import_key(str(server.key.as_dict(private=False)["n"]), shared)),
        "none": lambda: ("none", server.key),
    }[kind]()
    assert problem_of(sign_in(browser)) == "untrusted"
    assert page.signed_in == []


def test_accounts_out_of_reach_are_told_on_both_ways(page, browser):
    address = go_there(browser)
    page.failing = DataError("The accounts are being opened: try again in a moment.")
    assert problem_of(page.browser().get(START)) == "accounts"
    assert problem_of(browser.get(address)) == "accounts"
    page.failing = None
    browser.get(address)
    assert page.signed_in == [("61f0", "zoe-films")]


def test_the_log_says_what_went_wrong_in_one_line_without_secrets(server, page, caplog):
    caplog.set_level(logging.INFO)
    browser = page.browser()
    address = go_there(browser)
    held = [*query(address).values(), browser.cookies[COOKIE], CLIENT_SECRET, "secret"]
    server.altered = {"nonce": "another"}
    problem_of(browser.get(address))
    server.broken = {"/oauth/token": Response("secret", 500)}
    problem_of(sign_in(browser))
    server.reset()
    server.declines = "access_denied"
    problem_of(sign_in(browser))
    said = [record for record in caplog.records if record.name == hugging_face.__name__]
    assert [(record.levelname, record.getMessage()) for record in said] == [
        ("WARNING", "Nobody was signed in with Hugging Face (untrusted: InvalidClaimError)."),
        ("WARNING", "Nobody was signed in with Hugging Face (unreachable: HTTPStatusError)."),
        ("INFO", "Nobody was signed in with Hugging Face (declined: no code came)."),
    ]
    assert not any(record.exc_info for record in caplog.records)
    logged = "\n".join(line for line in caplog.text.splitlines() if "http://page.example" not in line)  # the browser's
    assert "Nobody was signed in" in logged
    for secret in held:
        assert secret not in logged


def test_a_mistake_of_the_page_itself_is_not_hidden(page, browser):
    address = go_there(browser)
    page.failing = KeyError("a mistake")
    with pytest.raises(KeyError, match="a mistake"):
        browser.get(address)
