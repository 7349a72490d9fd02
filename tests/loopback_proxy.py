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
def cutting_proxy(url, path, most):
    """An address that leads to the page, but breaks off after so many bytes of every request's body for a path."""
    host, port = url.removeprefix("http://").split(":")

    async def serve(reader, writer):
        ends = [writer]
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            there, here = await asyncio.open_connection(host, int(port))
            back = asyncio.ensure_future(pumped(there, writer))
            ends.append(here)
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                here.write(head)
                if f"POST {path} ".encode() in head:
                    await pumped(reader, here, lambda: most)
                    back.cancel()
                    break
                length = next(
                    (line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")), b":0"
                )
                here.write(await reader.readexactly(int(length.partition(b":")[2])))
        for end in ends:
            end.transport.abort()

    with running(serve) as port_here:
        yield f"http://127.0.0.1:{port_here}"
