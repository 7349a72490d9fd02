"""The connection to SQLite or PostgreSQL: short transactions, from many threads, with failures told in one sentence."""

import os
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, TimeoutError

from recsys.store.errors import UnavailableError

URL_VARIABLE = "DATABASE_URL"
BUSY_TIMEOUT = 30_000  # ms that SQLite waits for another process; threads of this one wait for each other before
CONNECT_TIMEOUT = 10  # s that a PostgreSQL server has to answer
POOL = {"pool_size": 10, "max_overflow": 30, "pool_timeout": 30}  # connections, and s to wait for one
POSTGRESQL = ("postgres", "postgresql", "postgresql+psycopg")
SQLITE = ("sqlite", "sqlite+pysqlite")
LONGEST = 200  # characters of somebody else's message
CHECK = f"check {URL_VARIABLE} (or the path of the file), that the database runs, and its rights"

PRAGMAS = {  # a commit is on disk before it returns, and what was deleted is overwritten
    "busy_timeout": BUSY_TIMEOUT,  # first, for the next one may have to wait
    "journal_mode": "WAL",
    "synchronous": "FULL",
    "foreign_keys": "ON",
    "secure_delete": "ON",
}


def database_place(default: Path, environment: Mapping[str, str] = os.environ) -> str | Path:
    """Where people's data is kept: the URL that DATABASE_URL holds, else the default, a file of SQLite."""
    return environment.get(URL_VARIABLE, "").strip() or default


class Database:
    """An engine, and the two kinds of transaction there are. Safe to use from many threads.

    Attributes:
        engine: of SQLAlchemy.
        place: what messages call the database; without its password.
    """

    def __init__(self, place: str | Path):
        """Prepare to connect, which the first transaction does.

        Args:
            place: a file of SQLite (made if it is missing), or a URL, postgresql://... or sqlite:///...

        Raises:
            UnavailableError: it is no such URL, or the file cannot be made.
        """
        url = _url(place)
        self.place = _called(url)
        self.is_sqlite = url.drivername in SQLITE
        if self.is_sqlite:
            _make_file(url)
        self.engine = _engine(url)
        snapshot: Any = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}
        self._for_reading = self.engine.execution_options(**snapshot)
        self._for_writing = self.engine.execution_options(writes=True)
        self._turn = threading.Lock() if self.is_sqlite else nullcontext()  # SQLite has one writer: queue, not poll

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees one state of the database.

        Raises:
            UnavailableError: the database cannot be used.
        """
        with self._explained(), self._for_reading.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction whose changes are on disk when the block is left, or undone if it is left by an exception.

        Raises:
            UnavailableError: the database cannot be used, and nothing was changed.
            sqlalchemy.exc.IntegrityError: a constraint does not hold, and nothing was changed.
        """
        with self._turn, self._explained(), self._for_writing.begin() as connection:
            yield connection

    def lock(self, connection: Connection, *subjects: bytes) -> None:
        """Let nobody else past the same subjects until the transaction ends; in SQLite, nobody writes anyway."""
        if not self.is_sqlite:
            for number in sorted(int.from_bytes(subject[:8], "big", signed=True) for subject in subjects):
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(number)))

    def forget_deleted(self) -> None:
        """Empty SQLite's log of changes, where rows outlive their deletion; what is being read there now stays."""
        if self.is_sqlite:
            with self._turn, suppress(sqlite3.Error), closing(self.engine.raw_connection()) as connection:
                connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Close all connections that are not in use."""
        self.engine.dispose()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Turn what the driver says into one sentence."""
        try:
            yield
        except sa.exc.IntegrityError:
            raise
        except DBAPIError as error:
            raise UnavailableError(self.place, f"the database cannot be used ({_words(error.orig)})", CHECK) from error
        except TimeoutError as error:
            raise UnavailableError(self.place, "all connections to the database are in use", "try again") from error


def _words(error: BaseException | None) -> str:
    """The beginning of an error's message, in one line."""
    return " ".join(str(error).split())[:LONGEST]


def _url(place: str | Path) -> URL:
    """The URL of a database, with the driver that is used here."""
    if isinstance(place, Path):
        return URL.create("sqlite", database=str(place.expanduser().absolute()))
    try:
        url = make_url(place)
    except (ArgumentError, ValueError):  # the text stays out of the message, since a password may be in it
        raise UnavailableError(URL_VARIABLE, "got a text that is no URL", f"expected {_EXAMPLES}") from None
    if url.drivername in POSTGRESQL:
        return url.set(drivername="postgresql+psycopg")
    if url.drivername in SQLITE and url.database not in (None, "", ":memory:"):
        return url
    raise UnavailableError(URL_VARIABLE, f"got a URL of {url.drivername[:40]!r}", f"expected {_EXAMPLES}")


_EXAMPLES = "postgresql://USER:PASSWORD@HOST/DATABASE or sqlite:////FOLDER/FILE"


def _called(url: URL) -> str:
    """What messages call the database."""
    if url.drivername in SQLITE:
        return str(url.database)
    return url.set(query={}).render_as_string(hide_password=True)


def _make_file(url: URL) -> None:
    """Make an empty file, which SQLite takes for an empty database, that only its owner may read."""
    if url.query.get("uri"):
        return
    path = Path(str(url.database))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
    except OSError as error:
        raise UnavailableError(str(path), f"the file cannot be made ({error.strerror})", CHECK) from error


def _engine(url: URL) -> Engine:
    """An engine that connects when it is first used."""
    if url.drivername in SQLITE:
        engine = sa.create_engine(url, **POOL)
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    limit = {"connect_timeout": CONNECT_TIMEOUT}
    engine = sa.create_engine(url, connect_args=limit, pool_pre_ping=True, **POOL)
    event.listen(engine, "connect", _set_up_postgresql)
    return engine


def _set_up_sqlite(connection: sqlite3.Connection, _: object) -> None:
    connection.isolation_level = None  # sqlite3 begins no transactions of its own, so that _begin_sqlite can
    for name, value in PRAGMAS.items():
        connection.execute(f"PRAGMA {name} = {value}")


def _begin_sqlite(connection: Connection) -> None:
    """Begin a transaction; one that writes takes its turn now, since it could not wait for it later on."""
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _set_up_postgresql(connection: Any, _: object) -> None:
    """Wait for the disk at every commit, whatever the server's own setting."""
    connection.execute("SET synchronous_commit TO on")
    connection.commit()
