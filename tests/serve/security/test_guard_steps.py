"""Each step of the guard by itself: strangers, bodies, sessions, and the shield around Gradio."""

import asyncio
import json

import pytest
from starlette.responses import JSONResponse, Response

from recsys.serve.security.bodies import (
    API,
    BODY,
    BROKE_OFF,
    BUSY,
    IMPORT,
    YOURS,
    BrokenOffError,
    TooLargeError,
    asks_whether_a_file_came,
    is_file,
    number_of_upload,
    refusal_of,
)
from recsys.serve.security.cookies import SESSION, VISITOR
from recsys.serve.security.refusals import FOREIGN
from recsys.serve.security.sessions import NOT_YOURS, Sessions, sessions_named
from recsys.serve.security.shares import NoRoomError, OwnRoomError
from recsys.serve.security.shield import NO_SENSE, Shield
from recsys.serve.security.strangers import Strangers


def scope_of(path="/", method="GET", headers=(), query="", **more):
    headers = [(name.encode(), value.encode()) for name, value in {"host": "films.example", **dict(headers)}.items()]
    scope = {"type": "http", "method": method, "path": path, "headers": headers, "query_string": query.encode()}
    return {**scope, "scheme": "http", "client": ("192.0.2.1", 1), **more}


def ask(app, scope):
    """Status, headers and body of an answer; also how often the answer ended."""
    messages = []

    async def send(message):
        messages.append(message)

    asyncio.run(app(scope, None, send))
    start, *bodies = messages
    n_ends = sum(not body.get("more_body", False) for body in bodies)
    headers = {name.decode(): value.decode() for name, value in start["headers"]}
    return start["status"], headers, b"".join(body.get("body", b"") for body in bodies), n_ends


class Reached:
    """A page that notes what reaches it."""

    def __init__(self, answer=None):
        self.scopes, self._answer = [], answer or Response("well")

    async def __call__(self, scope, receive, send):
        self.scopes.append(scope)
        await self._answer(scope, receive, send)


# ---- strangers


@pytest.mark.parametrize("path", ["/", "/a", "/account/sign-in", "/gradio_api/run/x", "/api/v1/films"])
@pytest.mark.parametrize("origin", [None, "http://films.example", "http://other.example", "null"])
def test_cookies_of_another_sites_request_and_of_programs_go_no_further(path, origin):
    page = Reached()
    headers = {"cookie": f"{SESSION}=ann"} | ({"origin": origin} if origin else {})
    ask(Strangers(page), scope_of(path, "POST", headers))
    (scope,) = page.scopes
    is_foreign = origin not in (None, "http://films.example")
    has_cookie = any(name == b"cookie" for name, _ in scope["headers"])
    assert scope.get(FOREIGN, False) == is_foreign
    assert has_cookie == (not is_foreign and not path.startswith("/api/"))


def test_what_is_no_request_passes_every_step_as_it_is():
    for step in (Strangers, Sessions, Shield):
        page = Reached(Response())
        asyncio.run(step(page)({"type": "lifespan"}, None, lambda message: asyncio.sleep(0)))
        assert page.scopes == [{"type": "lifespan"}]


# ---- sessions


@pytest.mark.parametrize(
    ("scope", "body", "named"),
    [
        (scope_of(f"{API}heartbeat/abc"), b"", ["abc"]),
        (scope_of(f"{API}stream/abc/1/2/playlist.m3u8"), b"", ["abc"]),
        (scope_of(f"{API}call/recommend/abc"), b"", ["abc"]),
        (scope_of(f"{API}call/v2/recommend/abc"), b"", ["abc"]),
        (scope_of(f"{API}call/recommend", "POST"), b'{"data": []}', []),
        (scope_of(f"{API}queue/data", query="session_hash=a&session_hash=b&upload_id=c"), b"", ["a", "b", "c"]),
        (scope_of(f"{API}queue/join", "POST"), b'{"session_hash": "a", "event_id": "b"}', ["a", "b"]),
        (scope_of(f"{API}queue/join", "POST"), b'{"session_hash": 7, "event_id": null}', []),
    ],
)
def test_every_place_that_names_a_session_is_looked_at(scope, body, named):
    assert [*sessions_named(scope, body)] == named


