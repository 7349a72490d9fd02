"""Nobody reads or changes what is another's: every event and every route of a running server, asked raw.

With --replicas it is two pages behind nginx that share PostgreSQL.
"""

import json
import re
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa
from itsdangerous import URLSafeSerializer

from recsys.recommend.film_keys import key_of_title
from recsys.serve.security.cookies import SESSION, VISITOR
from recsys.serve.security.sessions import NOT_YOURS
from recsys.store import open_store
from recsys.store.database.connection import Database
from tests.support.pages.account_routes import ANSWERS
from tests.support.pages.page_server import (
    API,
    FILE,
    WANTED,
    Answer,
    Browser,
    Event,
    at_once,
    events_of,
    served,
    small_page,
    wait_for,
    wait_until_ready,
)
from tests.support.pages.replicas import replicas
from tests.support.store_places import FRESH

postgresql, _ = FRESH
PASSWORD = "four random words"
ANN = "Annegret Quillfeather"
RATED = {"Film 19 (1979)": 1, "Film 21 (1981)": 2, "Film 15 (1975)": 5}  # by her alone
MARKED = {"Film 17 (1977)": "hidden", "Film 23 (1983)": "later"}
CSV = b"title,stars of 5\nFilm 12 (1972),3\n"
ROUTES = [f"/account/{name}" for name in (*ANSWERS, "import")]
OPEN_TO_ALL = {"/account/register", "/account/sign-in", "/account/sign-out"}
SIGN_IN_AGAIN = "sign in again"
SENSIBLE = {  # what a browser sends
    "browserstate": {},
    "arrived": "",
    "state": None,
    "film": "Film 8 (1968)",
    "stars": 4,
    "rate-adventure": 2,
    "genre-adventure": 2,
    "rate-order": "newest",
    "genre-order": "best bet",
    "which-genres": "all of them",
    "genres": ["Comedy"],
    "loved": [],
    "tonight-name": "Zoe",
    "tonight-code": "ABC 234",
    "tonight-how": "fair",
    "tonight-other": "Mum",
    "tonight-genres": ["Comedy"],
    "tonight-which-genres": "one of them or more",
    "tonight-decades": [],
    "tonight-least": 0,
    "tonight-seen": True,
    "rate-genres": ["Comedy"],
    "rate-which-genres": "one of them or more",
    "rate-decades": ["1990s"],
    "rate-least": 5,
    "rate-seen": False,
    "genre-decades": [],
    "genre-least": 0,
    "genre-seen": True,
    "near-film": "Film 8 (1968)",
    "near-genres": ["Comedy"],
    "near-which-genres": "one of them or more",
    "near-decades": [],
    "near-least": 0,
    "near-seen": True,
    "path-from": "Film 8 (1968)",
    "path-to": "Film 9 (1969)",
    "seed": 7,
    "person": "",
    "model-left": "",
    "model-right": "popularity",
}
ENDPOINTS = {
    "recommend": [{"Film 8 (1968)": 4}, None, 0, {"genres": ["Comedy"]}],
    "genres": [["Comedy"], None, None, 0],
    "group": [[{"Film 8 (1968)": 4}, {"Film 9 (1969)": 5}], "fair", None, False, None, None, {"least_ratings": 5}],
    "similar": ["Film 8 (1968)"],
    "predict": [{"Film 8 (1968)": 4}, ["Film 9 (1969)"]],
}
NUMBERS = count(1)
WAYS = ("join", "run", "call")  # by the queue, past it, by name
NOTHING_SHOWN_YET = {"again", "move", "untick"}  # events that draw anew what was drawn, or nothing, before


