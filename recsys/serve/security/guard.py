"""What every request passes first: other sites are strangers, bodies are bounded, sessions stay with whose they are.

Gradio lets a browser choose its session hash, under which the server keeps state and sends answers. Here a hash belongs
to the browser that used it first.
"""

import json
import logging
import os
from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from recsys.serve.address import ROOT_VARIABLE
from recsys.serve.security.bodies import API, BODY, BUSY, REST, Bodies, Cookies
from recsys.serve.security.cookies import VISITOR, new_visitor, owner
from recsys.serve.security.refusals import FOREIGN, refused
from recsys.serve.security.turns import Admission, Instead
from recsys.serve.security.visitors import digest

SESSION_IN_PATH = ("heartbeat", "stream", "call")  # a part of these paths names a session, or an event of one
CLOSED = ("upload", "upload_progress", "deep_link")  # what Gradio offers and the page does not use: they write files
MOST_SESSIONS = 20_000  # that are remembered, a few hundred bytes each
NO_SENSE = "This request made no sense here: see what the page itself, or its API, asks."
NOT_YOURS = "This page was opened by somebody else, or you signed in or out meanwhile: reload it."


class Guard:
    """Middleware around the whole page: Strangers, Bodies, Sessions, Admission and `shielded`, in this order."""

    def __init__(
        self,
        app: ASGIApp,
        is_signed: Callable[[Cookies], bool] = lambda cookies: True,
        instead: Instead = lambda body: None,
    ):
        """Args: is_signed: whether cookies have a session that was signed here. instead: as Admission has it."""

        async def page(scope: Scope, receive: Receive, send: Send) -> None:
            is_events = scope["type"] == "http" and scope["path"].startswith(API)
            await (shielded(app, scope, receive, send) if is_events else app(scope, receive, send))

        self.app = Strangers(Bodies(Sessions(Admission(page, instead)), is_signed))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request pass, or refuse it."""
        await self.app(scope, receive, send)


class Strangers:
    """Middleware: other sites' requests lose their cookies, new browsers get one, and some doors are closed.

    Cookies are no matter to the REST API either, so that nothing behind this knows who asks it.
    """

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request pass, or refuse it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope = as_stranger(scope) if is_foreign(scope) else scope
        scope = without_cookies(scope) if scope["path"].startswith(REST) else scope
        if scope["path"].startswith(tuple(API + name for name in CLOSED)):
            await refused(404, "This page has no such thing.")(scope, receive, send)
            return
        if scope["path"] == "/" and VISITOR not in HTTPConnection(scope).cookies:
            send = with_cookie(send, new_visitor(scope["scheme"] == "https"))
        await self.app(scope, receive, send)


class Sessions:
    """Middleware that lets nobody use the session of another."""

    def __init__(self, app: ASGIApp):
        self.app = app
        self._owners: OrderedDict[str, str] = OrderedDict()  # digest of a session hash -> digest of its owner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request pass, or refuse it."""
        if scope["type"] == "http" and scope["path"].startswith(API):
            try:
                sessions = [*sessions_named(scope, scope.get(BODY, b""))]
            except (ValueError, RecursionError):
                await refused(400, "Got what is not JSON, or a file; expected a JSON object.")(scope, receive, send)
                return
            who = digest(owner(HTTPConnection(scope).cookies))
            if not all(self._is_of(digest(session), who) for session in sessions):
                await refused(403, NOT_YOURS)(scope, receive, send)
                return
        await self.app(scope, receive, send)

    def _is_of(self, session: str, who: str) -> bool:
        """Whether a session is somebody's; who comes first has it."""
        first = self._owners.setdefault(session, who)
        self._owners.move_to_end(session)
        while len(self._owners) > MOST_SESSIONS:
            self._owners.popitem(last=False)
        return first == who


def is_foreign(scope: Scope) -> bool:
    """Whether a page of another site makes this request; programs that are no browser name no site."""
    origin = Headers(scope=scope).get("origin")
    if origin is None:
        return Headers(scope=scope).get("sec-fetch-site") == "cross-site" and scope["method"] != "GET"
    own = {Headers(scope=scope).get("host"), *os.environ.get("SPACE_HOST", "").split(",")}
    own.add(urlsplit(os.environ.get(ROOT_VARIABLE, "")).netloc)
    try:
        return urlsplit(origin).netloc not in own - {None, ""}
    except ValueError:  # it is no address
        return True


def as_stranger(scope: Scope) -> Scope:
    """The same request as another site's page makes it: without its cookies, and marked."""
    return {**without_cookies(scope), FOREIGN: True}


def without_cookies(scope: Scope) -> Scope:
    """The same request without its cookies."""
    return {**scope, "headers": [(name, value) for name, value in scope["headers"] if name.lower() != b"cookie"]}


def sessions_named(scope: Scope, body: bytes) -> Iterator[str]:
    """Yield the session hashes that a request to Gradio names, wherever in it.

    Raises:
        ValueError: the body is no JSON object, or there is a file in it.
        RecursionError: it is nested too deeply.
    """
    kind, *parts = scope["path"].removeprefix(API).strip("/").split("/")
    if kind in SESSION_IN_PATH and parts and scope["method"] != "POST":
        yield parts[0] if kind != "call" else parts[-1]
    query = parse_qs(scope["query_string"].decode("latin-1"))
    yield from (*query.get("session_hash", ()), *query.get("upload_id", ()))
    if body:
        said = json.loads(body, object_hook=no_file)
        if not isinstance(said, dict):
            raise ValueError
        for name in ("session_hash", "event_id"):
            if isinstance(said.get(name), str):
                yield said[name]


def no_file(said: dict[str, Any]) -> dict[str, Any]:
    """An object of JSON, unless Gradio would take it for a file, which it may fetch, and which nothing here takes."""
    if said.get("_type") == "gradio.FileData":
        raise ValueError
    return said


async def shielded(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Let Gradio answer; what it fails at, for lack of sense in the request, is refused in a sentence.

    Handlers of the page fail within an answer of Gradio, and their reasons are in the log.
    """
    started, failed = False, 0
    body = b""

    async def checked(message: Message) -> None:
        nonlocal started, failed, body
        if message["type"] == "http.response.start" and message["status"] >= 500:
            failed = message["status"]
        elif failed:
            body += message.get("body", b"")
        else:
            started = True
            await send(message)

    try:
        await app(scope, receive, checked)
    except Exception as error:
        failed = 500
        log = logging.getLogger(__name__)
        log.warning("A request for %s made no sense (%s).", ascii(scope["path"][:80]), type(error).__name__)
    if failed and started:
        await send({"type": "http.response.body", "body": b"", "more_body": False})
    elif failed == 503:  # the queue is full
        await refused(503, BUSY)(scope, receive, send)
    elif failed:
        await refused(400, sentence_of(body))(scope, receive, send)


def sentence_of(body: bytes) -> str:
    """The reason that Gradio gives, if it gives one."""
    try:
        said = json.loads(body)
    except ValueError:
        return NO_SENSE
    reason = said.get("error") if isinstance(said, dict) else None
    return reason if isinstance(reason, str) and reason else NO_SENSE


def with_cookie(send: Send, header: str) -> Send:
    """Add a cookie to the answer."""

    async def also(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).append("set-cookie", header)
        await send(message)

    return also
