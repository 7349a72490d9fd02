"""Turns: a few requests are worked at, a few wait, and nobody waits behind all that one other asked for."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from recsys.serve.security.bodies import ANSWERS, API, BODY, FILE_PATHS, MOST_OF_VISITOR, TITLES, no_room
from recsys.serve.security.shares import NoRoomError, Room, Shares
from recsys.serve.security.visitors import Visitor

ROOM = Room(40, 28, MOST_OF_VISITOR)  # of a lane, for those at work and those who wait
GUESTS = Room(8, 4, 1)  # of guests who work; the page itself lets fewer
MEMBERS = Room(40, 28, 1)
SECONDS = 5.0  # to wait for a turn
EVENTS = (API + "run/", API + "api/")  # of the page that Gradio has no queue for

Instead = Callable[[bytes], Response | None]


class FairTurns:
    """So many at once; of those who wait, addresses take turns, and within an address its visitors."""

    def __init__(self, at_work: Room = GUESTS, room: Room = ROOM, seconds: float = SECONDS):
        """Set the limits.

        Args:
            at_work: how many work at once.
            room: how many work or wait.
            seconds: that somebody waits.
        """
        self._seconds, self._shares, self._at_work = seconds, Shares(room), Shares(at_work)
        self._waiting: OrderedDict[str, OrderedDict[Visitor, deque[asyncio.Future[None]]]] = OrderedDict()

    @asynccontextmanager
    async def turn(self, visitor: Visitor) -> AsyncIterator[None]:
        """Wait for a turn and have it; NoRoomError if too many wait, or it takes too long."""
        self._shares.take(visitor, 1)
        try:
            await self._begin(visitor)
            try:
                yield
            finally:
                self._end(visitor)
        finally:
            self._shares.give_back(visitor, 1)

    async def _begin(self, visitor: Visitor) -> None:
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        of_address = self._waiting.setdefault(visitor.address, OrderedDict())
        of_address.setdefault(visitor, deque()).append(mine)
        self._next()
        try:
            await asyncio.wait_for(asyncio.shield(mine), self._seconds)
        except BaseException as reason:
            if not mine.done():
                self._leave(visitor, mine)
            else:  # it came in the last moment
                self._end(visitor)
            if isinstance(reason, TimeoutError):
                raise NoRoomError from None
            raise

    def _end(self, visitor: Visitor) -> None:
        """Have no turn any longer."""
        self._at_work.give_back(visitor, 1)
        self._next()

    def _next(self) -> None:
        """Give turns that are free to those who wait, as long as there is one of whom not too many work already."""
        while (visitor := self._first()) is not None:
            mine = self._waiting[visitor.address][visitor][0]
            self._leave(visitor, mine)
            mine.set_result(None)

    def _leave(self, visitor: Visitor, mine: asyncio.Future[None]) -> None:
        """Stand in the line no longer; the visitor then stands last there, and so does the address."""
        of_address = self._waiting.pop(visitor.address)
        of_visitor = of_address.pop(visitor)
        of_visitor.remove(mine)
        if of_visitor:
            of_address[visitor] = of_visitor
        if of_address:
            self._waiting[visitor.address] = of_address

    def _first(self) -> Visitor | None:
        """The first in the line who may work, who is then counted as at work; None if there is none."""
        for of_address in self._waiting.values():
            for visitor in of_address:
                with suppress(NoRoomError):
                    self._at_work.take(visitor, 1)
                    return visitor
        return None


class Admission:
    """Middleware that lets requests in by turns, and refuses at little cost.

    Members, guests, the forms of accounts and searches for films have lanes of their own, so that guests go on while a
    database hangs, and acts while somebody types. Only guests and searches wait here: the others wait within the page,
    which knows how long it may take and says why. Programs that ask the REST API are guests.
    """

    def __init__(self, app: ASGIApp, instead: Instead = lambda body: None):
        """Take the page.

        Args:
            app: the page.
            instead: gives what the page itself would say to a body that is refused; None: nothing of its own.
        """
        self.app, self._instead = app, instead
        self._guests, self._members, self._forms = FairTurns(GUESTS), FairTurns(MEMBERS), FairTurns(ROOM)
        self._searches = FairTurns(GUESTS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request pass in its turn, or refuse it."""
        visitor = Visitor.of(scope) if takes_a_turn(scope) else None
        lane = None if visitor is None else self._lane(scope["path"], visitor)
        if lane is None or visitor is None:
            await self.app(scope, receive, send)
            return
        try:
            async with lane.turn(visitor):
                await self.app(scope, receive, send)
        except NoRoomError as reason:
            answer = self._instead(scope[BODY]) if scope["path"].startswith(EVENTS) else None
            await (answer or no_room(scope["path"], reason))(scope, receive, send)

    def _lane(self, path: str, visitor: Visitor) -> FairTurns | None:
        if path.startswith(EVENTS):
            return self._members if visitor.is_member else self._guests
        if path.startswith(ANSWERS):
            return self._guests
        if path == TITLES:
            return self._searches
        return self._forms if path.startswith("/account/") and path not in FILE_PATHS else None


def takes_a_turn(scope: Scope) -> bool:
    """Whether a request may ask for work: one whose body was read, one that the REST API answers, or a search."""
    path = scope.get("path", "")
    return scope["type"] == "http" and (BODY in scope or path.startswith(ANSWERS) or path == TITLES)
