"""Turns: a few requests are worked at, a few wait, and nobody waits behind all that one other asked for."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from recsys.ui.front.bodies import API, BODY, BUSY, IMPORT, NoRoomError, Room, Shares
from recsys.ui.front.refusals import refused
from recsys.ui.front.visitors import Visitor

AT_ONCE = 8  # of guests; the page itself lets fewer work
ROOM = Room(40, 28, 8)  # of a lane, for those at work and those who wait
SECONDS = 5.0  # to wait for a turn
EVENTS = (API + "run/", API + "api/")  # of the page that Gradio has no queue for

Instead = Callable[[bytes], Response | None]


class FairTurns:
    """So many at once; of those who wait, addresses take turns, and within an address its visitors."""

    def __init__(self, at_once: int = AT_ONCE, room: Room = ROOM, seconds: float = SECONDS):
        self._free, self._seconds = at_once, seconds
        self._shares = Shares(room)
        self._waiting: OrderedDict[str, OrderedDict[str, deque[asyncio.Future[None]]]] = OrderedDict()

    @asynccontextmanager
    async def turn(self, visitor: Visitor) -> AsyncIterator[None]:
        """Wait for a turn and have it; NoRoomError if too many wait, or it takes too long."""
        self._shares.take(visitor, 1)
        try:
            await self._begin(visitor)
            try:
                yield
            finally:
                self._free += 1
                self._next()
        finally:
            self._shares.give_back(visitor, 1)

    async def _begin(self, visitor: Visitor) -> None:
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        of_address = self._waiting.setdefault(visitor.address, OrderedDict())
        of_address.setdefault(visitor.who, deque()).append(mine)
        self._next()
        try:
            await asyncio.wait_for(asyncio.shield(mine), self._seconds)
        except BaseException as reason:
            if not mine.done():
                mine.cancel()
            else:  # it came in the last moment
                self._free += 1
                self._next()
            raise NoRoomError from None if isinstance(reason, TimeoutError) else reason

    def _next(self) -> None:
        """Give turns that are free to those who wait."""
        while self._free and (mine := self._first()) is not None:
            if not mine.done():
                self._free -= 1
                mine.set_result(None)

    def _first(self) -> asyncio.Future[None] | None:
        """Take the first out of the line; its address and its visitor then stand last."""
        if not self._waiting:
            return None
        address, of_address = self._waiting.popitem(last=False)
        who, of_visitor = of_address.popitem(last=False)
        mine = of_visitor.popleft()
        if of_visitor:
            of_address[who] = of_visitor
        if of_address:
            self._waiting[address] = of_address
        return mine


class Admission:
    """Middleware that lets requests in by turns, and refuses at little cost.

    Members, guests and the forms of accounts have lanes of their own, so that guests go on while a database hangs. Only
    guests wait here: the others wait within the page, which knows how long it may take and says why.
    """

    def __init__(self, app: ASGIApp, instead: Instead = lambda body: None):
        """Args: instead: what the page itself would say to a body that is refused; None: nothing of its own."""
        self.app, self._instead = app, instead
        self._guests = FairTurns()
        self._members, self._forms = FairTurns(ROOM.in_all), FairTurns(ROOM.in_all)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request pass in its turn, or refuse it."""
        visitor = Visitor.of(scope) if scope["type"] == "http" and BODY in scope else None
        lane = None if visitor is None else self._lane(scope["path"], visitor)
        if lane is None or visitor is None:
            await self.app(scope, receive, send)
            return
        with suppress(NoRoomError):
            async with lane.turn(visitor):
                await self.app(scope, receive, send)
                return
        answer = self._instead(scope[BODY]) if scope["path"].startswith(EVENTS) else None
        await (answer or refused(503, BUSY))(scope, receive, send)

    def _lane(self, path: str, visitor: Visitor) -> FairTurns | None:
        if path.startswith(EVENTS):
            return self._members if visitor.is_member else self._guests
        return self._forms if path.startswith("/account/") and path != IMPORT else None
