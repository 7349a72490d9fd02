"""What all parts of the store stand on: the database, the settings, the clock, and the check of who is acting."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from recsys.store.config import Clock, StoreConfig
from recsys.store.database.connection import Database
from recsys.store.database.schema import accounts, sessions
from recsys.store.errors import SignedOutError
from recsys.store.people import Person

# Statements of what every act does are built once: building one takes longer than its execution.
SESSION = (
    sa.select(accounts.c.id)
    .join(sessions, sessions.c.person_id == accounts.c.id)
    .where(sessions.c.digest == sa.bindparam("digest"), sessions.c.expires_at > sa.bindparam("now"))
    .where(accounts.c.id == sa.bindparam("person"))
)
LOCKED_SESSION = SESSION.with_for_update(key_share=True, of=accounts)  # SQLite, which has no such lock, has one writer


def utc_now() -> datetime:
    """The present moment."""
    return datetime.now(UTC)


class StorePart:
    """One part of the store: opens transactions about a person."""

    def __init__(self, database: Database, config: StoreConfig, now: Clock):
        self._database = database
        self._config = config
        self._now = now

    @contextmanager
    def _reading(self, person: Person) -> Iterator[Connection]:
        """A transaction that reads what belongs to a person; SignedOutError if the session has ended."""
        with self._database.reading() as connection:
            self._require_session(connection, person)
            yield connection

    @contextmanager
    def _writing(self, person: Person) -> Iterator[Connection]:
        """Likewise one that writes; those of one person come one after the other."""
        with self._database.writing() as connection:
            self._require_session(connection, person, lock=True)
            yield connection

    def _require_session(self, connection: Connection, person: Person, *, lock: bool = False) -> None:
        """Check that the person's session is one of this very person, and goes on."""
        asked = {"digest": person.session, "now": self._now(), "person": person.id}
        if connection.execute(LOCKED_SESSION if lock else SESSION, asked).first() is None:
            raise SignedOutError
