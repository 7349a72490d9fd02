"""What every request passes first: other sites are strangers, sessions stay with whose they are, bodies are bounded.

Gradio lets a browser choose its session hash, under which the server keeps state and sends answers. Here a hash belongs
to the browser that used it first.
"""

import json
import logging
import os
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from recsys.ui.accounts.cookies import VISITOR, new_visitor, owner

API = "/gradio_api/"
SESSION_IN_PATH = ("heartbeat", "stream", "call")  # a part of these paths names a session, or an event of one
CLOSED = ("upload", "upload_progress", "deep_link")  # what Gradio offers and the page does not use: they write files
IMPORT = "/account/import"
MOST_BYTES = 1_000_000  # of a request's body
MOST_FILE_BYTES = 10_500_000  # of a file to import
MOST_SESSIONS = 20_000  # that are remembered
FOREIGN = "recsys.foreign"  # in the scope of a request that another site makes
NO_SENSE = "This request made no sense here: see what the page itself, or its API, asks."
NOT_YOURS = "This page was opened by somebody else, or you signed in or out meanwhile: reload it."


class Guard:
    """Middleware around the whole page."""

    def __init__(self, app: ASGIApp):
        self.app = app
        self._owners: OrderedDict[str, str] = OrderedDict()  # session hash -> owner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request pass, refuse it, or take its cookies away."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope = as_stranger(scope) if is_foreign(scope) else scope
        path = scope["path"]
        if path.startswith(tuple(API + name for name in CLOSED)):
            await refused(404, "This page has no such thing.")(scope, receive, send)
            return
        body = b""
        if scope["method"] not in ("GET", "HEAD", "OPTIONS"):
            limit = MOST_FILE_BYTES if path == IMPORT else MOST_BYTES
            read = await read_body(scope, receive, limit)
            if read is None:
                await refused(413, f"Got more than {limit:,} bytes; expected fewer.")(scope, receive, send)
                return
            body, receive = read, replay(read, receive)
        cookies = HTTPConnection(scope).cookies
        if path.startswith(API):
            try:
                sessions = [*sessions_named(scope, body)]
            except (ValueError, RecursionError):
                await refused(400, "Got what is not JSON, or a file; expected a JSON object.")(scope, receive, send)
                return
            if not all(self._is_of(session, owner(cookies)) for session in sessions):
                await refused(403, NOT_YOURS)(scope, receive, send)
                return
            await shielded(self.app, scope, receive, send)
            return
        if path == "/" and VISITOR not in cookies:
            send = with_cookie(send, new_visitor(scope["scheme"] == "https"))
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
    try:
        return urlsplit(origin).netloc not in own - {None, ""}
    except ValueError:  # it is no address
        return True


def as_stranger(scope: Scope) -> Scope:
    """The same request without its cookies."""
    headers = [(name, value) for name, value in scope["headers"] if name.lower() != b"cookie"]
    return {**scope, "headers": headers, FOREIGN: True}


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


async def read_body(scope: Scope, receive: Receive, limit: int) -> bytes | None:
    """The whole body; None if it is longer than the limit."""
    said = Headers(scope=scope).get("content-length", "0")
    if said.isdigit() and int(said) > limit:
        return None
    chunks, size, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] != "http.request":  # the browser is gone
            break
        chunks.append(message.get("body", b""))
        size, more = size + len(chunks[-1]), message.get("more_body", False)
        if size > limit:
            return None
    return b"".join(chunks)


def replay(body: bytes, receive: Receive) -> Receive:
    """Give a body that was read to whom it was meant for."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return waiting.pop() if waiting else await receive()

    return again


async def shielded(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Let Gradio answer; what it fails at, for lack of sense in the request, is refused in a sentence.

    Handlers of the page fail within an answer of Gradio, and their reasons are in the log.
    """
    started = failed = False
    body = b""

    async def checked(message: Message) -> None:
        nonlocal started, failed, body
        if message["type"] == "http.response.start" and message["status"] >= 500:
            failed = True
        elif failed:
            body += message.get("body", b"")
        else:
            started = True
            await send(message)

    try:
        await app(scope, receive, checked)
    except Exception as error:
        failed = True
        log = logging.getLogger(__name__)
        log.warning("A request for %s made no sense (%s).", ascii(scope["path"][:80]), type(error).__name__)
    if failed and started:
        await send({"type": "http.response.body", "body": b"", "more_body": False})
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


def refused(status: int, sentence: str) -> JSONResponse:
    """An answer that says why not, as Gradio's client and the forms of the page understand it."""
    return JSONResponse({"detail": sentence, "problem": sentence, "error": sentence}, status)
