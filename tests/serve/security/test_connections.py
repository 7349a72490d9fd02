"""Connections over real sockets: silent ones end, others find room, and the log stays small."""

import asyncio
import logging
import socket
import threading
from contextlib import ExitStack, contextmanager
from functools import partial

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse, StreamingResponse
from starlette.routing import Route

from recsys.serve.security import connections
from recsys.serve.security.connections import Connections, Once, Protocol, most_connections, proxies_in
from tests.support.pages.page_server import wait_for

ASK = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
PATIENCE = 20  # seconds, of a test that would fail otherwise


async def hello(request):
    return JSONResponse(
        {"peer": request.client.host, "scheme": request.url.scheme, "length": len(await request.body())}
    )


async def endless(request):
    async def stream():
        while True:
            yield b"x" * 100_000
            await asyncio.sleep(0)

    return StreamingResponse(stream())


async def refuses(request):
    return JSONResponse({})


ROUTES = [
    Route("/", hello, methods=["GET", "POST"]),
    Route("/endless", endless),
    Route("/refuses", refuses, methods=["POST"]),
]


@contextmanager
def listening(most=100, proxies="127.0.0.1", is_proxy=lambda peer: False):
    """The address of a server with so many connections, and its connections."""
    open_ = Connections(most, is_proxy)
    config = uvicorn.Config(
        Starlette(routes=ROUTES),
        http=partial(Protocol, open_),
        ws="none",
        log_level="warning",
        forwarded_allow_ips=proxies,
        timeout_graceful_shutdown=1,
        timeout_keep_alive=1,
    )
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as listener:
        thread = threading.Thread(target=lambda: asyncio.run(server.serve([listener])), daemon=True)
        thread.start()
        try:
            yield listener.getsockname(), open_
        finally:
            for connection in list(server.server_state.connections):
                connection.loop.call_soon_threadsafe(connection.transport.abort)
            server.should_exit = True
            thread.join(PATIENCE)


@contextmanager
def line(address, sent=b""):
    with socket.create_connection(address, timeout=PATIENCE) as connection:
        connection.sendall(sent)
        yield connection


def ended(connection):
    """What came before the connection was ended by the other side."""
    received = b""
    try:
        while chunk := connection.recv(2**16):
            received += chunk
    except ConnectionError:
        pass
    return received


def answer(connection):
    received = connection.recv(2**16)
    while not received.endswith(b"}"):
        received += connection.recv(2**16)
    assert received.startswith(b"HTTP/1.1 200")
    return received


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"\r\n",
        b"GET",
        b"GET / HTTP/1.1\r\nHost: x\r\n",
        ASK + b"\r\n",
        ASK + b"GET / HTTP/1.1\r\nHost",
        b"POST /refuses HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc",
    ],
    ids=[
        "silent",
        "an empty line",
        "a part of a line",
        "half a head",
        "silent afterwards",
        "half of the next",
        "half a body",
    ],
)
def test_who_does_not_finish_asking_is_not_waited_for(monkeypatch, sent):
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.05)
    monkeypatch.setattr(connections, "REST_SECONDS", 0.05)
    with listening() as (address, open_), line(address, sent) as connection:
        received = ended(connection)
        assert received.count(b"HTTP/1.1 200") == sent.count(ASK) + sent.count(b"refuses")
    assert len(open_) == 0


def test_who_takes_nothing_of_what_is_sent_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(connections, "SLOW_SECONDS", 0.05)
    with listening() as (address, open_), line(address, ASK.replace(b"/ ", b"/endless ")) as connection:
        assert connection.recv(10)
        wait_for(lambda: len(open_) == 0, PATIENCE, "the end of it")


def flooded(connection):
    for _ in range(1000):
        connection.sendall(b"x" * 10_000)


@pytest.mark.parametrize("sent", [b"GET / HTTP/1.1\r\nA: ", b"GET /"])
def test_a_head_has_an_end(sent):
    refused = pytest.raises((ConnectionResetError, BrokenPipeError), match="reset|Broken")
    with listening() as (address, _), line(address, sent) as connection, refused:
        flooded(connection)


def test_so_many_requests_at_once_and_no_more():
    with listening() as (address, _), line(address, ASK * 5000) as connection:
        assert ended(connection).count(b"200 OK") <= connections.MOST_AT_ONCE + 1


def test_requests_one_after_another_and_some_at_once_are_answered(monkeypatch):
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.2)
    with listening() as (address, _), line(address, ASK) as connection:
        answer(connection)
        for _ in range(3):
            connection.sendall(ASK[:5])
            connection.sendall(ASK[5:])
            answer(connection)
        connection.sendall(ASK * 3)
        received = b""
        while received.count(b"length") < 3:
            more = connection.recv(2**16)
            assert more, "the connection ended"
            received += more


