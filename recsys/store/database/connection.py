"""The connection to SQLite or PostgreSQL: short transactions, from many threads, with failures told in one sentence."""

import logging
import os
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, TimeoutError

from recsys.store.config import AnswerConfig
from recsys.store.database.answering import Pulse, SilentError
from recsys.store.database.limits import LONG, lift
from recsys.store.errors import OutcomeUnknownError, UnavailableError

URL_VARIABLE = "DATABASE_URL"
POOL = {"pool_size": 10, "max_overflow": 30, "pool_timeout": 2}  # connections, and s to wait for one
POSTGRESQL = ("postgres", "postgresql", "postgresql+psycopg")
SQLITE = ("sqlite", "sqlite+pysqlite")
LONGEST = 200  # characters of somebody else's message
SLICE = 0.1  # s for which a thread waits for its turn before it looks whether the database still answers
LOG_SECONDS = 10  # between two lines of the log about a database that refuses
CHECK = f"check {URL_VARIABLE} (or the path of the file), that the database runs, and its rights"

PRAGMAS = {  # a commit is on disk before it returns, and what was deleted is overwritten
    "journal_mode": "WAL",
    "synchronous": "FULL",
    "foreign_keys": "ON",
    "secure_delete": "ON",
}


def database_place(default: Path, environment: Mapping[str, str] = os.environ) -> str | Path:
    """Where people's data is kept: the URL that DATABASE_URL holds, else the default, a file of SQLite."""
    return environment.get(URL_VARIABLE, "").strip() or default


def file_of(place: str | Path) -> Path | None:
    """The file of SQLite that a place names, which need not be there; UnavailableError if it is no place.

    None: it names a server, or a URI of SQLite's own.
    """
    url = _url(place)
    return Path(str(url.database)) if url.drivername in SQLITE and not url.query.get("uri") else None