def test_a_session_that_another_browser_used_first_is_refused_and_does_not_reach_the_page():
    page = Reached()
    sessions = Sessions(page)
    statuses = []
    for cookie in (f"{SESSION}=ann", f"{SESSION}=ben", f"{VISITOR}=ann", "", f"{SESSION}=ann"):
        status, _, body, _ = ask(sessions, scope_of(f"{API}heartbeat/abc", headers={"cookie": cookie}))
        statuses.append(status)
        assert status == 200 or json.loads(body)["detail"] == NOT_YOURS
    assert statuses == [200, 403, 403, 403, 200]
    assert len(page.scopes) == 2


@pytest.mark.parametrize("body", [b"[]", b"{", b"3", b'{"data": [{"_type": "gradio.FileData"}]}', b"[" * 100_000])
def test_a_body_that_is_no_object_or_holds_a_file_does_not_reach_gradio(body):
    page = Reached()
    status, _, said, _ = ask(Sessions(page), scope_of(f"{API}queue/join", "POST", **{BODY: body}))
    assert (status, page.scopes) == (400, [])
    assert "expected a JSON object" in json.loads(said)["detail"]


# ---- bodies


@pytest.mark.parametrize(
    ("path", "reason", "status", "sentence"),
    [
        ("/a", BrokenOffError(), 400, BROKE_OFF),
        ("/a", TooLargeError(), 413, "Got more than 20,000 bytes; expected fewer."),
        (f"{API}queue/join", TooLargeError(), 413, "Got more than 400,000 bytes; expected fewer."),
        (IMPORT, TooLargeError(), 413, "Got more than 10,500,000 bytes; expected fewer."),
        ("/a", TimeoutError(), 408, "This took more than 15 s to get here, so nothing was kept: try again."),
        (IMPORT, TimeoutError(), 408, "This took more than 90 s to get here, so nothing was kept: try again."),
        ("/a", NoRoomError(), 503, BUSY),
        ("/a", OwnRoomError(), 503, BUSY),
        ("/api/v1/films", NoRoomError(), 503, BUSY),
        ("/api/v1/films", OwnRoomError(), 429, YOURS),
    ],
)
def test_a_body_that_cannot_be_read_is_refused_with_the_reason(path, reason, status, sentence):
    answer = refusal_of(path, reason)
    assert (answer.status_code, json.loads(answer.body)["detail"]) == (status, sentence)


def test_an_upload_is_told_from_others_by_its_number_and_by_who_sends_it():
    def number(path=IMPORT, cookie="ann", upload="1"):
        return number_of_upload(scope_of(path, "POST", {"cookie": f"{SESSION}={cookie}", "x-upload": upload}))

    assert len({number(), number(cookie="ben"), number(upload="2"), ""}) == 4
    assert number() == number()
    assert number(path="/account/register") == number_of_upload(scope_of(IMPORT, "POST")) == ""
    assert is_file(scope_of(IMPORT))
    assert [
        asks_whether_a_file_came(scope_of(IMPORT, how, query=asked))
        for how, asked in (("GET", "1"), ("GET", ""), ("POST", "1"))
    ] == [True, False, False]


# ---- the shield


async def fails(scope, receive, send):
    raise KeyError("no sense")


async def fails_midway(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"half", "more_body": True})
    raise KeyError("no sense")


@pytest.mark.parametrize(
    ("page", "status", "sentence"),
    [
        (fails, 400, NO_SENSE),
        (JSONResponse({"error": "A film is missing."}, 500), 400, "A film is missing."),
        (JSONResponse({"error": None}, 500), 400, NO_SENSE),
        (JSONResponse(["error"], 502), 400, NO_SENSE),
        (Response("Internal Server Error", 500), 400, NO_SENSE),
        (JSONResponse({"detail": "The queue is full."}, 503), 503, BUSY),
    ],
)
def test_what_gradio_fails_at_is_refused_in_a_sentence(page, status, sentence):
    found, _, body, n_ends = ask(Shield(page), scope_of(f"{API}run/x", "POST"))
    assert (found, json.loads(body)["detail"], n_ends) == (status, sentence, 1)


def test_an_answer_that_fails_midway_ends_once_and_what_succeeds_is_passed_on():
    assert ask(Shield(fails_midway), scope_of(f"{API}queue/data"))[::2] == (200, b"half")
    assert ask(Shield(fails_midway), scope_of(f"{API}queue/data"))[3] == 1
    assert ask(Shield(JSONResponse({"data": []}, 404)), scope_of(f"{API}run/x"))[0] == 404


def test_what_is_not_gradios_is_not_shielded():
    with pytest.raises(KeyError, match="no sense"):
        ask(Shield(fails), scope_of("/account/register"))
