"""Who is at the page: cookies, the guard before every request, the store in the background, and what they are shown."""

import json
import re
import socket
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from recsys.errors import DataError
from recsys.serve.accounts.guest_shelf import GuestShelf
from recsys.serve.accounts.members import NOT_LASTING, OPENING, OUT_OF_REACH, Members, default_place
from recsys.serve.accounts.shelf import Shelves
from recsys.serve.address import listening
from recsys.serve.security import bodies, cookies, sessions
from recsys.serve.security.cookies import SESSION, VISITOR, SessionCookie, forgotten, new_visitor, owner
from recsys.serve.security.guard import Guard
from recsys.serve.security.refusals import FOREIGN
from recsys.serve.security.sessions import NOT_YOURS
from recsys.store import Consent, OpenedList, ShownFilm, ShownList, UnavailableError, open_store
from recsys.ui.account import consent
from recsys.ui.account.bar import bar_for
from recsys.ui.my_films import cards as yours_cards
from recsys.ui.my_films import history

MARKUP = "<img src=x onerror=alert(1)>"
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

# ---- cookies


def test_a_cookie_is_for_this_page_only_and_not_for_scripts():
    assert forgotten(False) == "movie-vae-session=; Path=/; HttpOnly; Max-Age=0; SameSite=Lax"
    assert new_visitor(True).endswith("; Path=/; HttpOnly; SameSite=Lax; Secure")
    header = SessionCookie(lambda: b"key").header("token", 60, True)
    assert header.endswith("; Path=/; HttpOnly; Max-Age=60; SameSite=Lax; Secure")


def test_the_key_of_cookies_is_asked_for_until_it_is_known_and_then_no_more():
    asked = []

    def key():
        asked.append("asked")
        if len(asked) == 1:
            raise UnavailableError("db", "no", "do this")
        return b"key"

    cookie = SessionCookie(key)
    with pytest.raises(UnavailableError, match="Accounts cannot be reached"):
        cookie.token({SESSION: "x"})
    for _ in range(3):
        assert cookie.token({SESSION: cookie.header("token", 60, False).partition(";")[0].partition("=")[2]}) == "token"
    assert len(asked) == 2


@pytest.mark.parametrize("cookies", [{}, {SESSION: ""}, {VISITOR: "x"}])
def test_whoever_has_no_session_has_a_shelf_without_the_store(cookies):
    class Nowhere:
        def __getattr__(self, name):
            raise AssertionError(f"asked for {name}")

    shelves = Shelves(Nowhere(), SessionCookie(lambda: Nowhere().secret))
    request = SimpleNamespace(cookies=cookies)
    assert shelves.person(request) is None
    assert isinstance(shelves.of(None, {}, request), GuestShelf)


def test_on_a_space_which_is_a_frame_a_cookie_is_kept_apart_for_each_framing_site(monkeypatch):
    monkeypatch.setenv("SPACE_ID", "someone/films")
    assert forgotten(False).endswith("; HttpOnly; Max-Age=0; SameSite=None; Secure; Partitioned")


def test_guests_are_told_apart_by_a_random_cookie_and_members_by_their_session():
    assert new_visitor(False) != new_visitor(False)
    assert owner({SESSION: "a", VISITOR: "b"}) == owner({SESSION: "a", VISITOR: "c"}) != owner({SESSION: "b"})
    assert owner({VISITOR: "b"}) not in (owner({SESSION: "b"}), owner({VISITOR: "c"}), "")
    assert owner({}) == owner({"other": "c"}) == ""


# ---- the guard


async def echo(request: Request) -> JSONResponse:
    body = (await request.body()).decode()
    return JSONResponse({"cookies": request.cookies, "foreign": request.scope.get(FOREIGN, False), "body": body})


@pytest.fixture
def client():
    app = Starlette(routes=[Route("/{path:path}", echo, methods=["GET", "POST"])])
    app.add_middleware(Guard)
    return TestClient(app, base_url="http://films.example", headers={"cookie": f"{SESSION}=ann"})


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://films.example.evil.example", "http://x"])
def test_another_site_is_a_stranger(client, origin):
    for said in (client.post("/a", headers={"origin": origin}), client.get("/a", headers={"origin": origin})):
        assert said.json()["cookies"] == {}
        assert said.json()["foreign"]
    forged = {"origin": origin, "x-forwarded-host": origin.partition("://")[2]}
    assert client.post("/a", headers=forged).json()["foreign"]


