"""What people take away: written to a file without a name at once, and sent from there as fast as a browser reads.

So nobody who reads slowly keeps a thread, a connection to the database or more than a piece of the file in memory.
"""

import asyncio
import logging
import tempfile
import threading
import time
from collections.abc import Callable
from typing import IO, Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from recsys.errors import DataError

IN_MEMORY = 2**20  # bytes of a file that is not worth a disk
PIECE = 2**16  # bytes that are sent at a time
STALLED_SECONDS, MOST_SECONDS = 20.0, 300.0  # that a browser may take for a piece, and for all of it
MOST_AT_ONCE = 20  # files of all people that are being sent
ONE_EACH = "Your last download is not over yet: wait for it, or try again in a few minutes."
TOO_MANY = "Many people take their data away at this moment: try again."


class BusyError(DataError):
    """Something is being taken away already."""


class Downloads:
    """Who takes something away at this moment: one file of each person, and a few of all."""

    def __init__(self) -> None:
        self._until: dict[int, float] = {}  # person -> when it is over at the latest
        self._lock = threading.Lock()

    def begin(self, person_id: int) -> Callable[[], None]:
        """What ends it; BusyError if there are too many."""
        with self._lock:
            now = time.monotonic()
            self._until = {who: until for who, until in self._until.items() if until > now}
            if person_id in self._until or len(self._until) >= MOST_AT_ONCE:
                raise BusyError(ONE_EACH if person_id in self._until else TOO_MANY)
            mine = self._until[person_id] = now + 2 * MOST_SECONDS

        def end() -> None:
            with self._lock:
                if self._until.get(person_id) == mine:
                    del self._until[person_id]

        return end


class Text:
    """Takes texts, and writes them to a file as UTF-8; half a surrogate becomes an escape of JSON."""

    def __init__(self, file: IO[bytes]):
        self.file = file

    def write(self, text: str) -> None:
        """Write a text."""
        self.file.write(text.encode("utf-8", "backslashreplace"))


class Download(Response):
    """An answer that is a file to keep, which is gone afterwards."""

    def __init__(self, write: Callable[[Text], Any], end: Callable[[], None], kind: str, name: str):
        """Write the file; it is sent when this is called as an application.

        Args:
            write: fills the file.
            end: is called when it is sent, or cannot be.
            kind: its media type.
            name: what a browser calls it.
        """
        self._end = end
        self._file = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - it outlives this call
        try:
            write(Text(self._file))
        except BaseException:
            self._close()
            raise
        headers = {
            "content-disposition": f'attachment; filename="{name}"',
            "cache-control": "no-store",
            "content-length": str(self._file.tell()),
        }
        self._file.seek(0)
        super().__init__(None, headers=headers, media_type=kind)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it, piece by piece, to whoever reads."""
        try:
            async with asyncio.timeout(MOST_SECONDS):
                await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
                while piece := self._file.read(PIECE):
                    async with asyncio.timeout(STALLED_SECONDS):
                        await send({"type": "http.response.body", "body": piece, "more_body": True})
        except TimeoutError:
            logging.getLogger(__name__).warning("A download was not read, and is given up.")
            return
        finally:
            self._close()
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    def _close(self) -> None:
        self._file.close()
        self._end()
