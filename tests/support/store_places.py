"""Fixtures of the tests of recsys.store: a store on SQLite and one on a PostgreSQL server of their own, and a clock."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from recsys.store import PasswordConfig, Person, Store, StoreConfig, open_store
from recsys.store.database.schema import accounts, attempts, metadata, secrets
from tests.support.unavailable import unavailable

CHEAP = StoreConfig(passwords=PasswordConfig(time_cost=1, memory_cost=8, parallelism=1))
PASSWORD = "four random words"
IN_MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # the disk of a shared machine may be busy
PATIENCE = 30.0  # seconds for the server to start


class Clock:
    """Tells a time that only the test moves."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.moment = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment

    def advance(self, **amount: float) -> None:
        self.moment += timedelta(**amount)


class PostgreSQL:
    """A server with its data in a temporary folder, reached by a socket in it; for tests, so that it may forget."""

    def __init__(self, programs: Path):
        self.folder = Path(tempfile.mkdtemp(prefix="pg-", dir=IN_MEMORY))
        user = self._user()
        options = ["-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale", "C", "--no-sync"]
        initdb = [programs / "initdb", "-D", self.folder / "data", *options]
        subprocess.run(initdb, check=True, capture_output=True, cwd=self.folder, **user)
        settings = ["-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=200"]
        with (self.folder / "log").open("wb") as log:
            server = [programs / "postgres", "-D", self.folder / "data", "-k", self.folder, *settings]
            self._process = subprocess.Popen(server, stdout=log, stderr=log, cwd=self.folder, **user)
        self._wait()

    def url(self, database: str = "postgres", user: str = "postgres") -> str:
        return f"postgresql://{user}@/{database}?host={self.folder}"

    def run(self, command: str, database: str = "postgres") -> None:
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            connection.execute(command)

    @property
    def version(self) -> int:
        """The first part of its number."""
        with psycopg.connect(self.url()) as connection:
            return connection.info.server_version // 10_000

    def freeze(self) -> None:
        """Let it do nothing at all, as if its machine hung."""
        for number in [self._process.pid, *self._children()]:
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGSTOP)

    def thaw(self) -> None:
        for number in [*self._children(), self._process.pid]:
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGCONT)

    def _children(self) -> list[int]:
        task = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        return [int(number) for number in task.read_text().split()]

    def stop(self) -> None:
        self.thaw()
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait()
        shutil.rmtree(self.folder)

    def _user(self) -> dict[str, object]:
        """Whom to run as: the server refuses to be root's."""
        if os.geteuid() != 0:
            return {}
        known = {entry.pw_name: entry for entry in pwd.getpwall()}
        account = known.get("postgres") or known["nobody"]
        os.chown(self.folder, account.pw_uid, account.pw_gid)
        return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}

    def _wait(self) -> None:
        end = time.monotonic() + PATIENCE
        while self._process.poll() is None and time.monotonic() < end:
            try:
                return self.run("SELECT 1")
            except psycopg.OperationalError:
                time.sleep(0.05)
        self._process.kill()
        raise RuntimeError(f"PostgreSQL did not start: {(self.folder / 'log').read_text(errors='replace')[-2000:]}")


def programs_of_postgresql() -> Path | None:
    """The folder with the programs of a server, of the newest that is installed."""
    found = shutil.which("postgres")
    folders = [Path(found).resolve().parent] if found else Path("/usr/lib/postgresql").glob("*/bin")
    return max((folder for folder in folders if (folder / "initdb").exists()), default=None)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    programs = programs_of_postgresql()
    if programs is None:
        unavailable("no PostgreSQL server is installed (apt-get install postgresql)")
    server = PostgreSQL(programs)
    yield server
    server.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def fresh_place(request) -> Iterator[str | Path]:
    """Where to open a store; nothing is there yet."""
    if request.param == "postgresql":
        server = request.getfixturevalue("postgresql")
        server.run("DROP DATABASE IF EXISTS fresh WITH (FORCE)")
        server.run("CREATE DATABASE fresh")
        yield server.url("fresh")
    else:
        with tempfile.TemporaryDirectory(dir=IN_MEMORY) as folder:
            yield Path(folder) / "people.sqlite"


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def place(request) -> Iterator[str | Path]:
    """Where the store of a module's tests is."""
    if request.param == "postgresql":
        yield request.getfixturevalue("postgresql").url()
    else:
        with tempfile.TemporaryDirectory(dir=IN_MEMORY) as folder:
            yield Path(folder) / "people.sqlite"


@pytest.fixture(scope="module")
def opened(place) -> Iterator[Store]:
    """The one store of a module's tests, since to open one takes longer than to empty it."""
    with open_store(place, config=CHEAP, now=Clock()) as store:
        yield store


@pytest.fixture
def clock(opened) -> Clock:
    opened.accounts._now.reset()
    return opened.accounts._now


@pytest.fixture
def store(opened, clock) -> Store:
    """A store that holds nothing."""
    with opened._database.writing() as connection:
        for table in (accounts, attempts):
            connection.execute(table.delete())
        connection.execute(secrets.delete().where(secrets.c.name != "attempts"))
    return opened


def signed_up(store: Store, name: str) -> Person:
    """A new person, signed in."""
    person = store.accounts.person_of(store.accounts.register(name, PASSWORD, f"address of {name}"))
    assert person is not None
    return person


@pytest.fixture
def ann(store) -> Person:
    return signed_up(store, "Ann")


@pytest.fixture
def ben(store) -> Person:
    return signed_up(store, "Ben")


FRESH = (postgresql, fresh_place)  # for a test file to take by these names
FIXTURES = (postgresql, place, opened, clock, store, ann, ben)  # likewise


def all_rows(store: Store) -> dict[str, list[tuple]]:
    """Everything that the database holds, by table."""
    with store._database.reading() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(table.select())] for table in metadata.tables.values()
        }