@dataclass(frozen=True)
class Page:
    """A running server."""

    url: str
    database: str
    events: list[Event]
    arrival: Event  # when the page is opened

    def event(self, name: str) -> Event:
        return next(event for event in self.events if event.name == name)

    def visitor(self) -> Browser:
        """A browser that has opened the page."""
        browser = Browser(self.url)
        assert browser.get("/").cookies.keys() == {VISITOR}
        return browser

    def member(self, name: str) -> Browser:
        """A browser whose visitor has just registered."""
        browser = self.visitor()
        assert browser.account("register", name=name, password=PASSWORD).status == 200
        return browser

    def arrive(self, browser: Browser, kept: object = None, **said: object) -> Answer:
        """Open the page as a browser does that has kept something."""
        return browser.join(self.arrival, [None, None, "", kept or {}, *WANTED], **said)

    def act(self, browser: Browser, **deed: object) -> Answer:
        """Do something with a film."""
        event = self.event("act")
        return browser.join(event, values_of(event), event_data={"seq": 1, **deed})

    def rows(self, query: str, *values: object) -> list[tuple]:
        """What the database itself holds."""
        with self.opened() as database, database.reading() as connection:
            asked = query if database.is_sqlite else query.replace("?", "%s")
            return [tuple(row) for row in connection.exec_driver_sql(asked, values)]

    def opened(self) -> AbstractContextManager[Database]:
        """The database itself."""
        return closing(Database(self.database))


@dataclass(frozen=True)
class Victim:
    """Ann, who is signed in and has rated, marked and been shown something.

    Attributes:
        number: of her account.
        lists: ids of the lists that she was shown.
        markers: what stands in nobody's answers but hers.
    """

    browser: Browser
    number: int
    lists: list[str]
    markers: list[str]

    def everything(self) -> str:
        """All that is kept about her, but for what changes with time."""
        exported = json.loads(self.browser.get("/account/export.json").text)
        assert exported["name"] == ANN
        return json.dumps({name: value for name, value in exported.items() if name not in ("exported_at", "sessions")})

    def leaks(self, answer: Answer, sent: str = "") -> list[str]:
        """What an answer tells of her that was not in the request."""
        told = f"{answer.text} {answer.headers}"
        return [marker for marker in self.markers if marker in told and marker not in sent]


def values_of(event: Event) -> list[object]:
    """What a browser sends with an event."""
    return ENDPOINTS.get(event.name) or [SENSIBLE[each] for each in event.inputs]


def token_of(browser: Browser) -> str:
    """What is signed in the cookie of a session."""
    return URLSafeSerializer(b"").loads_unsafe(browser.cookies[SESSION])[1]


@contextmanager
def one_page(folder):
    """The page on SQLite; yields its address, all addresses that it has, and that of the database."""
    database = f"sqlite:///{folder / 'people.sqlite3'}"
    with served(folder / "log", *small_page(), database=database, forked=True) as url:
        yield url, [url], database


@contextmanager
def two_pages(folder, postgresql):
    """Two pages on PostgreSQL, behind a proxy; likewise."""
    postgresql.run("CREATE DATABASE isolation")
    database = postgresql.url("isolation")
    with replicas(folder, database, *small_page()) as both:
        yield both.url, [page.url for page in both.pages], database


@pytest.fixture(scope="module")
def page(tmp_path_factory, request):
    folder, through_proxy = tmp_path_factory.mktemp("isolation"), request.config.getoption("replicas")
    pages = two_pages(folder, request.getfixturevalue("postgresql")) if through_proxy else one_page(folder)
    with pages as (url, addresses, database):
        for each in addresses:
            wait_until_ready(each)
            wait_for(lambda at=each: Browser(at).account("sign-out").status == 200, 30, "opening the accounts")
        events = events_of(url)
        arrival = next(event for event in events if any(what == "load" for _, what in event.triggers))
        yield Page(url, database, events, arrival)


@pytest.fixture(scope="module")
def ann(page):
    browser = page.member(ANN)
    page.arrive(browser)
    assert browser.account("consent", consent="no").status == 200
    for film, stars in RATED.items():
        assert f"{film}: {stars} star" in page.act(browser, do="rate", film=film, stars=stars).text
    for film, mark in MARKED.items():
        page.act(browser, do=mark, film=film)
    with open_store(page.database) as store:
        person = store.accounts.person_of(token_of(browser))
        lists = [shown.id for shown in store.history.lists(person)]
        pseudonym = store.exports.everything(person)["consents"][0]["pseudonym"]
    assert len(lists) > 2
    films = [f"{said} {film}" for film in (*RATED, *MARKED) for said in ("Remove:", "Show again:", "you gave")]
    return Victim(
        browser, person.id, lists, [ANN, token_of(browser), browser.cookies[SESSION], pseudonym, *lists, *films]
    )