class Database:
    """An engine, and the two kinds of transaction there are. Safe to use from many threads.

    Attributes:
        engine: of SQLAlchemy.
        place: what messages call the database; without its password.
    """

    def __init__(self, place: str | Path, config: AnswerConfig = AnswerConfig()):
        """Prepare to connect, which the first transaction does.

        Args:
            place: a file of SQLite (made if it is missing), or a URL, postgresql://... or sqlite:///...
            config: how long it is waited for.

        Raises:
            UnavailableError: it is no such URL, or the file cannot be made.
        """
        url = _url(place)
        self.place, self._config = _called(url), config
        self.is_sqlite = url.drivername in SQLITE
        if self.is_sqlite:
            _make_file(url)
        self._patient, self._logged_at = threading.local(), -float("inf")
        self.engine = self._engine(url)
        snapshot: Any = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}
        self._for_reading = self.engine.execution_options(**snapshot)
        self._for_writing = self.engine.execution_options(writes=True)
        self._writes = Pulse(self.place, lambda: self._ask(self._for_writing))
        self._reads = Pulse(self.place, lambda: self._ask(self._for_reading)) if self.is_sqlite else self._writes
        self._turn, self._turn_began = threading.Lock(), 0.0

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees one state of the database.

        Raises:
            UnavailableError: the database cannot be used.
        """
        with self._explained(self._reads), self._for_reading.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction whose changes are on disk when the block is left, or undone if it is left by an exception.

        Raises:
            UnavailableError: the database cannot be used, and nothing was changed.
            OutcomeUnknownError: it fell silent in the middle of the commit.
            sqlalchemy.exc.IntegrityError: a constraint does not hold, and nothing was changed.
        """
        saving = threading.Event()
        with self._explained(self._writes, saving), self._writers_turn(), self._for_writing.begin() as connection:
            yield connection
            saving.set()

    @contextmanager
    def patiently(self, *, writes: bool = True) -> Iterator[Connection]:
        """A transaction that writes, or reads, and may take long, for which nobody waits."""
        self._patient.holds = True
        try:
            with self.writing() if writes else self.reading() as connection:
                if self.is_sqlite:
                    yield connection
                    return
                driver: Any = connection.connection.dbapi_connection
                driver.patience = self._config.patient
                lift(connection, LONG)
                yield connection
                driver.patience = self._config.silence
        finally:
            self._patient.holds = False

    def lock(self, connection: Connection, *subjects: bytes) -> None:
        """Let nobody else past the same subjects until the transaction ends; in SQLite, nobody writes anyway."""
        if not self.is_sqlite:
            for number in sorted(int.from_bytes(subject[:8], "big", signed=True) for subject in subjects):
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(number)))

    def forget_deleted(self) -> None:
        """Empty SQLite's log of changes, where rows outlive their deletion; what is being read there now stays."""
        if self.is_sqlite:
            with (
                suppress(sqlite3.Error, UnavailableError),
                self._explained(self._writes),
                self._writers_turn(),
                closing(self.engine.raw_connection()) as connection,
            ):
                connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Close all connections that are not in use."""
        for pulse in (self._writes, self._reads):
            pulse.end()
        self.engine.dispose()

    @contextmanager
    def _explained(self, pulse: Pulse, saving: threading.Event | None = None) -> Iterator[None]:
        """Turn what the driver says into one sentence; saving: whether a commit is under way."""
        try:
            pulse.require()
            yield
        except sa.exc.IntegrityError:
            raise
        except SilentError:
            raise UnavailableError(self.place, "it has not answered of late", CHECK) from None
        except DBAPIError as error:
            if _is_locked(error):
                pulse.lost(_words(error.orig))
            is_open = saving is not None and saving.is_set() and error.connection_invalidated
            kind = OutcomeUnknownError if is_open else UnavailableError
            raise self._logged(
                kind(self.place, f"the database cannot be used ({_words(error.orig)})", CHECK)
            ) from error
        except TimeoutError as error:
            raise self._logged(UnavailableError(self.place, "all connections are in use", "try again")) from error

    def _logged(self, error: UnavailableError) -> UnavailableError:
        """The same error; the log has it too, unless it was told of another a moment ago."""
        if time.monotonic() - self._logged_at >= LOG_SECONDS:
            self._logged_at = time.monotonic()
            logging.getLogger(__name__).warning("%s.", error.about)
        return error

    @contextmanager
    def _writers_turn(self) -> Iterator[None]:
        """SQLite has one writer at a time: threads of this process queue here, where they hold nothing."""
        if not self.is_sqlite:
            yield
            return
        self._wait_for_turn()
        self._turn_began = time.monotonic()
        try:
            yield
        finally:
            self._turn.release()

    def _wait_for_turn(self) -> None:
        """SilentError if somebody's turn does not end, or too many come before."""
        deadline = time.monotonic() + self._config.turn
        while not self._turn.acquire(timeout=SLICE):
            self._writes.require()
            if time.monotonic() - self._turn_began > self._config.silence + self._config.lock:
                self._writes.lost("somebody has been writing for too long")
            if time.monotonic() > deadline:
                raise SilentError

    def _ask(self, engine: Engine) -> None:
        """Ask for something that needs an answer."""
        with engine.begin() as connection:
            connection.exec_driver_sql("SELECT 1")

    def _engine(self, url: URL) -> Engine:
        """An engine that connects when it is first used."""
        config = self._config
        if self.is_sqlite:
            engine = sa.create_engine(url, connect_args={"timeout": config.lock}, **POOL)
            event.listen(engine, "connect", _set_up_sqlite)
            event.listen(engine, "begin", _begin_sqlite)
            return engine
        from recsys.store.database import (
            postgresql,  # only where there is one, since the driver takes a while to import
        )

        given = {name: value for name, value in postgresql.options(config).items() if name not in url.query}
        engine = sa.create_engine(url, connect_args=given, pool_pre_ping=True, **POOL)
        event.listen(engine, "connect", lambda connection, _: postgresql.set_up(connection, config))

        @event.listens_for(engine, "do_connect")
        def connect(_: object, __: object, arguments: Any, settings: Any) -> Any:
            if getattr(self._patient, "holds", False):
                settings = {**settings, "connect_timeout": round(config.patient)}
            else:
                self._writes.require()  # a pool tries a second time where a first connection fell silent
            return postgresql.connected(arguments, settings, config, self._writes.lost)

        return engine


def _is_locked(error: DBAPIError) -> bool:
    """Whether SQLite has waited in vain for another program."""
    code = getattr(error.orig, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


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


def _set_up_sqlite(connection: sqlite3.Connection, _: object) -> None:
    connection.isolation_level = None  # sqlite3 begins no transactions of its own, so that _begin_sqlite can
    for name, value in PRAGMAS.items():
        connection.execute(f"PRAGMA {name} = {value}")


def _begin_sqlite(connection: Connection) -> None:
    """Begin a transaction; one that writes takes its turn now, since it could not wait for it later on."""
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