def test_the_page_itself_and_what_is_no_browser_is_no_stranger(client, monkeypatch):
    for headers in ({"origin": "http://films.example"}, {"origin": "https://films.example"}, {}):
        assert client.post("/a", headers=headers).json()["cookies"] == {SESSION: "ann"}
    assert client.post("/a", headers={"sec-fetch-site": "cross-site"}).json()["foreign"]
    assert not client.get("/a", headers={"sec-fetch-site": "cross-site"}).json()["foreign"]  # somebody follows a link
    monkeypatch.setenv("SPACE_HOST", "films.org,someone-films.hf.space")
    assert not client.post("/a", headers={"origin": "https://someone-films.hf.space"}).json()["foreign"]


def joining(session):
    return "/gradio_api/queue/join", json.dumps({"session_hash": session, "data": []})


def test_a_session_belongs_to_the_browser_that_used_it_first(client):
    path, body = joining("abc")
    assert client.post(path, content=body).json()["body"] == body
    others = ({"cookie": f"{SESSION}=ben"}, {"cookie": ""}, {"cookie": f"{VISITOR}=ann"}, {"origin": "http://x"})
    for headers in others:
        said = client.post(path, content=body, headers=headers)
        assert (said.status_code, said.json()["detail"]) == (403, NOT_YOURS)
        for asked in (
            "/gradio_api/queue/data?session_hash=abc",
            "/gradio_api/heartbeat/abc",
            "/gradio_api/stream/abc/1/2/playlist.m3u8",
            "/gradio_api/call/recommend/abc",
            "/gradio_api/call/v2/recommend/abc",
        ):
            assert client.get(asked, headers=headers).status_code == 403
    assert client.get("/gradio_api/queue/data?session_hash=abc").status_code == 200
    assert client.get("/gradio_api/queue/data?session_hash=new", headers=others[0]).status_code == 200


def test_so_many_sessions_are_remembered_and_no_more(client, monkeypatch):
    monkeypatch.setattr(sessions, "MOST_SESSIONS", 3)
    for session in ("a", "b", "c", "d"):
        client.post(joining(session)[0], content=joining(session)[1])
    statuses = [
        client.post(joining(session)[0], content=joining(session)[1], headers={"cookie": ""}).status_code
        for session in ("d", "a")
    ]
    assert statuses == [403, 200]


@pytest.mark.parametrize("body", ["", "[]", "3", "{", "null", "[" * 100_000, '{"a": ' * 50_000, "\xff"])
def test_what_gradio_could_not_read_is_refused_or_left_to_it(client, body):
    said = client.post("/gradio_api/queue/join", content=body.encode("latin-1"))
    assert said.status_code == (200 if not body else 400)


def test_bodies_are_bounded_whether_or_not_they_say_how_long_they_are(client, monkeypatch):
    monkeypatch.setattr(bodies, "MOST_BYTES", 1000)
    monkeypatch.setattr(bodies, "MOST_FILE_BYTES", 2000)
    chunks = (b"x" * 100 for _ in range(11))
    assert client.post("/a", content=b"x" * 1000).status_code == 200
    assert client.post("/a", content=b"x" * 1001).status_code == 413
    assert client.post("/a", content=chunks).status_code == 413
    assert client.post("/account/import", content=b"x" * 2000).status_code == 200
    assert client.post("/account/import", content=b"x" * 2001).status_code == 413


@pytest.mark.parametrize("path", ["upload", "upload/", "upload_progress?upload_id=x", "deep_link?session_hash=x"])
def test_what_writes_files_is_closed(client, path):
    assert client.post(f"/gradio_api/{path}", content=b"x").status_code == 404
    assert client.get(f"/gradio_api/{path}").status_code == 404


def test_a_new_browser_gets_a_cookie_with_the_page(client):
    assert client.get("/").headers["set-cookie"].startswith(VISITOR)
    assert "set-cookie" not in client.get("/", headers={"cookie": f"{VISITOR}=x"}).headers
    assert "set-cookie" not in client.get("/theme.css").headers


# ---- the store in the background


def opened(members):
    members.start()
    members._thread.join()
    return members