@pytest.fixture
def left_alone(ann):
    """Ann's things, which are afterwards as they were."""
    before = ann.everything()
    yield ann
    assert ann.everything() == before


@pytest.fixture(scope="module", params=["a member", "a guest"])
def other(request, page):
    if request.param == "a guest":
        return page.visitor()
    ben = page.member("Ben")
    page.act(ben, do="rate", film="Film 8 (1968)", stars=4)
    return ben


def test_what_ann_sees_is_what_the_others_must_not(page, ann):
    shown = Answer(200, page.arrive(ann.browser, session_hash="of-her-own").text)
    opened = ann.browser.join(page.event("open_list"), [], event_data={"list": ann.lists[0]}, session_hash="of-her-own")
    assert {ANN, "Remove: Film 19 (1979)", "Show again: Film 17 (1977)", "you gave Film 15 (1975)"} <= {
        *ann.leaks(shown)
    }
    assert ann.lists[0] in shown.text
    assert "All lists" in opened.text


# ---- forged inputs


def forgeries(ann: Victim) -> list[tuple[object, object]]:
    """What names Ann or what is hers: a value for every input, and the data of an event."""
    names = ("name", "user", "username", "account", "person", "person_id", "id", "token", "session", "session_hash")
    own = (ANN, ANN, ANN, ANN, ann.number, ann.number, ann.number, *[token_of(ann.browser)] * 3)
    hers = dict(zip(names, own, strict=True))
    return [
        (hers, {"do": "undo", "list": ann.number, **hers}),
        ([*ann.lists, ann.number, ANN], {"before": ann.lists[0], **hers}),
        (ANN, {"list": ANN, "do": "later", "film": ANN}),
    ]


def asked_in_every_way(
    page: Page, browser: Browser, values: object, event_data: object, turn: int = -1, **more: object
):
    """Yield calls of all events with a value in the place of every input: by the queue, past it, by name.

    In a turn from 0 to 2 each event is asked in one of these ways, and after the three in all of them. Those by the
    queue are of sessions of their own, since a session has one stream of answers.
    """
    past_the_queue = Browser(page.url, browser.cookies)
    for number, event in enumerate(page.events):
        for way in WAYS if turn < 0 else WAYS[(number + turn) % 3 :][:1]:
            one = past_the_queue if way == "run" else Browser(page.url, browser.cookies)
            yield partial(getattr(one, way), event, [values] * len(event.inputs), event_data=event_data, **more)


@pytest.mark.parametrize("at", range(3))
def test_no_event_takes_another_persons_name_or_id_for_a_right(page, left_alone, other, at):
    values, event_data = forgeries(left_alone)[at]
    claims = {"username": ANN, "user": ANN, "request": {"cookies": left_alone.browser.cookies}, "oauth_token": ANN}
    sent = json.dumps([values, event_data, claims])
    answers = [*at_once(asked_in_every_way(page, other, values, event_data, at, **claims))]
    assert len(answers) == len(page.events)
    assert [leak for answer in answers for leak in left_alone.leaks(answer, sent)] == []


def test_no_list_of_another_person_is_opened_or_paged(page, left_alone, other):
    event = page.event("open_list")
    for list_id in left_alone.lists:
        opened = other.join(event, [], event_data={"list": list_id})
        assert left_alone.leaks(opened) == []
        assert '"success":false' in opened.text
        assert "no such list" in opened.text or "Sign in first" in opened.text
        paged = other.join(event, [], event_data={"before": list_id})
        assert left_alone.leaks(paged) == []


def test_there_is_no_page_of_an_operator_for_anybody_whom_nothing_names(page, left_alone, other):
    claims = f"?name={ANN.replace(' ', '+')}&person_id={left_alone.number}&operator=true"
    for browser in (other, left_alone.browser):
        nothing, asked = browser.get("/nothing-here"), browser.get(f"/operator{claims}")
        assert (asked.status, asked.text) == (nothing.status, nothing.text)
        assert asked.status == 404


