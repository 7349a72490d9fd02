"""Connections: bounded in number, and closed where nobody asks anything.

uvicorn has no limit in time for what comes before a request is whole, nor one of bytes, nor one of connections that
leaves room for others.
"""

import asyncio
import ipaddress
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from recsys.serve.security.visitors import network

MOST = 4000  # connections; an open page holds one for good, and up to six for a while
MOST_FILES = 65_536  # that the server asks the system to let it have open
RESERVED = 200  # open files that are no connections: the database, models, what is being sent
HEAD_SECONDS = 10.0  # from the first byte of a request, or from the beginning, until its head is whole
REST_SECONDS = 10.0  # that a body is still listened to once it is answered
SLOW_SECONDS = 60.0  # in which somebody takes nothing of what is sent
MOST_AT_ONCE = 10  # requests of one connection that are sent before the first is answered
MOST_HEAD_BYTES = 65_536
LOG_SECONDS = 60.0  # in which the same words are logged once


class Connections:
    """All that are open. Whoever comes when there are too many takes the place of one that asks nothing.

    Of these, one of the address that has most goes first. An address may have half of all, unless it is that of a
    proxy, which asks for many.
    """

    def __init__(self, most: int, is_proxy: Callable[[str], bool] = lambda address: False):
        self.most, self._is_proxy = most, is_proxy
        self._open: dict[Any, str] = {}  # protocol -> address, the oldest first
        self._of_address = Counter[str]()

    def __len__(self) -> int:
        return len(self._open)

    def admit(self, protocol: "Protocol", peer: str) -> bool:
        """Count a connection from an address; False if there is no room for it."""
        address = network(peer)
        too_many_of_it = self._of_address[address] >= self.most // 2 and not self._is_proxy(peer)
        if too_many_of_it and not self._close_idle([address]):
            return False
        if len(self._open) >= self.most and not self._close_idle(each for each, _ in self._of_address.most_common()):
            return False
        self._open[protocol] = address
        self._of_address[address] += 1
        return True

    def forget(self, protocol: "Protocol") -> None:
        """A connection has ended; one that was never counted does not matter."""
        address = self._open.pop(protocol, None)
        if address is not None:
            self._of_address[address] -= 1
            if not self._of_address[address]:
                del self._of_address[address]

    def _close_idle(self, addresses: Iterable[str]) -> bool:
        """Close the oldest idle connection of the first address that has one; whether there was one."""
        for address in addresses:
            idle = (each for each, its in self._open.items() if its == address and each.is_idle)
            if (found := next(idle, None)) is not None:
                self.forget(found)
                found.transport.abort()
                return True
        return False


class Protocol(HttpToolsProtocol):
    """uvicorn's, with limits for the head of a request in time and bytes, and for a body that nobody waits for."""

    def __init__(self, connections: Connections, config: Config, server_state: ServerState, **options: Any):
        super().__init__(config, server_state, **options)
        self._all = connections
        self._patience: asyncio.TimerHandle | None = None  # for somebody to ask
        self._slow: asyncio.TimerHandle | None = None  # for somebody to take what is sent
        self._n_bytes = 0  # since the last head was whole, while none is being answered
        self._is_refused = False
        self._message_is_whole = True

    @property
    def is_idle(self) -> bool:
        """Whether nothing is being answered."""
        return self.cycle is None or self.cycle.response_complete

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection, or end it at once."""
        super().connection_made(transport)
        if not self._all.admit(self, self.client[0] if self.client else ""):
            self._is_refused = True
            transport.abort()
            return
        self._wait(HEAD_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        """It has ended."""
        self._stop_waiting()
        self._take_heart()
        self._all.forget(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read what came."""
        if self._is_refused or self.transport.is_closing():
            return
        was_idle = self.is_idle
        super().data_received(data)
        if self.parser is None or self.transport.is_closing() or not self.is_idle:
            return
        if was_idle and self._message_is_whole:  # a part of a head, or nothing
            self._n_bytes += len(data)
            if self._n_bytes > MOST_HEAD_BYTES:
                self.transport.abort()
        if self._patience is None and self.timeout_keep_alive_task is None:
            self._wait(HEAD_SECONDS)

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        if self._patience is None and self.is_idle:
            self._wait(HEAD_SECONDS)

    def on_headers_complete(self) -> None:
        """The head is whole."""
        if len(self.pipeline) >= MOST_AT_ONCE:
            raise ValueError("too many requests at once")  # the parser ends the connection
        self._message_is_whole, self._n_bytes = False, 0
        self._stop_waiting()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The body is whole."""
        self._message_is_whole = True
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """All is said; what is still being sent is not listened to for long."""
        super().on_response_complete()
        if not self._message_is_whole and not self.transport.is_closing() and self.is_idle:
            self._unset_keepalive_if_required()
            self._wait(REST_SECONDS)

    def pause_writing(self) -> None:
        """What is sent is not taken."""
        super().pause_writing()
        self._slow = self.loop.call_later(SLOW_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        """It is taken again."""
        super().resume_writing()
        self._take_heart()

    def _take_heart(self) -> None:
        if self._slow is not None:
            self._slow.cancel()
            self._slow = None

    def _wait(self, seconds: float) -> None:
        """End the connection after a time, unless something happens."""
        self._stop_waiting()
        self._patience = self.loop.call_later(seconds, self._end)

    def _stop_waiting(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _end(self) -> None:
        self._patience = None
        if self.is_idle:
            self.transport.abort()


def most_connections() -> int:
    """How many connections there may be; asks the system for as many open files as it grants."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return MOST
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    unlimited = resource.RLIM_INFINITY
    wanted = MOST_FILES if hard == unlimited else min(hard, MOST_FILES)
    if soft != unlimited and soft < wanted:
        with suppress(ValueError, OSError):  # some systems grant less than they say
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST if soft == unlimited else max(10, min(MOST, soft - RESERVED, soft * 3 // 4))


def proxies_in(said: str) -> Callable[[str], bool]:
    """Whether an address is one of a list as FORWARDED_ALLOW_IPS has it: addresses and networks, or * for all."""
    parts = [part.strip() for part in said.split(",")]
    networks = []
    for part in parts:
        with suppress(ValueError):  # a name, which no peer has
            networks.append(ipaddress.ip_network(part, strict=False))

    def is_proxy(peer: str) -> bool:
        with suppress(ValueError):
            address = ipaddress.ip_address(peer)
            return "*" in parts or any(address in each for each in networks)
        return False

    return is_proxy


class Once(logging.Filter):
    """Lets the same warning into the log once in a while: what strangers can cause as often as they like is no news."""

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        super().__init__()
        self._clock, self._last = clock, dict[tuple[str, str], float]()

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether words were not logged just now; errors of the application itself are always."""
        if record.name == "uvicorn.error" and record.levelno >= logging.ERROR:
            return True
        words = record.name, str(record.msg)[:60]
        now = self._clock()
        if now - self._last.get(words, -LOG_SECONDS) < LOG_SECONDS:
            return False
        if len(self._last) > 1000:
            self._last.clear()
        self._last[words] = now
        return True