def test_without_a_store_people_are_told_so_the_log_why_and_there_is_another_attempt_later(
    tmp_path, monkeypatch, caplog
):
    outcomes = [UnavailableError("db", "no", "do this"), OSError("read-only"), ValueError("bug")]

    def open_():
        if outcomes:
            raise outcomes.pop(0)
        return open_store(tmp_path / "people.sqlite3")

    members = Members(open_)
    with pytest.raises(DataError, match=f"{OPENING}|{OUT_OF_REACH}"):
        members.person("token")
    assert members.person(None) is None
    reasons = ["db: no; do this", "folder of the accounts cannot be made (read-only)", "opened (ValueError)"]
    for reason in reasons:
        with pytest.raises(DataError, match=f"^{re.escape(OUT_OF_REACH)}$"):
            print(opened(members).store)
        assert reason in caplog.text
        assert len(outcomes) == 3 - reasons.index(reason) - 1
        members.start()  # too early
        assert not members._thread.is_alive()
        monkeypatch.setattr(members, "_failed_at", -1e9)
    assert opened(members).store.is_file
    assert members.problem is None
    members.store.close()


def test_on_a_space_a_file_does_not_last_and_the_page_says_so(tmp_path, monkeypatch):
    def members():
        return opened(Members(lambda: open_store(tmp_path / "people.sqlite3")))

    assert members().warning == ""
    monkeypatch.setenv("SPACE_ID", "someone/films")
    assert members().warning == NOT_LASTING
    assert "people.sqlite3" in str(default_place())


def test_a_page_that_could_not_open_its_accounts_at_first_warns_as_well(tmp_path, monkeypatch):
    monkeypatch.setenv("SPACE_ID", "someone/films")
    members = Members(lambda: open_store(tmp_path / "people.sqlite3"))
    assert members.warning == ""  # as long as it is not known
    assert opened(members).warning == NOT_LASTING


# ---- what is shown


def test_names_and_sentences_are_escaped_everywhere():
    for shown in (bar_for(MARKUP), bar_for(MARKUP, own=False), bar_for(None, MARKUP, MARKUP), bar_for(MARKUP, MARKUP)):
        assert "<img" not in shown
        assert "&lt;img" in shown
    assert "<img" not in yours_cards.own(MARKUP, True, Consent(None, None), MARKUP)


def test_who_has_no_password_here_is_not_asked_for_one():
    assert "change-password" in bar_for("Ann")
    assert "change-password" not in bar_for("Ann", own=False)
    assert "account/huggingface" in bar_for(None, hugging_face=True)
    assert "account/huggingface" not in bar_for(None)


def test_who_registers_is_asked_and_no_answer_is_chosen_for_them():
    form = bar_for(None).partition('data-name="register"')[2]
    assert re.findall(r'<input type="radio" name="consent" value="(\w+)">', form) == ["yes", "no"]
    assert consent.QUESTION in form
    assert "No answer counts as no." in form
    assert "radio" not in bar_for("Ann")


ANSWERED = [
    (Consent(None, None), ["false", "false"], "You have not answered yet, which counts as no."),
    (Consent(True, NOON), ["true", "false"], "You said yes on 1 Mar 2026."),
    (Consent(False, NOON), ["false", "true"], "You said no on 1 Mar 2026."),
]


@pytest.mark.parametrize(("kept", "pressed", "words"), ANSWERED)
def test_a_member_sees_the_last_answer_and_who_has_given_none_is_asked_first(kept, pressed, words):
    shown = yours_cards.own("Ann", True, kept, "")
    assert re.findall(r'data-consent="\w+" aria-pressed="(\w+)"', shown) == pressed
    assert words in shown
    assert (shown.index(consent.QUESTION) < shown.index("Take it with you")) == (kept.agrees is None)


def test_the_cookie_of_a_session_that_has_ended_is_forgotten():
    assert " data-ended>" in bar_for(None, ended=True)
    assert "data-ended" not in bar_for(None, "The database is out of reach.") + bar_for("Ann")


REQUESTS = [
    ("for you", {"adventure": 0}, "For you"),
    ("for you", {"adventure": 0.4}, "For you · 40% adventurous"),
    ("genres", {"genres": ["War", "A"], "period": "1990s", "loved": ["X"]}, "By genre · War, A · 1990s · like X"),
    ("new kind", {"genres": 3, "adventure": "x", "loved": None, "period": None}, "new kind"),
]


