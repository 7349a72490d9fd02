"""Real pages in processes of their own, which end with whoever started them."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx

from recsys.errors import DataError

# movie-vae, which ends when its standard input does, and so with whoever holds the other end, however that ends
ATTENDED = """
import os, sys, threading
threading.Thread(target=lambda: (os.read(0, 1), os.kill(os.getpid(), 15)), daemon=True).start()
from recsys.cli import script
sys.exit(script())
"""
PATIENCE = 120.0  # seconds until a page answers, or has taken a version over
END_SECONDS = 10.0  # until one that was asked to end is ended


@dataclass(frozen=True)
class Page:
    """A page that was started, which ends with this process.

    Attributes:
        url: its address, on this machine alone.
        process: that serves it.
        log: the file for what it says.
    """

    url: str
    process: "subprocess.Popen[bytes]"
    log: Path

    def wait(self) -> None:
        """Until it has a model; DataError if it ends instead, or takes too long."""
        self.wait_for_version(None)

    def wait_for_version(self, fingerprint: str | None) -> None:
        """Until it answers with a version; None: with any."""
        deadline = time.monotonic() + PATIENCE
        while (answers := version_at(self.url)) is None or fingerprint not in (None, answers):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise DataError(f"a page does not answer as it should; its log says: {self.said()}")
            time.sleep(0.2)

    def said(self) -> str:
        """The end of its log."""
        return self.log.read_text(encoding="utf-8", errors="replace")[-500:].strip()

    def end(self) -> None:
        """Let it end; nothing happens to one that has."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(END_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if self.process.stdin is not None:
            self.process.stdin.close()


def version_at(url: str) -> str | None:
    """Which version a page answers with; None while it has none."""
    with suppress(httpx.HTTPError):
        answer = httpx.get(f"{url}/api/v1/model", timeout=PATIENCE, trust_env=False)
        return str(answer.json()["version"]) if answer.status_code == 200 else None
    return None


@contextmanager
def pages(folder: Path, database: str, asked: Sequence[str], number: int) -> Iterator[list[Page]]:
    """So many pages that share a database, once all have a model; they end with the block.

    Args:
        folder: for their logs.
        database: its URL.
        asked: of each, as its command takes it.
        number: of pages.
    """
    started: list[Page] = []
    try:
        for at in range(number):
            started.append(page(folder / f"page-{at + 1}.log", database, asked))
        for each in started:
            each.wait()
        yield started
    finally:
        for each in started:
            each.end()


@contextmanager
def ended_by_signal() -> Iterator[None]:
    """Whoever asks this process to end (SIGTERM) ends the block as Ctrl-C does."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def page(log: Path, database: str, asked: Sequence[str]) -> Page:
    """One that may not answer yet."""
    port = free_port()
    address = {"GRADIO_SERVER_NAME": "127.0.0.1", "GRADIO_SERVER_PORT": str(port), "GRADIO_MCP_SERVER": "False"}
    environment = {**os.environ, **address, "DATABASE_URL": database}
    words = [sys.executable, "-c", ATTENDED, "page", *asked]
    with log.open("wb") as said:
        process = subprocess.Popen(
            words, env=environment, stdin=subprocess.PIPE, stdout=said, stderr=said, start_new_session=True
        )
    return Page(f"http://127.0.0.1:{port}", process, log)


def free_port() -> int:
    """A port of this machine that nobody has."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
