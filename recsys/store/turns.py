"""Work that one process does at a time, of all that use a database: a turn, which goes with the process that has it."""

import os
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from recsys.store.database.connection import CHECK, Database
from recsys.store.database.limits import IDLE, lift
from recsys.store.errors import TurnLostError, UnavailableError

NAMESPACE = 0x6D7661  # apart from other locks of the database

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Turn:
    """A turn at some work; it is true if it is this process's.

    Attributes:
        place: what the database is called.
        is_ours: whether it is; False: another process is at it.
        is_held: says whether it is still held, where it was.
    """

    place: str
    is_ours: bool
    is_held: Callable[[], bool]

    def __bool__(self) -> bool:
        return self.is_ours

    def require(self) -> None:
        """Raise TurnLostError if it is not this process's turn, or not any more."""
        if not self.is_ours or not self.is_held():
            raise TurnLostError(self.place)


class Turns:
    """Who is at what."""

    def __init__(self, database: Database):
        self._database = database

    @contextmanager
    def of(self, work: str) -> Iterator[Turn]:
        """Be at some work until the block is left, or this process ends, however it does.

        Args:
            work: what, in a word.

        Yields:
            The turn; false where another is at it.

        Raises:
            UnavailableError: the database cannot be reached, or no file be made beside it.
        """
        taken = self._in_file(work) if self._database.is_sqlite else self._in_transaction(work)
        with taken as turn:
            yield turn

    @contextmanager
    def _in_transaction(self, work: str) -> Iterator[Turn]:
        """An advisory lock of PostgreSQL's, held by a transaction that does nothing else and stays open.

        A lock of a session would stay behind, or be lost, where a pooler lends connections for a transaction each.
        Idle as it is, the transaction has no snapshot and no number, so it keeps nothing from being cleared away.
        """
        engine = self._database.engine.execution_options(isolation_level="READ COMMITTED")
        connection = self._explained(engine.connect)
        try:
            is_ours = self._explained(lambda: is_taken(connection, work))
            yield Turn(self._database.place, is_ours, lambda: is_alive(connection))
        finally:
            with suppress(SQLAlchemyError):
                connection.rollback()  # lets go of the lock
            connection.invalidate()
            connection.close()

    def _explained(self, ask: Callable[[], Answer]) -> Answer:
        """What the database says; UnavailableError if it does not."""
        try:
            return ask()
        except DBAPIError as error:
            words = " ".join(str(error.orig).split())[:200]
            raise UnavailableError(self._database.place, f"it cannot be used ({words})", CHECK) from error

    @contextmanager
    def _in_file(self, work: str) -> Iterator[Turn]:
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
            yield Turn(self._database.place, is_ours, lambda: is_file(path, handle))
        finally:
            os.close(handle)


def is_taken(connection: Connection, work: str) -> bool:
    """Take the lock of some work until a connection's transaction ends, if nobody has it."""
    lift(connection, IDLE)
    lock = f"SELECT pg_try_advisory_xact_lock({NAMESPACE}, {zlib.crc32(work.encode()) >> 1})"
    return bool(connection.exec_driver_sql(lock).scalar_one())  # without parameters, or it would keep its snapshot


def is_alive(connection: Connection) -> bool:
    """Whether a connection's transaction goes on, and with it all that it has locked."""
    try:
        return connection.exec_driver_sql("SELECT 1").scalar_one() == 1
    except SQLAlchemyError:
        return False


def is_file(path: Path, handle: int) -> bool:
    """Whether a file that is open is still the one of its name, so that others find it locked."""
    try:
        return os.path.samestat(os.stat(path), os.fstat(handle))
    except OSError:
        return False