def test_who_is_silent_makes_room_for_who_asks():
    with listening(most=20, is_proxy=lambda peer: True) as (address, open_), ExitStack() as stack:
        silent = [stack.enter_context(line(address)) for _ in range(100)]
        for _ in range(30):
            with line(address, ASK) as connection:
                answer(connection)
        assert ended(silent[0]) == b""
        assert len(open_) <= 20


def test_an_address_has_half_of_all_unless_it_is_a_proxy():
    for is_proxy, most in ((False, 10), (True, 20)):
        with listening(20, is_proxy=lambda peer, it=is_proxy: it) as (address, open_), ExitStack() as stack:
            stack.enter_context(line(address, ASK))
            streams = [stack.enter_context(line(address, ASK.replace(b"/ ", b"/endless "))) for _ in range(30)]
            n_answered = sum(b"200" in received_or_nothing(stream) for stream in streams)
            assert most - 1 <= n_answered <= most
            assert len(open_) <= most


def received_or_nothing(connection):
    try:
        return connection.recv(20)
    except ConnectionError:
        return b""


class Silent:
    """A connection as Connections sees it."""

    def __init__(self, is_idle=True):
        self.is_idle, self.transport, self.is_aborted = is_idle, self, False

    def abort(self):
        self.is_aborted = True


def test_of_those_who_are_silent_one_of_the_address_with_most_goes_first():
    open_ = Connections(6, lambda peer: True)
    few = [Silent(), Silent()]
    many = [Silent() for _ in range(4)]
    assert all([*(open_.admit(each, "192.0.2.1") for each in few), *(open_.admit(each, "192.0.2.2") for each in many)])
    assert open_.admit(Silent(), "192.0.2.3")
    assert [each.is_aborted for each in few + many] == [False, False, True, False, False, False]
    busy = Connections(2, lambda peer: True)
    assert [busy.admit(Silent(is_idle=False), "192.0.2.1") for _ in range(3)] == [True, True, False]


# ---- proxies


@pytest.mark.parametrize(("trusted", "peer"), [("127.0.0.1", "203.0.113.9"), ("10.0.0.0/8", "127.0.0.1")])
def test_a_proxy_that_is_trusted_says_for_whom_it_asks_and_nobody_else_does(trusted, peer):
    said = b"X-Forwarded-For: 198.51.100.1, 203.0.113.9\r\nX-Forwarded-Proto: https\r\n\r\n"
    with listening(proxies=trusted) as (address, _), line(address, ASK[:-2] + said) as connection:
        received = answer(connection)
        assert f'"peer":"{peer}"'.encode() in received
        assert (b'"scheme":"https"' in received) == (peer != "127.0.0.1")


def test_which_addresses_are_proxies():
    is_proxy = proxies_in("127.0.0.1, 10.0.0.0/8,name,::1")
    assert [is_proxy(each) for each in ("127.0.0.1", "10.9.9.9", "::1", "11.0.0.1", "name", "")] == [True] * 3 + [
        False
    ] * 3
    assert proxies_in("*")("192.0.2.1")


# ---- the system's bounds, and the log


@pytest.mark.parametrize(
    ("soft", "hard", "granted"), [(1024, 4096, 3072), (256, 256, 56), (1024, 10**6, 4000), (20, 20, 10)]
)
def test_there_are_fewer_connections_than_open_files(monkeypatch, soft, hard, granted):
    resource = pytest.importorskip("resource")
    limits = [soft, hard]
    monkeypatch.setattr(resource, "getrlimit", lambda what: tuple(limits))
    monkeypatch.setattr(resource, "setrlimit", lambda what, wanted: limits.__setitem__(slice(None), wanted))
    assert most_connections() == granted
    assert limits[0] == min(hard, connections.MOST_FILES)


def test_a_warning_that_strangers_can_cause_is_logged_once_in_a_while():
    now = [0.0]
    once = Once(lambda: now[0])

    def passes(message, name="asyncio", level=logging.WARNING):
        return once.filter(logging.LogRecord(name, level, "", 0, message, (), None))

    assert [passes("a"), passes("a"), passes("b")] == [True, False, True]
    now[0] = connections.LOG_SECONDS
    assert passes("a")
    assert [passes("of the application", "uvicorn.error", logging.ERROR) for _ in range(2)] == [True, True]
    assert all(passes(str(each)) for each in range(3000))
    assert len(once._last) <= 1001
