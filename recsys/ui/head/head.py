"""The page's head: what a link to the page looks like elsewhere, and its icon, in place of Gradio's own."""

import os
import re
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from fastapi import APIRouter
from markupsafe import Markup
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import FileResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from recsys.serve.address import ROOT_VARIABLE, root_path
from recsys.serve.security.cookies import SESSION
from recsys.ui.head.gradio_files import links
from recsys.ui.head.kept_pages import KeptPages, SentPage, key_of, takes_gzip
from recsys.ui.head.settings import without_endpoints
from recsys.ui.markup import NOTHING

Welcoming = Callable[[], Awaitable[Markup]]

FOLDER = Path(__file__).parent
PICTURE, WIDTH, HEIGHT = "page-card.jpg", 1200, 630  # px
ICON = "favicon.svg"
SECONDS = 24 * 3600  # that a browser keeps them
SENTENCE = "Rate a few films, or name genres you like: get films worth watching, and see why. No account needed."
PICTURED = "A list of films with the stars that you might give to each."
THEIRS = re.compile(r'[<]meta\s+(?:property="og:|name="(?:twitter:|description"))[^>]*>\n?')
END = re.compile("<[/]head>")
HOST = re.compile(r"([\w.-]{1,253}|\[[0-9a-f:.]{2,45}\])(:\d{1,5})?", re.ASCII | re.IGNORECASE)


def head_router() -> APIRouter:
    """The routes of the picture and the icon, which no document of the API knows."""
    router = APIRouter(include_in_schema=False)

    def served(path: str, file: str) -> None:
        @router.api_route(path, methods=["GET", "HEAD"])
        def answer() -> Response:
            return FileResponse(FOLDER / file, headers={"cache-control": f"public, max-age={SECONDS}"})

    for path, file in ((PICTURE, PICTURE), (ICON, ICON), ("favicon.ico", ICON)):
        served(f"/{path}", file)
    return router


class Head:
    """Middleware around Gradio that puts the page's own tags into its HTML, takes Gradio's out, and keeps the HTML."""

    def __init__(self, app: ASGIApp, title: str, welcome: Welcoming | None = None):
        """Take the page.

        Args:
            app: what Gradio serves.
            title: of the page.
            welcome: makes what shows newcomers the first films; None: nothing does.
        """
        self.app, self._title, self._welcome = app, title, welcome
        self._pages = KeptPages()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let Gradio answer, and write the tags; or answer with what was written before."""
        if scope["type"] != "http" or scope["path"] != "/":
            await self.app(scope, receive, send)
            return
        welcome = await self._for(scope)
        key = key_of(scope, welcome)
        if kept := self._pages.of(key):
            await kept.send(send)
            return
        own = tags(self._title, address_of(scope)) + links() + welcome
        answer = Rewritten(send, own, takes_gzip(scope))
        await self.app(scope, receive, answer.send)
        if answer.page is not None:
            self._pages.keep(key, answer.page)

    async def _for(self, scope: Scope) -> Markup:
        """What shows the first films to whoever makes a request; nothing where that is a member."""
        if self._welcome is None or SESSION in HTTPConnection(scope).cookies:
            return NOTHING
        return await self._welcome()


class Rewritten:
    """An answer on its way, which is kept back until it is whole if it is HTML.

    Attributes:
        page: once it was sent, if it was the page; else None.
    """

    def __init__(self, send: Send, own: Markup, is_zipped: bool):
        self._send, self._own, self._is_zipped, self._body = send, own, is_zipped, b""
        self._start: Message | None = None
        self.page: SentPage | None = None

    async def send(self, message: Message) -> None:
        """Pass a message on, or keep it back."""
        if message["type"] == "http.response.start" and is_html(message):
            self._start = message
        elif self._start is None:
            await self._send(message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._finish(self._start)

    async def _finish(self, start: Message) -> None:
        page = SentPage.of(start, with_tags(self._body.decode(), self._own), self._is_zipped)
        await page.send(self._send, start["status"])
        self.page = page if start["status"] == 200 else None


def is_html(start: Message) -> bool:
    """Whether an answer that begins so is a document that can be rewritten."""
    headers = Headers(raw=start["headers"])
    return headers.get("content-type", "").startswith("text/html") and "content-encoding" not in headers


def with_tags(html: str, own: Markup) -> str:
    """A document with the page's own tags at the end of its head, and no others of their kind."""
    without = THEIRS.sub("", without_endpoints(html))
    return END.sub(lambda end: f"{own}{end[0]}", without, count=1)


def address_of(scope: Scope, environment: Mapping[str, str] = os.environ) -> str:
    """Where somebody sees the page, without a slash at its end; "" if a request does not say it."""
    if "://" in (root := environment.get(ROOT_VARIABLE, "")):
        return root.rstrip("/")
    host = Headers(scope=scope).get("host", "")
    return f"{scope['scheme']}://{host}{root_path(environment)}" if HOST.fullmatch(host) else ""


def tags(title: str, address: str) -> Markup:
    """The page's own tags.

    Args:
        title: of the page.
        address: where it is seen, without a slash at its end; "": it is not known, and links are relative.
    """
    return Markup(
        "<title>{title}</title>\n"
        '<link rel="icon" type="image/svg+xml" href="{icon}" />\n'
        '<meta name="description" content="{sentence}" />\n'
        '<meta property="og:type" content="website" />\n'
        '<meta property="og:title" content="{title}" />\n'
        '<meta property="og:description" content="{sentence}" />\n'
        '<meta property="og:url" content="{address}/" />\n'
        '<meta property="og:image" content="{address}/{picture}" />\n'
        '<meta property="og:image:type" content="image/jpeg" />\n'
        '<meta property="og:image:width" content="{width}" />\n'
        '<meta property="og:image:height" content="{height}" />\n'
        '<meta property="og:image:alt" content="{pictured}" />\n'
        '<meta name="twitter:card" content="summary_large_image" />\n'
        '<meta name="twitter:title" content="{title}" />\n'
        '<meta name="twitter:description" content="{sentence}" />\n'
        '<meta name="twitter:image" content="{address}/{picture}" />\n'
    ).format(
        title=title,
        icon=ICON,
        sentence=SENTENCE,
        address=address,
        picture=PICTURE,
        width=WIDTH,
        height=HEIGHT,
        pictured=PICTURED,
    )