@pytest.mark.parametrize("is_member", [True, False])
def test_no_route_takes_another_persons_name_or_id_for_a_right(page, left_alone, is_member):
    browser = page.member("Ben of the routes") if is_member else page.visitor()
    claims = forgeries(left_alone)[0][0] | {"new_password": "a forged password"}
    forged = f"title,stars of 5,person_id,name\nFilm 12 (1972),1,{left_alone.number},{ANN}\n".encode()
    query = f"?name={ANN.replace(' ', '+')}&person_id={left_alone.number}&token={token_of(left_alone.browser)}"
    answers = [
        browser.get(f"/account/export.json{query}"),
        browser.get(f"/account/ratings.csv{query}"),
        browser.account("register", password=PASSWORD + "!", **claims),  # the name is taken
        browser.account("sign-in", password="another password", **claims),
        browser.account("change-password", password="another password", **claims),
        browser.account("consent", consent="yes", **claims),
        browser.account("consent", consent=claims),
        browser.ask("POST", f"/account/import{query}", forged, FILE),
        browser.account("delete", password="another password", **claims),
        browser.account("sign-out-everywhere", **claims),
        browser.account("sign-out", **claims),
    ]
    allowed = [200, 200, 400, 400, 400, 200, 400, 200, 400, 200, 200] if is_member else [400] * 10 + [200]
    assert [answer.status for answer in answers] == allowed
    assert [leak for answer in answers for leak in left_alone.leaks(answer, json.dumps(claims))] == []


def test_the_consent_of_one_is_changed_by_nobody_else(page, left_alone, other):
    """left_alone has seen to it that Ann's answer stays; what the others say is their own."""
    claims = forgeries(left_alone)[0][0] | {"agrees": True, "pseudonym": left_alone.markers[3]}
    forged = Browser(page.url, {**other.cookies, SESSION: changed(left_alone.browser.cookies[SESSION])["cut by one"]})
    foreign = Browser(page.url, left_alone.browser.cookies)
    said = {"consent": "yes", **claims}
    answers = [
        other.account("consent", **said),
        forged.account("consent", **said),
        foreign.post("/account/consent", said, Origin="http://elsewhere.example"),
    ]
    assert [answer.status for answer in answers] == [200 if SESSION in other.cookies else 400, 400, 403]
    assert page.rows("SELECT agrees FROM consents WHERE person_id = ?", left_alone.number) == [(False,)]
    guests = page.rows("SELECT count(*) FROM consents WHERE person_id NOT IN (SELECT id FROM accounts)")
    assert guests == [(0,)]


def test_whoever_deletes_an_account_deletes_their_own(page, left_alone):
    browser = page.member("Ben who leaves")
    assert browser.account("delete", password=PASSWORD, **forgeries(left_alone)[0][0]).status == 200
    assert page.rows("SELECT name FROM accounts WHERE name = 'Ben who leaves'") == []


def test_who_registers_and_signs_out_takes_along_no_seat_but_their_own(page):
    def looked(browser: Browser) -> str:
        return browser.join(asking(["browserstate"], "look"), [{}], session_hash=f"look-{next(NUMBERS)}").text

    def asking(inputs: list[str], name: str = "") -> Event:
        return next(event for event in page.events if [*event.inputs] == inputs and event.name.startswith(name))

    zoe, eve = page.visitor(), page.visitor()
    begun = zoe.join(asking(["tonight-name", "browserstate"]), ["Zoe", {}]).text
    code = re.search(r"data-code=\W*(\w{6})", begun)[1]
    eve.join(asking(["tonight-code", "tonight-name", "browserstate"]), [code, "Eve", {}])
    assert zoe.account("register", name="Zoe of the seat", password=PASSWORD).status == 200
    assert code in looked(zoe)
    assert page.member("Eve of the seats").account("sign-out").status == 200
    assert code not in looked(page.member("Mallory of the seats"))
    assert "<b>Zoe<" in looked(eve)
    assert zoe.account("sign-out").status == 200
    assert code not in looked(zoe)
    assert "Zoe" not in looked(eve)


# ---- session hashes


