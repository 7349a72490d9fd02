"""Bodies of requests: read whole or not at all, and no more of them at once than there is room for."""

import asyncio
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Match, Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from recsys.serve.security.refusals import FOREIGN, refused
from recsys.serve.security.visitors import Visitor, digest

API = "/gradio_api/"
REST = "/api/"
ANSWERS = REST + "v1/"  # what takes work
IMPORT = "/account/import"
BODY = "recsys.body"  # in the scope of a request whose body was read
WITHOUT_BODY = ("GET", "HEAD", "OPTIONS")
MOST_BYTES = 20_000  # of what a form asks
MOST_EVENT_BYTES = 400_000  # of an event of the page: a guest's 2,000 ratings and 2,000 marks
MOST_FILE_BYTES = 10_500_000  # of a file to import
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


class NoRoomError(Exception):
    """There are more bodies already than there is room for."""


class OwnRoomError(NoRoomError):
    """There are more of one visitor, or of one address, than these may have."""


@dataclass(frozen=True)
class Room:
    """What bodies may take at once: in all, of one address, of one visitor."""

    in_all: int
    of_address: int
    of_visitor: int


BYTES = Room(24_000_000, 12_000_000, 4_000_000)
FILES = Room(6, 4, 2)  # each may be of MOST_FILE_BYTES; who begins anew may be faster than the end of the first


class Shares:
    """How much of something everybody has, so that nobody has too much."""

    def __init__(self, room: Room):
        self._room, self._taken = room, Counter[str]()

    def take(self, visitor: Visitor, amount: int) -> None:
        """Have so much more; NoRoomError, and nothing is taken, if that is too much.

        It is an OwnRoomError where the visitor or the address has too much, and others still have room.
        """
        room, keys = self._room, keys_of(visitor)
        for key, most in zip(keys, (room.in_all, room.of_address, room.of_visitor), strict=True):
            if self._taken[key] + amount > most:
                raise OwnRoomError if key else NoRoomError
        for key in keys:
            self._taken[key] += amount

    def give_back(self, visitor: Visitor, amount: int) -> None:
        """Have so much less."""
        for key in keys_of(visitor):
            self._taken[key] -= amount
            if not self._taken[key]:
                del self._taken[key]

    def __len__(self) -> int:
        """How many visitors and addresses have something."""
        return len(self._taken)


def keys_of(visitor: Visitor) -> tuple[str, str, str]:
    """What is counted: all, the address, the visitor."""
    return "", f"address {visitor.address}", f"visitor {visitor.who}"


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

    What no route takes is not read, nor is a file of somebody who is not signed in. A body that breaks off, is too
    large or takes too long never reaches the page.
    """

    def __init__(self, app: ASGIApp, is_signed: Callable[[Cookies], bool] = lambda cookies: True):
        """Args: is_signed: whether cookies have a session that was signed here."""
        self.app, self._is_signed = app, is_signed
        self._bytes, self._files, self._uploads = Shares(BYTES), Shares(FILES), Uploads()
        self._readings: dict[str, Reading] = {}  # of files that have a number, by who sends them
        self._routed: set[tuple[str, str, str]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the body, or refuse it."""
        if scope["type"] == "http" and scope["method"] == "GET" and scope["path"] == IMPORT and scope["query_string"]:
            came = self._uploads.came(Visitor.of(scope), scope["query_string"].decode("latin-1"))
            await JSONResponse({"came": came}, headers={"cache-control": "no-store"})(scope, receive, send)
            return
        if scope["type"] != "http" or scope["method"] in WITHOUT_BODY or not self._is_taken(scope):
            await self.app(scope, receive, send)  # which does not read it
            return
        is_file = scope["path"] == IMPORT
        if is_file and scope.get(FOREIGN):
            await self.app(scope, receive, send)  # which refuses it
            return
        if is_file and not await run_in_threadpool(self._is_signed, HTTPConnection(scope).cookies):
            await refused(400, NOBODY)(scope, receive, send)
            return
        reading = self._file if is_file else self._other
        most, seconds = most_of(scope["path"]), FILE_SECONDS if is_file else SECONDS
        visitor, upload = Visitor.of(scope), Headers(scope=scope).get(UPLOAD)
        number = digest(f"{visitor.who} {upload}") if is_file and upload is not None else ""
        while earlier := self._readings.get(number):  # a browser sends again before a break is noticed here
            await earlier.give_up()
        with self._under_way(number) as this, reading(visitor) as take:
            try:
                async with asyncio.timeout(seconds) as this.limit:
                    body = await whole_body(scope, receive, most, take)
                if is_file and not self._uploads.is_taken(visitor, upload):
                    raise BrokenOffError
            except BrokenOffError:  # nobody is there to hear it, but for who only ended to send
                await refused(400, BROKE_OFF)(scope, receive, send)
            except TooLargeError:
                await refused(413, too_large(most))(scope, receive, send)
            except NoRoomError as reason:
                await no_room(scope["path"], reason)(scope, receive, send)
            except TimeoutError:
                await refused(408, too_slow(seconds))(scope, receive, send)
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

    @contextmanager
    def _file(self, visitor: Visitor) -> Iterator[Callable[[int], None]]:
        """Room for a file, which is counted as one, as long as its request goes on."""
        taken = 0

        def take(n_bytes: int) -> None:
            nonlocal taken
            if not taken:
                self._files.take(visitor, 1)
                taken = 1

        try:
            yield take
        finally:
            self._files.give_back(visitor, taken)

    @contextmanager
    def _other(self, visitor: Visitor) -> Iterator[Callable[[int], None]]:
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


def most_of(path: str) -> int:
    """How many bytes a request for a path may have."""
    if path == IMPORT:
        return MOST_FILE_BYTES
    return MOST_EVENT_BYTES if path.startswith((API, REST)) else MOST_BYTES


def too_large(most: int) -> str:
    """What is said of a body of more bytes than it may have."""
    return f"Got more than {most:,} bytes; expected fewer."


def too_slow(seconds: float) -> str:
    """What is said of a body that takes more seconds than it may."""
    return f"This took more than {seconds:g} s to get here, so nothing was kept: try again."


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
