"""Other sites are strangers: which requests they make, and what is taken from these."""

import os
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from recsys.serve.address import ROOT_VARIABLE
from recsys.serve.security.bodies import API, REST
from recsys.serve.security.cookies import VISITOR, new_visitor
from recsys.serve.security.refusals import FOREIGN, refused

CLOSED = ("upload", "upload_progress", "deep_link")  # what Gradio offers and the page does not use: they write files


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


def with_cookie(send: Send, header: str) -> Send:
    """Add a cookie to the answer."""

    async def also(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).append("set-cookie", header)
        await send(message)

    return also