@pytest.fixture(scope="module")
def opened(page, ann, request):
    """The hash under which Ann has the page open, with her lists drawn in it."""
    if request.config.getoption("replicas"):
        pytest.skip("each page ties a hash to who used it there first, and has nothing behind one that was not used")
    ann.browser.session = "the-hash-of-ann"
    page.arrive(ann.browser)
    return ann.browser.session


def test_a_session_is_of_the_browser_that_used_its_hash_first(page, left_alone, other, opened):
    stranger = Browser(page.url)
    asked = [
        f"{API}/queue/data?session_hash={opened}",
        f"{API}/queue/data?session%5Fhash={opened}",
        f"{API}/queue/data?session_hash=another&session_hash={opened}",
        f"{API}/queue/data?session_hash={opened}&session_hash=another",
        f"{API}/call/x/{opened}",
        f"{API}/call/v2/x/{opened}",
        f"{API}/call/x/{opened}/",
        f"{API}/call/x/%74he-hash-of-ann",
        f"{API}/heartbeat/{opened}",
        f"{API}/stream/{opened}/1/1/playlist.m3u8",
        f"{API}/deep_link?session_hash={opened}",
        f"{API}/upload_progress?upload_id={opened}",
    ]
    for browser in (other, stranger):
        answers = [browser.get(path) for path in asked]
        assert {path: answer.status for path, answer in zip(asked, answers, strict=True)} == {
            path: 404 if "upload" in path or "deep_link" in path else 403 for path in asked
        }
        assert [leak for answer in answers for leak in left_alone.leaks(answer, opened)] == []


def test_no_event_is_asked_for_under_another_persons_session(page, left_alone, other, opened):
    for browser in (other, Browser(page.url)):
        calls = asked_in_every_way(page, browser, None, {"do": "undo"}, session_hash=opened)
        answers = [*at_once(calls)]
        refused = [answer for answer in answers if answer.status == 403]
        assert len(refused) >= 2 * len(page.events)  # the queue, and past it; by name there is no session
        assert {json.loads(answer.text)["detail"] for answer in refused} == {NOT_YOURS}
        assert [leak for answer in answers for leak in left_alone.leaks(answer)] == []


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("queue/join", '{"data": [], "fn_index": 0, "session_hash": "mine", "session_hash": "the-hash-of-ann"}'),
        ("queue/join", '{"data": [], "fn_index": 0, "session\\u005fhash": "the-hash-of-ann"}'),
        ("queue/join", '{"data": [], "fn_index": 0, "session_hash": "the\\u002dhash-of-ann"}'),
        ("queue/join", '{"data": [], "fn_index": 0, "session_hash": "the-hash-of-ann"}'.encode("utf-16")),
        ("queue/join/", '{"data": [], "fn_index": 0, "session_hash": "the-hash-of-ann"}'),
        ("api/act", '{"data": [], "fn_index": 0, "session_hash": "the-hash-of-ann"}'),
        ("cancel", '{"session_hash": "the-hash-of-ann", "fn_index": 0, "event_id": "x"}'),
        ("cancel", '{"session_hash": "mine", "fn_index": 0, "event_id": "the-hash-of-ann"}'),
        ("reset", '{"event_id": "the-hash-of-ann"}'),
        ("component_server", '{"data": 0, "component_id": 1, "fn_name": "x", "session_hash": "the-hash-of-ann"}'),
        ("call/similar", '{"data": ["Film 8"], "session_hash": "the-hash-of-ann"}'),
        ("run/act?session_hash=the-hash-of-ann", '{"data": [], "fn_index": 0}'),
    ],
)
def test_a_session_hash_is_found_wherever_it_stands(page, opened, other, path, body):
    answer = other.ask("POST", f"{API}/{path}", body)
    assert (answer.status, answer.sentence) == (403, NOT_YOURS)


def test_a_form_of_several_parts_reaches_no_session(page, opened, other):
    parts = "".join(
        f'--X\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in (("session_hash", opened), ("component_id", "1"), ("fn_name", "x"))
    )
    answer = other.ask("POST", f"{API}/component_server", f"{parts}--X--\r\n", "multipart/form-data; boundary=X")
    assert answer.status == 400
    assert "not JSON" in answer.sentence


