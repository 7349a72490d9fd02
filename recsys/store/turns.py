"""Work that one process does at a time, of all that use a database: a turn, which goes with the process that has it."""

import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from recsys.store.database.connection import CHECK, Database
from recsys.store.errors import UnavailableError

NAMESPACE = 0x6D7661  # apart from other locks of the database


class Turns:
    """Who is at what."""

    def __init__(self, database: Database):
        self._database = database

    @contextmanager
    def of(self, work: str) -> Iterator[bool]:
        """Be at some work until the block is left, or this process ends, however it does.

        Args:
            work: what, in a word.

        Yields:
            Whether it is this process's turn; False: another is at it.

        Raises:
            UnavailableError: the database cannot be reached, or no file be made beside it.
        """
        taken = self._in_file(work) if self._database.is_sqlite else self._in_session(work)
        with taken as is_ours:
            yield is_ours

    @contextmanager
    def _in_session(self, work: str) -> Iterator[bool]:
        """An advisory lock of PostgreSQL's, held by a connection that does nothing else."""
        engine = self._database.engine.execution_options(isolation_level="AUTOCOMMIT")
        lock = sa.select(sa.func.pg_try_advisory_lock(NAMESPACE, sa.cast(zlib.crc32(work.encode()) >> 1, sa.Integer)))
        try:
            connection = engine.connect()
            is_ours = bool(connection.execute(lock).scalar_one())
        except DBAPIError as error:
            words = " ".join(str(error.orig).split())[:200]
            raise UnavailableError(self._database.place, f"it cannot be used ({words})", CHECK) from error
        try:
            yield is_ours
        finally:
            connection.invalidate()  # ends the session, and the lock with it
            connection.close()

    @contextmanager
    def _in_file(self, work: str) -> Iterator[bool]:
        """A lock of the system's on a file beside the database's."""
        import fcntl  # which Windows has not

        path = Path(f"{self._database.place}.{work}")
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise UnavailableError(str(path), f"the file cannot be made ({error.strerror})", CHECK) from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            is_ours = True
        except BlockingIOError:
            is_ours = False
        try:
            yield is_ours
        finally:
            os.close(handle)
