"""Proxies on 127.0.0.1, between a browser and the page: one that breaks off in the middle of an upload."""

import asyncio
import threading
from contextlib import contextmanager, suppress

CHUNK = 2**16


async def pumped(reader, writer, most=None):
    """Pass bytes on, no more than so many; then both ends are cut."""
    n_passed = 0
    with suppress(OSError):
        while chunk := await reader.read(CHUNK):
            kept = chunk if most is None else chunk[: most() - n_passed]
            n_passed += len(kept)
            writer.write(kept)
            await writer.drain()
            if len(kept) < len(chunk):
                break
    writer.transport.abort()


@contextmanager
def running(serve):
    """The port of a server, run in a thread; `serve` is called as asyncio's servers call."""
    loop, started, ports = asyncio.new_event_loop(), threading.Event(), []

    async def work():
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        ports.append(server.sockets[0].getsockname()[1])
        stop = asyncio.Event()
        ports.append(stop)
        started.set()
        await stop.wait()
        server.close()
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        await asyncio.sleep(0)  # transports that were aborted are closed

    thread = threading.Thread(target=lambda: loop.run_until_complete(work()), daemon=True)
    thread.start()
    started.wait(10)
    try:
        yield ports[0]
    finally:
        loop.call_soon_threadsafe(ports[1].set)
        thread.join(10)
        loop.close()


@contextmanager
def proxy(url, handle):
    """An address that leads to the page.

    `handle(head, reader, here)` gives the head of a request that is passed on, or None where the connection is to end;
    `here` leads to the page.
    """
    host, port = url.removeprefix("http://").split(":")

    async def serve(reader, writer):
        ends = [writer]
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            there, here = await asyncio.open_connection(host, int(port))
            ends.append(here)
            asyncio.ensure_future(pumped(there, writer))  # noqa: RUF006
            while (head := await handle(await reader.readuntil(b"\r\n\r\n"), reader, here)) is not None:
                here.write(head)
                lines = head.lower().split(b"\r\n")
                length = next((line for line in lines if line.startswith(b"content-length")), b":0")
                here.write(await reader.readexactly(int(length.partition(b":")[2])))
        for end in ends:
            end.transport.abort()

    with running(serve) as port_here:
        yield f"http://127.0.0.1:{port_here}"


@contextmanager
def cutting_proxy(url, path, most):
    """An address that leads to the page, but breaks off after so many bytes of every body for a path."""

    async def cut(head, reader, here):
        if not head.startswith(f"POST {path}".encode()):
            return head
        here.write(head)
        await pumped(reader, here, lambda: most)
        return None

    with proxy(url, cut) as address:
        yield address


@contextmanager
def path_proxy(url, prefix, keeps, outside):
    """An address under which, at a prefix, the page is; the proxy leaves the prefix on or takes it off.

    What is asked beside it goes into the list `outside`, and has no answer.
    """

    async def led(head, reader, here):
        method, path, rest = head.split(b" ", 2)
        if not path.startswith(prefix.encode() + b"/"):
            outside.append(path.decode())
            return None
        return b" ".join([method, path if keeps else path.removeprefix(prefix.encode()), rest])

    with proxy(url, led) as address:
        yield address + prefix