def test_whoever_signs_out_loses_the_session_that_was_opened_before(page):
    browser = page.member("Someone who leaves")
    assert '"success":true' in page.arrive(browser).text
    assert browser.account("sign-out").status == 200
    assert page.arrive(browser).status == 403


# ---- cookies


def changed(cookie: str) -> dict[str, str]:
    """A signed cookie, not quite: cut, altered, signed by somebody else."""
    payload, signature = cookie.split(".")
    token = URLSafeSerializer(b"").loads_unsafe(cookie)[1]

    def flipped(at: int) -> str:
        return cookie[:at] + ("A" if cookie[at] != "A" else "B") + cookie[at + 1 :]

    return {
        "without its signature": payload,
        "with an empty signature": f"{payload}.",
        "cut by one": cookie[:-1],
        "cut in the middle": cookie[: len(cookie) // 2],
        "altered at its start": flipped(0),
        "altered in the token": flipped(len(payload) // 2),
        "altered in the signature": flipped(len(payload) + 5),
        "signed by another key": URLSafeSerializer(b"k" * 32, salt="session").dumps(
            URLSafeSerializer(b"").loads_unsafe(cookie)[1]
        ),
        "signed by no key": URLSafeSerializer(b"", salt="session").dumps(
            URLSafeSerializer(b"").loads_unsafe(cookie)[1]
        ),
        "the bare token": token or "x",
        "with more behind it": f"{cookie}x",
        "in quotes of another": f"{signature}.{payload}",
        "thousands long": cookie * 50,
    }


def needs_a_member(event: Event) -> bool:
    """Whether an event looks at what belongs to whoever asks."""
    return ("browserstate" in event.inputs and event.name not in NOTHING_SHOWN_YET) or event.name == "open_list"


def assert_is_signed_out(page: Page, browser: Browser) -> None:
    """Every event and every route refuses a cookie, and no event shows anything."""
    for event in filter(needs_a_member, page.events):
        answer = browser.run(event, values_of(event), event_data={"do": "undo"}, session_hash=None)
        assert SIGN_IN_AGAIN in answer.text, (event.name, answer)
    for route in ROUTES:
        if route not in OPEN_TO_ALL:
            answer = ask_route(browser, route)
            assert answer.status in (400, 401), (route, answer)
            assert "sign in" in answer.sentence


def ask_route(browser: Browser, route: str, **headers: str) -> Answer:
    """Ask for what a route is for."""
    if "." in route:
        return browser.get(route, **headers)
    if route.endswith("import"):
        return browser.ask("POST", route, CSV, FILE, **headers)
    said = {"name": ANN, "password": PASSWORD, "new_password": "other random words"}
    return browser.post(route, said, **headers)


@pytest.mark.parametrize("how", [*changed("header.signature")])
def test_a_cookie_that_is_not_as_it_was_signed_is_nobodys(page, left_alone, how):
    cookies = {VISITOR: "somebody", SESSION: changed(left_alone.browser.cookies[SESSION])[how]}
    assert_is_signed_out(page, Browser(page.url, cookies))


def test_without_a_cookie_whoever_asks_is_a_guest(page, left_alone):
    cookies = {name: value for name, value in left_alone.browser.cookies.items() if name != SESSION}
    guest = Browser(page.url, cookies)
    answers = [*at_once(asked_in_every_way(page, guest, None, {"list": None}))]
    answers += [page.arrive(guest), guest.join(page.event("show_more"), [{}, None])]
    assert [leak for answer in answers for leak in left_alone.leaks(answer)] == []
    assert "kept for those who have an account" in answers[-1].text
    for route in ROUTES:
        if route not in OPEN_TO_ALL:
            answer = ask_route(guest, route)
            assert (answer.status, answer.sentence) == (400, "You are not signed in: sign in first.")


# ---- other sites


def foreign_headers(page: Page) -> list[dict[str, str]]:
    """What browsers say when a page of another site asks."""
    host = page.url.removeprefix("http://")
    port = int(host.partition(":")[2])
    origins = (
        "http://elsewhere.example",
        "null",
        "",
        "http://127.0.0.1",
        f"http://127.0.0.1:{port - 1}",
        f"http://localhost:{port}",
        f"http://{host}.elsewhere.example",
        f"http://{host}@elsewhere.example",
        f"http://elsewhere.example/http://{host}",
        f"{host}",
    )
    return [{"Origin": origin} for origin in origins] + [{"Sec_Fetch_Site": "cross-site"}]


def test_a_page_of_another_site_asks_as_a_stranger(page, left_alone, opened):
    for headers in foreign_headers(page):
        hers = Browser(page.url, left_alone.browser.cookies)
        for name in ("act", "show_more", "open_list", "pass_over"):
            event = page.event(name)
            body = {"data": values_of(event), "fn_index": event.number, "event_data": {"do": "undo"}}
            answer = hers.post(f"{API}/run/{name}", body, **headers)
            assert left_alone.leaks(answer) == []
            assert SIGN_IN_AGAIN not in answer.text  # which would tell the other site that somebody was signed in
            joined = hers.post(f"{API}/queue/join", {**body, "session_hash": opened}, **headers)
            assert joined.status == 403


@pytest.mark.parametrize("route", ROUTES)
def test_no_route_of_accounts_answers_a_page_of_another_site(page, left_alone, route):
    for headers in foreign_headers(page):
        if "Origin" in headers or "." not in route:  # a download that begins with a link elsewhere is the person's own
            answer = ask_route(Browser(page.url, left_alone.browser.cookies), route, **headers)
            assert (answer.status, answer.cookies) == (403, {})
            assert "another site" in answer.sentence
            assert left_alone.leaks(answer) == []


@pytest.mark.parametrize("route", [route for route in ROUTES if "." not in route])
def test_a_form_that_any_site_can_send_is_refused(page, left_alone, route):
    for kind in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=X", "text/plain", ""):
        browser = Browser(page.url, left_alone.browser.cookies)
        answer = browser.ask("POST", route, f'{{"name": "{ANN}", "password": "{PASSWORD}"}}', kind)
        assert answer.status == 415
        assert "expected application/" in answer.sentence


@pytest.mark.parametrize("route", ROUTES)
def test_a_route_is_asked_in_one_way_only(page, left_alone, route):
    for method in ("POST", "PUT", "DELETE") if "." in route else ("GET", "HEAD", "PUT", "DELETE"):
        answer = Browser(page.url, left_alone.browser.cookies).ask(method, route)
        assert answer.status in (404, 405)
        assert left_alone.leaks(answer) == []


# ---- the end of a session


def leave(way: str, here: Browser, there: Browser) -> list[Browser]:
    """End sessions; copies of the browsers that were signed in before, and are to be no longer."""
    before = [Browser(browser.url, browser.cookies) for browser in (here, there)]
    if way == "sign-out":
        assert here.account("sign-out").status == 200
        return before[:1]
    if way == "change-password":
        assert here.account("change-password", password=PASSWORD, new_password="other random words").status == 200
        return before[1:]
    assert here.account(way, password=PASSWORD).status == 200
    return before


@pytest.mark.parametrize("way", ["sign-out", "sign-out-everywhere", "change-password", "delete"])
def test_a_session_that_has_ended_is_of_no_use(page, way):
    here, there = page.member(f"Cleo {way}"), page.visitor()
    assert there.account("sign-in", name=f"cleo {way}", password=PASSWORD).status == 200
    assert "4 stars" in page.act(there, do="rate", film="Film 8 (1968)", stars=4).text
    for browser in leave(way, here, there):
        assert_is_signed_out(page, browser)
        assert SIGN_IN_AGAIN in page.act(browser, do="rate", film="Film 9 (1969)", stars=1).text


def test_a_session_outlives_what_ends_others(page):
    here, there = page.member("Dora"), page.visitor()
    assert there.account("sign-in", name="Dora", password=PASSWORD).status == 200
    leave("sign-out", here, there)
    assert there.get("/account/export.json").status == 200
    leave("change-password", there, here)
    assert there.get("/account/export.json").status == 200


def test_with_an_account_all_rows_go_that_belong_to_it_and_no_others(page):
    leaving, staying = page.member("Emil Vanishing"), page.member("Frida")
    for browser in (leaving, staying):
        page.act(browser, do="rate", film="Film 8 (1968)", stars=4)
        page.act(browser, do="later", film="Film 10 (1970)")
        assert browser.account("consent", consent="yes").status == 200
    with open_store(page.database) as store:
        numbers = {
            name: store.accounts.person_of(token_of(browser)).id
            for name, browser in (("goes", leaving), ("stays", staying))
        }
    before = {name: rows_of(page, number) for name, number in numbers.items()}
    tables = {"accounts", "sessions", "places", "ratings", "marks", "changes", "lists", "list_films", "consents"}
    assert set(before["goes"]) == tables
    kept = staying.get("/account/ratings.csv").text
    assert leaving.account("delete", password=PASSWORD).status == 200
    assert rows_of(page, numbers["goes"]) == {}
    assert rows_of(page, numbers["stays"]) == before["stays"]
    assert staying.get("/account/ratings.csv").text == kept
    for file in Path(page.database.removeprefix("sqlite://")).parent.glob("people.sqlite3*"):
        assert b"Emil Vanishing" not in file.read_bytes(), file.name


def rows_of(page: Page, number: int) -> dict[str, int]:
    """How many rows of every table belong to an account; tables without any are left out."""
    with page.opened() as database:
        there = sa.inspect(database.engine)
        tables = there.get_table_names()
        columns = {table: {column["name"] for column in there.get_columns(table)} for table in tables}
    counted = {
        table: page.rows(f"SELECT count(*) FROM {table} WHERE person_id = ?", number)[0][0]
        for table in tables
        if "person_id" in columns[table]
    }
    own_lists = "SELECT number FROM lists WHERE person_id = ?"
    counted["list_films"] = page.rows(f"SELECT count(*) FROM list_films WHERE list_number IN ({own_lists})", number)[0][
        0
    ]
    counted["accounts"] = page.rows("SELECT count(*) FROM accounts WHERE id = ?", number)[0][0]
    return {table: n_rows for table, n_rows in counted.items() if n_rows}


# ---- from guest to member


def kept_of(browser: Browser) -> tuple[dict[int, float], dict[int, str]]:
    """Ratings and marks of a member, by the number of the film in the data."""
    number_of = {key_of_title(f"Film {number} (19{60 + number})"): number for number in range(26)}
    said = json.loads(browser.get("/account/export.json").text)
    stars = {number_of[each["item_id"]]: each["stars"] for each in said["ratings"]}
    return stars, {number_of[each["item_id"]]: each["mark"] for each in said["marks"]}


def test_an_empty_account_takes_over_what_the_guest_of_this_browser_had_said(page):
    browser = page.member("Gita")
    guest = {"ratings": {"Film 8 (1968)": 4, "no such film": 5}, "marks": {"Film 10 (1970)": "later"}, "changes": []}
    page.arrive(browser, guest)
    assert kept_of(browser) == ({8: 4.0}, {10: "later"})
    page.arrive(browser, {"ratings": {"Film 12 (1972)": 1}}, session_hash="opened-again")
    assert kept_of(browser) == ({8: 4.0}, {10: "later"})


def test_an_account_with_a_mark_takes_nothing_over(page):
    browser = page.member("Hana")
    page.act(browser, do="hidden", film="Film 10 (1970)")
    page.arrive(browser, {"ratings": {"Film 12 (1972)": 1}})
    assert kept_of(browser) == ({}, {10: "hidden"})


def test_what_a_guest_says_stays_out_of_the_database(page):
    counts = [page.rows(f"SELECT count(*) FROM {table}") for table in ("ratings", "marks", "changes", "lists")]
    guest = page.visitor()
    page.arrive(guest, {"ratings": {"Film 12 (1972)": 1}})
    assert "3 stars" in page.act(guest, do="rate", film="Film 8 (1968)", stars=3).text
    assert counts == [page.rows(f"SELECT count(*) FROM {table}") for table in ("ratings", "marks", "changes", "lists")]
