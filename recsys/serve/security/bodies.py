"""Bodies of requests: read whole or not at all, and no more of them at once than there is room for."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Match, Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from recsys.serve.security.refusals import FOREIGN, refused
from recsys.serve.security.shares import NoRoomError, OwnRoomError, Room, Shares
from recsys.serve.security.visitors import Visitor, digest

API = "/gradio_api/"
REST = "/api/"
ANSWERS = REST + "v1/"  # what takes work
TITLES = "/titles"  # what the page's fields look up
IMPORT = "/account/import"
READ = "/account/read"  # a guest's file, of which nothing is kept here
FILE_PATHS = (IMPORT, READ)
BODY = "recsys.body"  # in the scope of a request whose body was read
WITHOUT_BODY = ("GET", "HEAD", "OPTIONS")
MOST_BYTES = 20_000  # of what a form asks
MOST_EVENT_BYTES = 400_000  # of an event of the page: a guest's 2,000 ratings and 2,000 marks
MOST_FILE_BYTES = 10_500_000  # of a file to import
MOST_READ_BYTES = 3_000_000  # of one that a guest sends
SECONDS, FILE_SECONDS = 15.0, 90.0  # for a body to come
NOBODY = "You are not signed in: sign in first."
BUSY = "Too many people do something at this moment: try again."
MOST_OF_VISITOR = 8  # requests that are worked at, or wait
YOURS = (
    f"Got too many requests from your address at once; expected up to {MOST_OF_VISITOR}: wait for an answer, then try "
    "again."
)
BROKE_OFF = "The upload broke off, so nothing was kept: try again."
UPLOAD = "x-upload"  # a header by which a browser can ask later whether a file came whole
MOST_UPLOADS = 10_000  # that are remembered
MOST_PATHS, LONGEST_PATH = 1_000, 200  # of which it is remembered that there is a route

Cookies = Mapping[str, str]


class BrokenOffError(Exception):
    """The connection ended before the body did."""


class TooLargeError(Exception):
    """The body has more bytes than it may have."""


BYTES = Room(24_000_000, 12_000_000, 4_000_000)
FILES = Room(6, 4, 2)  # each may be of MOST_FILE_BYTES; who begins anew may be faster than the end of the first
GUEST_FILES = Room(4, 2, 2)  # so that guests keep no member waiting


class Uploads:
    """Which files came whole. Who asks for one that did not, and is told so, can rely on it: it is not taken later."""

    def __init__(self) -> None:
        self._came: OrderedDict[str, bool] = OrderedDict()

    def is_taken(self, visitor: Visitor, upload: str | None) -> bool:
        """A file came whole; False if its sender was told that it did not."""
        return upload is None or self._first(visitor, upload, True)

    def came(self, visitor: Visitor, upload: str) -> bool:
        """Whether a file came whole."""
        return self._first(visitor, upload, False)

    def _first(self, visitor: Visitor, upload: str, came: bool) -> bool:
        """What was first found out about a file."""
        found = self._came.setdefault(digest(f"{visitor.who} {upload}"), came)
        if len(self._came) > MOST_UPLOADS:
            self._came.popitem(last=False)
        return found


class Reading:
    """A body that is being read, and that gives up where its sender has begun anew.

    Attributes:
        limit: of its time, while it is read.
    """

    def __init__(self) -> None:
        self.limit: asyncio.Timeout | None = None
        self._ended = asyncio.Event()

    def end(self) -> None:
        """It has given its room back."""
        self._ended.set()

    async def give_up(self) -> None:
        """End it now, and wait until it has."""
        with suppress(RuntimeError):  # it was read
            if self.limit is not None:
                self.limit.reschedule(0)
        await self._ended.wait()


class Bodies:
    """Middleware that reads a body before the page sees the request.

    What no route takes is not read, nor is a file to keep of somebody who is not signed in. A body that breaks off, is
    too large or takes too long never reaches the page.
    """

    def __init__(self, app: ASGIApp, is_signed: Callable[[Cookies], bool] = lambda cookies: True):
        """Take the page; `is_signed` says whether cookies have a session that was signed here."""
        self.app, self._is_signed = app, is_signed
        self._bytes, self._files, self._guest_files = Shares(BYTES), Shares(FILES), Shares(GUEST_FILES)
        self._uploads = Uploads()
        self._readings: dict[str, Reading] = {}  # of files that have a number, by who sends them
        self._routed: set[tuple[str, str, str]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the body and pass the request on, or refuse it."""
        if asks_whether_a_file_came(scope):
            came = self._uploads.came(Visitor.of(scope), scope["query_string"].decode("latin-1"))
            await JSONResponse({"came": came}, headers={"cache-control": "no-store"})(scope, receive, send)
        elif not self._is_to_be_read(scope):
            await self.app(scope, receive, send)  # which does not read it
        elif scope["path"] == IMPORT and not await run_in_threadpool(self._is_signed, HTTPConnection(scope).cookies):
            await refused(400, NOBODY)(scope, receive, send)
        else:
            await self._read(scope, receive, send)

    def _is_to_be_read(self, scope: Scope) -> bool:
        """Whether a request has a body that a route takes; a file that another site sends is refused unread."""
        if scope["type"] != "http" or scope["method"] in WITHOUT_BODY or not self._is_taken(scope):
            return False
        return not (is_file(scope) and scope.get(FOREIGN))

    async def _read(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the body whole, and pass it on while the room that it takes is held; or refuse it."""
        visitor, number = Visitor.of(scope), number_of_upload(scope)
        while earlier := self._readings.get(number):  # a browser sends again before a break is noticed here
            await earlier.give_up()
        with self._under_way(number) as reading, self._room(scope["path"], visitor) as take:
            try:
                async with asyncio.timeout(seconds_of(scope["path"])) as reading.limit:
                    body = await whole_body(scope, receive, most_of(scope["path"]), take)
                if is_file(scope) and not self._uploads.is_taken(visitor, Headers(scope=scope).get(UPLOAD)):
                    raise BrokenOffError
            except (BrokenOffError, TooLargeError, NoRoomError, TimeoutError) as reason:
                await refusal_of(scope["path"], reason)(scope, receive, send)
            else:
                await self.app({**scope, BODY: body}, replay(body, receive), send)

    @contextmanager
    def _under_way(self, number: str) -> Iterator[Reading]:
        """A reading that a file of the same number, sent once more, ends; "": that nothing does."""
        this = Reading()
        if number:
            self._readings[number] = this
        try:
            yield this
        finally:
            self._readings.pop(number, None)
            this.end()

    def _is_taken(self, scope: Scope) -> bool:
        """As is_taken, which takes as long as half of a refusal, and finds the same each time."""
        asked = scope["method"], scope.get("root_path", ""), scope["path"]
        if asked in self._routed:
            return True
        found = is_taken(scope)
        if found and len(self._routed) < MOST_PATHS and len(scope["path"]) <= LONGEST_PATH:
            self._routed.add(asked)
        return found

    def _room(self, path: str, visitor: Visitor) -> AbstractContextManager[Callable[[int], None]]:
        """Room for a body that a visitor sends to a path."""
        files = {IMPORT: self._files, READ: self._guest_files}.get(path)
        return self._room_of_bytes(visitor) if files is None else room_of_file(files, visitor)

    @contextmanager
    def _room_of_bytes(self, visitor: Visitor) -> Iterator[Callable[[int], None]]:
        """Room for other bodies, which are counted by their bytes."""
        taken = 0

        def take(n_bytes: int) -> None:
            nonlocal taken
            self._bytes.take(visitor, n_bytes)
            taken += n_bytes

        try:
            yield take
        finally:
            self._bytes.give_back(visitor, taken)


@contextmanager
def room_of_file(files: Shares, visitor: Visitor) -> Iterator[Callable[[int], None]]:
    """Room for a file, which is counted as one, as long as its request goes on.

    Args:
        files: how many everybody has.
        visitor: whose it is.
    """
    taken = 0

    def take(n_bytes: int) -> None:
        nonlocal taken
        if not taken:
            files.take(visitor, 1)
            taken = 1

    try:
        yield take
    finally:
        files.give_back(visitor, taken)


def asks_whether_a_file_came(scope: Scope) -> bool:
    """Whether a browser asks, by the number of an upload, if its file came whole."""
    is_question = scope["type"] == "http" and scope["method"] == "GET" and is_file(scope)
    return is_question and bool(scope["query_string"])


def is_file(scope: Scope) -> bool:
    """Whether the body of a request is a file with ratings."""
    return scope["path"] in FILE_PATHS


def number_of_upload(scope: Scope) -> str:
    """What a file and the same file, sent once more, have in common; "" for what has no number."""
    upload = Headers(scope=scope).get(UPLOAD)
    return digest(f"{Visitor.of(scope).who} {upload}") if is_file(scope) and upload is not None else ""


def seconds_of(path: str) -> float:
    """How many seconds a body for a path may take to come."""
    return FILE_SECONDS if path in FILE_PATHS else SECONDS


def most_of(path: str) -> int:
    """How many bytes a request for a path may have."""
    if path in FILE_PATHS:
        return MOST_FILE_BYTES if path == IMPORT else MOST_READ_BYTES
    return MOST_EVENT_BYTES if path.startswith((API, REST)) else MOST_BYTES


def too_large(most: int) -> str:
    """What is said of a body of more bytes than it may have."""
    return f"Got more than {most:,} bytes; expected fewer."


def too_slow(seconds: float) -> str:
    """What is said of a body that takes more seconds than it may."""
    return f"This took more than {seconds:g} s to get here, so nothing was kept: try again."


def refusal_of(path: str, reason: Exception) -> JSONResponse:
    """What is said to a request for a path whose body could not be read.

    Args:
        path: of the request.
        reason: BrokenOffError, TooLargeError, NoRoomError or TimeoutError.
    """
    if isinstance(reason, NoRoomError):
        return no_room(path, reason)
    if isinstance(reason, TooLargeError):
        return refused(413, too_large(most_of(path)))
    if isinstance(reason, TimeoutError):
        return refused(408, too_slow(seconds_of(path)))
    return refused(400, BROKE_OFF)  # nobody is there to hear it, but for who only ended to send


def no_room(path: str, reason: NoRoomError) -> JSONResponse:
    """What is said to a request for which there is no room; programs are told whether they are to ask less."""
    is_own = path.startswith(REST) and isinstance(reason, OwnRoomError)
    return refused(429, YOURS) if is_own else refused(503, BUSY)


def is_taken(scope: Scope) -> bool:
    """Whether there is a route for a request, so that its body would be read; a slash at the end is no matter."""
    routes = getattr(scope.get("app"), "routes", None)
    other = scope["path"].rstrip("/") + "/" * (not scope["path"].endswith("/"))
    return routes is None or any(has_route({**scope, "path": path}, routes) for path in (scope["path"], other))


def has_route(scope: Scope, routes: Iterable[BaseRoute]) -> bool:
    """Whether one of the routes, or of those mounted there, is for a request."""
    for route in routes:
        match, child = route.matches(scope)
        if match is Match.FULL:
            inner = getattr(route.app, "routes", None) if isinstance(route, Mount) else None
            return inner is None or has_route({**scope, **child}, inner)
    return False


async def whole_body(scope: Scope, receive: Receive, most: int, take: Callable[[int], None]) -> bytes:
    """The whole body.

    Args:
        most: bytes that it may have.
        take: makes room for so many more bytes.

    Raises:
        BrokenOffError: the connection ended before it, or it is not as long as it was said to be.
        TooLargeError: it is longer than `most`.
        NoRoomError: from `take`.
    """
    said = Headers(scope=scope).get("content-length")
    expected = int(said) if said is not None and said.isdecimal() else None
    if expected is not None and expected > most:
        raise TooLargeError
    take(0)
    body, more = bytearray(), True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            raise BrokenOffError
        chunk, more = message.get("body", b""), message.get("more_body", False)
        if len(body) + len(chunk) > most:
            raise TooLargeError
        take(len(chunk))
        body += chunk
    if expected is not None and len(body) != expected:
        raise BrokenOffError
    return bytes(body)


def replay(body: bytes, receive: Receive) -> Receive:
    """Give a body that was read to whom it was meant for."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return waiting.pop() if waiting else await receive()

    return again