@pytest.mark.parametrize(("kind", "request_", "words"), REQUESTS, ids=[words for *_, words in REQUESTS])
def test_a_list_is_called_by_what_was_asked_for(kind, request_, words):
    assert history.in_words(kind, request_) == words


def shown_list(**changed):
    values = {"id": "x1", "shown_at": NOON, "dataset": "films", "model": MARKUP, "version": MARKUP, "kind": MARKUP}
    return ShownList(**{**values, "request": {"genres": [MARKUP]}, "n_films": 2, **changed})


def test_lists_are_shown_escaped_and_with_what_became_of_films_that_are_not_here():
    films = (ShownFilm(1, 4.25, 3.0, None), ShownFilm(2, None, None, "hidden"), ShownFilm(3, 4.0, 1.0, "later"))
    titles = {("films", 1): MARKUP, ("films", 3): "Heat (1995)"}
    found = OpenedList(shown_list(), films)
    shown = history.opened(found, history.elsewhere(found, titles))
    assert "<img" not in shown + history.overview([shown_list(first=(1, 3))], titles, True, 20)
    assert "★ 4.2 expected · you gave 3 stars" in shown
    assert "★ 4.0 expected · you gave 1 star · to watch later" in shown
    assert "not interested" not in shown  # nobody knows which film that was
    assert "nor is it known what they are called" in history.elsewhere(found, {})


def test_a_list_is_called_by_its_first_films_as_far_as_they_are_known():
    titles = {("films", 1): "Heat (1995)", ("films", 3): "Fargo (1996)"}
    listed = shown_list(kind="for you", request={}, first=(1, 2, 3))
    assert history.first_films(replace(listed, n_films=10), titles) == "Heat (1995), Fargo (1996) …"
    assert history.first_films(replace(listed, n_films=2), titles) == "Heat (1995), Fargo (1996)"
    assert history.first_films(listed, {}) == "For you"


def test_the_first_list_of_a_day_stands_below_it():
    lists = [shown_list(id=f"x{at}", shown_at=NOON - timedelta(hours=9 * at)) for at in range(4)]
    shown = history.overview(lists, {}, True, 20)
    assert re.findall(r'class="day"( hidden)?>', shown) == ["", " hidden", "", " hidden"]


def beside(*models, minutes=0):
    return [
        shown_list(id=model, model=model, kind="side by side", shown_at=NOON - timedelta(minutes=minutes))
        for model in models
    ]


def test_lists_of_models_side_by_side_are_together_and_no_others():
    entries = [
        *beside("a", "b", "c"),
        *beside("a", minutes=5),
        *beside("d", minutes=20),
        shown_list(id="e", model="e", kind="for you", shown_at=NOON - timedelta(minutes=20)),
        *beside("f", minutes=20),
    ]
    together = [[shown.id for shown in entry] for entry in history.together(entries)]
    assert together == [["a", "b", "c"], ["a"], ["d"], ["e"], ["f"]]


def test_older_lists_are_offered_where_a_page_is_full():
    two = [shown_list(), shown_list(id="x2")]
    assert 'data-before="x2"' in history.overview(two, {}, True, 2)
    assert "data-before" not in history.overview(two, {}, True, 3)
    assert "data-newest" in history.overview(two, {}, False, 3)
    assert "There are no older lists" in history.overview([], {}, False, 3)
    assert "every list of films that you are shown is kept here" in history.overview([], {}, True, 3)


# ---- where it listens


def test_a_port_that_is_in_use_is_refused_in_a_sentence_and_without_one_the_next_is_taken():
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        with pytest.raises(DataError, match=f"cannot listen on 127.0.0.1, port {port} .*; set GRADIO_SERVER_NAME"):
            listening("127.0.0.1", str(port))
    for nonsense in ("x", "-1", "70000", "1.5"):
        with pytest.raises(DataError, match=f"GRADIO_SERVER_PORT: got '{nonsense}'; expected a port"):
            listening("127.0.0.1", nonsense)
    with listening("127.0.0.1", None) as first, listening("127.0.0.1", None) as second:
        assert first.getsockname()[1] < second.getsockname()[1]
    assert cookies.LONGEST > 100
